/**
 * An answer that is handed on byte for byte. A stream passes as it comes, once its first record has told that it is an
 * answer; pings, and words about what broke, come only between its records. Every other body is held until it is complete:
 * a client can do nothing with a piece of it, and hears of a break with a status of its own.
 */
import type { Usage } from "../domain/Usage.ts"
import { openingReader, type OpeningReader } from "../protocol/anthropic/opening.ts"
import { pingRecord, renderEvent } from "../protocol/anthropic/render.ts"
import { usageOfMessage, usageTap } from "../protocol/anthropic/usageTap.ts"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { isObject, parseJson } from "../protocol/json.ts"
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
  /**
   * The headers came, and with them how the body is to be taken: as a stream, if there are words for one. Called once,
   * before the body.
   */
  readonly begin: (stream: StreamWords | undefined) => void
  readonly streams: () => boolean
}

/** An answer longer than this is no answer any more. */
const limit = 64 * 1024 * 1024
/** A whole answer is read for its usage only when that costs nothing. */
const readable = 1024 * 1024

/** A body that nothing can be missing from: no beginning of a JSON object is one. */
const isDocument = (pieces: ReadonlyArray<Uint8Array>): boolean =>
  isObject(parseJson(new TextDecoder().decode(joinBytes(pieces))))

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
  /** While a stream is held. */
  let opening: OpeningReader | undefined
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

  /** Bytes of a stream that is held until it is known what it is. */
  const open = (bytes: Uint8Array, { failed }: StreamWords): Piece => {
    tap.push(bytes)
    pieces.push(bytes)
    const found = opening?.push(bytes)
    if (found === undefined) return ""
    if (found._tag === "failure") return fail(failed(found.data))
    const held = joinBytes(pieces)
    pieces = []
    opening = undefined
    phase = "open"
    edge.push(held)
    return held
  }

  /** The failure that a stream began with which comes to its end while it is still held. */
  const heldFailure = (): GatewayError | undefined => {
    const found = opening?.end()
    return found?._tag === "failure" ? stream?.failed(found.data) : undefined
  }

  const unfinished = (): GatewayError | undefined =>
    stream === undefined || tap.concluded() ? undefined : stream.unfinished()

  return {
    begin: (words) => {
      stream = words
      if (stream !== undefined) opening = openingReader()
    },
    streams: () => stream !== undefined,
    phase: () => phase,
    failure: () => failure,
    usage: () => usage ?? tap.usage(),
    push: (bytes) => {
      if (phase === "done") return ""
      if (stream === undefined) return keep(bytes)
      if (phase === "waiting") return open(bytes, stream)
      edge.push(bytes)
      tap.push(bytes)
      return bytes
    },
    end: () => {
      if (phase === "done") return ""
      const error = heldFailure() ?? unfinished()
      if (error !== undefined) return fail(error)
      const held = joinBytes(pieces)
      phase = "done"
      pieces = []
      if (stream === undefined && held.length <= readable) usage = usageOfMessage(held)
      return held
    },
    // a provider that says what is wrong, and then breaks off, has said it
    abort: (error) => fail(heldFailure() ?? error),
    isConcluded: () => (stream === undefined ? isDocument(pieces) : tap.concluded()),
    ping: () => (stream !== undefined && phase === "open" && edge.isHere() ? pingRecord : ""),
    lastWords: (error) => (told ? "" : `\n\n${errorRecord(error)}`)
  }
}
