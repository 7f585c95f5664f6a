/**
 * Text for a shell, as its author types it: what a shell reads back is the text again, whatever stands in it. Pure.
 */

/** What a terminal would act on, were it printed; line breaks and tabs are harmless. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const control = /([\u0001-\u0008\u000b-\u001f\u007f-\u009f]+)/

const bytesOf = (text: string): ReadonlyArray<number> => Array.from(new TextEncoder().encode(text))

const octal = (text: string): string =>
  bytesOf(text)
    .map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
    .join("")

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/**
 * As a POSIX shell takes it for one word: bare where nothing in it is special, else in single quotes. Control characters are
 * spelled out for `printf`, so that the text can be shown.
 */
export const shellWord = (text: string): string => {
  if (/^[\w.:@%+,/-]+$/.test(text)) return text
  const pieces = text.split(control).map((piece, index) => {
    // the separators stand at the odd places
    if (index % 2 === 1) return `"$(printf '${octal(piece)}')"`
    return piece === "" ? "" : quoted(piece)
  })
  return pieces.join("") || "''"
}

/** Whether a shell can have a variable of that name and value. */
export const isShellVariable = (name: string, value: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !value.includes("\0")

/** How variables are set for what a shell starts from then on. */
export interface ShellDialect {
  readonly export: (name: string, value: string) => string
  readonly unset: (name: string) => string
}

export const posix: ShellDialect = {
  // each statement ends, also for those who forget the quotes around eval's argument
  export: (name, value) => `export ${name}=${shellWord(value)};`,
  unset: (name) => `unset ${name};`
}

/** fish knows escapes of its own within single quotes, and bytes outside of them. */
const fishWord = (text: string): string => {
  if (/^[\w.:@+,/-]+$/.test(text)) return text
  const pieces = text.split(control).map((piece, index) => {
    if (index % 2 === 1)
      return bytesOf(piece)
        .map((byte) => `\\X${byte.toString(16).padStart(2, "0")}`)
        .join("")
    return piece === "" ? "" : `'${piece.replace(/['\\]/g, "\\$&")}'`
  })
  return pieces.join("") || "''"
}

export const fish: ShellDialect = {
  export: (name, value) => `set -gx -- ${name} ${fishWord(value)};`,
  // to erase it could take a universal variable away for good; this hides it from what is started in this session
  unset: (name) => `set -gu -- ${name};`
}
