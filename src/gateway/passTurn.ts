/**
 * An answer that is handed on byte for byte. A stream passes as it comes, once its first record has told that it is an
 * answer; pings, and words about what broke, come only between its records. Every other body is held until it is complete: a client can do nothing with a piece of it, and
 * hears of a break with a status of its own.
 */
import type { Usage } from "../domain/Usage.ts"
import { openingReader } from "../protocol/anthropic/opening.ts"
import { pingRecord, renderEvent } from "../protocol/anthropic/render.ts"
import { usageOfMessage, usageTap } from "../protocol/anthropic/usageTap.ts"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { joinBytes } from "../upstream/collect.ts"
import type { Piece } from "./Piece.ts"
import type { Carried } from "./Relay.ts"

/** What is wrong with a stream, in words. */
export interface StreamWords {
  /** It ended as if nothing were missing, and without its last record: a connection may just close. */
  readonly unfinished: () => GatewayError
  /** It began with a failure, whose record holds this. */
  readonly failed: (data: string) => GatewayError
}

export interface PassTurn extends Carried {
  /** The headers came, and with them how the body is to be taken: as a stream, if there are words for one. Called once, before the body. */
  readonly begin: (stream: StreamWords | undefined) => void
  readonly streams: () => boolean
}

/** An answer longer than this is no answer any more. */
const limit = 64 * 1024 * 1024
/** A whole answer is read for its usage only when that costs nothing. */
const readable = 1024 * 1024

/** Whether the bytes that passed so far end with an empty line. Looks at the last four of each chunk. */
const boundary = () => {
  // as if an empty line had just passed
  let tail = 0x0a0a
  return {
    push: (bytes: Uint8Array) => {
      for (let at = Math.max(0, bytes.length - 4); at < bytes.length; at++) tail = (tail << 8) | (bytes[at] ?? 0)
    },
    isHere: () => (tail & 0xffff) === 0x0a0a || tail === 0x0d0a0d0a
  }
}

const errorRecord = ({ message, type }: GatewayError): string =>
  renderEvent({ type: "error", error: { type, message } })

/** `provider` is for messages. */
export const passTurn = (provider: string): PassTurn => {
  let stream: StreamWords | undefined
  let phase: "waiting" | "open" | "done" = "waiting"
  let failure: GatewayError | undefined
  let usage: Usage | undefined
  let pieces: Array<Uint8Array> = []
  let size = 0
  let told = false
  const opening = openingReader()
  const edge = boundary()
  const tap = usageTap()

  const fail = (error: GatewayError): Piece => {
    if (phase === "done") return ""
    told = stream !== undefined && phase === "open" && edge.isHere()
    phase = "done"
    failure = error
    pieces = []
    return told ? errorRecord(error) : ""
  }

  const keep = (bytes: Uint8Array): Piece => {
    pieces.push(bytes)
    size += bytes.length
    return size > limit ? fail(gatewayError("api_error", `${provider}: the answer does not end`)) : ""
  }

  const hand = (bytes: Uint8Array): Piece => {
    edge.push(bytes)
    tap.push(bytes)
    return bytes
  }

  /** Bytes of a stream that is held until it is known what it is. */
  const open = (bytes: Uint8Array, { failed }: StreamWords): Piece => {
    pieces.push(bytes)
    const found = opening.push(bytes)
    if (found === undefined) return ""
    if (found._tag === "failure") return fail(failed(found.data))
    const held = joinBytes(pieces)
    pieces = []
    phase = "open"
    return hand(held)
  }

  /** What is wrong with a stream that ends here, and with these bytes if it is still held. */
  const endOf = (held: Uint8Array, { failed, unfinished }: StreamWords): GatewayError | undefined => {
    const found = phase === "waiting" ? opening.end() : undefined
    if (found?._tag === "failure") return failed(found.data)
    tap.push(held)
    return tap.concluded() ? undefined : unfinished()
  }

  return {
    begin: (words) => {
      stream = words
    },
    streams: () => stream !== undefined,
    phase: () => phase,
    failure: () => failure,
    usage: () => usage ?? tap.usage(),
    push: (bytes) => {
      if (phase === "done") return ""
      if (stream === undefined) return keep(bytes)
      return phase === "waiting" ? open(bytes, stream) : hand(bytes)
    },
    end: () => {
      if (phase === "done") return ""
      const held = joinBytes(pieces)
      const error = stream === undefined ? undefined : endOf(held, stream)
      if (error !== undefined) return fail(error)
      phase = "done"
      pieces = []
      if (stream === undefined && held.length <= readable) usage = usageOfMessage(held)
      return held
    },
    abort: fail,
    isConcluded: () => stream !== undefined && phase === "open" && tap.concluded(),
    ping: () => (stream !== undefined && phase === "open" && edge.isHere() ? pingRecord : ""),
    lastWords: (error) => (told ? "" : `\n\n${errorRecord(error)}`)
  }
}
