/** Where the lines of a text begin and end, and pieces of it that others take the place of. Pure. */

/** `text` takes the place of what stands from `start` to `end`. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

export const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1

/** Behind the line break of the line that holds the offset. */
export const lineEnd = (text: string, offset: number): number => {
  const at = text.indexOf("\n", offset)
  return at < 0 ? text.length : at + 1
}
