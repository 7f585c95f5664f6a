import { FastCheck as fc } from "effect"
import { describe, expect, test } from "vitest"
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
} from "../../src/protocol/errors.ts"
import { runs } from "../support/runs.ts"
import { about, bodies, type Case, overflows, statuses, waits } from "./errors.corpus.ts"

const check = (cases: ReadonlyArray<Case>) => {
  for (const expected of cases) {
    test(expected.name, () => {
      const error = fromUpstream(expected.response, { ...about, ...expected.about })
      const { status, type, message, retryAfter, shouldRetry } = expected
      expect(error).toEqual({
        status,
        type,
        message,
        ...(retryAfter === undefined ? {} : { retryAfter }),
        ...(shouldRetry === undefined ? {} : { shouldRetry })
      })
    })
  }
}

describe("the provider's words are found in every shape of body", () => check(bodies))
describe("every status becomes the right type", () => check(statuses))
describe("context overflow is recognised in every wording", () => check(overflows))
describe("the wait is found wherever it is said", () => check(waits))

// What Claude Code 2.1.330 reads in messages of status 400.
const clientNumbers = /prompt is too long[^0-9]*(\d+)\s*tokens?\s*>\s*(\d+)/i
const clientAdjusts = /input length and `max_tokens` exceed context limit: (\d+) \+ (\d+) > (\d+)/

test("every overflow makes the client either compact or ask again with less, and never with absurd numbers", () => {
  for (const { response, status, type, message, about: more } of overflows) {
    if (!message.includes(". grok: ")) continue
    const error = fromUpstream(response, { ...about, ...more })
    expect([error.status, error.type]).toEqual([status, type])
    const adjust = clientAdjusts.exec(error.message.split(". grok: ")[0] ?? "")
    if (adjust !== null) {
      const [input = 0, output = 0, limit = 0] = adjust.slice(1).map(Number)
      expect(input + output).toBeGreaterThan(limit)
      // the client takes what is left less 1000, and gives up below 3000
      expect(limit - input - 1000).toBeGreaterThanOrEqual(3000)
      continue
    }
    expect(error.message.toLowerCase()).toContain("prompt is too long")
    const numbers = clientNumbers.exec(error.message)
    if (numbers !== null) expect(Number(numbers[1])).toBeGreaterThan(Number(numbers[2]))
  }
})

test("the estimate and the window of the request fill in what the provider left out", () => {
  const response = { status: 400, headers: {}, body: '{"error":{"code":"context_length_exceeded","message":"no"}}' }
  const message = (more: Partial<About>) => fromUpstream(response, { ...about, ...more }).message
  expect(message({ estimate: 9000, window: 8000 })).toBe("prompt is too long: 9000 tokens > 8000 maximum. grok: no")
  expect(message({ estimate: 7000, window: 8000 })).toBe("prompt is too long: 8001 tokens > 8000 maximum. grok: no")
  expect(message({ estimate: 9000 })).toBe("prompt is too long. grok: no")
  expect(message({ window: 8000 })).toBe("prompt is too long. grok: no")
})

test("an error object inside an answer is judged like a body", () => {
  expect(fromErrorObject({ error: { code: 429, message: "slow" } }, about)).toMatchObject({
    status: 429,
    message: "grok: slow"
  })
  expect(fromErrorObject({ message: "busy", type: "overloaded_error" }, about)).toMatchObject({ status: 529 })
  expect(fromErrorObject({ type: "error", error: { type: "api_error", message: "oops" } }, about)).toMatchObject({
    status: 500,
    type: "api_error"
  })
  expect(fromErrorObject({ error: { type: "server_error", message: "oops" } }, about)).toMatchObject({ status: 500 })
  expect(fromErrorObject({ error: { type: "invalid_request_error", message: "no" } }, about)).toMatchObject({
    status: 400
  })
  expect(fromErrorObject({ error: { type: "timeout_error", message: "late" } }, about)).toMatchObject({ status: 504 })
  expect(fromErrorObject({ error: { code: "model_not_found", message: "?" } }, about)).toMatchObject({ status: 404 })
  expect(fromErrorObject({ error: { code: "context_length_exceeded", message: "no" } }, about)).toMatchObject({
    status: 400,
    message: "prompt is too long. grok: no"
  })
  expect(fromErrorObject("<html><body>Gone away</body></html>", about)).toMatchObject({
    status: 502,
    message: "grok: Gone away"
  })
  for (const nothing of [undefined, null, {}, [], 7, { error: null }, { error: {} }]) {
    expect(fromErrorObject(nothing, about)).toEqual({
      status: 502,
      type: "api_error",
      message: "grok: the provider reported an error without a message"
    })
  }
})

