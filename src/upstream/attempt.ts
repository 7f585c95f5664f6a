/**
 * One attempt at one upstream: the request goes out, the status is judged, and what comes back is a body to be
 * translated or the error the client shall see.
 */
import { Data, Effect, type Scope } from "effect"
import {
  type About,
  fromTransport,
  fromUpstream,
  type GatewayError,
  isOutputBudgetTooSmall
} from "../protocol/errors.ts"
import { isObject, parseJson } from "../protocol/json.ts"
import { collectInto, joinBytes } from "./collect.ts"
import type { TransportError } from "./TransportError.ts"
import {
  bodyOf,
  type UpstreamBody,
  type UpstreamHttp,
  type UpstreamRequest,
  type UpstreamResponse
} from "./UpstreamHttp.ts"

/** The attempt is over without an answer. */
export class AttemptFailed extends Data.TaggedError("AttemptFailed")<{
  readonly error: GatewayError
  /** Headers of the provider's refusal; absent when there was no HTTP answer. */
  readonly headers?: Readonly<Record<string, string>>
}> {}

export interface OpenAnswer {
  readonly headers: Readonly<Record<string, string>>
  readonly body: UpstreamBody
}

/** What is read of an error body, and how long that may take. */
const errorBody = { bytes: 256 * 1024, patience: "10 seconds" } as const

const utf8 = new TextEncoder()
/** An empty answer that reached its limit, in the provider's own words. */
const exhausted = utf8.encode(
  JSON.stringify({
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: "" }, finish_reason: "length" }]
  })
)

/** A deadline or a broken connection, as the client's error. */
export const transportFailure = (error: TransportError, about: About): GatewayError =>
  fromTransport({ kind: error.kind, detail: error.detail }, { host: error.host, ...about })

/** The deadlines of an answer under way. */
export type Overdue = "first-byte-timeout" | "idle-timeout" | "no-progress"

/** The same for an answer under way: a deadline of its own, or a connection that broke. */
export const brokenAnswer = (cause: Overdue | TransportError, about: About): GatewayError =>
  typeof cause === "string" ? fromTransport({ kind: cause }, about) : transportFailure(cause, about)

/** What could be read of a refusal: one that breaks off or drags on still has its status, and its words if they are complete. */
const refusal = (body: UpstreamBody): Effect.Effect<string> =>
  Effect.suspend(() => {
    const pieces: Array<Uint8Array> = []
    const text = () => new TextDecoder().decode(joinBytes(pieces).subarray(0, errorBody.bytes))
    return collectInto(pieces, body, errorBody.bytes).pipe(
      Effect.timeout(errorBody.patience),
      Effect.match({ onSuccess: text, onFailure: () => (isObject(parseJson(text())) ? text() : "") })
    )
  })

/** Answers with a body as soon as the provider accepted the request. The scope owns the connection. */
export const attempt = (
  http: typeof UpstreamHttp.Service,
  request: UpstreamRequest,
  about: () => About
): Effect.Effect<OpenAnswer, AttemptFailed, Scope.Scope> =>
  http.send(request).pipe(
    Effect.mapError((error) => new AttemptFailed({ error: transportFailure(error, about()) })),
    Effect.flatMap((response) => {
      const { body, headers, status } = response
      return status >= 200 && status < 300 ? Effect.succeed({ headers, body }) : refused(response, about)
    })
  )

const refused = ({ body, headers, status }: UpstreamResponse, about: () => About) =>
  Effect.flatMap(refusal(body), (text): Effect.Effect<OpenAnswer, AttemptFailed> => {
    const failure = { status, headers, body: text }
    return isOutputBudgetTooSmall(failure)
      ? Effect.succeed({ headers, body: bodyOf(exhausted) })
      : new AttemptFailed({ error: fromUpstream(failure, about()), headers })
  })
