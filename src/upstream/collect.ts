/** Reads a body as a whole. */
import { Effect } from "effect"
import type { TransportError } from "./TransportError.ts"
import type { UpstreamBody } from "./UpstreamHttp.ts"

/** Concatenates in one copy. */
export const joinBytes = (pieces: ReadonlyArray<Uint8Array>): Uint8Array => {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1) return first
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/**
 * Puts the body into the list as it comes, until `limit` bytes are there or more. Interrupting it closes the connection; what
 * came until then stays.
 */
export const collectInto = (
  pieces: Array<Uint8Array>,
  body: UpstreamBody,
  limit: number
): Effect.Effect<void, TransportError> =>
  Effect.async((resume) => {
    let size = 0
    body.read({
      bytes: (chunk) => {
        pieces.push(chunk)
        size += chunk.length
        if (size < limit) return
        body.release("now")
        resume(Effect.void)
      },
      end: () => resume(Effect.void),
      fail: (error) => resume(Effect.fail(error))
    })
    return Effect.sync(() => body.release("now"))
  })

/** The body's first `limit` bytes; reading stops there. Interrupting it closes the connection. */
export const collect = (body: UpstreamBody, limit: number): Effect.Effect<Uint8Array, TransportError> =>
  Effect.suspend(() => {
    const pieces: Array<Uint8Array> = []
    return Effect.map(collectInto(pieces, body, limit), () => joinBytes(pieces).subarray(0, limit))
  })
