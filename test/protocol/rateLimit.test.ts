import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { parseDuration, parseReset, secondsUntil } from "../../src/protocol/duration.ts"
import { rateLimitHeaders } from "../../src/protocol/errors.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const now = Date.UTC(2025, 0, 1)

test("[6.4 requests] [6.4 tokens] a provider's limits reach the client under Anthropic's names", () => {
  expect(
    rateLimitHeaders(
      {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": " 9999 ",
        "x-ratelimit-reset-requests": "8.64s",
        "x-ratelimit-limit-tokens": "30000",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s"
      },
      now
    )
  ).toEqual({
    "anthropic-ratelimit-requests-limit": "10000",
    "anthropic-ratelimit-requests-remaining": "9999",
    "anthropic-ratelimit-requests-reset": "2025-01-01T00:00:09Z",
    "anthropic-ratelimit-tokens-limit": "30000",
    "anthropic-ratelimit-tokens-remaining": "0",
    "anthropic-ratelimit-tokens-reset": "2025-01-01T00:06:00Z"
  })
})

test("[6.4 never copied] [6.4 x-codex] nothing else of the provider's headers is copied, and nothing unreadable", () => {
  expect(
    rateLimitHeaders(
      {
        "x-request-id": "abc",
        "set-cookie": "a=b",
        "x-codex-primary-used-percent": "3",
        "x-ratelimit-limit-requests": "many",
        "x-ratelimit-remaining-requests": "-1",
        "x-ratelimit-reset-requests": "soon",
        "x-ratelimit-reset-tokens": undefined
      },
      now
    )
  ).toEqual({})
})

test("any header values give legal headers", async () => {
  const name = fc.constantFrom("limit", "remaining", "reset").map((what) => `x-ratelimit-${what}-tokens`)
  const value = fc.oneof(fc.string(), fc.double().map(String), fc.stringMatching(/^\d{1,30}(?:ms|s|h)?$/))
  await holds(
    fc.property(fc.dictionary(name, value), (headers) => {
      for (const [key, sent] of Object.entries(rateLimitHeaders(headers, now))) {
        expect(sent).toMatch(key.endsWith("-reset") ? /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ : /^\d{1,15}$/)
      }
    }),
    { numRuns: runs * 5 }
  )
})

test("durations are read in every spelling", () => {
  const spellings: ReadonlyArray<readonly [string, number | undefined]> = [
    ["0", 0],
    [" 1.5 ", 1.5],
    ["120ms", 0.12],
    ["6m0s", 360],
    ["1h2m3.5s", 3723.5],
    ["2m59.56s", 179.56],
    ["1d", 86_400],
    ["500us", 0.0005],
    ["3 minutes", 180],
    ["1 hour 20 seconds", 3620],
    ["", undefined],
    ["s", undefined],
    ["-5", undefined],
    ["5 parsecs", undefined],
    ["1m and more", undefined],
    ["1e3", undefined],
    ["9999999999d", undefined]
  ]
  for (const [text, seconds] of spellings) {
    expect(parseDuration(text)?.toFixed(6), text).toBe(seconds?.toFixed(6))
  }
})

test("moments are read in every spelling, and never depend on the machine's time zone", () => {
  expect(secondsUntil("1735689605", now)).toBe(5)
  expect(secondsUntil("1735689605500", now)).toBe(5.5)
  expect(secondsUntil("Wed, 01 Jan 2025 00:00:05 GMT", now)).toBe(5)
  expect(secondsUntil("2025-01-01T01:00:05+01:00", now)).toBe(5)
  expect(secondsUntil("2024-12-31T00:00:00Z", now)).toBe(0)
  expect(secondsUntil("2025-01-01T00:00:05", now)).toBeUndefined()
  expect(secondsUntil("Wednesday Z", now)).toBeUndefined()
  expect(secondsUntil("", now)).toBeUndefined()
  // a wait too long to be meant is not a moment of 1973, for which nobody would have to wait
  expect(secondsUntil("99999999", now)).toBeUndefined()
})

test("a reset tells by its form what it is", () => {
  expect(parseReset("30", now)).toBe(30)
  expect(parseReset("1m", now)).toBe(60)
  expect(parseReset("1735689630", now)).toBe(30)
  expect(parseReset("1735689630000", now)).toBe(30)
  expect(parseReset("2025-01-01T00:00:30Z", now)).toBe(30)
  expect(parseReset("", now)).toBeUndefined()
})
