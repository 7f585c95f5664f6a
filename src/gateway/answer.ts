/** One candidate's answer to a conversation, translated. */
import { Effect, type Scope } from "effect"
import type { TurnContext } from "../protocol/context.ts"
import type { Conversation } from "../protocol/conversation.ts"
import { encodeFor } from "../protocol/encode.ts"
import { type About, maskSecrets, rateLimitHeaders } from "../protocol/errors.ts"
import type { Encoded } from "../protocol/target.ts"
import { withoutSeals, withRecalled } from "../protocol/recall.ts"
import { localAnswer, type Remember, turnStream } from "../protocol/translate.ts"
import { isOffline } from "../provider/endpoint.ts"
import { attempt as attemptAt, brokenAnswer } from "../upstream/attempt.ts"
import { jsonBytes } from "../upstream/jsonBytes.ts"
import type { UpstreamRequest } from "../upstream/UpstreamHttp.ts"
import type { Attempt } from "./Attempt.ts"
import { type AnswerTools, carry } from "./carry.ts"
import type { TranslatedCandidate } from "./candidates.ts"
import type { Exchange } from "./Exchange.ts"
import { orRefuse, Refused } from "./Refused.ts"
import type { Piece } from "./Piece.ts"
import type { Relay } from "./Relay.ts"
import { wholeTurn } from "./wholeTurn.ts"
import { sseHeaders } from "./Wire.ts"
import type { Won } from "./Won.ts"

const requestOf = (candidate: TranslatedCandidate, { body, headers: own }: Encoded, size: number): UpstreamRequest => {
  const { endpoint, timeouts } = candidate
  const { headers, url } = endpoint
  return { url, headers: { ...own, ...headers }, body: jsonBytes(body, size), connectTimeout: timeouts.connect }
}

const aboutOf = (
  candidate: TranslatedCandidate,
  { context, maxTokens }: { readonly context: TurnContext; readonly maxTokens: number | undefined },
  now: number
): About => {
  const { url } = candidate.endpoint
  return {
    provider: context.provider,
    model: candidate.model,
    host: URL.canParse(url) ? new URL(url).host : url,
    estimate: context.estimate,
    secrets: context.secrets,
    now,
    ...(candidate.window === undefined ? {} : { window: candidate.window }),
    ...(maxTokens === undefined ? {} : { maxTokens })
  }
}

/** Whether the provider ever wants reasoning back. */
const replays = ({ protocol, target: { policy } }: TranslatedCandidate): boolean =>
  protocol === "responses" ? policy.encryptedReasoning : policy.reasoningReplay !== "none"

const jsonHeaders = { "content-type": "application/json" }

const wonWhole = (body: Piece, headers: Readonly<Record<string, string>>): Won => ({
  _tag: "whole",
  body,
  headers,
  status: 200
})

interface Relayed {
  readonly relay: Relay
  /** Of the provider's answer, for the client. */
  readonly headers: Readonly<Record<string, string>>
}

/** Sends the request and waits until it is decided whether the client gets the answer or an error. */
const relayed = (
  tools: AnswerTools,
  exchange: Exchange,
  attempt: Attempt,
  scope: Scope.Scope,
  candidate: TranslatedCandidate,
  encoded: Encoded,
  remember: Remember | undefined
): Effect.Effect<Relayed, Refused> => {
  // and not the body, which is large: what is told of a failure is at hand until the answer's end
  const { context, maxTokens } = encoded
  const request = requestOf(candidate, encoded, exchange.size ?? 0)
  let headers: Readonly<Record<string, string>> = {}
  const http = isOffline(candidate.profile) ? tools.offline : tools.network
  const carried = carry(tools, exchange, attempt, scope, (now) => {
    const about = () => aboutOf(candidate, { context, maxTokens }, now())
    const seen = (upstream: Readonly<Record<string, string>>) => {
      headers = rateLimitHeaders(upstream, now())
      const id = upstream["x-request-id"] ?? upstream["request-id"]
      if (id !== undefined) exchange.upstreamId = maskSecrets(id, context.secrets)
    }
    return {
      turn: exchange.stream === true ? turnStream(context, remember) : wholeTurn(context, remember),
      limits: candidate.timeouts,
      broken: (cause) => brokenAnswer(cause, about()),
      send: attemptAt(http, request, about).pipe(
        Effect.mapBoth({
          onSuccess: (open) => {
            seen(open.headers)
            return open.body
          },
          onFailure: (failed) => {
            seen(failed.headers ?? {})
            return failed.error
          }
        })
      )
    }
  })
  return Effect.mapBoth(carried, {
    onFailure: (error) => new Refused({ error, headers }),
    onSuccess: (relay) => ({ relay, headers })
  })
}

/** The candidate's answer to the conversation, or why there is none. */
export const answer = (
  tools: AnswerTools,
  exchange: Exchange,
  attempt: Attempt,
  scope: Scope.Scope,
  conversation: Conversation,
  candidate: TranslatedCandidate
): Effect.Effect<Won, Refused> => {
  const session = conversation.sessionId
  const keeps = replays(candidate)
  const remember: Remember | undefined = keeps ? (thoughts) => tools.memory.remember(session, thoughts) : undefined
  const known = keeps ? withRecalled(conversation, tools.memory.recall(session)) : conversation
  const history = exchange.unsealed === true ? withoutSeals(known) : known
  const complete = candidate.target.policy.pdf === "text" ? tools.pdfs.read(history) : Effect.succeed(history)
  const encoding = Effect.flatMap(complete, (whole) => orRefuse(encodeFor(candidate.protocol, whole, candidate.target)))
  return Effect.flatMap(encoding, (encoded) => {
    const { context, local, losses } = encoded
    exchange.losses = losses
    if (local !== undefined) {
      const own = localAnswer(context, local)
      if (conversation.stream) return Effect.succeed(wonWhole(own.stream, sseHeaders))
      return Effect.map(orRefuse(own.answer), ({ message }) => wonWhole(JSON.stringify(message), jsonHeaders))
    }
    return Effect.map(
      relayed(tools, exchange, attempt, scope, candidate, encoded, remember),
      ({ headers, relay }): Won => {
        attempt.began()
        return conversation.stream
          ? { _tag: "stream", relay, headers }
          : wonWhole(relay.take(), { ...jsonHeaders, ...headers })
      }
    )
  })
}
