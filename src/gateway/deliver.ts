/**
 * Brings the client its answer, or keeps it company until there is one: who waits long for a stream gets headers and pings,
 * while candidates can still be asked one after the other.
 */
import type { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Cause, Deferred, Effect, Exit, FiberId, Option, type Scope } from "effect"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import type { AnswerTools } from "./carry.ts"
import type { Decision } from "./decision.ts"
import type { Exchange } from "./Exchange.ts"
import type { Refused } from "./Refused.ts"
import { exchangeHeaders } from "./respond.ts"
import { Waiting } from "./Waiting.ts"
import { sseHeaders, type WireShape } from "./Wire.ts"
import type { Won } from "./Won.ts"

type Response = HttpServerResponse.HttpServerResponse
type Request = HttpServerRequest.HttpServerRequest

/** Without any answer by then, the client of a stream is told that one will come. Milliseconds. */
const commitAfter = 10_000

/** The answer on its way to the client. */
export const respondWith = (
  tools: AnswerTools,
  exchange: Exchange,
  request: Request,
  won: Won
): Effect.Effect<Response> => {
  if (won._tag === "whole") {
    exchange.status = won.status
    return Effect.sync(() => tools.wire.whole(won.body, { ...exchangeHeaders(exchange), ...won.headers }, won.status))
  }
  exchange.status = 200
  return tools.wire.stream(request, won.relay, { ...sseHeaders, ...exchangeHeaders(exchange), ...won.headers })
}

const internal = gatewayError("api_error", "claudex: an internal error")

/** The client has its headers: what was found goes behind them. */
const settle = (waiting: Waiting, exchange: Exchange, exit: Exit.Exit<Won, Refused>): void => {
  if (Exit.isFailure(exit)) {
    const refused = Option.getOrUndefined(Cause.failureOption(exit.cause))
    if (refused === undefined && Cause.isInterruptedOnly(exit.cause)) return
    const error = refused?.error ?? internal
    exchange.failure = `${error.type}: ${error.message}`
    if (refused === undefined) exchange.defect = Cause.squash(exit.cause)
    return waiting.failed(error)
  }
  const won = exit.value
  if (won._tag === "stream") return waiting.found(won.relay)
  if (/^text\/event-stream\b/.test(won.headers["content-type"] ?? "")) return waiting.whole(won.body)
  const error = gatewayError("api_error", `${exchange.profile}: the provider did not answer with a stream`)
  exchange.failure = `${error.type}: ${error.message}`
  waiting.failed(error)
}

type Wait = Effect.Effect<Won, Refused>

/** What a client that waited for long gets before it is known who answers. */
const earlyHeaders = (exchange: Exchange) => ({ ...sseHeaders, "request-id": exchange.id })

/** The client's response begins while the answer is still looked for, by the same fiber. */
const begun = (
  tools: AnswerTools,
  begin: NonNullable<WireShape["begin"]>,
  exchange: Exchange,
  request: Request,
  commitAt: number,
  now: () => number,
  won: Wait
) => {
  let waiting: Waiting | undefined
  let end: Effect.Effect<Response> | undefined
  let isFound = false
  const unwatch = tools.timekeeper.watch({
    tick: () => {
      if (isFound) return undefined
      if (waiting !== undefined) return waiting.tick()
      if (now() < commitAt) return commitAt - now()
      exchange.status = 200
      waiting = new Waiting(now)
      end = begin(request, waiting, earlyHeaders(exchange))
      return waiting.tick()
    }
  })
  const late = (exit: Exit.Exit<Won, Refused>): Effect.Effect<Response> | undefined => {
    isFound = true
    if (waiting !== undefined) settle(waiting, exchange, exit)
    return end
  }
  const answer = Effect.matchCauseEffect(won, {
    onFailure: (cause) => late(Exit.failCause(cause)) ?? Effect.failCause(cause),
    onSuccess: (one) => late(Exit.succeed(one)) ?? respondWith(tools, exchange, request, one)
  })
  return { answer, unwatch, isLooking: () => waiting !== undefined && !isFound }
}

/** The same where a response cannot begin early: the answer is looked for in a fiber of its own, which costs more. */
const forked = (
  tools: AnswerTools,
  exchange: Exchange,
  request: Request,
  scope: Scope.Scope,
  commitAt: number,
  now: () => number,
  won: Wait
) => {
  const first = Deferred.unsafeMake<Exit.Exit<Won, Refused> | Waiting>(FiberId.none)
  let waiting: Waiting | undefined
  let isFound = false
  const found = (exit: Exit.Exit<Won, Refused>) => {
    isFound = true
    if (waiting === undefined) Deferred.unsafeDone(first, Exit.succeed(exit))
    else settle(waiting, exchange, exit)
  }
  const unwatch = tools.timekeeper.watch({
    tick: () => {
      if (waiting !== undefined) return waiting.tick()
      if (isFound) return undefined
      if (now() < commitAt) return commitAt - now()
      waiting = new Waiting(now)
      Deferred.unsafeDone(first, Exit.succeed(waiting))
      return waiting.tick()
    }
  })
  const answer = Effect.forkIn(Effect.map(Effect.exit(won), found), scope).pipe(
    Effect.zipRight(Deferred.await(first)),
    Effect.flatMap((what) => {
      if (!(what instanceof Waiting)) return Effect.flatMap(what, (one) => respondWith(tools, exchange, request, one))
      exchange.status = 200
      return tools.wire.stream(request, what, earlyHeaders(exchange))
    })
  )
  return { answer, unwatch, isLooking: () => waiting !== undefined && !isFound }
}

/** `cut` is made when the gateway goes and the request must come to its end. */
export const deliver = (
  tools: AnswerTools,
  exchange: Exchange,
  request: Request,
  scope: Scope.Scope,
  now: () => number,
  cut: Decision<GatewayError>,
  won: Wait
): Effect.Effect<Response, Refused> => {
  exchange.ends.push(tools.lifecycle.track(cut.made))
  if (exchange.stream !== true) return Effect.flatMap(won, (one) => respondWith(tools, exchange, request, one))
  const { begin } = tools.wire
  const commitAt = now() + commitAfter
  const { answer, isLooking, unwatch } =
    begin === undefined
      ? forked(tools, exchange, request, scope, commitAt, now, won)
      : begun(tools, begin, exchange, request, commitAt, now, won)
  exchange.ends.push(() => {
    unwatch()
    // nothing was found, and nothing failed: nobody waits for it any more
    if (isLooking()) exchange.clientGone = true
  })
  return answer
}
