/** Plain-word helpers of the demo model: names of files in a sentence, paths, tool output as text. */

/** Files that are known without an extension; in lower case these are ordinary words. */
const bareName = /^(?:README|LICEN[CS]E|CHANGELOG|CONTRIBUTING|Makefile|Dockerfile|Gemfile|Procfile)$/
const withExtension = /^(?:[\w@.~-]+[\\/])*[\w@~.-]*\.[a-z][\w]{0,9}$/i
/** Absolute, or relative to something that is written down. */
const rootedPath = /^(?:~|\.{1,2}|[a-z]:)?(?:[\\/][\w@.~ -]+)+$/i
/** Words that only look like files. */
const noFile = /^(?:e\.g|i\.e|a\.m|p\.m|node\.js|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|ai|io|dev))$/i

/** The texts between quotes or backticks of a sentence. */
export const quoted = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/`([^`]+)`|"([^"]+)"|“([^”]+)”|(?<!\w)'([^']+)'(?!\w)/g)].map((match) => match.slice(1).join(""))

const isFileName = (word: string): boolean =>
  !noFile.test(word) && (bareName.test(word) || withExtension.test(word) || rootedPath.test(word))

/** The names of files that a sentence mentions, in order, each once. A quoted name may hold spaces. */
export const fileNames = (text: string): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (const match of text.matchAll(/`([^`\n]+)`|"([^"\n]+)"|(\S+)/g)) {
    const marked = match[1] ?? match[2]
    const word = (marked ?? match[3] ?? "")
      .replace(/^[@(<[]+/, "")
      .replace(/[)>\],;:!?….]+$/, "")
      .replace(/['’]s$/, "")
    const bare = marked === undefined ? word : word.replaceAll(" ", "_")
    if (word.includes("://") || !isFileName(bare) || names.includes(word)) continue
    names.push(word)
  }
  return names
}

/** How clients tell the model where it works; the last mention counts. */
const workingDirectory: ReadonlyArray<RegExp> = [
  /working directory(?: is)?\s*[:=]?\s*`?((?:\/|[a-z]:\\|~)[^\n`"'<>]*)/gi,
  /<cwd>\s*([^\n<]+?)\s*<\/cwd>/gi,
  /\bcwd["'`]?\s*[:=]\s*["'`]?((?:\/|[a-z]:\\|~)[^\n`"'<>,]*)/gi
]

/** The client's working directory as the system text names it, without a trailing separator. */
export const findDirectory = (background: string): string | undefined => {
  const mentions = workingDirectory.flatMap((pattern) =>
    [...background.matchAll(pattern)].map((match) => ({ at: match.index, path: (match[1] ?? "").trim() }))
  )
  const last = mentions.toSorted((a, b) => a.at - b.at).at(-1)
  return last?.path.replace(/(?<=.)[\\/.]+$/, "")
}

/** Absolute path of a file in the working directory; unchanged when it is absolute, or the directory is unknown. */
export const absolute = (directory: string | undefined, file: string): string => {
  if (directory === undefined || /^(?:[\\/~]|[a-z]:)/i.test(file)) return file
  const separator = /^[a-z]:\\/i.test(directory) ? "\\" : "/"
  const parts = directory.split(separator)
  for (const part of file.split(/[\\/]/)) {
    if (part === ".." && parts.length > 1) parts.pop()
    else if (part !== ".." && part !== "." && part !== "") parts.push(part)
  }
  return parts.join(separator)
}

/** One argument for a POSIX shell. */
export const shellQuote = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

const numbered = /^ *\d+(?:\t|→)/

/**
 * A tool's output as plain text: without the reminders that clients append, and without line numbers when every line
 * has one.
 */
export const plainOutput = (text: string): string => {
  const bare = text.replace(/\n*<system-reminder>[\s\S]*?<\/system-reminder>\s*/g, "")
  const lines = bare.split("\n")
  const content = lines.filter((line) => line.trim() !== "")
  if (content.length === 0 || !content.every((line) => numbered.test(line))) return bare
  return lines.map((line) => line.replace(numbered, "")).join("\n")
}

/** The lines of a text; a final line end does not open another line. */
export const linesOf = (text: string): ReadonlyArray<string> => {
  const lines = text.split(/\r\n|\n|\r/)
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines
}

/** How clients and gateways mark a failed call. */
const failure = /^\s*(?:error: *)?(?:<tool_use_error>)?\s*(?:error: *)?/i

/** The reason when a tool's output is an error, else undefined. */
export const failureOf = (text: string): string | undefined =>
  /^\s*(?:error:|<tool_use_error>)/i.test(text)
    ? text
        .replace(failure, "")
        .replace(/<\/tool_use_error>\s*$/, "")
        .trim() || "the tool gave no reason"
    : undefined

/** "a", "a and b", "a, b and c". */
export const enumerate = (items: ReadonlyArray<string>): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`
