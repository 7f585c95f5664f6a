import type { UpstreamFailure } from "../../../src/protocol/errors.ts"
import { type Case, invalid, json } from "./case.ts"

const limit = (headers: UpstreamFailure["headers"], message = "slow", more: object = {}): UpstreamFailure =>
  json(429, { error: { message, ...more } }, headers)

const wait = (name: string, response: UpstreamFailure, retryAfter: number | undefined, message = "slow"): Case => ({
  name,
  response,
  status: 429,
  type: "rate_limit_error",
  message: `grok: ${message}`,
  ...(retryAfter === undefined ? {} : { retryAfter })
})

/** Wire specification §6.3: when to ask again. `about.now` is 2025-01-01T00:00:00Z. */
export const waits: ReadonlyArray<Case> = [
  wait("[6.3 retry-after-ms]", limit({ "retry-after-ms": "1200", "retry-after": "9" }), 2),
  wait("[6.3 retry-after] in seconds", limit({ "retry-after": "60", "x-ratelimit-reset-requests": "1s" }), 60),
  wait("[6.3 retry-after] with a fraction", limit({ "retry-after": "0.4" }), 1),
  wait("[6.3 retry-after] of zero", limit({ "retry-after": "0" }), 1),
  wait("[6.3 retry-after] as a date", limit({ "retry-after": "Wed, 01 Jan 2025 00:01:30 GMT" }), 90),
  wait("[6.3 retry-after] as a date gone by", limit({ "retry-after": "Tue, 31 Dec 2024 00:00:00 GMT" }), 1),
  wait("[6.3 retry-after] without sense", limit({ "retry-after": "soon" }), undefined),
  wait("[6.3 retry-after] beyond all sense", limit({ "retry-after": "1e30" }), undefined),
  wait("[6.3 retry-after] far beyond a year", limit({ "retry-after": "99999999999999999999" }), undefined),
  wait("[6.3 x-ratelimit-reset] of requests", limit({ "x-ratelimit-reset-requests": "6m0s" }), 360),
  wait("[6.3 x-ratelimit-reset] of tokens", limit({ "x-ratelimit-reset-tokens": "120ms" }), 1),
  wait(
    "[6.3 x-ratelimit-reset] of the limit that is used up",
    limit({
      "x-ratelimit-remaining-requests": "99",
      "x-ratelimit-reset-requests": "1h",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "7.66s"
    }),
    8
  ),
  wait(
    "[6.3 text] when the headers say that nothing is used up",
    limit(
      { "x-ratelimit-remaining-tokens": "150", "x-ratelimit-reset-tokens": "59s" },
      "Please try again in 3.2s. Visit us."
    ),
    4,
    "Please try again in 3.2s. Visit us."
  ),
  wait("[6.3 x-codex-primary-reset-at]", limit({ "x-codex-primary-reset-at": "1735689660" }), 60),
  wait("[6.3 resets_in_seconds]", limit({}, "slow", { resets_in_seconds: 90 }), 90),
  wait("[6.3 resets_at]", limit({}, "slow", { resets_at: 1735689720 }), 120),
  wait(
    "[6.3 retryDelay]",
    {
      status: 429,
      headers: {},
      body: JSON.stringify([
        {
          error: {
            code: 429,
            message: "slow",
            status: "RESOURCE_EXHAUSTED",
            details: [
              { "@type": "type.googleapis.com/google.rpc.QuotaFailure" },
              { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.2s" }
            ]
          }
        }
      ])
    },
    35
  ),
  wait("[6.3 X-RateLimit-Reset] in a header", limit({ "x-ratelimit-reset": "1735689605500" }), 6),
  wait(
    "[6.3 X-RateLimit-Reset] in the body",
    limit({}, "slow", { metadata: { headers: { "X-RateLimit-Reset": "1735689605500" } } }),
    6
  ),
  wait(
    "[6.3 X-RateLimit-Reset] beside what the provider behind it said",
    limit({}, "slow", { metadata: { retry_after_seconds: 28.2, headers: { "X-RateLimit-Reset": "1735689605500" } } }),
    29
  ),
  wait("[6.3 text] in seconds", limit({}, "try again in 1.2s"), 2, "try again in 1.2s"),
  wait("[6.3 text] in milliseconds", limit({}, "try again in 20ms."), 1, "try again in 20ms."),
  wait("[6.3 text] in minutes", limit({}, "Please try again in 3 minutes."), 180, "Please try again in 3 minutes."),
  wait(
    "[6.3 text] in two units",
    limit({}, "Please try again in 1m30.5s on Monday."),
    91,
    "Please try again in 1m30.5s on Monday."
  ),
  wait("[6.3 text] about retrying", limit({}, "Please retry in 34.07s."), 35, "Please retry in 34.07s."),
  wait("[6.3 text] about waiting", limit({}, "Please wait 1 minute."), 60, "Please wait 1 minute."),
  wait("[6.3 text] that is not sure", limit({}, "Try again in about 2 hours"), 7200, "Try again in about 2 hours"),
  wait("[6.3 text] after the headers", limit({ "retry-after": "9" }, "try again in 3s"), 9, "try again in 3s"),
  wait("[6.3 none] no word about it", limit({}), undefined),
  {
    name: "an overload with retry-after",
    response: json(503, { error: "busy" }, { "retry-after": "7" }),
    status: 529,
    type: "overloaded_error",
    message: "grok: busy",
    retryAfter: 7
  },
  {
    name: "a fault has nothing to do with the limits",
    response: json(
      500,
      { error: "oops" },
      { "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "0" }
    ),
    status: 500,
    type: "api_error",
    message: "grok: oops"
  },
  {
    name: "a mistake of the request is not worth waiting for",
    response: json(400, { error: "bad" }, { "retry-after": "7" }),
    ...invalid,
    message: "grok: bad"
  }
]
