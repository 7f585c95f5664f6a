/**
 * What a failure says about whom to ask next (design decisions 11 and 12). Pure: tables over the errors that the client
 * would see.
 */
import type { ErrorType, GatewayError } from "../protocol/errors.ts"

/**
 * - `request`: of the request's own making, everywhere the same.
 * - `overflow`: the prompt is too long for this model.
 * - `reasoning`: the provider cannot read reasoning that it got back; without that it may answer.
 * - `limited`: the provider wants less, for a while.
 * - `transient`: the provider failed; it may be well at once.
 * - `account`: this profile cannot (key, credit, permission, unknown model); another may.
 * - `deadline`: one of our deadlines passed; asking again would wait as long once more.
 * - `unsent`: the request never reached a provider.
 * - `own`: a fault of claudex.
 */
export type Nature =
  | "request"
  | "overflow"
  | "reasoning"
  | "limited"
  | "transient"
  | "account"
  | "deadline"
  | "unsent"
  | "own"

const byType: { readonly [type in ErrorType]: Nature } = {
  invalid_request_error: "request",
  request_too_large: "request",
  authentication_error: "account",
  billing_error: "account",
  permission_error: "account",
  not_found_error: "account",
  rate_limit_error: "limited",
  conflict_error: "transient",
  api_error: "transient",
  timeout_error: "transient",
  overloaded_error: "transient"
}

export const natureOf = ({ fault, shouldRetry, type }: GatewayError): Nature => {
  if (fault !== undefined) return fault
  const nature = byType[type]
  // a redirect, a server without the protocol: nothing that passes by itself
  return nature === "transient" && shouldRetry === false ? "account" : nature
}

interface Rule {
  /** The same profile again, while it has tries left; the next one; or nobody. */
  readonly step: "again" | "next" | "stop"
  /** Whether the circuit breaker counts it. */
  readonly counts: boolean
  /** Of several failures the client is told the one with the highest weight: what it can act on. */
  readonly weight: number
}

const rules: { readonly [nature in Nature]: Rule } = {
  request: { step: "stop", counts: false, weight: 8 },
  overflow: { step: "next", counts: false, weight: 7 },
  reasoning: { step: "next", counts: false, weight: 4 },
  limited: { step: "next", counts: true, weight: 6 },
  transient: { step: "again", counts: true, weight: 5 },
  account: { step: "next", counts: false, weight: 4 },
  deadline: { step: "next", counts: true, weight: 3 },
  unsent: { step: "again", counts: true, weight: 2 },
  own: { step: "next", counts: false, weight: 1 }
}

/** A provider that wants more patience than this is not waited for: the next one may be well now. Seconds. */
const patience = 2

/** What to do after a failure that the client has seen nothing of. */
export const stepAfter = (error: GatewayError, triesLeft: number): Rule["step"] => {
  const { step } = rules[natureOf(error)]
  if (step !== "again") return step
  return triesLeft > 0 && (error.retryAfter ?? 0) <= patience ? "again" : "next"
}

/** Whether the failure is one of the provider's, so that it is worth leaving it alone for a while. */
export const countsAgainst = (error: GatewayError): boolean => rules[natureOf(error)].counts

export const weightOf = (error: GatewayError): number => rules[natureOf(error)].weight

/** Milliseconds. */
const firstPause = 250
const longestPause = 4_000

/**
 * How long to wait before the same profile is asked again, in milliseconds. `tries` counts what failed so far, `chance` is
 * from 0 to 1 and keeps many clients from coming back at the same moment.
 */
export const pauseBefore = (tries: number, chance: number, error: GatewayError): number => {
  // what it failed for is left out next time
  if (natureOf(error) === "reasoning") return 0
  const grown = Math.min(longestPause, firstPause * 2 ** (tries - 1))
  return Math.max(Math.round(grown * (0.5 + chance / 2)), (error.retryAfter ?? 0) * 1000)
}
