/** One candidate's answer in the client's own protocol: what the client says goes out, what comes is handed on. */
import type { HttpServerRequest } from "@effect/platform"
import { Effect, type Scope } from "effect"
import { failureBody, failureUnderSuccess, requestHeaders, responseHeaders } from "../protocol/anthropic/forwarded.ts"
import { modelEdits, type Survey, thinkingOff } from "../protocol/anthropic/splice.ts"
import { stripOwn } from "../protocol/anthropic/strip.ts"
import { type About, fromErrorObject, fromTransport, fromUpstream, type GatewayError } from "../protocol/errors.ts"
import { withEdits } from "../protocol/jsonEdits.ts"
import { lossLog } from "../protocol/loss.ts"
import { brokenAnswer, transportFailure } from "../upstream/attempt.ts"
import type { UpstreamRequest, UpstreamResponse } from "../upstream/UpstreamHttp.ts"
import type { Attempt } from "./Attempt.ts"
import type { PassCandidate } from "./candidates.ts"
import { type AnswerTools, carry } from "./carry.ts"
import type { Exchange } from "./Exchange.ts"
import { passTurn, type StreamWords } from "./passTurn.ts"
import { bytesOf } from "./Piece.ts"
import { Refused } from "./Refused.ts"
import type { Won } from "./Won.ts"

/** What the client wants to be handed on. */
export interface Forward {
  readonly method: "GET" | "POST"
  /** Behind `/v1/`. */
  readonly path: string
  /** As the client wrote it, without its `?`. */
  readonly query: string
  /** The client's. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Absent for a GET. */
  readonly body?: Uint8Array
}

/** What of a client's request is handed on whatever it asks for. A HEAD is answered by what a GET would bring. */
export const forwardOf = (
  request: HttpServerRequest.HttpServerRequest
): Pick<Forward, "method" | "query" | "headers"> => {
  const at = request.url.indexOf("?")
  return {
    method: request.method === "POST" ? "POST" : "GET",
    query: at === -1 ? "" : request.url.slice(at + 1),
    headers: request.headers
  }
}

/**
 * The body that goes to a candidate: with its model, and without what claudex itself put into the conversation for
 * other providers, and what cannot be asked for without that. Everything else is byte for byte the client's.
 */
export const bodyFor = (exchange: Exchange, body: Uint8Array, survey: Survey, candidate: PassCandidate): Uint8Array => {
  const { lose, losses } = lossLog()
  const unsigned = candidate.signsReasoning
  const stripped = survey.mayHoldOwn
    ? survey.messages.map((messages) => stripOwn(body, messages, { unsigned }, lose))
    : []
  const off = stripped.at(-1)?.bare === true ? thinkingOff(body, survey, lose) : []
  exchange.losses = losses()
  const own = stripped.flatMap(({ edits }) => edits)
  return withEdits(body, [...modelEdits(body, survey, candidate.model), ...own, ...off])
}

const requestOf = ({ endpoint, timeouts }: PassCandidate, forward: Forward): UpstreamRequest => {
  const { body, method, path, query } = forward
  return {
    method,
    url: endpoint.url(path, query),
    headers: requestHeaders(forward.headers, endpoint.headers),
    connectTimeout: timeouts.connect,
    ...(body === undefined ? {} : { body })
  }
}

/** What the upstream said before its body. */
type Head = Pick<UpstreamResponse, "status" | "headers">

/** Records can be told apart, save in a compression that nobody here understands. */
const isStream = ({ headers, status }: UpstreamResponse): boolean =>
  status === 200 &&
  /^text\/event-stream\b/i.test(headers["content-type"] ?? "") &&
  /^(identity)?$/i.test(headers["content-encoding"] ?? "")

/** Somebody else answers: a login of the network, or the website of a provider. No answer of Anthropic's is a page. */
const isPage = ({ headers, status }: Head): boolean =>
  status < 400 && /^text\/html\b/i.test(headers["content-type"] ?? "")

const isRedirect = (status: number): boolean => status >= 300 && status < 400

/** What the client is told with an error that is not handed on as it came: limits, and whether to ask again. */
const followed = ({ headers }: Head): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => /^(?:anthropic-|x-should-retry$)/.test(name)))

/** Asks the candidate and hands its answer on; the failure of one with an error status holds it as it came. */
export const pass = (
  tools: AnswerTools,
  exchange: Exchange,
  attempt: Attempt,
  scope: Scope.Scope,
  forward: Forward,
  candidate: PassCandidate
): Effect.Effect<Won, Refused> => {
  const { model, profile, timeouts, window } = candidate
  const { secrets } = candidate.endpoint
  const request = requestOf(candidate, forward)
  const { host } = new URL(request.url)
  const turn = passTurn(profile.name)
  let head: Head | undefined
  const aboutAt = (now: number): About => ({
    provider: profile.name,
    model,
    host,
    secrets,
    now,
    ...(window === undefined ? {} : { window })
  })

  const carried = carry(tools, exchange, attempt, scope, (now) => {
    const about = () => aboutAt(now())
    /** A refusal whose body cannot be handed on still has its status. */
    const refusal = ({ headers, status }: Head) => fromUpstream({ status, headers, body: "" }, about())
    return {
      turn,
      limits: timeouts,
      broken: (cause) => (head !== undefined && head.status >= 400 ? refusal(head) : brokenAnswer(cause, about())),
      send: tools.network.send(request).pipe(
        Effect.mapError((error) => transportFailure(error, about())),
        Effect.flatMap((response) => {
          const { body, headers, status } = response
          head = { status, headers: responseHeaders(headers, secrets) }
          if (head.headers["request-id"] !== undefined) exchange.upstreamId = head.headers["request-id"]
          // followed by nobody: it would lead the key, and the client, to another place
          if (isRedirect(status)) return Effect.fail(refusal(response))
          const ofStream: StreamWords = {
            unfinished: () => fromTransport({ kind: "ended-early" }, about()),
            // with its headers: they may say when to ask again
            failed: (data) => fromUpstream({ status, headers, body: data }, about())
          }
          turn.begin(isStream(response) ? ofStream : undefined)
          return Effect.succeed(body)
        })
      )
    }
  })
  const refuse = (error: GatewayError) =>
    Effect.fail(new Refused({ error, ...(head === undefined ? {} : { headers: followed(head) }) }))
  return Effect.matchEffect(carried, {
    onFailure: refuse,
    onSuccess: (relay) => {
      const { headers = {}, status = 200 } = head ?? {}
      const relayed = { "x-claudex-request-id": exchange.id, ...headers }
      if (turn.streams()) {
        attempt.began()
        return Effect.succeed<Won>({ _tag: "stream", relay, headers: relayed })
      }
      const body = bytesOf(relay.take())
      const about = aboutAt(exchange.started)
      const isGood = status < 400 && !isPage({ headers, status })
      const untold = isGood && forward.method === "POST" ? failureUnderSuccess(body, about) : undefined
      if (untold !== undefined) return refuse(untold)
      if (isGood) {
        attempt.began()
        return Effect.succeed<Won>({ _tag: "whole", body, headers: relayed, status })
      }
      const shown = failureBody(body, secrets)
      const text = new TextDecoder().decode(shown)
      if (status < 400) return refuse(fromErrorObject(text, about))
      const error = fromUpstream({ status, headers, body: text }, about)
      return Effect.fail(new Refused({ error, verbatim: { body: shown, headers: relayed, status } }))
    }
  })
}
