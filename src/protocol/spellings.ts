/** The ways in which a text that repeats a secret may write it. Pure. */

const utf8 = new TextEncoder()

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")

const named: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" }

/** Hexadecimal digits in letters of either size. */
const digits = (code: number, length: number): string =>
  code
    .toString(16)
    .padStart(length, "0")
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

/** Percent-encoded, also what was so already. */
const inUrl = (letter: string): string =>
  [...utf8.encode(letter)].map((byte) => `%(?:25){0,2}${digits(byte, 2)}`).join("")

/** As JSON escapes any letter; a JSON text in a string of another doubles the backslashes. */
const inJson = (letter: string): string =>
  Array.from({ length: letter.length }, (_, at) => `\\\\{1,7}u${digits(letter.charCodeAt(at), 4)}`).join("")

const inHtml = (letter: string): ReadonlyArray<string> => {
  const code = letter.codePointAt(0) ?? 0
  const numbers = [`&#0{0,4}${code};`, `&#[xX]0{0,4}${digits(code, 1)};`]
  return named[letter] === undefined ? numbers : [...numbers, `&${named[letter]};`]
}

const escapes = (letter: string): string => [inUrl(letter), inJson(letter), ...inHtml(letter)].join("|")

/**
 * Letters and digits are escaped nowhere; of the rest every letter may be, each in its own way. Backslashes come as many
 * as stand together: one by one they could be told apart in too many ways.
 */
const letterPattern = (letter: string): string => {
  if (/[A-Za-z0-9]/.test(letter)) return letter
  if (letter.startsWith("\\"))
    return `(?:\\\\{${letter.length},${letter.length * 8}}|(?:${escapes("\\")}){${letter.length}})`
  return `(?:\\\\{0,7}${quoted(letter)}|${escapes(letter)}${letter === " " ? "|\\+" : ""})`
}

/** Finds the text however its letters are escaped in JSON, a URL, a form or HTML. */
export const escapedPattern = (text: string): RegExp =>
  new RegExp((text.match(/\\+|[^\\]/gsu) ?? []).map(letterPattern).join(""), "g")

/** Whether anything in the text may be escaped. */
export const hasEscapes = (text: string): boolean => /[%\\&+]/.test(text)

/**
 * What a text in base64 holds that holds this one, whatever stands before and behind it: a letter there is six bits, so that
 * the letters at the ends are others' too, and the rest depends on how many bytes come before. In both alphabets.
 */
export const base64Cores = (text: string): ReadonlyArray<string> => {
  const bytes = utf8.encode(text)
  const cores = [0, 1, 2].map((ahead) => {
    const shifted = new Uint8Array(ahead + bytes.length)
    shifted.set(bytes, ahead)
    const begin = Math.ceil((ahead * 8) / 6)
    return btoa(String.fromCharCode(...shifted)).slice(begin, Math.floor((shifted.length * 8) / 6))
  })
  return [...new Set(cores.flatMap((core) => [core, core.replaceAll("+", "-").replaceAll("/", "_")]))]
}
