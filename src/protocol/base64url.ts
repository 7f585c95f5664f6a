/** Unpadded base64url (RFC 4648 §5), strict and canonical: one byte string has exactly one spelling. */

const alphabet = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
const invalid = 255
const values = new Uint8Array(128).fill(invalid)
alphabet.forEach((character, value) => (values[character] = value))

const letter = (bits: number): number => alphabet[bits & 63] ?? invalid
const ascii = new TextDecoder()

/** Bytes as base64url text without padding. */
export const encodeBase64url = (bytes: Uint8Array): string => {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3))
  let at = 0
  for (let i = 0; i < bytes.length; i += 3) {
    // Behind the end the bytes count as 0; the characters that would spell only them fall outside of `text`.
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text[at++] = letter(group >> 18)
    text[at++] = letter(group >> 12)
    text[at++] = letter(group >> 6)
    text[at++] = letter(group)
  }
  return ascii.decode(text)
}

/** The bytes, or undefined for anything `encodeBase64url` would not have written (padding, stray bits, other letters). */
export const decodeBase64url = (text: string): Uint8Array | undefined => {
  if (text.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let group = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? invalid
    if (value === invalid) return undefined
    group = ((group << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (group >> bits) & 0xff
    }
  }
  return (group & ((1 << bits) - 1)) === 0 ? bytes : undefined
}
