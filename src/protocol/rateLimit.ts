/** A provider's rate-limit headers in Anthropic's names (wire specification §6.4). */
import { parseReset } from "./duration.ts"
import type { Headers } from "./retryAfter.ts"

const families = ["requests", "tokens"]

const rfc3339 = (epochMilliseconds: number): string => new Date(epochMilliseconds).toISOString().replace(/\.\d+Z$/, "Z")

/** The headers for the client; `now` (epoch milliseconds) turns durations into moments. What is not readable is left out. */
export const rateLimitHeaders = (headers: Headers, now: number): Record<string, string> => {
  const result: Record<string, string> = {}
  for (const family of families) {
    for (const count of ["limit", "remaining"]) {
      const value = headers[`x-ratelimit-${count}-${family}`]?.trim()
      if (value !== undefined && /^\d{1,15}$/.test(value)) result[`anthropic-ratelimit-${family}-${count}`] = value
    }
    const reset = headers[`x-ratelimit-reset-${family}`]
    const seconds = reset === undefined ? undefined : parseReset(reset, now)
    if (seconds !== undefined) {
      result[`anthropic-ratelimit-${family}-reset`] = rfc3339(now + Math.ceil(seconds) * 1000)
    }
  }
  return result
}
