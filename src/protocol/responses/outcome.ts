/** How Responses servers say that an answer is over, or that there will be none. */
import { fromErrorObject, gatewayError, type About, type GatewayError } from "../errors.ts"
import { asString, isObject, nonEmpty, type JsonObject } from "../json.ts"
import type { Finish } from "../turn.ts"

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== "" && value !== false

/** A response that was not finished, in whatever words: an unknown reason is told as a cut, never as an end. */
const incompleteFinish = (response: JsonObject): Finish => {
  const details = response["incomplete_details"]
  return { reason: isObject(details) && details["reason"] === "content_filter" ? "filter" : "length" }
}

const broken = (status: string, { provider }: About): GatewayError =>
  gatewayError("api_error", `${provider}: the provider ended the answer with "${status}"`, { status: 502 })

/** Statuses of a response that is no answer (yet): the last two are of answers that are made in the background. */
const failures: ReadonlySet<string> = new Set(["failed", "cancelled", "queued", "in_progress"])

/** The end of the turn as the response object states it; `ending` is the name of the event that carried it, if any. */
export const outcomeOf = (
  response: JsonObject,
  ending: string | undefined,
  about: About
): { readonly finish: Finish } | { readonly error: GatewayError } => {
  const { error } = response
  if (isSet(error)) return { error: fromErrorObject({ error }, about) }
  const status = asString(response["status"]) ?? ending ?? "completed"
  if (ending === "failed" || ending === "cancelled") return { error: broken(ending, about) }
  // a relay may leave the status of the first record in the response of the last one
  const isLate = ending !== undefined && (status === "queued" || status === "in_progress")
  if (failures.has(status) && !isLate) return { error: broken(status, about) }
  return {
    finish: ending === "incomplete" || status === "incomplete" ? incompleteFinish(response) : { reason: "stop" }
  }
}

/** A record or body that is nothing but a failure: an `error` event, an error object, Codex's `detail`. */
export const isFailure = (type: string | undefined, value: JsonObject): boolean =>
  type === "error" ||
  (isSet(value["error"]) && value["output"] === undefined && type?.startsWith("response.") !== true) ||
  (type === undefined && value["object"] === "error") ||
  (type === undefined &&
    value["output"] === undefined &&
    (value["success"] === false || value["detail"] !== undefined || nonEmpty(value["message"]) !== undefined))

const secondsUntil = (window: unknown): number | undefined => {
  const seconds = isObject(window) ? window["reset_after_seconds"] : undefined
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined
}

const isUsedUp = (window: unknown): boolean =>
  isObject(window) && typeof window["used_percent"] === "number" && window["used_percent"] >= 100

/**
 * `codex.rate_limits` that leaves nothing to be had; undefined while something is left. The wait is that of the window
 * that is used up, the longest of several.
 */
export const usedUp = (record: JsonObject, { provider }: About): GatewayError | undefined => {
  const limits = record["rate_limits"]
  if (!isObject(limits) || limits["limit_reached"] !== true || limits["allowed"] === true) return undefined
  const windows = [limits["primary"], limits["secondary"]]
  const full = windows.filter(isUsedUp)
  const waits = (full.length > 0 ? full : windows).flatMap((window) => secondsUntil(window) ?? [])
  return gatewayError("rate_limit_error", `${provider}: the usage limit of the subscription is reached`, {
    shouldRetry: false,
    ...(waits.length === 0 ? {} : { retryAfter: Math.max(...waits) })
  })
}
