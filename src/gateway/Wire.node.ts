/**
 * The wire on Node's own streams: a chunk costs about what it costs a hand-written server, because nothing
 * but the relay stands between the two sockets.
 */
import { Readable } from "node:stream"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { HttpServerResponse } from "@effect/platform"
import { Effect, Layer } from "effect"
import { isText } from "./Piece.ts"
import type { Relay } from "./Relay.ts"
import { sseHeaders, Wire, type WireShape } from "./Wire.ts"

/** What the relay writes as a stream that Node pipes into the response. */
class Output extends Readable {
  readonly #relay: Relay

  constructor(relay: Relay) {
    super()
    this.#relay = relay
    relay.open({
      write: (piece) => this.push(piece),
      end: () => void this.push(null),
      // not at once: what was written last leaves at the end of this turn of the event loop
      cut: () => void setImmediate(() => this.destroy(new Error("the answer broke off")))
    })
  }

  override _read(): void {
    this.#relay.drained()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#relay.cancel()
    callback(error)
  }
}

/** Collects a body of announced size in place, so that a large one is held once; any other piece by piece. */
const collector = (announced: number, limit: number) => {
  const inPlace = announced > 64 * 1024 && announced <= limit ? Buffer.allocUnsafeSlow(announced) : undefined
  let pieces: Array<Buffer> = []
  let size = 0
  return {
    add: (piece: Buffer) => {
      if (inPlace !== undefined) piece.copy(inPlace, size)
      else pieces.push(piece)
      size += piece.length
      if (size > limit) pieces = []
    },
    result: (): Buffer | "too large" => {
      if (size > limit) return "too large"
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
      source.off("data", add).off("end", onEnd).off("error", onError)
      resume(Effect.succeed(sent))
    }
    const onEnd = () => finish(result())
    const onError = () => finish("broken")
    source.on("data", add).on("end", onEnd).on("error", onError)
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
  stream: (relay, headers) => HttpServerResponse.raw(new Output(relay), { headers: { ...sseHeaders, ...headers } })
})
