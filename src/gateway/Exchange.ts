/** What is remembered of one request while it is served, and the line that is written when it is over. */
import { Cause, Effect, FiberRef, LogLevel } from "effect"
import type { Price } from "../domain/Cost.ts"
import type { AttemptRecord } from "../domain/RequestRecord.ts"
import type { Usage } from "../domain/Usage.ts"
import type { Loss } from "../protocol/loss.ts"
import { maskSecrets } from "../protocol/errors.ts"
import { freshId } from "../protocol/ids.ts"
import { profilesPart } from "./requestLine.ts"

/** Filled in as the request goes its way. Holds no prompt, no answer and no secret. */
export interface Exchange {
  readonly id: string
  readonly method: string
  /** The path without its query. */
  readonly path: string
  /** Epoch milliseconds. */
  readonly started: number
  /** Bytes of the request's body. */
  size?: number
  /** The client's session, and its subagent. */
  session?: string
  agent?: string
  /** An answer of a model is asked for, by somebody who may: there will be a record of it. */
  asksModel?: boolean
  /** The profile in the path, and the one that answers. */
  named?: string
  profile?: string
  /** Who was asked, in order; at least one when the request got as far as that. */
  readonly attempts: Array<AttemptRecord>
  /** How many times a provider was asked. */
  tries?: number
  /** The model as the client named it, and as the provider knows it. */
  asked?: string
  served?: string
  /** A provider could not read reasoning that it got back: it is asked without that. */
  unsealed?: boolean
  /** Why this profile was chosen. */
  reason?: string
  stream?: boolean
  /** What the provider did not get as the client sent it. */
  losses?: ReadonlyArray<Loss>
  status?: number
  /** The provider's id of the request: of the one that was asked last. */
  upstreamId?: string | undefined
  firstByte?: number
  usage?: Usage
  /** Of the model that answers. */
  price?: Price | undefined
  /** Why it failed, in the client's words; also for an answer that broke off after a success status. */
  failure?: string
  clientGone?: boolean
  /** A fault of claudex itself. */
  defect?: unknown
  /**
   * What is done when the request is over, however it ends; the last first. Plain functions that cannot fail: a finalizer of
   * the scope for each of them costs more than they do.
   */
  readonly ends: Array<() => void>
}

export const openExchange = (method: string, url: string, started: number): Exchange => ({
  id: freshId("req_"),
  method,
  path: url.split("?", 1)[0] ?? url,
  attempts: [],
  ends: [],
  started
})

/** Does what is left to be done when the request is over. */
export const closeExchange = ({ ends }: Exchange): void => {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) end()
}

/** What a client or a provider said, at length or not: one line of a log, and no orders to a terminal. */
const shorten = (text: string): string =>
  (text.length > 300 ? `${text.slice(0, 300)}…` : text).replace(/[\s\p{Cc}]+/gu, " ")

const tokens = ({ cacheReadTokens, cacheWriteTokens, inputTokens, outputTokens }: Usage): string =>
  `${inputTokens + cacheReadTokens + cacheWriteTokens} in (${cacheReadTokens} cached) ${outputTokens} out`

/** The provider answered a request for an answer and said nothing of tokens: what the client was told is our estimate. */
const isUncounted = ({ asked, clientGone, failure, firstByte }: Exchange): boolean =>
  asked !== undefined && firstByte !== undefined && failure === undefined && clientGone !== true

/** What only someone who looks for a fault wants to know. */
const detailsOf = (exchange: Exchange): string =>
  [
    exchange.size === undefined ? "" : `${exchange.size} bytes`,
    exchange.stream === true ? "stream" : "",
    exchange.profile ?? "",
    exchange.reason ?? "",
    exchange.upstreamId === undefined ? "" : `provider's id ${exchange.upstreamId}`
  ]
    .filter((part) => part !== "")
    .join(", ")

/** One line for people. */
const lineOf = (exchange: Exchange, now: number): string =>
  [
    exchange.id,
    exchange.method,
    exchange.path,
    exchange.clientGone === true ? "client gone" : String(exchange.status ?? 500),
    profilesPart([exchange.named, ...exchange.attempts.map(({ profile }) => profile), exchange.profile]),
    exchange.asked === undefined ? "" : `${shorten(exchange.asked)} → ${shorten(exchange.served ?? "?")}`,
    exchange.firstByte === undefined ? "" : `first byte ${exchange.firstByte - exchange.started} ms`,
    `${now - exchange.started} ms`,
    exchange.usage === undefined ? (isUncounted(exchange) ? "usage not reported" : "") : tokens(exchange.usage),
    exchange.failure === undefined ? "" : `failed: ${shorten(exchange.failure)}`
  ]
    .filter((part) => part !== "")
    .join(" ")

/** Requests for an answer are worth a line; the rest is for debugging. */
const levelOf = (exchange: Exchange): LogLevel.LogLevel =>
  exchange.failure !== undefined ? LogLevel.Warning : exchange.asked === undefined ? LogLevel.Debug : LogLevel.Info

const lossLine = ({ kind, path, what, why }: Loss): string => `${kind} ${path}: ${what} (${why})`

/** What was lost, for those who look for it. */
const logLosses = ({ id, losses = [] }: Exchange): Effect.Effect<void> =>
  losses.length === 0 ? Effect.void : Effect.logDebug([`${id} losses`, ...losses.map(lossLine)].join("\n  "))

/** Writes the exchange's line to the logger at hand, and what went wrong inside. */
export const logExchange = (exchange: Exchange, now: number): Effect.Effect<void> =>
  Effect.withFiberRuntime((fiber) => {
    const level = levelOf(exchange)
    const wanted = fiber.getFiberRef(FiberRef.currentMinimumLogLevel)
    if (LogLevel.lessThan(level, wanted)) return Effect.void
    const debugging = LogLevel.lessThanEqual(wanted, LogLevel.Debug)
    const details = debugging ? ` [${detailsOf(exchange)}]` : ""
    const written = Effect.logWithLevel(level, lineOf(exchange, now) + details)
    const line = debugging ? Effect.zipRight(written, logLosses(exchange)) : written
    if (exchange.defect === undefined) return line
    const defect = maskSecrets(Cause.pretty(Cause.die(exchange.defect)))
    return Effect.zipRight(line, Effect.logError(`${exchange.id} ${defect}`))
  })
