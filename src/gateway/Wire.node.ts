/**
 * The wire on Node's own streams: a chunk costs about what it costs a hand-written server, because nothing
 * but the relay stands between the two sockets.
 */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Deferred, Effect, Exit, FiberId, Layer } from "effect"
import { isText } from "./Piece.ts"
import type { Outflow } from "./Relay.ts"
import { sseHeaders, Wire, type WireShape } from "./Wire.ts"

/** Collects a body of announced size in place, so that a large one is held once; any other piece by piece. */
const collector = (announced: number, limit: number) => {
  const inPlace = announced > 64 * 1024 && announced <= limit ? Buffer.allocUnsafeSlow(announced) : undefined
  const pieces: Array<Buffer> = []
  let size = 0
  return {
    /** False when it is more than the limit with this piece. */
    add: (piece: Buffer): boolean => {
      if (inPlace !== undefined) piece.copy(inPlace, size)
      else pieces.push(piece)
      size += piece.length
      return size <= limit
    },
    result: (): Buffer => {
      const [first] = pieces
      return inPlace ?? (first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces))
    }
  }
}

const read: WireShape["read"] = (request, limit) =>
  Effect.async((resume) => {
    const source = NodeHttpServerRequest.toIncomingMessage(request)
    const { add, result } = collector(Number(source.headers["content-length"] ?? 0), limit)
    // Requests of one connection hold each other for a while. What listens to one must not be held along with it: the
    // collector would carry every request's whole work over into the old generation.
    const finish = (sent: Buffer | "too large" | "broken") => {
      source.off("data", onData).off("end", onEnd).off("error", onError)
      resume(Effect.succeed(sent))
    }
    // it may have no end: Node throws away what still comes
    const onData = (piece: Buffer) => {
      if (!add(piece)) finish("too large")
    }
    const onEnd = () => finish(result())
    const onError = () => finish("broken")
    source.on("data", onData).on("end", onEnd).on("error", onError)
  })

const ignore = () => {}
/** Stands for a response that was sent; the platform looks whether it was, and does nothing. */
const sent = HttpServerResponse.empty()

/**
 * The relay writes into the response itself: a stream of its own that the platform pipes there was measured to cost as
 * much as the translation. `ended` is called once, when the response is closed.
 */
const send = (
  request: HttpServerRequest.HttpServerRequest,
  relay: Outflow,
  headers: Readonly<Record<string, string>>,
  ended: () => void
): void => {
  const response = NodeHttpServerRequest.toServerResponse(request)
  const closed = () => {
    relay.cancel()
    ended()
  }
  if (response.destroyed) return closed()
  response.on("error", ignore).on("drain", () => relay.drained())
  response.once("close", closed)
  response.writeHead(200, { ...sseHeaders, ...headers })
  relay.open({
    write: (piece) => response.write(piece),
    end: () => void response.end(),
    cut: () =>
      // not at once: what was written last leaves at the end of this turn of the event loop
      void setImmediate(() => {
        response.socket?.destroy()
        // so that the platform does not take it for the client's doing
        response.end()
      })
  })
}

const stream: WireShape["stream"] = (request, relay, headers) =>
  Effect.async((resume) => send(request, relay, headers, () => resume(Effect.succeed(sent))))

const begin: NonNullable<WireShape["begin"]> = (request, relay, headers) => {
  const end = Deferred.unsafeMake<typeof sent>(FiberId.none)
  send(request, relay, headers, () => Deferred.unsafeDone(end, Exit.succeed(sent)))
  return Deferred.await(end)
}

/** What a response says when it is known as a whole; undefined for one that is still made. */
const complete = ({ body }: HttpServerResponse.HttpServerResponse): string | Uint8Array | undefined => {
  if (body._tag === "Empty") return ""
  if (body._tag === "Uint8Array") return body.body
  const raw = body._tag === "Raw" ? body.body : undefined
  return typeof raw === "string" || raw instanceof Uint8Array ? raw : undefined
}

/**
 * The platform waits for the last byte to be taken: where the client leaves just before, for ever, and with it everything
 * that the request holds. The end of the connection ends this.
 */
const finish: NonNullable<WireShape["finish"]> = (request, response) =>
  Effect.async((resume) => {
    const target = NodeHttpServerRequest.toServerResponse(request)
    const body = complete(response)
    if (body === undefined || target.headersSent) return resume(Effect.succeed(response))
    if (target.destroyed) return resume(Effect.succeed(sent))
    target.on("error", ignore).once("close", () => resume(Effect.succeed(sent)))
    target.writeHead(response.status, response.headers)
    if (request.method === "HEAD" || body.length === 0) target.end()
    else target.end(body)
  })

/** For gateways on a Node server. */
export const layer: Layer.Layer<Wire> = Layer.succeed(Wire, {
  read,
  // Text leaves together with the headers; bytes would be a second write.
  whole: (body, headers, status = 200) =>
    HttpServerResponse.raw(isText(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.length), {
      headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
      status
    }),
  stream,
  begin,
  finish
})
