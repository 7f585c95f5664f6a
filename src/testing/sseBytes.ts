/** Frames records as SSE bytes in the ways that servers do, and cuts bytes as networks do. */
import { FastCheck as fc } from "effect"
import { dice, type Dice, type Json, oneOf, seed } from "./json.ts"

/** One SSE record to be framed. */
export interface StreamRecord {
  readonly data: Json
  /** Written as an `event:` line. */
  readonly event?: string
  /** The name of the field instead of `data`. */
  readonly field?: "error"
  /** From here on the turn may count as ended; a stream cut before this record is a broken one. */
  readonly terminal: boolean
}

/** The payload that ends a stream; not JSON. */
export const doneMark = "[DONE]"

/** How one server frames its records. */
export interface Framing {
  readonly seed: number
  readonly newline: "\n" | "\r\n" | "\r"
  /** A byte order mark in front. */
  readonly mark: boolean
  /** One space after `data:`. */
  readonly space: "always" | "never" | "mixed"
  /** Comment lines between and inside records, `id:` and `retry:` lines. */
  readonly comments: boolean
  /** An `event: message` line, which changes nothing. */
  readonly eventLine: boolean
  /** JSON over several `data:` lines. */
  readonly split: boolean
  /** All characters beyond ASCII as `\u` escapes, as Python servers write them. */
  readonly ascii: boolean
  /** How the last record ends. */
  readonly ending: "blank" | "newline" | "nothing"
}

/** The plainest framing. */
export const plainFraming: Framing = {
  seed: 0,
  newline: "\n",
  mark: false,
  space: "always",
  comments: false,
  eventLine: false,
  split: false,
  ascii: false,
  ending: "blank"
}

/** Any framing. */
export const framing: fc.Arbitrary<Framing> = fc.record({
  seed,
  newline: fc.constantFrom("\n", "\r\n", "\r"),
  mark: fc.boolean(),
  space: fc.constantFrom("always", "never", "mixed"),
  comments: fc.boolean(),
  eventLine: fc.boolean(),
  split: fc.boolean(),
  ascii: fc.boolean(),
  ending: fc.constantFrom("blank", "newline", "nothing")
})

/** A framed stream, and where its records end. */
export interface FramedStream {
  readonly bytes: Uint8Array
  /** For each record the offset just behind its last payload byte: with fewer bytes the record cannot be understood. */
  readonly readable: ReadonlyArray<number>
  /** For each record the offset just behind its blank line. */
  readonly complete: ReadonlyArray<number>
}

const comments = [
  ": OPENROUTER PROCESSING",
  ": keep-alive",
  ":",
  ": data: [DONE]",
  "retry: 10",
  "id: 7",
  "unknown: x",
  "id"
] as const

const escape = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const payload = ({ data }: StreamRecord, style: Framing): ReadonlyArray<string> => {
  if (data === doneMark) return [doneMark]
  const json = style.split ? JSON.stringify(data, undefined, 1) : JSON.stringify(data)
  return (style.ascii ? escape(json) : json).split("\n")
}

const noise = (style: Framing, random: Dice): ReadonlyArray<string> =>
  style.comments && random.roll(3) === 1 ? [random.pick(comments)] : []

const space = (style: Framing, random: Dice): string =>
  style.space === "always" || (style.space === "mixed" && random.roll(2) === 1) ? " " : ""

/** The records as one byte string. */
export const frame = (records: ReadonlyArray<StreamRecord>, style: Framing): FramedStream => {
  const random = dice(style.seed)
  const utf8 = new TextEncoder()
  const readable: Array<number> = []
  const complete: Array<number> = []
  const parts: Array<string> = []
  let size = 0
  const write = (text: string): void => {
    parts.push(text)
    size += utf8.encode(text).length
  }
  const line = (content: string): void => write(content + style.newline)
  if (style.mark) write("\ufeff")
  records.forEach((record, at) => {
    const last = at === records.length - 1
    if (style.comments && random.roll(4) === 1) write(`: ping${style.newline}${style.newline}`)
    noise(style, random).forEach(line)
    if (record.event !== undefined) line(`event:${space(style, random)}${record.event}`)
    else if (style.eventLine) line(`event:${space(style, random)}message`)
    const lines = payload(record, style).map((part) => `${record.field ?? "data"}:${space(style, random)}${part}`)
    write(lines.join(style.newline))
    readable.push(size)
    if (!last || style.ending !== "nothing") write(style.newline)
    if (!last || style.ending === "blank") {
      noise(style, random).forEach(line)
      write(style.newline)
    }
    complete.push(size)
  })
  return { bytes: utf8.encode(parts.join("")), readable, complete }
}

/** How bytes arrive: at once, one by one, or cut at some places (fractions of the length in 1/65536). */
export type Chunking = "whole" | "bytes" | ReadonlyArray<number>

/** Any way to cut. */
export const chunking: fc.Arbitrary<Chunking> = oneOf<Chunking>(
  { weight: 1, arbitrary: fc.constant("whole") },
  { weight: 1, arbitrary: fc.constant("bytes") },
  { weight: 4, arbitrary: fc.array(fc.nat(65_535), { minLength: 1, maxLength: 8 }) }
)

/** The bytes as network chunks; joined they are the bytes again. Empty chunks occur, as they do on sockets. */
export const cut = (bytes: Uint8Array, how: Chunking): ReadonlyArray<Uint8Array> => {
  if (how === "whole") return [bytes]
  if (how === "bytes") return Array.from(bytes, (byte) => Uint8Array.of(byte))
  const places = how.map((fraction) => Math.floor((fraction * (bytes.length + 1)) / 65_536)).sort((a, b) => a - b)
  return [0, ...places].map((from, at) => bytes.subarray(from, places[at] ?? bytes.length))
}

interface ByteDamage {
  readonly at: number
  readonly how: "flip" | "drop" | "insert" | "repeat"
  readonly value: number
}

/** The bytes with a few of them changed, dropped, inserted or a stretch repeated. */
export const damaged = (valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      valid,
      fc.array(
        fc.record<ByteDamage>({
          at: fc.nat(0xffff),
          how: fc.constantFrom("flip", "drop", "insert", "repeat"),
          value: oneOf(fc.constantFrom(0, 0x0a, 0x0d, 0x22, 0x2c, 0x7b, 0x7d, 0x80, 0xff), fc.nat(255))
        }),
        { minLength: 1, maxLength: 4 }
      )
    )
    .map(([bytes, list]) =>
      list.reduce<Uint8Array>((current, { at, how, value }) => {
        const place = current.length === 0 ? 0 : at % current.length
        const [before, after] = [current.subarray(0, place), current.subarray(place)]
        const middle =
          how === "insert" || how === "flip"
            ? [value]
            : how === "repeat"
              ? [...after.subarray(0, 1 + (value % 40))]
              : []
        const rest = how === "flip" ? after.subarray(1) : how === "drop" ? after.subarray(1 + (value % 40)) : after
        return Uint8Array.from([...before, ...middle, ...rest])
      }, bytes)
    )
