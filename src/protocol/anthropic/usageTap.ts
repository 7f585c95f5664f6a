/**
 * Reads from the bytes that pass by what an Anthropic answer cost, and whether it came to its end. Nothing is looked at
 * while they pass: `message_start` stands at the very beginning, the last `message_delta` and `message_stop` at the very
 * end, so both are kept and read afterwards.
 */
import { zeroUsage, type Usage } from "../../domain/Usage.ts"
import { isObject, type JsonObject, parseJson } from "../json.ts"
import { sseParser } from "../sse.ts"
import { mergeUsage } from "./turnDecoder.ts"

export interface UsageTap {
  /** Bytes of the stream, cut anywhere. They are kept for a while and must not change. */
  readonly push: (bytes: Uint8Array) => void
  /** What the stream has reported so far; undefined when nothing. */
  readonly usage: () => Usage | undefined
  /** The stream said how it ends: by `message_stop` or an `error`. Looks through what is kept of the end: ask once. */
  readonly concluded: () => boolean
}

/** Bytes in which the first and the last records are found: many times what they have. */
const window = 16 * 1024

const usageIn = (known: Usage | undefined, wire: unknown): Usage | undefined =>
  isObject(wire) ? mergeUsage(known ?? zeroUsage, wire) : known

const utf8 = new TextDecoder()

/** Of bytes cut anywhere; decoding them piece by piece costs ten times as much. */
const textOf = (pieces: ReadonlyArray<Uint8Array>): string => {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return utf8.decode(whole)
}

/** The empty lines that end records. */
const ends = ["\n\n", "\r\n\r\n", "\r\r"]

const placeBehind = (text: string, end: string, before: number): number => {
  const at = text.lastIndexOf(end, before)
  return at === -1 ? 0 : at + end.length
}

const placeOf = (text: string, end: string, behind: number): number => {
  const at = text.indexOf(end, behind)
  return at === -1 ? text.length : at
}

/** The records that hold this word. */
const recordsWith = (text: string, word: string): string => {
  let found = ""
  let from = 0
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, from)) {
    const start = Math.max(from, ...ends.map((end) => placeBehind(text, end, at)))
    from = Math.min(...ends.map((end) => placeOf(text, end, at)))
    found += `${text.slice(start, from)}\n\n`
  }
  return found
}

/** Reads the records of a text that hold this word; those of which only a piece is there are none. */
const readRecords = (text: string, word: string, onRecord: (event: string, record: JsonObject) => void): void => {
  const parser = sseParser(
    (event, data) => {
      const record = parseJson(data)
      if (isObject(record)) onRecord(event, record)
    },
    () => {}
  )
  parser.push(recordsWith(text, word))
  parser.end()
}

/** The usage that the records in a part of a stream report, over what is known. */
const usageInRecords = (known: Usage | undefined, text: string): Usage | undefined => {
  let usage = known
  readRecords(text, '"usage"', (_, record) => {
    if (record["type"] === "message_delta") usage = usageIn(usage, record["usage"])
    const message = record["message"]
    if (record["type"] === "message_start" && isObject(message)) usage = usageIn(usage, message["usage"])
  })
  return usage
}

const conclusions = ["message_stop", "error"]

const concludes = (text: string): boolean => {
  let found = false
  for (const word of conclusions) {
    readRecords(text, word, (event, record) => {
      found ||= event === word || record["type"] === word
    })
  }
  return found
}

export const usageTap = (): UsageTap => {
  const head: Array<Uint8Array> = []
  let headSize = 0
  // two generations: together they always hold at least the last bytes of the window
  let older: ReadonlyArray<Uint8Array> = []
  let latest: Array<Uint8Array> = []
  let latestSize = 0
  let read: ReadonlyArray<string> | undefined

  /** What is kept: all of the stream, or its beginning and its end. */
  const parts = (): ReadonlyArray<string> => {
    read ??= older.length === 0 ? [textOf([...head, ...latest])] : [textOf(head), textOf([...older, ...latest])]
    return read
  }

  return {
    push: (bytes) => {
      read = undefined
      if (headSize < window) {
        head.push(bytes)
        headSize += bytes.length
        return
      }
      latest.push(bytes)
      latestSize += bytes.length
      if (latestSize < window) return
      older = latest
      latest = []
      latestSize = 0
    },
    usage: () => parts().reduce<Usage | undefined>(usageInRecords, undefined),
    concluded: () => concludes(parts().at(-1) ?? "")
  }
}

/** The usage of a Message that came as a whole; undefined for every other body. */
export const usageOfMessage = (body: Uint8Array): Usage | undefined => {
  const message = parseJson(new TextDecoder().decode(body))
  return isObject(message) && message["type"] === "message" ? usageIn(undefined, message["usage"]) : undefined
}
