/**
 * JSON as bytes: finds where values begin and end without building them, so that a large body can be looked into, and
 * changed in one place, while every other byte stays what it was.
 *
 * Total, linear in the bytes and without recursion. A place is a byte index; a fault is the complement (`~`) of the index
 * where the text stops being JSON, so it is negative. What stands far inside of a long string is not looked at: control
 * characters and odd escapes in there are found by whoever reads the value.
 */
import { parseJson } from "./json.ts"

/** Bytes `from` (inclusive) to `to` (exclusive). */
export interface Span {
  readonly from: number
  readonly to: number
}

/** One member of an object. */
export interface Member {
  /** Decoded. */
  readonly key: string
  readonly value: Span
}

/** Called with the index behind the opening quote of every string, keys included. */
export type OnString = (at: number) => void

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openObject = 0x7b
const closeObject = 0x7d
const openArray = 0x5b
const closeArray = 0x5d

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

const isHex = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)

/** The first place from `at` on that is no white space. */
export const skipSpace = (bytes: Uint8Array, at: number): number => {
  let next = at
  while (isSpace(bytes[next])) next += 1
  return next
}

/** Where a text begins: behind a byte order mark and white space. */
export const textStart = (bytes: Uint8Array): number =>
  skipSpace(bytes, bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)

/** From here on a string is searched for its end by the engine's own loop, which is many times as fast. */
const nearby = 128

/** `\b \f \n \r \t \" \\ \/`: the bytes that may follow a backslash alone. */
const escapes: ReadonlySet<number | undefined> = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74])

const skipEscape = (bytes: Uint8Array, at: number): number => {
  if (escapes.has(bytes[at + 1])) return at + 2
  if (bytes[at + 1] !== 0x75) return ~(at + 1)
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(bytes[digit])) return ~digit
  return at + 6
}

/** `from` is inside a string and not inside an escape. */
const skipFar = (bytes: Uint8Array, from: number): number => {
  let at = from
  for (;;) {
    const end = bytes.indexOf(quote, at)
    if (end === -1) return ~bytes.length
    let slashes = 0
    while (end - slashes > at && bytes[end - slashes - 1] === backslash) slashes += 1
    if (slashes % 2 === 0) return end + 1
    at = end + 1
  }
}

/** 1 for the bytes that stand for themselves in a string. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === quote || byte === backslash ? 0 : 1
)

/** `at` is the opening quote. */
const skipString = (bytes: Uint8Array, at: number): number => {
  const far = Math.min(at + nearby, bytes.length)
  let next = at + 1
  while (next < far) {
    while (next < far && isPlain[bytes[next] ?? 0] === 1) next += 1
    if (next === far) break
    const byte = bytes[next]
    if (byte === quote) return next + 1
    if (byte !== backslash) return ~next
    next = skipEscape(bytes, next)
    if (next < 0) return next
  }
  return skipFar(bytes, next)
}

const skipDigits = (bytes: Uint8Array, at: number): number => {
  let next = at
  while (isDigit(bytes[next])) next += 1
  return next === at ? ~at : next
}

const skipNumber = (bytes: Uint8Array, at: number): number => {
  const whole = bytes[at] === 0x2d ? at + 1 : at
  let next = bytes[whole] === 0x30 ? whole + 1 : skipDigits(bytes, whole)
  if (next >= 0 && bytes[next] === 0x2e) next = skipDigits(bytes, next + 1)
  if (next >= 0 && (bytes[next] === 0x65 || bytes[next] === 0x45)) {
    const signed = bytes[next + 1] === 0x2b || bytes[next + 1] === 0x2d
    next = skipDigits(bytes, next + (signed ? 2 : 1))
  }
  return next
}

const literals = ["true", "false", "null"].map((word) => Array.from(word, (letter) => letter.charCodeAt(0)))

const skipLiteral = (bytes: Uint8Array, at: number): number => {
  const word = literals.find(([first]) => first === bytes[at])
  if (word === undefined) return ~at
  const wrong = word.findIndex((letter, index) => bytes[at + index] !== letter)
  return wrong === -1 ? at + word.length : ~(at + wrong)
}

/** From where a key must begin to where its value may; a fault otherwise. */
const skipKey = (bytes: Uint8Array, at: number, onString: OnString | undefined): number => {
  const start = skipSpace(bytes, at)
  if (bytes[start] !== quote) return ~start
  onString?.(start + 1)
  const end = skipString(bytes, start)
  if (end < 0) return end
  const next = skipSpace(bytes, end)
  return bytes[next] === colon ? next + 1 : ~next
}

