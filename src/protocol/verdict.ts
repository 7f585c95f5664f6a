/** Which error of the Anthropic wire a provider's failure is (wire specification §6.1), as tables. */
import type { ErrorReport } from "./errorReport.ts"
import type { ErrorType } from "./gatewayError.ts"
import { isThrottling } from "./overflow.ts"

/** What the client gets for a kind of failure. */
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
const tooFast: Verdict = { type: "rate_limit_error" }
const usedUp: Verdict = { type: "rate_limit_error", shouldRetry: false }
const internal: Verdict = { type: "api_error" }
export const badGateway: Verdict = { type: "api_error", status: 502 }
export const timeout: Verdict = { type: "timeout_error" }
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

const digits = (text: string): number => Number(text.replaceAll(",", ""))

/** Asking again cannot help when one request alone is over the limit of a minute. */
const isOverMinuteLimit = (message: string): boolean => {
  const [, limit, requested] = /limit:? (\d[\d,]*\d).{0,40}?requested:? (\d[\d,]*\d)/i.exec(message) ?? []
  return limit !== undefined && requested !== undefined && digits(requested) > digits(limit)
}

/** The verdict on a report; `status` is the HTTP status, undefined when only the body tells. */
export const judge = (status: number | undefined, report: ErrorReport): Verdict => {
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
