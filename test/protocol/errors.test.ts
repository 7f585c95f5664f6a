import { describe, expect, test } from "vitest"
import {
  type About,
  errorBody,
  errorHeaders,
  fromErrorObject,
  fromTransport,
  fromUpstream,
  gatewayError,
  isOutputBudgetTooSmall,
  maskSecrets
} from "../../src/protocol/errors.ts"
import { bodies } from "./upstreamErrors/bodies.ts"
import { about, type Case } from "./upstreamErrors/case.ts"
import { overflows } from "./upstreamErrors/overflows.ts"
import { statuses } from "./upstreamErrors/statuses.ts"
import { waits } from "./upstreamErrors/waits.ts"

const given = ({ response, about: more }: Case) => fromUpstream(response, { ...about, ...more })

const wanted = ({ status, type, message, retryAfter, shouldRetry, fault }: Case) => ({
  _tag: "GatewayError",
  status,
  type,
  message,
  ...(retryAfter === undefined ? {} : { retryAfter }),
  ...(shouldRetry === undefined ? {} : { shouldRetry }),
  ...(fault === undefined ? {} : { fault })
})

const expectAll = (cases: ReadonlyArray<Case>) => {
  for (const failure of cases) test(`${failure.name}`, () => expect(given(failure)).toEqual(wanted(failure)))
}

describe("the provider's words are found in every shape of body", () => {
  expectAll(bodies)
})

describe("every status becomes the right type", () => {
  expectAll(statuses)
})

describe("context overflow is recognised in every wording", () => {
  expectAll(overflows)
})

describe("the wait is found wherever it is said", () => {
  expectAll(waits)
})

test("every row of the tables of the wire specification has a case", () => {
  const rows = {
    "2.4": "OpenAI, vLLM, LiteLLM, xAI, LM Studio, Ollama, Gemini compat, OpenRouter, FastAPI, gateways",
    // 499 and the breaker are the gateway's own
    "6.1": "400, 401, 402, 403, 404, 405, 408, 409, 413, 429, 500, 502, 503, 200, Codex",
    "6.2":
      "OpenAI, older OpenAI, vLLM newer, llama.cpp, LM Studio, OpenRouter, Copilot, Responses, Gemini, xAI, Kimi, GLM, " +
      "MiniMax, NIM, TGI, Ollama, Mistral, LM Studio other, DashScope, generic, throttling",
    "6.3":
      "retry-after-ms, retry-after, x-ratelimit-reset, x-codex-primary-reset-at, resets_in_seconds, resets_at, " +
      "retryDelay, X-RateLimit-Reset, text, none"
  }
  const names = [...bodies, ...statuses, ...overflows, ...waits].map(({ name }) => name)
  const missing = Object.entries(rows)
    .flatMap(([section, keys]) => keys.split(", ").map((key) => `[${section} ${key}]`))
    .filter((row) => !names.some((name) => name.includes(row)))
  expect(missing).toEqual([])
})

// What Claude Code 2.1.330 reads in messages of status 400.
const clientNumbers = /prompt is too long[^0-9]*(\d+)\s*tokens?\s*>\s*(\d+)/i
const clientAdjusts = /input length and `max_tokens` exceed context limit: (\d+) \+ (\d+) > (\d+)/

