/** A whole answer seen as a stream with one piece: it stays undecided until the body is complete. */
import { Either } from "effect"
import type { TurnContext } from "../protocol/context.ts"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { wholeAnswer, type Remember } from "../protocol/translate.ts"
import type { Usage } from "../domain/Usage.ts"
import type { Carried } from "./Relay.ts"

/** An answer longer than this is no answer any more. */
const limit = 64 * 1024 * 1024

/** `end` gives the JSON of the Message. */
export const wholeTurn = (context: TurnContext, remember?: Remember): Carried => {
  const utf8 = new TextDecoder()
  let body = ""
  let done = false
  let failure: GatewayError | undefined
  let usage: Usage | undefined

  const fail = (error: GatewayError): string => {
    done = true
    failure ??= error
    body = ""
    return ""
  }

  return {
    phase: () => (done ? "done" : "waiting"),
    failure: () => failure,
    usage: () => usage,
    push: (bytes) => {
      if (done) return ""
      body += utf8.decode(bytes, { stream: true })
      return body.length > limit ? fail(gatewayError("api_error", `${context.provider}: the answer does not end`)) : ""
    },
    end: () => {
      if (done) return ""
      const answer = wholeAnswer(context, body + utf8.decode(), remember)
      if (Either.isLeft(answer)) return fail(answer.left)
      done = true
      body = ""
      usage = answer.right.usage
      return JSON.stringify(answer.right.message)
    },
    abort: fail,
    ping: () => ""
  }
}
