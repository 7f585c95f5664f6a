/**
 * The bytes between the client and an answer on its way: reading a request's body and sending an answer while it is made. The
 * default stands on streams alone and runs on every server of the platform; a server's own way costs less per chunk.
 */
import { HttpServerResponse, type HttpServerRequest } from "@effect/platform"
import { Chunk, Context, Effect, Option, Stream } from "effect"
import { joinBytes } from "../upstream/collect.ts"
import { bytesOf, isText, joined, type Piece } from "./Piece.ts"
import type { Outflow } from "./Relay.ts"

export interface WireShape {
  /** The whole body as sent; of a body over the limit the rest is read and thrown away, so that the client hears why. */
  readonly read: (
    request: HttpServerRequest.HttpServerRequest,
    limit: number
  ) => Effect.Effect<Uint8Array | "too large" | "broken">
  /** An answer in one piece; the headers tell its type. The status is 200 unless given. */
  readonly whole: (
    body: Piece,
    headers: Readonly<Record<string, string>>,
    status?: number
  ) => HttpServerResponse.HttpServerResponse
  /** An answer whose body is what the relay writes. It may be over when the effect ends, and the response a mere word. */
  readonly stream: (
    request: HttpServerRequest.HttpServerRequest,
    relay: Outflow,
    headers: Readonly<Record<string, string>>
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
  /**
   * Sends a response that is complete, in place of the platform; a response of any other kind comes back as it is. Absent
   * where the platform's own way will do.
   */
  readonly finish?: (
    request: HttpServerRequest.HttpServerRequest,
    response: HttpServerResponse.HttpServerResponse
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
  /**
   * The same as `stream`, begun at once and not when the effect runs; the effect waits for its end. Absent where a server's response
   * cannot begin before its handler has given one.
   */
  readonly begin?: (
    request: HttpServerRequest.HttpServerRequest,
    relay: Outflow,
    headers: Readonly<Record<string, string>>
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
}

const sseType = "text/event-stream; charset=utf-8"

/** Of every streamed answer; the second keeps a reverse proxy from collecting it. */
export const sseHeaders: Readonly<Record<string, string>> = {
  "content-type": sseType,
  "cache-control": "no-cache",
  "x-accel-buffering": "no"
}

/** What the client has not taken yet, before the relay has to wait. */
const room = 64 * 1024

const read: WireShape["read"] = (request, limit) => {
  const pieces: Array<Uint8Array> = []
  let size = 0
  return request.stream.pipe(
    Stream.runForEachChunk((chunk) =>
      Effect.sync(() => {
        for (const piece of chunk) {
          size += piece.length
          if (size <= limit) pieces.push(piece)
        }
      })
    ),
    Effect.map(() => (size > limit ? ("too large" as const) : joinBytes(pieces))),
    Effect.orElseSucceed(() => "broken" as const)
  )
}

/** One piece of output per pull, whatever was written since the last. */
const outputOf = (relay: Outflow): Stream.Stream<Uint8Array> =>
  Stream.suspend(() => {
    let kept: Array<Piece> = []
    let size = 0
    let ended = false
    let wake: (() => void) | undefined
    const ready = () => {
      const waiting = wake
      wake = undefined
      waiting?.()
    }
    relay.open({
      write: (piece) => {
        kept.push(piece)
        size += piece.length
        ready()
        return size < room
      },
      end: () => {
        ended = true
        ready()
      },
      cut: (lastWords) => {
        // a server of the platform ends a body properly even when its stream fails
        kept.push(lastWords)
        ended = true
        ready()
      }
    })
    const take = Effect.suspend(() => {
      if (kept.length === 0) return Effect.fail(Option.none())
      const bytes = bytesOf(joined(kept))
      kept = []
      size = 0
      relay.drained()
      return Effect.succeed(Chunk.of(bytes))
    })
    const pull = Effect.async<void>((resume) => {
      if (kept.length > 0 || ended) return resume(Effect.void)
      wake = () => resume(Effect.void)
    })
    return Stream.repeatEffectChunkOption(Effect.zipRight(pull, take))
  })

const typeOf = (headers: Readonly<Record<string, string>>): { readonly contentType?: string } => {
  const contentType = headers["content-type"]
  return contentType === undefined ? {} : { contentType }
}

const portable: WireShape = {
  read,
  whole: (body, headers, status = 200) =>
    isText(body)
      ? HttpServerResponse.text(body, { headers, status })
      : HttpServerResponse.uint8Array(body, { ...typeOf(headers), headers, status }),
  stream: (_, relay, headers) =>
    Effect.succeed(HttpServerResponse.stream(outputOf(relay), { contentType: sseType, ...typeOf(headers), headers }))
}

/** How bytes go between a gateway and its clients: by streams unless a layer for a server says otherwise. */
export class Wire extends Context.Reference<Wire>()("claudex/gateway/Wire", {
  defaultValue: (): WireShape => portable
}) {}
