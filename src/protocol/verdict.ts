/** Which error of the Anthropic wire a provider's failure is (wire specification §6.1), as tables. */
import type { ErrorReport } from "./errorReport.ts"
import type { ErrorType } from "./gatewayError.ts"
import { isThrottling } from "./overflow.ts"

/** What the client gets for a kind of failure. `shouldRetry: false` marks what asking again cannot mend. */
export interface Verdict {
  readonly type: ErrorType
  readonly status?: number
  readonly shouldRetry?: boolean
}

const invalid: Verdict = { type: "invalid_request_error" }
const wrongKey: Verdict = { type: "authentication_error", shouldRetry: false }
const noMoney: Verdict = { type: "billing_error", shouldRetry: false }
const forbidden: Verdict = { type: "permission_error", shouldRetry: false }
const unknownModel: Verdict = { type: "not_found_error", shouldRetry: false }
const conflict: Verdict = { type: "conflict_error" }
const tooFast: Verdict = { type: "rate_limit_error" }
/** A limit of hours or days, or one that this request alone is over. */
const usedUp: Verdict = { type: "rate_limit_error", shouldRetry: false }
const internal: Verdict = { type: "api_error" }
export const badGateway: Verdict = { type: "api_error", status: 502 }
export const timeout: Verdict = { type: "timeout_error" }
export const overloaded: Verdict = { type: "overloaded_error" }

