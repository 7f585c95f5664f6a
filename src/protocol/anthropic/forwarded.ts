/**
 * What of an exchange is handed on when an Anthropic upstream is asked in the client's own words (wire specification
 * §1.1): headers by what they are for. A list of what goes and not of what stays, because a client may send anything;
 * `anthropic-*` and `x-claude-*` are open families.
 */
import { type About, endedEarly, fromErrorObject, gatewayError, type GatewayError } from "../errors.ts"
import { reportOf } from "../errorReport.ts"
import { isObject, parseJson } from "../json.ts"
import { hideSecrets } from "../secrets.ts"

type Headers = Readonly<Record<string, string>>

/** The client's words about itself and its request. No credential, no cookie, nothing that belongs to a connection. */
const request =
  /^(anthropic-[\w-]+|x-claude-[\w-]+|x-stainless-[\w-]+|x-app|user-agent|accept|content-type|idempotency-key|traceparent|tracestate|baggage)$/

/** The upstream's words about its answer and about when to ask again. */
const response =
  /^(anthropic-[\w-]+|request-id|retry-after|retry-after-ms|x-should-retry|content-type|content-encoding|cache-control)$/

const picked = (headers: Readonly<Record<string, string | undefined>>, which: RegExp): Headers =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value !== undefined && which.test(name) ? [[name, value]] : []))
  )

/** What the API demands of every request, and a client of our own might leave out. */
const demanded: Headers = { "content-type": "application/json", "anthropic-version": "2023-06-01" }

/**
 * The headers of the request that goes out: the client's, with ours (the key, and what the profile sets) in place of its
 * own. Betas add up: nobody can know which of them the other needs.
 */
export const requestHeaders = (client: Readonly<Record<string, string | undefined>>, ours: Headers): Headers => {
  const betas = [client["anthropic-beta"], ours["anthropic-beta"]].filter(
    (value) => value !== undefined && value !== ""
  )
  return {
    ...demanded,
    ...picked(client, request),
    ...ours,
    ...(betas.length === 0 ? {} : { "anthropic-beta": betas.join(",") })
  }
}

/** The headers of the answer, without the secrets that an upstream may repeat in them. */
export const responseHeaders = (upstream: Headers, secrets: ReadonlyArray<string>): Headers =>
  Object.fromEntries(
    Object.entries(picked(upstream, response)).map(([name, value]) => [name, hideSecrets(value, secrets)])
  )

const utf8 = new TextEncoder()

/** A failure's body: byte for byte as it came, unless a secret of ours occurs in it. */
export const failureBody = (body: Uint8Array, secrets: ReadonlyArray<string>): Uint8Array => {
  const text = new TextDecoder().decode(body)
  const hidden = hideSecrets(text, secrets)
  return hidden === text ? body : utf8.encode(hidden)
}

/** A larger body is an answer, and would cost time to read. */
const longestFailure = 1024 * 1024

/**
 * The failure that a whole body tells under a success status, as some who speak this protocol answer: nothing at all, an
 * error in place of a Message, or the beginning of one. Undefined for all else, which is the client's to judge.
 */
export const failureUnderSuccess = (body: Uint8Array, about: About): GatewayError | undefined => {
  if (body.length > longestFailure) return undefined
  const text = new TextDecoder().decode(body).trim()
  if (text === "") {
    return gatewayError("api_error", `${about.provider}: the provider sent an empty response`, { status: 502 })
  }
  if (!text.startsWith("{")) return undefined
  const value = parseJson(text)
  if (!isObject(value)) return endedEarly(about.provider)
  const isAnswer = Array.isArray(value["content"]) || reportOf(value).message === ""
  return isAnswer ? undefined : fromErrorObject(value, about)
}
