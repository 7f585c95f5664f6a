/**
 * An answer that is handed on byte for byte. A stream passes as it comes; pings, and words about what broke, come only
 * between its records. Every other body is held until it is complete: a client can do nothing with a piece of it, and
 * hears of a break with a status of its own.
 */
import type { Usage } from "../domain/Usage.ts"
import { pingRecord, renderEvent } from "../protocol/anthropic/render.ts"
import { usageOfMessage, usageTap } from "../protocol/anthropic/usageTap.ts"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { joinBytes } from "../upstream/collect.ts"
import type { Piece } from "./Piece.ts"
import type { Carried } from "./Relay.ts"

export interface PassTurn extends Carried {
  /**
   * The headers came, and with them how the body is to be taken. Called once, before the body. `unfinished` says what a
   * stream is that ends as if nothing were missing, and without its last record: a connection may just close.
   */
  readonly begin: (how: "stream" | "whole", unfinished: () => GatewayError) => void
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
  let streams = false
  let phase: "waiting" | "open" | "done" = "waiting"
  let failure: GatewayError | undefined
  let usage: Usage | undefined
  let pieces: Array<Uint8Array> = []
  let size = 0
  let told = false
  let cutShort: (() => GatewayError) | undefined
  const edge = boundary()
  const tap = usageTap()

  const fail = (error: GatewayError): Piece => {
    if (phase === "done") return ""
    told = streams && phase === "open" && edge.isHere()
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

  return {
    begin: (how, unfinished) => {
      streams = how === "stream"
      cutShort = unfinished
    },
    streams: () => streams,
    phase: () => phase,
    failure: () => failure,
    usage: () => usage ?? tap.usage(),
    push: (bytes) => {
      if (phase === "done") return ""
      if (!streams) return keep(bytes)
      phase = "open"
      edge.push(bytes)
      tap.push(bytes)
      return bytes
    },
    end: () => {
      if (phase === "done") return ""
      if (streams && cutShort !== undefined && !tap.concluded()) return fail(cutShort())
      phase = "done"
      const whole = joinBytes(pieces)
      pieces = []
      if (!streams && whole.length <= readable) usage = usageOfMessage(whole)
      return whole
    },
    abort: fail,
    isConcluded: () => streams && phase === "open" && tap.concluded(),
    ping: () => (streams && phase === "open" && edge.isHere() ? pingRecord : ""),
    lastWords: (error) => (told ? "" : `\n\n${errorRecord(error)}`)
  }
}