const byStatus: ReadonlyMap<number, Verdict> = new Map([
  [401, wrongKey],
  [402, noMoney],
  [403, forbidden],
  [404, unknownModel],
  [407, forbidden],
  [408, timeout],
  [409, conflict],
  [410, unknownModel],
  [413, { type: "request_too_large" }],
  // TGI: "Request failed during generation"
  [424, badGateway],
  [429, tooFast],
  // GLM: no permission for this API
  [434, forbidden],
  [451, forbidden],
  // Groq: no room in the flex tier
  [498, overloaded],
  // The caller of the server behind a relay went away; we did not.
  [499, badGateway],
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

/** A code, or words of the message, that mean more than the status they come with. */
interface Rule {
  readonly verdict: Verdict
  /** Under which statuses; undefined stands for an error object without one. Everywhere when left out. */
  readonly under?: (status: number | undefined) => boolean
  readonly codes?: RegExp
  readonly words?: RegExp
}

/** Statuses that say no more than "no". */
const vague = (status: number | undefined): boolean => status === undefined || [400, 404, 422].includes(status)
const atFault = (status: number | undefined): boolean => status === undefined || status >= 500

/** The first rule that fits decides. Four digits are codes of GLM (docs.z.ai, "API code"). */
const rules: ReadonlyArray<Rule> = [
  // DashScope says "insufficient_quota" of its limit on tokens per minute too
  // (its table of error codes, Throttling.AllocationQuota); GitHub answers 403 to secondary limits.
  { verdict: tooFast, words: /allocated quota exceeded|#token-limit|secondary rate limit/i },
  {
    verdict: noMoney,
    codes:
      /^insufficient_(?:user_)?(?:quota|balance|credits?|funds)|^billing|^payment_required|^exceeded_current_quota|^credit_(?:limit|balance)|spend_limit_exceeded$|^budget_exceeded$|^arrearage$|^allocationquota\.freetieronly$|^1113$|^1309$/,
    words:
      /insufficient (?:account )?(?:balance|credits?|funds)|credit balance is too low|used all available credits|doesn't have any credits|requires (?:more credits|billing to be enabled)|\bkey limit exceeded \(|budget has been exceeded! current cost/i
  },
  // OpenAI's words for an empty account; Gemini uses them for every limit, and then says where limits are explained.
  { verdict: noMoney, words: /exceeded your current quota(?!.*(?:rate-limits|quota exceeded for metric|retry in))/i },
  {
    verdict: usedUp,
    codes: /^usage_limit_(?:reached|exceeded)$|^1304$|^1308$|^131[03]$|^13(?:18|19|20|21)$/,
    words:
      /usage limit (?:reached|exceeded|for this)|reached your (?:[\w-]+ )?usage limit|exceeded your [\w ]{1,20}session limits?/i
  },
  {
    verdict: forbidden,
    codes:
      /^usage_not_included$|^key_model_access_denied$|^organization_restricted$|^unsupported_country|^1112$|^1121$|^1220$|^1311$/
  },
  {
    verdict: forbidden,
    under: vague,
    words:
      /user location is not supported|region,? or territory (?:is )?not supported|not (?:supported|available) in your (?:country|region)/i
  },
  { verdict: wrongKey, codes: /^(?:invalid|incorrect|wrong)_?api_?key|^api_key_invalid$/ },
  // xAI and Gemini answer 400 to a wrong key
  { verdict: wrongKey, under: vague, words: /(?:incorrect|invalid|wrong) api key|api key not valid|api_key_invalid/i },
  {
    verdict: unknownModel,
    under: vague,
    codes: /^model_(?:not_(?:found|supported|available|exists?)|decommissioned)$|^(?:invalid|unknown)_model$|^1211$/,
    words:
      /is not a valid model id|model not (?:exist|found)|(?:invalid|unknown) model\b(?! (?:param|option|setting|output|response))|model identifier is invalid|model is not supported when using|model [`'"]?[\w.:/@-]+[`'"]? (?:does not exist|has been decommissioned)/i
  },
  // Groq: what the model wrote was no call, or not of the schema; the request is not at fault, and the next answer may do
  { verdict: badGateway, codes: /^(?:tool_use|json_validate)_failed$/ },
  // GLM, under HTTP 200, to a path that it does not serve
  { verdict: unknownModel, words: /\b404 not_found\b/i },
  { verdict: overloaded, codes: /overloaded|^slow_down$|^1305$|^1312$/ },
  {
    verdict: overloaded,
    under: atFault,
    words: /model is (?:currently |still )?loading|loading model|(?:over|at) capacity|overloaded|high (?:load|traffic)/i
  }
]

/** MiniMax's `base_resp.status_code`, which comes under HTTP 200 (its table of error codes). */
const miniMax: ReadonlyMap<unknown, Verdict> = new Map([
  [1001, timeout],
  [1002, tooFast],
  [1004, wrongKey],
  [1008, noMoney],
  [1026, invalid],
  [1027, invalid],
  [1039, tooFast],
  [1041, tooFast],
  [2013, invalid],
  [2045, tooFast],
  [2049, wrongKey],
  [2056, usedUp]
])

/** Codes by themselves, where no HTTP status tells: error objects inside a 200 or a stream. */
const plainCodes: ReadonlyArray<readonly [RegExp, Verdict]> = [
  // Refused pictures and prompts (`ResponseErrorCode` of the Responses API), also by a policy
  [/image|_policy|content_filter|moderation|inspection|previous_response/, invalid],
  [/authentication|unauthenticated|unauthorized|token_(?:expired|invalid|revoked)/, wrongKey],
  [/permission|forbidden|access_?denied/, forbidden],
  [/not[_ ]?found/, unknownModel],
  [/rate_?limit|too_?many_?requests|resource(?:_| has been )exhausted|throttl|limit_requests/, tooFast],
  [/request_too_large/, { type: "request_too_large" }],
  [/time_?out|deadline_exceeded/, timeout],
  [/unavailable/, overloaded],
  [/conflict|already_exists/, conflict],
  [/invalid|unsupported|bad_?request|failed_precondition|context_length_exceeded/, invalid],
  [/^(?:api_error|server_error|internal.*)$/, internal]
]

const digits = (text: string): number => Number(text.replaceAll(",", ""))

/** Asking again cannot help when one request alone is over the limit of a minute. */
const isOverMinuteLimit = (message: string): boolean => {
  const [, limit, requested] = /limit:? (\d[\d,]*\d).{0,40}?requested:? (\d[\d,]*\d)/i.exec(message) ?? []
  return limit !== undefined && requested !== undefined && digits(requested) > digits(limit)
}

const decide = (status: number | undefined, { codes, levels, message }: ErrorReport): Verdict => {
  const decisive = rules.find(
    (rule) =>
      rule.under?.(status) !== false &&
      (codes.some((code) => rule.codes?.test(code) === true) || rule.words?.test(message) === true)
  )
  if (decisive !== undefined) return decisive.verdict
  const plain = plainCodes.find(([pattern]) => codes.some((code) => pattern.test(code)))?.[1]
  if (status === undefined) {
    const numbered = levels.map((level) => miniMax.get(level.status_code)).find((verdict) => verdict !== undefined)
    return numbered ?? plain ?? (isThrottling(message) ? tooFast : badGateway)
  }
  const isThrottled = plain === tooFast || (status === 413 && isThrottling(message))
  return isThrottled && [400, 413, 422].includes(status) ? tooFast : statusVerdict(status)
}

/** The verdict on a report; `status` is the HTTP status, undefined when only the body tells. */
export const judge = (status: number | undefined, report: ErrorReport): Verdict => {
  const verdict = decide(status ?? report.status, report)
  return verdict === tooFast && isOverMinuteLimit(report.message) ? usedUp : verdict
}
