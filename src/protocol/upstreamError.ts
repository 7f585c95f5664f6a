/**
 * Upstream failures as the client must see them (wire specification §6). Every function here is total: any status,
 * headers and body give an error of the closed set, with words and without secrets.
 */
import { type ErrorReport, readReport, reportOf } from "./errorReport.ts"
import { type Fault, type GatewayError, gatewayError } from "./gatewayError.ts"
import { findOverflow, type Overflow } from "./overflow.ts"
import { type Headers, retryAfter } from "./retryAfter.ts"
import { maskSecrets } from "./secrets.ts"
import { badGateway, judge, overloaded, timeout, type Verdict } from "./verdict.ts"

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
  /** The room asked for the answer in tokens. */
  readonly maxTokens?: number
  /** Credentials of this exchange, hidden wherever a provider repeats them; secrets of a known look need not be named. */
  readonly secrets?: ReadonlyArray<string>
  /** Epoch milliseconds. */
  readonly now: number
}

const mayOverflow = (status: number | undefined): boolean =>
  status === undefined || [400, 413, 422, 500].includes(status)

/** Claude Code 2.1.330 asks again with what is left less 1000, and gives up for good when that is less than 3000. */
const leastRoom = 4000

/** Prompt and room for the answer, as stated; where the provider left both open, as asked for. */
const partsOf = ({ orAnswer, parts, tokens }: Overflow, { estimate, maxTokens }: About): Overflow["parts"] =>
  parts ??
  (orAnswer === undefined || tokens !== undefined || estimate === undefined || maxTokens === undefined
    ? undefined
    : { input: estimate, output: maxTokens })

/** The sentences that make Claude Code compact, or ask again with a smaller `max_tokens`. */
const overflowSentence = (overflow: Overflow, about: About): string => {
  const limit = overflow.limit ?? about.window
  const parts = partsOf(overflow, about)
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

/**
 * Sealed reasoning of another account or server, or of a key that was replaced since.
 * [openai/codex#3573; anomalyco/opencode#29879; google-gemini/gemini-cli#13467; decolua/9router#301]
 */
const isUnreadableReasoning = (status: number | undefined, { codes, message }: ErrorReport): boolean =>
  (status === undefined || status === 400) &&
  (codes.includes("invalid_encrypted_content") ||
    /encrypted content .{0,200}could not be (verified|decrypted)|(corrupted|invalid) thought.?signature|thought.?signature is not valid/i.test(
      message
    ))

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
    return gatewayError("invalid_request_error", `${overflowSentence(overflow, about)}. ${words}`, {
      fault: "overflow"
    })
  if (isUnreadableReasoning(status ?? report.status, report))
    return gatewayError("invalid_request_error", words, { fault: "reasoning" })
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
    | "no-progress"
    | "ended-early"
    | "exhausted"
  /** The cause in the system's words, e.g. `ECONNREFUSED`. */
  readonly detail?: string
}

interface Transport {
  readonly verdict: Verdict
  readonly fault?: Fault
  readonly say: (host: string) => string
}

const transport: { readonly [kind in TransportFailure["kind"]]: Transport } = {
  connect: { verdict: badGateway, fault: "unsent", say: (host) => `could not connect to ${host}` },
  dns: { verdict: badGateway, fault: "unsent", say: (host) => `the name of ${host} could not be resolved` },
  tls: { verdict: badGateway, fault: "unsent", say: (host) => `no secure connection to ${host}` },
  reset: { verdict: badGateway, say: (host) => `${host} broke the connection` },
  "connect-timeout": {
    verdict: timeout,
    fault: "unsent",
    say: (host) => `${host} did not accept a connection in time`
  },
  "first-byte-timeout": {
    verdict: timeout,
    fault: "deadline",
    say: (host) => `${host} did not start to answer in time`
  },
  "idle-timeout": {
    verdict: timeout,
    fault: "deadline",
    say: (host) => `${host} stopped sending in the middle of the answer`
  },
  "no-progress": {
    verdict: timeout,
    fault: "deadline",
    say: (host) => `${host} sent keep-alives for too long, and nothing of the answer`
  },
  "ended-early": { verdict: badGateway, say: (host) => `the answer of ${host} ended early` },
  // the provider has no part in it, and a moment later something else is over
  exhausted: {
    verdict: overloaded,
    fault: "own",
    say: (host) => `this machine lets claudex open no further connection, so ${host} was not asked`
  }
}

/** A connection that failed, or a deadline that passed. */
export const fromTransport = (failure: TransportFailure, about: About): GatewayError => {
  const { fault, say, verdict } = transport[failure.kind]
  const { type, ...extra } = verdict
  const cause = failure.detail === undefined || failure.detail === "" ? "" : ` (${failure.detail})`
  return gatewayError(
    type,
    shorten(maskSecrets(`${about.provider}: ${say(about.host ?? "the provider")}${cause}`, about.secrets)),
    fault === undefined ? extra : { ...extra, fault }
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
