/** One candidate's answer to a conversation, translated. */
import { Effect, type Scope } from "effect"
import type { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import type { Conversation } from "../protocol/conversation.ts"
import { encodeFor } from "../protocol/encode.ts"
import { type About, maskSecrets, rateLimitHeaders } from "../protocol/errors.ts"
import type { Encoded } from "../protocol/target.ts"
import { withRecalled } from "../protocol/recall.ts"
import { localAnswer, type Remember, turnStream } from "../protocol/translate.ts"
import { isOffline } from "../provider/endpoint.ts"
import { attempt, brokenAnswer } from "../upstream/attempt.ts"
import { jsonBytes } from "../upstream/jsonBytes.ts"
import type { UpstreamRequest } from "../upstream/UpstreamHttp.ts"
import { type AnswerTools, carry } from "./carry.ts"
import type { TranslatedCandidate } from "./candidates.ts"
import type { Exchange } from "./Exchange.ts"
import { orRefuse, Refused } from "./Refused.ts"
import type { Relay } from "./Relay.ts"
import { exchangeHeaders, jsonText, sseText } from "./respond.ts"
import { wholeTurn } from "./wholeTurn.ts"
import { sseHeaders } from "./Wire.ts"

const requestOf = (candidate: TranslatedCandidate, { body, headers: own }: Encoded, size: number): UpstreamRequest => {
  const { endpoint, timeouts } = candidate
  const { headers, url } = endpoint
  return { url, headers: { ...own, ...headers }, body: jsonBytes(body, size), connectTimeout: timeouts.connect }
}

const aboutOf = (candidate: TranslatedCandidate, { context, maxTokens }: Encoded, now: number): About => {
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

interface Relayed {
  readonly relay: Relay
  /** Of the provider's answer, for the client. */
  readonly headers: Readonly<Record<string, string>>
}

/** Sends the request and waits until it is decided whether the client gets the answer or an error. */
const relayed = (
  tools: AnswerTools,
  exchange: Exchange,
  candidate: TranslatedCandidate,
  encoded: Encoded,
  remember: Remember | undefined
): Effect.Effect<Relayed, Refused, Scope.Scope> => {
  let headers: Readonly<Record<string, string>> = {}
  const http = isOffline(candidate.profile) ? tools.offline : tools.network
  const carried = carry(tools, exchange, (now) => {
    const about = () => aboutOf(candidate, encoded, now())
    const seen = (upstream: Readonly<Record<string, string>>) => {
      headers = rateLimitHeaders(upstream, now())
      const id = upstream["x-request-id"] ?? upstream["request-id"]
      if (id !== undefined) exchange.upstreamId = maskSecrets(id, encoded.context.secrets)
    }
    return {
      turn: exchange.stream === true ? turnStream(encoded.context, remember) : wholeTurn(encoded.context, remember),
      limits: candidate.timeouts,
      broken: (cause) => brokenAnswer(cause, about()),
      send: attempt(http, requestOf(candidate, encoded, exchange.size ?? 0), about).pipe(
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
  request: HttpServerRequest.HttpServerRequest,
  conversation: Conversation,
  candidate: TranslatedCandidate
): Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope> => {
  exchange.stream = conversation.stream
  const session = conversation.sessionId
  const keeps = replays(candidate)
  const remember: Remember | undefined = keeps ? (thoughts) => tools.memory.remember(session, thoughts) : undefined
  const history = keeps ? withRecalled(conversation, tools.memory.recall(session)) : conversation
  const complete = candidate.target.policy.pdf === "text" ? tools.pdfs.read(history) : Effect.succeed(history)
  const encoding = Effect.flatMap(complete, (whole) => orRefuse(encodeFor(candidate.protocol, whole, candidate.target)))
  return Effect.flatMap(encoding, (encoded) => {
    const { context, local, losses } = encoded
    exchange.losses = losses
    if (local !== undefined) {
      const own = localAnswer(context, local)
      return conversation.stream
        ? Effect.succeed(sseText(exchange, own.stream))
        : Effect.map(orRefuse(own.answer), ({ message }) => jsonText(exchange, JSON.stringify(message)))
    }
    return Effect.flatMap(relayed(tools, exchange, candidate, encoded, remember), ({ headers, relay }) => {
      exchange.status = 200
      if (!conversation.stream) {
        const json = { "content-type": "application/json", ...exchangeHeaders(exchange), ...headers }
        return Effect.succeed(tools.wire.whole(relay.take(), json))
      }
      return tools.wire.stream(request, relay, { ...sseHeaders, ...exchangeHeaders(exchange), ...headers })
    })
  })
}