/** Text, number or word. */
const skipScalar = (bytes: Uint8Array, at: number, onString: OnString | undefined): number => {
  const byte = bytes[at]
  if (byte === quote) {
    onString?.(at + 1)
    return skipString(bytes, at)
  }
  return byte === 0x2d || isDigit(byte) ? skipNumber(bytes, at) : skipLiteral(bytes, at)
}

/** The open brackets around a place; a byte for each, as a body may consist of nothing else. */
class Nesting {
  #open = new Uint8Array(32)
  #depth = 0

  push(bracket: number): void {
    if (this.#depth === this.#open.length) {
      const larger = new Uint8Array(this.#depth * 2)
      larger.set(this.#open)
      this.#open = larger
    }
    this.#open[this.#depth] = bracket
    this.#depth += 1
  }

  /** The closing bracket that is due; undefined outside of all. */
  due(): number | undefined {
    if (this.#depth === 0) return undefined
    return this.#open[this.#depth - 1] === openObject ? closeObject : closeArray
  }

  pop(): void {
    this.#depth -= 1
  }
}

/** Behind the value that begins at `at` or after white space there; a fault when there is none. */
export const skipValue = (bytes: Uint8Array, at: number, onString?: OnString): number => {
  let next = skipSpace(bytes, at)
  if (bytes[next] !== openObject && bytes[next] !== openArray) return skipScalar(bytes, next, onString)
  const nesting = new Nesting()
  for (;;) {
    next = skipSpace(bytes, next)
    const byte = bytes[next]
    if (byte === openObject || byte === openArray) {
      nesting.push(byte)
      const inside = skipSpace(bytes, next + 1)
      if (bytes[inside] !== nesting.due()) {
        next = byte === openObject ? skipKey(bytes, inside, onString) : inside
        if (next < 0) return next
        continue
      }
      nesting.pop()
      next = inside + 1
    } else {
      next = skipScalar(bytes, next, onString)
      if (next < 0) return next
    }
    // a value ended here: close what ends with it, until another one follows
    for (;;) {
      const due = nesting.due()
      if (due === undefined) return next
      next = skipSpace(bytes, next)
      if (bytes[next] === comma) {
        next = due === closeObject ? skipKey(bytes, next + 1, onString) : next + 1
        if (next < 0) return next
        break
      }
      if (bytes[next] !== due) return ~next
      nesting.pop()
      next += 1
    }
  }
}

/** The string at a place; undefined when there is something else, or a string that is none on a closer look. */
export const stringAt = (bytes: Uint8Array, { from, to }: Span): string | undefined => {
  const value = bytes[from] === quote ? parseJson(utf8.decode(bytes.subarray(from, to))) : undefined
  return typeof value === "string" ? value : undefined
}

/** Walks through an object or an array; behind it, or a fault. `onValue` is given the key's place too, if there is one. */
const walk = (
  bytes: Uint8Array,
  at: number,
  bracket: typeof openObject | typeof openArray,
  onValue: (value: Span, key: Span) => void,
  onString: OnString | undefined
): number => {
  const close = bracket === openObject ? closeObject : closeArray
  if (bytes[at] !== bracket) return ~at
  let next = skipSpace(bytes, at + 1)
  if (bytes[next] === close) return next + 1
  for (;;) {
    const key = skipSpace(bytes, next)
    const from = skipSpace(bytes, bracket === openObject ? skipKey(bytes, key, onString) : key)
    if (from < 0) return from
    const to = skipValue(bytes, from, onString)
    if (to < 0) return to
    onValue({ from, to }, { from: key, to: from })
    next = skipSpace(bytes, to)
    if (bytes[next] === close) return next + 1
    if (bytes[next] !== comma) return ~next
    next += 1
  }
}

const keyAt = (bytes: Uint8Array, { from }: Span): string =>
  stringAt(bytes, { from, to: skipString(bytes, from) }) ?? ""

export interface Members {
  /** In their order, keys as often as they occur. */
  readonly members: ReadonlyArray<Member>
  /** Behind the object; a fault when there is none. */
  readonly end: number
}

/** The members of the object that begins at `at`. */
export const membersAt = (bytes: Uint8Array, at: number, onString?: OnString): Members => {
  const members: Array<Member> = []
  const end = walk(bytes, at, openObject, (value, key) => members.push({ key: keyAt(bytes, key), value }), onString)
  return { members, end }
}

/** The elements of the array that begins at `at`; none when there is no array. */
export const elementsAt = (bytes: Uint8Array, at: number): ReadonlyArray<Span> => {
  const elements: Array<Span> = []
  return walk(bytes, at, openArray, (value) => elements.push(value), undefined) < 0 ? [] : elements
}
