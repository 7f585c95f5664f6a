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
  /** Bytes of the stream, cut anywhere. */
  readonly push: (bytes: Uint8Array) => void
  /** What the stream has reported so far; undefined when nothing. */
  readonly usage: () => Usage | undefined
  /** The stream said how it ends: by `message_stop` or an `error`. Looks through what is kept of the end: ask seldom. */
  readonly concluded: () => boolean
}

/** Bytes in which the first and the last records are found: many times what they have. */
const window = 16 * 1024

const usageIn = (known: Usage | undefined, wire: unknown): Usage | undefined =>
  isObject(wire) ? mergeUsage(known ?? zeroUsage, wire) : known

const utf8 = new TextDecoder()

/** What ends records. */
const blankLines = ["\n\n", "\r\n\r\n", "\r\r"]

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
  // almost always one of them: to look for another at each place is to look through everything each time
  const ends = blankLines.filter((end) => text.includes(end))
  let found = ""
  let from = 0
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, from)) {
    const start = Math.max(from, ...ends.map((end) => placeBehind(text, end, at)))
    from = Math.min(text.length, ...ends.map((end) => placeOf(text, end, at)))
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

/**
 * Keeps the first window of a stream and at least its last. Copies: a chunk that is held on to costs the collector more than
 * all else that is done with it.
 */
const endsOf = () => {
  let kept = new Uint8Array(window / 4)
  let size = 0
  let isWhole = true

  const grow = () => {
    const larger = new Uint8Array(Math.min(2 * kept.length, 3 * window))
    larger.set(kept)
    kept = larger
  }

  /** At most a window of bytes. */
  const add = (bytes: Uint8Array) => {
    while (size + bytes.length > kept.length && kept.length < 3 * window) grow()
    if (size + bytes.length > kept.length) {
      isWhole = false
      kept.copyWithin(window, size - window, size)
      size = 2 * window
    }
    kept.set(bytes, size)
    size += bytes.length
  }

  return {
    push: (bytes: Uint8Array) => {
      if (bytes.length <= window) return add(bytes)
      for (let at = 0; at < bytes.length; at += window) add(bytes.subarray(at, at + window))
    },
    /** All of the stream, or its beginning and its end. */
    parts: (): ReadonlyArray<Uint8Array> =>
      isWhole ? [kept.subarray(0, size)] : [kept.subarray(0, window), kept.subarray(window, size)]
  }
}

export const usageTap = (): UsageTap => {
  const kept = endsOf()
  let read: ReadonlyArray<string> | undefined

  const parts = (): ReadonlyArray<string> => {
    read ??= kept.parts().map((bytes) => utf8.decode(bytes))
    return read
  }

  return {
    push: (bytes) => {
      read = undefined
      kept.push(bytes)
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