test("failures below HTTP name the host and the cause", () => {
  const fail = (failure: Parameters<typeof fromTransport>[0]) => {
    const { status, type, message } = fromTransport(failure, about)
    return [status, type, message]
  }
  expect(fail({ kind: "connect", detail: "ECONNREFUSED" })).toEqual([
    502,
    "api_error",
    "grok: could not connect to api.x.ai (ECONNREFUSED)"
  ])
  expect(fail({ kind: "dns", detail: "ENOTFOUND" })).toEqual([
    502,
    "api_error",
    "grok: the name of api.x.ai could not be resolved (ENOTFOUND)"
  ])
  expect(fail({ kind: "tls", detail: "CERT_HAS_EXPIRED" })).toEqual([
    502,
    "api_error",
    "grok: no secure connection to api.x.ai (CERT_HAS_EXPIRED)"
  ])
  expect(fail({ kind: "reset" })).toEqual([502, "api_error", "grok: api.x.ai broke the connection"])
  expect(fail({ kind: "connect-timeout" })).toEqual([
    504,
    "timeout_error",
    "grok: api.x.ai did not accept a connection in time"
  ])
  expect(fail({ kind: "first-byte-timeout" })).toEqual([
    504,
    "timeout_error",
    "grok: api.x.ai did not start to answer in time"
  ])
  expect(fail({ kind: "idle-timeout" })).toEqual([
    504,
    "timeout_error",
    "grok: api.x.ai stopped sending in the middle of the answer"
  ])
  expect(fail({ kind: "ended-early" })).toEqual([502, "api_error", "grok: the answer of api.x.ai ended early"])
  const { host: _, ...nowhere } = about
  expect(fromTransport({ kind: "connect", detail: "https://u:sk-secret1@x" }, nowhere).message).toBe(
    "grok: could not connect to the provider (https://[masked]@x)"
  )
})

test("only a budget that is too small for any answer counts as one", () => {
  const small = (status: number, message: string) =>
    isOutputBudgetTooSmall({ status, headers: {}, body: JSON.stringify({ error: { message } }) })
  const words = "Could not finish the message because max_tokens or model output limit was reached. Please try again."
  expect(small(400, words)).toBe(true)
  expect(small(429, words)).toBe(false)
  expect(
    small(400, "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.")
  ).toBe(true)
  expect(small(400, "max_tokens is too large: 200000.")).toBe(false)
  expect(isOutputBudgetTooSmall({ status: 400, headers: {}, body: "" })).toBe(false)
})

test("long messages are cut between characters, and the rest of the sentence survives", () => {
  for (const filler of ["😀", "a😀"]) {
    const { message } = fromUpstream({ status: 401, headers: {}, body: filler.repeat(5000) }, about)
    expect(message.length).toBeLessThan(2200)
    expect(message).not.toMatch(/\p{Surrogate}/u)
    expect(message).toMatch(/… Check the API key of profile "grok"\.$/)
  }
})

test("control characters of a provider do not reach the user's terminal", () => {
  const { message } = fromUpstream(
    { status: 500, headers: {}, body: '{"error":"a\\u001b[31mred\\u0007\\u009b0m\\r\\nb"}' },
    about
  )
  expect(message).toBe("grok: a [31mred 0m b")
})

test("an error is sent in Anthropic's envelope with the headers that steer the client", () => {
  const error = gatewayError("rate_limit_error", "slow", { retryAfter: 1.2, shouldRetry: false })
  expect(errorBody(error)).toEqual({ type: "error", error: { type: "rate_limit_error", message: "slow" } })
  expect(errorBody(error, "req_1")).toEqual({
    type: "error",
    error: { type: "rate_limit_error", message: "slow" },
    request_id: "req_1"
  })
  expect(errorHeaders(error)).toEqual({ "retry-after": "2", "x-should-retry": "false" })
  expect(errorHeaders(gatewayError("api_error", "x", { shouldRetry: true }))).toEqual({ "x-should-retry": "true" })
  expect(errorHeaders(gatewayError("api_error", "x"))).toEqual({})
  expect(gatewayError("api_error", "x", { status: 502 }).status).toBe(502)
  expect(gatewayError("timeout_error", "key=abcdef").message).toBe("key=[masked]")
})

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

