/** One candidate's answer. The only place where the network, the translation and time meet. */
import { Clock, Context, Deferred, DefaultServices, Effect, Exit, Scope } from "effect"
import { type HttpServerResponse } from "@effect/platform"
import { encodeRequest } from "../protocol/chat/request.ts"
import type { Conversation } from "../protocol/conversation.ts"
import { type About, fromTransport, type GatewayError, maskSecrets, rateLimitHeaders } from "../protocol/errors.ts"
import type { Encoded } from "../protocol/target.ts"
import { turnStream } from "../protocol/translate.ts"
import { isOffline } from "../provider/endpoint.ts"
import { attempt, transportFailure } from "../upstream/attempt.ts"
import { jsonBytes } from "../upstream/jsonBytes.ts"
import type { UpstreamHttp, UpstreamRequest } from "../upstream/UpstreamHttp.ts"
import type { Candidate } from "./candidates.ts"
import type { Exchange } from "./Exchange.ts"
import type { Lifecycle } from "./Lifecycle.ts"
import { localStream, localWhole } from "./local.ts"
import { orRefuse, Refused } from "./Refused.ts"
import { Relay } from "./Relay.ts"
import { exchangeHeaders, jsonText, sseText } from "./respond.ts"
import type { Timekeeper } from "./Timekeeper.ts"
import { wholeTurn } from "./wholeTurn.ts"
import { sseHeaders, type WireShape } from "./Wire.ts"

export interface AnswerTools {
  readonly network: typeof UpstreamHttp.Service
  /** Answers profiles that need no network. */
  readonly offline: typeof UpstreamHttp.Service
  readonly lifecycle: typeof Lifecycle.Service
  readonly timekeeper: Timekeeper
  readonly wire: WireShape
}

const requestOf = (candidate: Candidate, { body, headers: own }: Encoded, size: number): UpstreamRequest => {
  const { endpoint, strip, timeouts } = candidate
  const { headers, url } = endpoint
  const sent =
    strip.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([field]) => !strip.includes(field)))
  return { url, headers: { ...own, ...headers }, body: jsonBytes(sent, size), connectTimeout: timeouts.connect }
}

const aboutOf = (candidate: Candidate, { context, maxTokens }: Encoded, now: number): About => {
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

interface Relayed {
  readonly relay: Relay
  /** Of the provider's answer, for the client. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends the request and waits until it is decided what the client gets: a relay that carries the answer, or the error.
 * The scope owns everything: when it closes, the upstream's connection does too.
 */
const relayed = (
  tools: AnswerTools,
  exchange: Exchange,
  candidate: Candidate,
  encoded: Encoded
): Effect.Effect<Relayed, Refused, Scope.Scope> =>
  Effect.withFiberRuntime((fiber) => {
    const scope = Context.unsafeGet(fiber.currentContext, Scope.Scope)
    const clock = Context.get(fiber.getFiberRef(DefaultServices.currentServices), Clock.Clock)
    const now = () => clock.unsafeCurrentTimeMillis()
    const about = () => aboutOf(candidate, encoded, now())
    let headers: Readonly<Record<string, string>> = {}
    const seen = (upstream: Readonly<Record<string, string>>) => {
      headers = rateLimitHeaders(upstream, now())
      const id = upstream["x-request-id"] ?? upstream["request-id"]
      if (id !== undefined) exchange.upstreamId = maskSecrets(id, encoded.context.secrets)
    }

    const decision = Deferred.unsafeMake<void, GatewayError>(fiber.id())
    const turn = exchange.stream === true ? turnStream(encoded.context) : wholeTurn(encoded.context)
    const relay = new Relay(turn, candidate.timeouts, {
      now,
      decided: (failure) => Deferred.unsafeDone(decision, failure === undefined ? Exit.void : Exit.fail(failure)),
      crashed: (cause) => {
        exchange.defect = cause
      },
      broken: (cause) =>
        typeof cause === "string" ? fromTransport({ kind: cause }, about()) : transportFailure(cause, about())
    })
    const untrack = tools.lifecycle.track((error) => relay.abort(error))
    const unwatch = tools.timekeeper.watch(relay)

    const http = isOffline(candidate.profile) ? tools.offline : tools.network
    const sending = attempt(http, requestOf(candidate, encoded, exchange.size ?? 0), about).pipe(
      Effect.match({
        onSuccess: (open) => {
          seen(open.headers)
          relay.attach(open.body)
        },
        onFailure: (failed) => {
          seen(failed.headers ?? {})
          relay.abort(failed.error)
        }
      }),
      Effect.catchAllDefect((cause) => Effect.sync(() => relay.crash(cause)))
    )
    const over = Effect.sync(() => {
      relay.cancel()
      untrack()
      unwatch()
      if (relay.wasAbandoned()) exchange.clientGone = true
      const [firstByte, usage, failure] = [relay.firstByte(), turn.usage(), turn.failure()]
      if (firstByte !== undefined) exchange.firstByte = firstByte
      if (usage !== undefined) exchange.usage = usage
      if (failure !== undefined) exchange.failure = `${failure.type}: ${failure.message}`
    })
    return Scope.addFinalizer(scope, over).pipe(
      Effect.zipRight(Effect.forkIn(sending, scope)),
      Effect.zipRight(Deferred.await(decision)),
      Effect.matchEffect({
        onFailure: (error) => new Refused({ error, headers }),
        onSuccess: () => Effect.succeed({ relay, headers })
      })
    )
  })

/** The candidate's answer to the conversation, or why there is none. */
export const answer = (
  tools: AnswerTools,
  exchange: Exchange,
  conversation: Conversation,
  candidate: Candidate
): Effect.Effect<HttpServerResponse.HttpServerResponse, Refused, Scope.Scope> => {
  exchange.profile = candidate.profile.name
  exchange.served = candidate.model
  exchange.reason = candidate.reason
  exchange.stream = conversation.stream
  return Effect.flatMap(orRefuse(encodeRequest(conversation, candidate.target)), (encoded) => {
    const { context, local, losses } = encoded
    exchange.losses = losses
    if (local !== undefined) {
      return Effect.succeed(
        conversation.stream
          ? sseText(exchange, localStream(context, local))
          : jsonText(exchange, localWhole(context, local))
      )
    }
    return Effect.map(relayed(tools, exchange, candidate, encoded), ({ headers, relay }) => {
      exchange.status = 200
      if (!conversation.stream) {
        const json = { "content-type": "application/json", ...exchangeHeaders(exchange), ...headers }
        return tools.wire.whole(relay.take(), json)
      }
      return tools.wire.stream(relay, { ...sseHeaders, ...exchangeHeaders(exchange), ...headers })
    })
  })
}
