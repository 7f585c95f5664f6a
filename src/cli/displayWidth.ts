/**
 * How many columns of a terminal a text takes: two for East Asian wide letters and emoji (Unicode UAX #11), none for marks
 * that stand on another letter. Pure.
 */

/** Printable ASCII: a column each, and by far the most texts. */
const plain = /^[\u0020-\u007e]*$/

/** East_Asian_Width W and F, in ranges; emoji by their property. */
const wide =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u

const markOnly = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

let segmenter: Intl.Segmenter | undefined

/** The letters as a reader counts them, with all that stands on them. */
const letters = (text: string): ReadonlyArray<string> => {
  if (plain.test(text)) return text.split("")
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

const letterWidth = (letter: string): number => {
  if (plain.test(letter)) return letter.length
  if (wide.test(letter)) return 2
  return markOnly.test(letter) ? 0 : 1
}

/** In columns. The text is one line. */
export const displayWidth = (text: string): number =>
  plain.test(text) ? text.length : letters(text).reduce((sum, letter) => sum + letterWidth(letter), 0)

/** The longest beginning of a text that is no wider than `most` columns; no letter is cut. */
export const startOf = (text: string, most: number): string => {
  if (plain.test(text)) return text.slice(0, Math.max(0, most))
  let [start, width] = ["", 0]
  for (const letter of letters(text)) {
    width += letterWidth(letter)
    if (width > most) break
    start += letter
  }
  return start
}

/** The text with spaces behind it, at least `width` columns wide. */
export const padded = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - displayWidth(text)))
