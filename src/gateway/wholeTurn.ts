/** A whole answer seen as a stream with one piece: it stays undecided until the body is complete. */
import { Either } from "effect"
import type { TurnContext } from "../protocol/context.ts"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { isWholeAnswer, type Remember, wholeAnswer } from "../protocol/translate.ts"
import type { Usage } from "../domain/Usage.ts"
import { joinBytes } from "../upstream/collect.ts"
import type { Carried } from "./Relay.ts"

/** An answer longer than this is no answer any more. Bytes. */
const limit = 64 * 1024 * 1024

/** One for all, because it decodes whole texts only: a decoder for each answer costs more than the decoding. */
const utf8 = new TextDecoder()

/** `end` gives the JSON of the Message. */
export const wholeTurn = (context: TurnContext, remember?: Remember): Carried => {
  let pieces: Array<Uint8Array> = []
  let size = 0
  let done = false
  let failure: GatewayError | undefined
  let usage: Usage | undefined

  const fail = (error: GatewayError): string => {
    done = true
    failure ??= error
    pieces = []
    return ""
  }

  const body = (): string => utf8.decode(joinBytes(pieces))

  return {
    phase: () => (done ? "done" : "waiting"),
    failure: () => failure,
    usage: () => usage,
    push: (bytes) => {
      if (done) return ""
      pieces.push(bytes)
      size += bytes.length
      return size > limit ? fail(gatewayError("api_error", `${context.provider}: the answer does not end`)) : ""
    },
    end: () => {
      if (done) return ""
      const answer = wholeAnswer(context, body(), remember)
      if (Either.isLeft(answer)) return fail(answer.left)
      done = true
      pieces = []
      usage = answer.right.usage
      return JSON.stringify(answer.right.message)
    },
    abort: fail,
    isConcluded: () => size > 0 && isWholeAnswer(context, body()),
    ping: () => ""
  }
}
