/** When a failed provider wants to be asked again (wire specification §6.3). */
import { durationPattern, parseDuration, parseReset, secondsUntil } from "./duration.ts"
import type { ErrorReport } from "./errorReport.ts"
import { asString, isObject } from "./json.ts"

/** Response headers by lower-case name. */
export interface Headers {
  readonly [name: string]: string | undefined
}

type Seconds = number | undefined

const present = (value: unknown, read: (text: string) => Seconds): Seconds =>
  typeof value === "string" || typeof value === "number" ? read(String(value)) : undefined

const explicit = (headers: Headers, now: number): Seconds =>
  present(headers["retry-after-ms"], (text) => parseDuration(`${text.trim()}ms`)) ??
  present(headers["retry-after"], (text) => parseDuration(text) ?? secondsUntil(text, now))

/** OpenAI's names and those that others derived from them (Cerebras counts by minute and by day). */
const limits = [
  "requests",
  "tokens",
  "input-tokens",
  "output-tokens",
  "requests-minute",
  "requests-day",
  "tokens-minute",
  "tokens-day"
]

/** The latest reset among the limits that are used up; a reset of a limit with room left says nothing. */
const exhausted = (headers: Headers, now: number): Seconds => {
  const resets = limits.flatMap((limit) => {
    const remaining = headers[`x-ratelimit-remaining-${limit}`]
    const usedUp = remaining === undefined || Number(remaining) <= 0
    const reset = present(headers[`x-ratelimit-reset-${limit}`], (text) => parseReset(text, now))
    return usedUp && reset !== undefined ? [reset] : []
  })
  return resets.length > 0 ? Math.max(...resets) : undefined
}

const codex = (headers: Headers, { levels }: ErrorReport, now: number): Seconds =>
  present(headers["x-codex-primary-reset-at"], (text) => secondsUntil(text, now)) ??
  present(headers["x-codex-primary-reset-after-seconds"], parseDuration) ??
  firstOf(levels, (level) => present(level.resets_in_seconds, parseDuration)) ??
  firstOf(levels, (level) => present(level.resets_at, (text) => secondsUntil(text, now)))

const firstOf = <A>(items: ReadonlyArray<A>, read: (item: A) => Seconds): Seconds => {
  for (const item of items) {
    const seconds = read(item)
    if (seconds !== undefined) return seconds
  }
  return undefined
}

/** Google's `RetryInfo` among the error's details. */
const google = ({ levels }: ErrorReport): Seconds =>
  firstOf(levels, ({ details }) =>
    Array.isArray(details)
      ? firstOf(details.filter(isObject), (detail) => present(detail.retryDelay, parseDuration))
      : undefined
  )

/** Headers that a body quotes, by lower-case name. */
const quotedHeaders = (quoted: unknown): Headers =>
  isObject(quoted)
    ? Object.fromEntries(Object.entries(quoted).map(([name, value]) => [name.toLowerCase(), asString(value)]))
    : {}

/** OpenRouter's reset, which it also reports inside the body, beside what the provider behind it said. */
const openRouter = (headers: Headers, { levels }: ErrorReport, now: number): Seconds =>
  present(headers["x-ratelimit-reset"], (text) => parseReset(text, now)) ??
  firstOf(levels, ({ metadata }) => {
    if (!isObject(metadata)) return undefined
    const behind = quotedHeaders(metadata.headers)
    return (
      present(metadata.retry_after_seconds, parseDuration) ??
      explicit(behind, now) ??
      present(behind["x-ratelimit-reset"], (text) => parseReset(text, now))
    )
  })

/** Cloudflare and others that write the header's name into the body. */
const stated = ({ levels }: ErrorReport): Seconds =>
  firstOf(levels, (level) => present(level.retry_after, parseDuration))

const invitation = new RegExp(
  String.raw`(?:(?:try again|retry|resets?)\s+(?:after|in)|please wait)\s+(?:about\s+)?(${durationPattern})`,
  "i"
)
const leadingDuration =
  /^(?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)\s*)+/i

const worded = ({ message }: ErrorReport): Seconds => {
  const found = invitation.exec(message)?.[1]
  // Words may follow the duration ("in 20s on requests per day"): only what reads as one counts.
  return found === undefined ? undefined : present(leadingDuration.exec(found)?.[0], parseDuration)
}

/**
 * Whole seconds until another attempt makes sense, at least 1; undefined when the provider did not say. Headers that
 * only describe limits count when the failure is about a limit (`limited`).
 */
export const retryAfter = (
  headers: Headers,
  report: ErrorReport,
  now: number,
  limited: boolean
): number | undefined => {
  const seconds = limited
    ? (explicit(headers, now) ??
      exhausted(headers, now) ??
      codex(headers, report, now) ??
      google(report) ??
      openRouter(headers, report, now) ??
      stated(report) ??
      worded(report))
    : (explicit(headers, now) ?? google(report) ?? stated(report) ?? worded(report))
  return seconds === undefined ? undefined : Math.max(1, Math.ceil(seconds))
}
