/**
 * The one lift of a translation over Effect's streams, for programs that hold a provider's body as a `Stream`. One step
 * per network chunk; nothing is done per delta.
 */
import { Chunk, Stream } from "effect"
import type { TurnContext } from "./context.ts"
import type { GatewayError } from "./errors.ts"
import { turnStream } from "./translate.ts"

const utf8 = new TextEncoder()

/**
 * A provider's body (bytes, cut anywhere) as an Anthropic event stream (bytes, whole events). Fails
 * with what the client should get as an HTTP error while nothing was emitted; afterwards every failure is an `error`
 * event in the stream, and a cut body never looks like a finished answer. Reading stops with the last event.
 * `broken` puts a failure of the body itself into words.
 */
export const toAnthropic =
  <E>(context: TurnContext, broken: (error: E) => GatewayError) =>
  <R>(body: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, GatewayError, R> =>
    Stream.suspend(() => {
      const turn = turnStream(context)
      let silent = true
      const last = (text: () => string) => Stream.suspend(() => Stream.make(text()))
      const failure = Stream.suspend(() => {
        const error = turn.failure()
        return silent && error !== undefined ? Stream.fail(error) : Stream.empty
      })
      return body.pipe(
        Stream.mapChunks((chunk) => Chunk.of(Chunk.reduce(chunk, "", (text, bytes) => text + turn.push(bytes)))),
        Stream.catchAll((error) => last(() => turn.abort(broken(error)))),
        Stream.takeUntil(() => turn.phase() === "done"),
        Stream.concat(last(turn.end)),
        Stream.filter((text) => text !== ""),
        Stream.map((text) => {
          silent = false
          return utf8.encode(text)
        }),
        Stream.concat(failure)
      )
    })