test("any status, headers and body become a sound error (L22)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), headers, body, anyAbout, (status, given, text, known) => {
      const response = { status, headers: given, body: text }
      expectSound(fromUpstream(response, known))
      isOutputBudgetTooSmall(response)
    }),
    { numRuns: runs * 5 }
  )
})

test("any error object and any transport detail become a sound error (L22)", () => {
  const kind = fc.constantFrom<TransportFailure["kind"]>(
    "connect",
    "dns",
    "tls",
    "reset",
    "connect-timeout",
    "first-byte-timeout",
    "idle-timeout",
    "ended-early"
  )
  fc.assert(
    fc.property(
      fc.oneof(errorValue, fc.anything()),
      kind,
      fc.string({ maxLength: 5000 }),
      anyAbout,
      (value, failure, detail, known) => {
        expectSound(fromErrorObject(value, known))
        expectSound(fromTransport({ kind: failure, detail }, known))
      }
    ),
    { numRuns: runs * 5 }
  )
})

const secretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
const secretBody = fc
  .array(fc.constantFrom(...secretLetters.split("")), { minLength: 20, maxLength: 60 })
  .map((letters) => `${letters.join("")}7Q`)

/** A secret, and the text in which a provider shows it. */
const planted = fc
  .tuple(
    secretBody,
    fc.constantFrom<(secret: string) => readonly [secret: string, shown: string]>(
      (secret) => [`sk-${secret}`, `sk-${secret}`],
      (secret) => [`sk-ant-api03-${secret}`, `"sk-ant-api03-${secret}"`],
      (secret) => [`xai-${secret}`, `xai-${secret}`],
      (secret) => [`gsk_${secret}`, `(gsk_${secret})`],
      (secret) => [`AIza${secret}`, `AIza${secret}`],
      (secret) => [`ghp_${secret}`, `ghp_${secret}`],
      (secret) => [secret, `Authorization: Bearer ${secret}`],
      (secret) => [secret, `bearer ${secret}`],
      (secret) => [secret, `x-api-key: ${secret}`],
      (secret) => [secret, `{"api_key":"${secret}"}`],
      (secret) => [secret, `{\\"apiKey\\": \\"${secret}\\"}`],
      (secret) => [secret, `api-key=${secret}`],
      (secret) => [secret, `'Authorization': '${secret}'`],
      (secret) => [secret, `Incorrect API key provided: ${secret}.`],
      (secret) => [secret, `https://host.example/v1/models?key=${secret}&alt=sse`],
      (secret) => [secret, `https://host.example/v1?a=b&access_token=${secret}`],
      (secret) => [secret, `https://user:${secret}@host.example/v1`]
    )
  )
  .map(([secret, show]) => show(secret))

test("a secret that a provider echoes reaches nobody, wherever it stands (L22)", () => {
  const filler = fc.oneof(fc.constant(""), fc.lorem({ maxCount: 30 }), fc.constant("long words and ".repeat(300)))
  fc.assert(
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
    { numRuns: runs * 5 }
  )
})

test("the exchange's own credentials are hidden whatever they look like", () => {
  const mine = { ...about, secrets: ["open sesame", "none"] }
  const words = "There are none. You said open sesame, sorry."
  const hidden = "grok: There are none. You said [masked], sorry."
  expect(fromUpstream({ status: 500, headers: {}, body: words }, mine).message).toBe(hidden)
  expect(fromErrorObject({ error: { message: words } }, mine).message).toBe(hidden)
  expect(fromTransport({ kind: "connect", detail: words }, mine).message).not.toContain("open sesame")
})

test("text without secrets stays as it is", () => {
  for (const text of [
    "This task-force of risk-assessment has no key.",
    "Model xai-grok-4-fast is not available, use claude-sonnet-4-5.",
    "You must provide a Bearer token in the Authorization header.",
    "Bearer authentication is required.",
    "Invalid API key: please check your settings.",
    "max_tokens=100 is too low; total_tokens: 5",
    "See https://platform.example.com/account/api-keys for details.",
    "Expected maxLength 40, but got a string with length 51 instead. call_0123456789abcdef0123456789abcdef"
  ]) {
    expect(maskSecrets(text)).toBe(text)
  }
})

test("masking twice changes nothing more", () => {
  fc.assert(
    fc.property(planted, word, ([, shown], before) => {
      const once = maskSecrets(`${before} ${shown}`)
      expect(maskSecrets(once)).toBe(once)
    }),
    { numRuns: runs }
  )
})
