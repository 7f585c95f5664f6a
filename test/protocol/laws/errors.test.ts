import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import {
  type About,
  errorBody,
  errorHeaders,
  fromErrorObject,
  fromTransport,
  fromUpstream,
  type GatewayError,
  gatewayError,
  isOutputBudgetTooSmall,
  maskSecrets,
  statusOf,
  type TransportFailure
} from "../../../src/protocol/errors.ts"
import { runs } from "../../support/runs.ts"
import { about } from "../upstreamErrors/case.ts"
import { planted } from "../upstreamErrors/planted.ts"
import { holds } from "../../support/holds.ts"

/** What every error for the client must satisfy, whatever it was made of. */
const expectSound = (error: GatewayError) => {
  expect(Object.keys(statusOf)).toContain(error.type)
  expect(error.type === "api_error" ? [500, 502] : [statusOf[error.type]]).toContain(error.status)
  expect(error.message.trim()).not.toBe("")
  expect(error.message.length).toBeLessThan(2500)
  for (const [name, value] of Object.entries(errorHeaders(error))) {
    expect(value).toMatch(name === "retry-after" ? /^[1-9]\d{0,8}$/ : /^(?:true|false)$/)
  }
}

/** What no second attempt can mend is marked so, and promises no better time. */
const hopeless = new Set(["authentication_error", "billing_error", "permission_error", "not_found_error"])
const expectNoFalseHope = ({ retryAfter, shouldRetry, type }: GatewayError) => {
  if (hopeless.has(type)) expect([shouldRetry, retryAfter]).toEqual([false, undefined])
}

const word = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: "binary", maxLength: 30 }), fc.lorem())

/** Values in the shapes of error bodies, more or less. */
const { error: errorValue } = fc.letrec((tie) => ({
  error: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.jsonValue(),
    fc.array(tie("error"), { maxLength: 2 }),
    fc.record(
      {
        error: tie("error"),
        message: fc.oneof(
          word,
          tie("error"),
          tie("error").map((inner) => JSON.stringify(inner))
        ),
        code: fc.oneof(
          fc.integer({ min: 390, max: 610 }),
          word,
          fc.constantFrom("429", "insufficient_quota", "slow_down")
        ),
        type: fc.oneof(word, fc.constantFrom("usage_limit_reached", "overloaded_error", "exceed_context_size_error")),
        status: fc.oneof(word, fc.integer()),
        detail: tie("error"),
        metadata: fc.record({ raw: tie("error"), provider_name: word, headers: fc.dictionary(word, word) }),
        details: fc.array(fc.record({ retryDelay: word })),
        resets_at: fc.oneof(fc.double(), word),
        n_ctx: fc.double(),
        base_resp: tie("error")
      },
      { requiredKeys: [] }
    )
  )
}))

const headerName = fc.constantFrom(
  "retry-after",
  "retry-after-ms",
  "x-ratelimit-reset",
  "x-ratelimit-reset-tokens",
  "x-ratelimit-remaining-tokens",
  "x-codex-primary-reset-at",
  "location",
  "__proto__"
)
const headerValue = fc.oneof(
  word,
  fc.double().map(String),
  fc.constantFrom("6m0s", "120ms", "-5", "0x10", "Wed, 01 Jan 2025 00:00:00 GMT")
)
const headers = fc.dictionary(headerName, headerValue)

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const body = fc.oneof(
  errorValue.map((value) => JSON.stringify(value) ?? ""),
  fc.uint8Array({ maxLength: 400 }).map(decode),
  fc.tuple(errorValue, fc.nat()).map(([value, cut]) => (JSON.stringify(value) ?? "").slice(0, cut % 200)),
  word.map((inner) => `<html><head><title>${inner}</title></head><body>${inner}</body></html>`)
)

const anyAbout = fc
  .record({ estimate: fc.nat(), window: fc.nat(), host: fc.domain() }, { requiredKeys: [] })
  .map((more): About => ({ ...about, ...more }))

test("any status, headers and body become a sound error, without false hope (L22)", async () => {
  await holds(
    fc.property(fc.integer({ min: 0, max: 999 }), headers, body, anyAbout, (status, given, text, known) => {
      const response = { status, headers: given, body: text }
      const error = fromUpstream(response, known)
      expectSound(error)
      expectNoFalseHope(error)
      isOutputBudgetTooSmall(response)
    }),
    { numRuns: runs * 5 }
  )
})

test("any error object and any transport detail become a sound error (L22)", async () => {
  const kind = fc.constantFrom<TransportFailure["kind"]>(
    "connect",
    "dns",
    "tls",
    "reset",
    "connect-timeout",
    "first-byte-timeout",
    "idle-timeout",
    "ended-early",
    "exhausted"
  )
  await holds(
    fc.property(
      fc.oneof(errorValue, fc.anything()),
      kind,
      fc.string({ maxLength: 5000 }),
      anyAbout,
      (value, failure, detail, known) => {
        const error = fromErrorObject(value, known)
        expectSound(error)
        expectNoFalseHope(error)
        expectSound(fromTransport({ kind: failure, detail }, known))
      }
    ),
    { numRuns: runs * 5 }
  )
})

test("a secret that a provider echoes reaches nobody, wherever it stands (L22)", async () => {
  const filler = fc.oneof(fc.constant(""), fc.lorem({ maxCount: 30 }), fc.constant("long words and ".repeat(300)))
  await holds(
    fc.property(
      planted,
      filler,
      filler,
      fc.integer({ min: 200, max: 599 }),
      fc.nat(4),
      ([secret, shown], before, after, status, shape) => {
        const words = `${before} ${shown} ${after}`
        const text = [
          words,
          JSON.stringify({ error: { message: words, code: words } }),
          JSON.stringify([{ error: words }]),
          JSON.stringify({
            error: { message: "Provider returned error", metadata: { raw: words, provider_name: shown } }
          }),
          `<html><body><p>${words}</p></body></html>`
        ][shape]
        const seen = [
          fromUpstream({ status, headers: { location: words, "retry-after": words }, body: text ?? "" }, about),
          fromErrorObject({ error: { message: words } }, about),
          fromErrorObject(words, about),
          fromTransport({ kind: "connect", detail: words }, about),
          gatewayError("api_error", words)
        ].map((error) => JSON.stringify([errorBody(error), errorHeaders(error)]))
        for (const output of seen) expect(output).not.toContain(secret.slice(0, 12))
      }
    ),
    { numRuns: runs * 2 }
  )
})

test("masking twice changes nothing more", async () => {
  await holds(
    fc.property(planted, word, ([, shown], before) => {
      const once = maskSecrets(`${before} ${shown}`)
      expect(maskSecrets(once)).toBe(once)
    }),
    { numRuns: runs }
  )
})