test("every overflow makes the client either compact or ask again with less, and never with absurd numbers", () => {
  const messages = overflows.map(({ message }) => message).filter((message) => message.includes(". grok: "))
  const sentences = messages.map((message) => message.split(". grok: ")[0] ?? "")
  const adjusting = sentences.filter((sentence) => clientAdjusts.test(sentence))
  const compacting = sentences.filter((sentence) => !clientAdjusts.test(sentence))
  expect(adjusting.length).toBeGreaterThan(3)
  for (const sentence of adjusting) {
    const [input = 0, output = 0, limit = 0] = (clientAdjusts.exec(sentence) ?? []).slice(1).map(Number)
    expect(input + output).toBeGreaterThan(limit)
    // the client takes what is left less 1000, and gives up below 3000
    expect(limit - input - 1000).toBeGreaterThanOrEqual(3000)
  }
  for (const sentence of compacting) {
    expect(sentence).toMatch(/^prompt is too long(?:: \d+ tokens > \d+ maximum)?$/)
    const [tokens = 1, limit = 0] = (clientNumbers.exec(sentence) ?? []).slice(1).map(Number)
    expect(tokens).toBeGreaterThan(limit)
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

test("where prompt and answer together are too much, what was asked for tells which of them to cut", () => {
  const words = "Please reduce the length of the messages or completion."
  const response = { status: 400, headers: {}, body: JSON.stringify({ error: { message: words } }) }
  const sentence = (more: Partial<About>) => fromUpstream(response, { ...about, ...more }).message.split(". grok: ")[0]
  expect(sentence({ estimate: 90_000, maxTokens: 32_000, window: 100_000 })).toBe(
    "input length and `max_tokens` exceed context limit: 90000 + 32000 > 100000"
  )
  expect(sentence({ estimate: 99_000, maxTokens: 32_000, window: 100_000 })).toBe(
    "prompt is too long: 100001 tokens > 100000 maximum"
  )
  expect(sentence({ estimate: 50_000, maxTokens: 32_000, window: 100_000 })).toBe(
    "prompt is too long: 100001 tokens > 100000 maximum"
  )
  expect(sentence({ estimate: 90_000, window: 100_000 })).toBe("prompt is too long: 100001 tokens > 100000 maximum")
  expect(sentence({ estimate: 90_000, maxTokens: 32_000 })).toBe("prompt is too long")
})

test.each([
  [400, { error: { code: "invalid_encrypted_content", message: "no" } }, "reasoning"],
  [400, { error: { message: "The encrypted content gAAA... could not be verified." } }, "reasoning"],
  [400, { error: { code: 400, message: "Corrupted thought signature.", status: "INVALID_ARGUMENT" } }, "reasoning"],
  [400, { error: { message: "Unable to submit request because Thought signature is not valid.." } }, "reasoning"],
  [400, [{ error: { code: 400, message: "Invalid thought_signature." } }], "reasoning"],
  [400, { error: { message: "Function call is missing a thought_signature in functionCall parts." } }, undefined],
  [500, { error: { message: "Corrupted thought signature." } }, undefined]
])("reasoning that the provider cannot read any more is a fault of its own: %d %j", (status, body, fault) => {
  const error = fromUpstream({ status, headers: {}, body: JSON.stringify(body) }, about)
  expect([error.fault, error.status]).toEqual([fault, status])
})

test("numbers that have nothing to do with it do not confuse a known wording", () => {
  // neither the wordings of nobody in particular, nor codes without words: all numbers may be meant there
  const loose = /generic|code alone/
  const known = overflows.filter(({ name, message }) => !loose.test(name) && message.includes(". grok: "))
  for (const { name, response, about: more, message } of known) {
    const body = response.body.replace(/("(?:message|error|status_msg)":")(?=[^"])/, "$1Request 731042 of 900000: ")
    expect(body, name).not.toBe(response.body)
    const confused = fromUpstream({ ...response, body }, { ...about, ...more }).message
    expect(confused.split(". grok: ")[0], name).toBe(message.split(". grok: ")[0])
  }
})

const inAnswer: ReadonlyArray<readonly [value: unknown, status: number, message: string]> = [
  [{ error: { code: 429, message: "slow" } }, 429, "grok: slow"],
  [{ type: "error", error: { type: "api_error", message: "oops" } }, 500, "grok: oops"],
  [{ error: { type: "server_error", message: "oops" } }, 500, "grok: oops"],
  [{ message: "busy", type: "overloaded_error" }, 529, "grok: busy"],
  [{ error: { status: "UNAVAILABLE", message: "busy" } }, 529, "grok: busy"],
  [{ error: { type: "invalid_request_error", message: "no" } }, 400, "grok: no"],
  [{ error: { type: "timeout_error", message: "late" } }, 504, "grok: late"],
  [{ error: { status: "PERMISSION_DENIED", message: "no" } }, 403, "grok: no"],
  [{ error: { type: "request_too_large", message: "no" } }, 413, "grok: no"],
  [{ error: { type: "billing_error", message: "pay" } }, 402, "grok: pay"],
  [{ error: { code: "invalid_api_key", message: "no" } }, 401, 'grok: no. Check the API key of profile "grok".'],
  [{ error: { code: "context_length_exceeded", message: "no" } }, 400, "prompt is too long. grok: no"],
  [{ error: "too many requests" }, 429, "grok: too many requests"],
  [{ error: { message: "hm" } }, 502, "grok: hm"]
]

test("[6.1 200] [6.1 mid-stream] an error object inside an answer is judged like a body", () => {
  for (const [value, status, message] of inAnswer)
    expect(fromErrorObject(value, about)).toMatchObject({ status, message })
  expect(fromErrorObject({ error: { code: "model_not_found", message: "?" } }, about)).toMatchObject({ status: 404 })
  expect(fromErrorObject("<html><body>Gone away</body></html>", about)).toMatchObject({
    status: 502,
    message: "grok: Gone away"
  })
  for (const nothing of [undefined, null, {}, [], 7, { error: null }, { error: {} }]) {
    expect(fromErrorObject(nothing, about)).toEqual({
      _tag: "GatewayError",
      status: 502,
      type: "api_error",
      message: "grok: the provider reported an error without a message"
    })
  }
})

test("failures below HTTP tell what never left this machine from what may have been at work", () => {
  const faultOf = (kind: Parameters<typeof fromTransport>[0]["kind"]) => fromTransport({ kind }, about).fault
  expect((["connect", "dns", "tls", "connect-timeout"] as const).map(faultOf)).toEqual(Array(4).fill("unsent"))
  expect((["first-byte-timeout", "idle-timeout"] as const).map(faultOf)).toEqual(Array(2).fill("deadline"))
  expect((["reset", "ended-early"] as const).map(faultOf)).toEqual([undefined, undefined])
  expect(faultOf("exhausted")).toBe("own")
})

test("[6.1 502] [6.1 408] failures below HTTP name the host and the cause", () => {
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

test("[6.2 output budget] only a budget that is too small for any answer counts as one", () => {
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

test("[6.1 message] long messages are cut between characters, and the rest of the sentence survives", () => {
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

test("the exchange's own credentials are hidden whatever they look like", () => {
  const mine = { ...about, secrets: ["open sesame", "none"] }
  const words = "There are none. You said open sesame, sorry."
  const hidden = "grok: There are none. You said [masked], sorry."
  expect(fromUpstream({ status: 500, headers: {}, body: words }, mine).message).toBe(hidden)
  expect(fromErrorObject({ error: { message: words } }, mine).message).toBe(hidden)
  expect(fromTransport({ kind: "connect", detail: words }, mine).message).not.toContain("open sesame")
})

test("credentials of every known form are hidden", () => {
  const secret = "q7Zx9w2LmN4p8RtY1sD6"
  for (const text of [
    "sk-1234",
    `mysk-${secret}`,
    `glued${`sk-${secret}`}`,
    `csk-${secret}`,
    `hf_${secret}`,
    `github_pat_${secret}`,
    `gho_${secret}`,
    `nvapi-${secret}`,
    `ya29.${secret}`,
    `AKIA${secret}`,
    `xoxb-${secret}`,
    `eyJhbGciOiJI.eyJzdWIiOiIx.${secret}`,
    `Cookie: session=${secret}`,
    `set-cookie: ${secret}`,
    `"refresh_token":"${secret}"`,
    `session-token: ${secret}`,
    `client_secret=${secret}`,
    `"client_secret": "${secret}"`,
    `"password":"${secret}"`,
    `password=${secret}`,
    `Basic ${secret}==`,
    `Authorization: Basic ${secret}==`,
    `proxy-authorization: ${secret}`,
    `x-goog-api-key: ${secret}`,
    `Ocp-Apim-Subscription-Key: ${secret}`,
    `?signature=${secret}`,
    `?sig=${secret}`
  ]) {
    expect(maskSecrets(text), text).not.toContain(secret.slice(0, 10))
    expect(maskSecrets(text), text).not.toContain("1234")
  }
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
