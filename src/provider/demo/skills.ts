/**
 * What the demo model can be asked to do with the client's tools, as data: the words that ask for it, what they are
 * about, and the ways to do it, best first. A new skill is a new row.
 */
import {
  byShell,
  listFiles,
  longestMcpTool,
  readFile,
  searchFiles,
  toolByName,
  writeFile,
  type Subject,
  type Way
} from "./tools.ts"
import { fileNames, quoted, shellQuote } from "./words.ts"

export interface Skill {
  readonly name: string
  /** The words that ask for it; every match opens a clause that reaches to the next verb. Flags `gi`. */
  readonly verbs: RegExp
  /** What the clause is about; none means that it asks for nothing that this skill can do. */
  readonly subjects: (clause: string) => ReadonlyArray<Subject>
  readonly ways: ReadonlyArray<Way>
  /** "read README.md": what is announced before the call, or named when no tool can do it. */
  readonly phrase: (subject: Subject) => string
  /** What stands above the tool's output when it is shown. */
  readonly title: (subject: Subject) => string
  /** What the client would have to offer. */
  readonly needs: string
  /** Whether the output is a file's content, which clients number line by line. */
  readonly output: "file" | "plain"
  /** Picks, among tools announced in the system text but not offered yet, the one that is meant. */
  readonly onDemand?: (announced: ReadonlyArray<string>, subject: Subject) => string | undefined
}

const about = (names: ReadonlyArray<string>): ReadonlyArray<Subject> => names.map((name) => ({ name }))

/** Commands that are understood without quotes: they only look. */
const plainCommand = /^\s*((?:ls|pwd|date|whoami|uname|git status|git log|git diff))\b/i

/** Every skill; where two verbs begin at one place the earlier row wins. */
export const skills: ReadonlyArray<Skill> = [
  {
    name: "list",
    verbs:
      /\b(?:list|show me|show|which|what)(?: me)?(?: all)?(?: of)?(?: the| my)?\s+(?:files|folders|director(?:y|ies))\b/gi,
    subjects: () => about(["."]),
    ways: [
      listFiles,
      byShell(
        () => "ls",
        () => "List the files here"
      )
    ],
    phrase: () => "list the files here",
    title: () => "The files here",
    needs: "a tool that lists files or runs shell commands",
    output: "plain"
  },
  {
    name: "long name",
    verbs: /\b(?:tool with (?:a|the) (?:very )?long(?:est)? name|long(?:est)? tool name|long-named tool)\b/gi,
    subjects: () => about(["the tool with the longest name"]),
    ways: [longestMcpTool],
    phrase: () => "call the tool with the longest name",
    title: () => "The tool answered",
    needs: "an MCP tool",
    output: "plain",
    onDemand: (announced) => announced.toSorted((a, b) => b.length - a.length)[0]
  },
  {
    name: "read",
    verbs: /\b(?:read|open|show me|show|display|view|cat|print|look at|summari[sz]e|explain)\b/gi,
    subjects: (clause) => about(fileNames(clause)),
    ways: [
      readFile,
      byShell(
        (file) => `cat -- ${shellQuote(file)}`,
        (file) => `Read ${file}`
      )
    ],
    phrase: ({ name }) => `read ${name}`,
    title: ({ name }) => name,
    needs: "a tool that reads files",
    output: "file"
  },
  {
    name: "run",
    verbs: /\b(?:run|execute)\b/gi,
    subjects: (clause) => about([quoted(clause)[0] ?? plainCommand.exec(clause)?.[1] ?? []].flat()),
    ways: [
      byShell(
        (command) => command,
        (command) => `Run ${command}`
      )
    ],
    phrase: ({ name }) => `run \`${name}\``,
    title: ({ name }) => `The output of \`${name}\``,
    needs: "a tool that runs shell commands",
    output: "plain"
  },
  {
    name: "search",
    verbs: /\b(?:grep(?: for)?|search(?: the files)? for|find the (?:word|text))\b/gi,
    subjects: (clause) => about([quoted(clause)[0] ?? /^\s*([\w.-]*\w)/.exec(clause)?.[1] ?? []].flat()),
    ways: [
      searchFiles,
      byShell(
        (word) => `grep -rn -- ${shellQuote(word)} .`,
        (word) => `Search for ${word}`
      )
    ],
    phrase: ({ name }) => `search the files for "${name}"`,
    title: ({ name }) => `What I found for "${name}"`,
    needs: "a tool that searches files",
    output: "plain"
  },
  {
    name: "write",
    verbs: /\b(?:write|create|save)\b/gi,
    subjects: (clause) => {
      const file = fileNames(clause).at(-1)
      const content = quoted(clause).find((text) => text !== file)
      return file === undefined || content === undefined ? [] : [{ name: file, content }]
    },
    ways: [writeFile],
    phrase: ({ name }) => `write ${name}`,
    title: ({ name }) => `${name} is written; the tool said`,
    needs: "a tool that writes files",
    output: "plain"
  },
  {
    name: "call",
    verbs: /\b(?:call|use|invoke)\b/gi,
    subjects: (clause) => {
      const match = /^\s+(?:the\s+)?(?:tool\s+[`"']?([\w.-]+)|[`"']?([\w.-]+)[`"']?\s+tool\b)/i.exec(clause)
      const name = match?.[1] ?? match?.[2]
      return name === undefined || /^(?:an?|any|some|with|this|that|which|the)$/i.test(name) ? [] : about([name])
    },
    ways: [toolByName],
    phrase: ({ name }) => `call the tool ${name}`,
    title: ({ name }) => `The tool ${name} answered`,
    needs: "a tool of that name",
    output: "plain",
    onDemand: (announced, { name }) =>
      announced.find((one) => one === name || one.toLowerCase().endsWith(`__${name.toLowerCase()}`))
  }
]

/** One thing that the prompt asks for. */
export interface Wish {
  readonly skill: Skill
  readonly subject: Subject
}

/** "do not read x": the verb is there and the wish is not. */
const negation = /\b(?:not|never|don't|don’t|without|cannot|can't|how (?:to|do i|can i))\s*$/i

/** Longer prompts carry pasted text; what they ask for stands at either end. */
const edge = 500

/** Everything the prompt asks for, in its order, each thing once. */
export const wishesOf = (prompt: string): ReadonlyArray<Wish> => {
  const text = prompt.length > 2 * edge ? `${prompt.slice(0, edge)}\n${prompt.slice(-edge)}` : prompt
  const verbs = skills
    .flatMap((skill) =>
      [...text.matchAll(skill.verbs)].map((match) => ({ skill, at: match.index, end: match.index + match[0].length }))
    )
    .toSorted((a, b) => a.at - b.at)
    .filter((verb, index, all) => all.slice(0, index).every((earlier) => earlier.end <= verb.at))
    .filter((verb) => !negation.test(text.slice(0, verb.at)))
  const wishes: Array<Wish> = []
  verbs.forEach(({ end, skill }, index) => {
    for (const subject of skill.subjects(text.slice(end, verbs[index + 1]?.at))) {
      const known = wishes.some((wish) => wish.skill === skill && wish.subject.name === subject.name)
      if (!known) wishes.push({ skill, subject })
    }
  })
  return wishes
}
