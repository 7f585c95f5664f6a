/**
 * Text for a POSIX shell, as its author types it: what a shell reads back is the text again, whatever stands in it. Pure.
 */

/** What a terminal would act on, were it printed; line breaks and tabs are harmless. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const control = /([\u0001-\u0008\u000b-\u001f\u007f-\u009f]+)/

const octal = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/**
 * As a shell takes it for one word: bare where nothing in it is special, else in single quotes. Control characters are
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

// each statement ends, also for those who forget the quotes around eval's argument
export const exportLine = (name: string, value: string): string => `export ${name}=${shellWord(value)};`

export const unsetLine = (name: string): string => `unset ${name};`
