/** Changes to JSON that is held as bytes: what they do not name stays byte for byte. */
import type { Span } from "./jsonSpans.ts"

/** Bytes to be put in place of a span; none to cut it out. */
export interface Edit extends Span {
  readonly bytes: Uint8Array
}

const nothing = new Uint8Array(0)
const utf8 = new TextEncoder()

/** Puts a value in place of another. */
export const replaced = ({ from, to }: Span, value: unknown): Edit => ({
  from,
  to,
  bytes: utf8.encode(JSON.stringify(value))
})

/**
 * Cuts elements out of an array, each with one comma; the others keep the white space around them. `elements` are all
 * that the array has.
 */
export const cutOut = (elements: ReadonlyArray<Span>, isGone: (index: number) => boolean): ReadonlyArray<Edit> => {
  const firstKept = elements.findIndex((_, index) => !isGone(index))
  return elements.flatMap(({ from, to }, index) => {
    if (!isGone(index)) return []
    const before = firstKept !== -1 && firstKept < index ? elements[index - 1] : undefined
    // in front of the first one that stays, the comma behind goes along
    return [
      { from: before?.to ?? from, to: before === undefined ? (elements[index + 1]?.from ?? to) : to, bytes: nothing }
    ]
  })
}

/** The bytes with all changes made; the same object when there are none. The spans must not overlap. */
export const withEdits = (bytes: Uint8Array, edits: ReadonlyArray<Edit>): Uint8Array => {
  if (edits.length === 0) return bytes
  const ordered = [...edits].sort((one, other) => one.from - other.from)
  const grown = ordered.reduce((sum, edit) => sum + edit.bytes.length - (edit.to - edit.from), 0)
  const out = new Uint8Array(bytes.length + grown)
  let read = 0
  let written = 0
  const put = (piece: Uint8Array) => {
    out.set(piece, written)
    written += piece.length
  }
  for (const edit of ordered) {
    put(bytes.subarray(read, edit.from))
    put(edit.bytes)
    read = edit.to
  }
  put(bytes.subarray(read))
  return out
}
