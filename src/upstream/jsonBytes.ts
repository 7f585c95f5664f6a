/** JSON as the bytes of a request body. */

const utf8 = new TextEncoder()

/** From here on a string is worth the detour. */
const long = 64 * 1024
/** A body that came with fewer bytes holds no such string that matters. */
const large = 1024 * 1024

/** ASCII that JSON writes as it is: what images and documents are made of. */
const plain = /^[ !#-[\]-~]*$/

/** A request is ASCII for the most part: room for one byte a character is tried first, which is the fastest. */
const bytesOf = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  return utf8.encodeInto(text, bytes).read === text.length ? bytes : utf8.encode(text)
}

/**
 * The value as UTF-8 JSON, the same bytes as of `JSON.stringify`. For a large body the long plain strings are copied
 * straight to their place: one character beyond Latin-1 anywhere would otherwise make V8 write the whole text with two
 * bytes for each, and hold it besides the result.
 *
 * `hint` is about how many bytes to expect.
 */
export const jsonBytes = (value: unknown, hint: number): Uint8Array => {
  if (hint < large) return bytesOf(JSON.stringify(value))
  const mark = globalThis.crypto.randomUUID()
  const copied: Array<string> = []
  const text = JSON.stringify(value, (_, item: unknown) =>
    typeof item === "string" && item.length >= long && plain.test(item) ? `${mark}${copied.push(item) - 1}` : item
  )
  const pieces = text.split(new RegExp(`${mark}\\d+`)).map((piece) => utf8.encode(piece))
  const whole = new Uint8Array(
    copied.reduce((sum, item) => sum + item.length, 0) + pieces.reduce((sum, piece) => sum + piece.length, 0)
  )
  let at = 0
  pieces.forEach((piece, index) => {
    whole.set(piece, at)
    at += piece.length
    at += utf8.encodeInto(copied[index] ?? "", whole.subarray(at)).written
  })
  return whole
}
