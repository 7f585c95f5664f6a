/**
 * Upstream failures as the client must see them (wire specification §6). Every function here is total: any status,
 * headers and body give an error of the closed set, with words and without secrets.
 */
import { type ErrorReport, readReport, reportOf } from "./errorReport.ts"
import { type ErrorType, type GatewayError, gatewayError } from "./gatewayError.ts"
import { findOverflow, isThrottling, type Overflow } from "./overflow.ts"
import { type Headers, retryAfter } from "./retryAfter.ts"
import { maskSecrets } from "./secrets.ts"

/** An HTTP answer that is a failure: an error status, or a success status with an error in the body. */
export interface UpstreamFailure {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** What error messages about an exchange may name, and what fills the gaps in a provider's own words. */
export interface About {
  /** The profile's name. */
  readonly provider: string
  /** The model asked for, in the provider's spelling. */
  readonly model: string
  readonly host?: string
  /** Local estimate of the prompt in tokens. */
  readonly estimate?: number
  /** The model's context window in tokens. */
  readonly window?: number
  readonly maxTokens?: number
  /** Credentials of this exchange, hidden wherever a provider repeats them; secrets of a known look need not be named. */
  readonly secrets?: ReadonlyArray<string>
  /** Epoch milliseconds. */
  readonly now: number
}

/** What the client gets for a kind of failure. */
interface Verdict {
  readonly type: ErrorType
  readonly status?: number
  readonly shouldRetry?: boolean
}

const invalid: Verdict = { type: "invalid_request_error" }
const wrongKey: Verdict = { type: "authentication_error", shouldRetry: false }
const noMoney: Verdict = { type: "billing_error", shouldRetry: false }
const forbidden: Verdict = { type: "permission_error", shouldRetry: false }
const unknownModel: Verdict = { type: "not_found_error", shouldRetry: false }
const tooFast: Verdict = { type: "rate_limit_error" }
const usedUp: Verdict = { type: "rate_limit_error", shouldRetry: false }
const internal: Verdict = { type: "api_error" }
const badGateway: Verdict = { type: "api_error", status: 502 }
const timeout: Verdict = { type: "timeout_error" }
const overloaded: Verdict = { type: "overloaded_error" }

const byStatus: ReadonlyMap<number, Verdict> = new Map([
  [401, wrongKey],
  [402, noMoney],
  [403, forbidden],
  [404, unknownModel],
  [407, forbidden],
  [408, timeout],
  [409, { type: "conflict_error" }],
  [410, unknownModel],
  [413, { type: "request_too_large" }],
  [429, tooFast],
  [451, forbidden],
  [500, internal],
  [501, invalid],
  [503, overloaded],
  [504, timeout],
  // Cloudflare's "connection timed out" and "a timeout occurred"
  [522, timeout],
  [524, timeout],
  [529, overloaded]
])

const statusVerdict = (status: number): Verdict =>
  byStatus.get(status) ?? (status >= 400 && status < 500 ? invalid : badGateway)

/** Codes that mean more than the status they come with, first match wins. */
const decisiveCodes: ReadonlyArray<readonly [RegExp, Verdict]> = [
  [/^insufficient_(?:user_)?(?:quota|balance|credits?|funds)|^billing|^payment_required/, noMoney],
  [/^usage_limit_reached$/, usedUp],
  [/^usage_not_included$/, forbidden],
  [/overloaded|^slow_down$/, overloaded]
]

/** Words that mean more than the statuses with which they were seen. */
const decisiveWords: ReadonlyArray<{
  readonly words: RegExp
  readonly when: (status: number) => boolean
  readonly verdict: Verdict
}> = [
  {
    words: /insufficient (?:account )?(?:balance|credits?|funds)|credit balance is too low|used all available credits/i,
    when: () => true,
    verdict: noMoney
  },
  {
    // xAI and Gemini answer 400 to a wrong key
    words: /incorrect api key|api key not valid|invalid api key|api_key_invalid/i,
    when: (status) => status === 400,
    verdict: wrongKey
  },
  {
    words: /is not a valid model id|model not exist/i,
    when: (status) => status === 400,
    verdict: unknownModel
  },
  {
    words: /model is (?:currently |still )?loading|over capacity|overloaded/i,
    when: (status) => status >= 500,
    verdict: overloaded
  }
]

/** Codes by themselves, where no HTTP status tells: error objects inside a 200 or a stream. */
const plainCodes: ReadonlyArray<readonly [RegExp, Verdict]> = [
  [/authentication|unauthenticated|unauthorized|invalid_api_key/, wrongKey],
  [/permission|forbidden|access_denied/, forbidden],
  [/model_not_found|not_?found/, unknownModel],
  [/rate_?limit|too_many_requests|resource_exhausted|throttl/, tooFast],
  [/request_too_large/, { type: "request_too_large" }],
  [/timeout|deadline_exceeded/, timeout],
  [/unavailable/, overloaded],
  [/invalid_?(?:request|argument|prompt)|bad_?request|context_length_exceeded/, invalid],
  [/^(?:api_error|server_error|internal.*)$/, internal]
]

const byCode = (table: ReadonlyArray<readonly [RegExp, Verdict]>, { codes }: ErrorReport): Verdict | undefined =>
  table.find(([pattern]) => codes.some((code) => pattern.test(code)))?.[1]

/** Asking again cannot help when one request alone is over the limit of a minute. */
const isOverMinuteLimit = (message: string): boolean => {
  const [, limit, requested] = /limit:? (\d+).{0,40}?requested:? (\d+)/i.exec(message) ?? []
  return limit !== undefined && requested !== undefined && Number(requested) > Number(limit)
}

/** `status` is undefined when only the body tells. */
const judge = (status: number | undefined, report: ErrorReport): Verdict => {
  const decisive = byCode(decisiveCodes, report)
  if (decisive !== undefined) return decisive
  const effective = status ?? report.status
  const worded = decisiveWords.find(({ words, when }) => when(effective ?? 500) && words.test(report.message))
  if (worded !== undefined) return worded.verdict
  const plain = byCode(plainCodes, report)
  const isThrottled = plain === tooFast || (effective === 413 && isThrottling(report.message))
  if (effective === undefined) return plain ?? (isThrottling(report.message) ? tooFast : badGateway)
  const verdict = isThrottled && [400, 413, 422].includes(effective) ? tooFast : statusVerdict(effective)
  return verdict === tooFast && isOverMinuteLimit(report.message) ? usedUp : verdict
}

const mayOverflow = (status: number | undefined): boolean =>
  status === undefined || [400, 413, 422, 500].includes(status)

/** Claude Code 2.1.330 asks again with what is left less 1000, and gives up for good when that is less than 3000. */
const leastRoom = 4000

/** The sentences that make Claude Code compact, or ask again with a smaller `max_tokens`. */
const overflowSentence = (overflow: Overflow, about: About): string => {
  const limit = overflow.limit ?? about.window
  const { parts } = overflow
  if (parts !== undefined && limit !== undefined && parts.input + parts.output > limit) {
    if (parts.input + leastRoom <= limit) {
      return `input length and \`max_tokens\` exceed context limit: ${parts.input} + ${parts.output} > ${limit}`
    }
  }
  const phrase = "prompt is too long"
  if (limit === undefined) return phrase
  const { excess } = overflow
  const stated = overflow.tokens ?? (excess === undefined ? undefined : limit + excess)
  // An estimate may be too low, but the provider has just said that the limit was passed.
  const tokens = stated ?? (about.estimate === undefined ? undefined : Math.max(about.estimate, limit + 1))
  return tokens === undefined || tokens <= limit ? phrase : `${phrase}: ${tokens} tokens > ${limit} maximum`
}

const maxMessage = 2000

/** At most `maxMessage` characters, never half of one. */
const shorten = (text: string): string => {
  if (text.length <= maxMessage) return text
  const cut = text.slice(0, maxMessage)
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}

const sentence = (text: string): string => (/[.!?…。]$/.test(text) ? text : `${text}.`)

const advice = ({ type }: Verdict, about: About): string | undefined => {
  switch (type) {
    case "authentication_error":
      return `Check the API key of profile "${about.provider}".`
    case "not_found_error": {
      const place = about.host === undefined ? "" : ` at ${about.host}`
      return `Asked for model "${about.model}"${place}: check the model name and the base URL of profile "${about.provider}".`
    }
    default:
      return undefined
  }
}

const isRetryable = ({ type, status }: GatewayError): boolean =>
  status >= 500 || type === "rate_limit_error" || type === "conflict_error"

const build = (
  status: number | undefined,
  headers: Headers,
  report: ErrorReport,
  fallback: string,
  about: About
): GatewayError => {
  const words = `${about.provider}: ${shorten(maskSecrets(report.message === "" ? fallback : report.message, about.secrets))}`
  const overflow = mayOverflow(status ?? report.status) ? findOverflow(report) : undefined
  if (overflow !== undefined)
    return gatewayError("invalid_request_error", `${overflowSentence(overflow, about)}. ${words}`)
  const verdict = judge(status, report)
  const next = advice(verdict, about)
  const { type, ...extra } = verdict
  const error = gatewayError(type, next === undefined ? words : `${sentence(words)} ${next}`, extra)
  const wait = isRetryable(error) ? retryAfter(headers, report, about.now, type === "rate_limit_error") : undefined
  return wait === undefined ? error : { ...error, retryAfter: wait }
}

const phrases: ReadonlyMap<number, string> = new Map([
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [402, "Payment Required"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [413, "Content Too Large"],
  [422, "Unprocessable Content"],
  [429, "Too Many Requests"],
  [500, "Internal Server Error"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [529, "Overloaded"]
])

const isRedirect = (status: number): boolean => status >= 300 && status < 400

/** A failed HTTP exchange, or one that failed under a success status. */
export const fromUpstream = (response: UpstreamFailure, about: About): GatewayError => {
  const report = readReport(response.body)
  const phrase = phrases.get(response.status)
  const status = `HTTP ${response.status}${phrase === undefined ? "" : ` ${phrase}`}`
  if (isRedirect(response.status)) {
    // Never followed: the key must not go where the configuration did not say.
    const message = `${about.provider}: the provider redirects elsewhere (${status}). Check the base URL of the profile.`
    return gatewayError("api_error", message, { status: 502, shouldRetry: false })
  }
  return build(response.status >= 400 ? response.status : undefined, response.headers, report, status, about)
}

/** An error object inside a body under status 200, or in the middle of a stream; a string is taken as its text. */
export const fromErrorObject = (value: unknown, about: About): GatewayError => {
  const report = typeof value === "string" ? readReport(value) : reportOf(value)
  return build(undefined, {}, report, "the provider reported an error without a message", about)
}

/** A failure below HTTP, or a deadline of ours. */
export interface TransportFailure {
  readonly kind:
    | "connect"
    | "dns"
    | "tls"
    | "reset"
    | "connect-timeout"
    | "first-byte-timeout"
    | "idle-timeout"
    | "ended-early"
  /** The cause in the system's words, e.g. `ECONNREFUSED`. */
  readonly detail?: string
}

const transport: {
  readonly [kind in TransportFailure["kind"]]: readonly [verdict: Verdict, say: (host: string) => string]
} = {
  connect: [badGateway, (host) => `could not connect to ${host}`],
  dns: [badGateway, (host) => `the name of ${host} could not be resolved`],
  tls: [badGateway, (host) => `no secure connection to ${host}`],
  reset: [badGateway, (host) => `${host} broke the connection`],
  "connect-timeout": [timeout, (host) => `${host} did not accept a connection in time`],
  "first-byte-timeout": [timeout, (host) => `${host} did not start to answer in time`],
  "idle-timeout": [timeout, (host) => `${host} stopped sending in the middle of the answer`],
  "ended-early": [badGateway, (host) => `the answer of ${host} ended early`]
}

/** A connection that failed, or a deadline that passed. */
export const fromTransport = (failure: TransportFailure, about: About): GatewayError => {
  const [{ type, ...extra }, say] = transport[failure.kind]
  const cause = failure.detail === undefined || failure.detail === "" ? "" : ` (${failure.detail})`
  return gatewayError(
    type,
    shorten(maskSecrets(`${about.provider}: ${say(about.host ?? "the provider")}${cause}`, about.secrets)),
    extra
  )
}

const budgetTooSmall =
  /could not finish the message because max_tokens or model output limit was reached|max_(?:output_|completion_)?tokens\b.{0,60}below (?:the )?minimum value/i

/**
 * Whether the provider refused only because the client's `max_tokens` leaves no room for an answer (Claude Code probes
 * models with 1): for the client that is an empty message which ended with `max_tokens`, no error.
 */
export const isOutputBudgetTooSmall = (response: UpstreamFailure): boolean =>
  response.status === 400 && budgetTooSmall.test(readReport(response.body).message)
