/** How answers end at servers that have their own ways of it: refusals, lost calls, failures and whole messages at the end. */
import { describe, expect, test } from "vitest"
import type { JsonObject } from "../../../src/testing/json.ts"
import { callDelta, contextOf, delta, done, read, readText, readWholeText, say } from "../turns.ts"

test("a choice without a message still says how the answer ended", () => {
  const told = (word: string) => readWholeText(JSON.stringify({ choices: [{ index: 0, finish_reason: word }] })).end
  expect(told("content_filter: PROHIBITED_CONTENT")).toBe("refusal")
  expect(told("function_call_filter: MALFORMED_FUNCTION_CALL")).toBe("http 502 api_error")
})

describe("an error beside a choice, as OpenRouter tells that the provider behind it failed", () => {
  const error = { code: 429, message: "Provider returned error", metadata: { raw: "too many", provider_name: "P" } }
  const choice = { index: 0, finish_reason: "error", error }

  test("is the failure of a whole answer, with its own kind and words", () => {
    const answer = readWholeText(JSON.stringify({ choices: [{ ...choice, message: { content: "half" } }] }))
    expect(answer.end).toBe("http 429 rate_limit_error")
    expect(answer.failure?.message).toBe("acme: too many (P)")
  })

  test("is the failure of a stream, behind what was said in the same chunk", () => {
    expect(read([{ choices: [{ ...choice, delta: {} }] }])).toMatchObject({ end: "http 429 rate_limit_error" })
    expect(read([say("a"), { choices: [{ ...choice, delta: { content: "b" } }] }])).toMatchObject({
      content: ["text: ab"],
      end: "error rate_limit_error"
    })
  })
})

describe("a stream that ends with the whole message, as MiniMax's do", () => {
  const message = {
    content: "Hello",
    reasoning_content: "hm",
    reasoning_details: [{ type: "reasoning.text", text: "hm" }],
    tool_calls: [callDelta({ id: "call_1", name: "Read", args: '{"p":1}' })]
  }
  const last = { choices: [{ index: 0, finish_reason: "tool_calls", message }] }

  test("says nothing twice", () => {
    const answer = read([
      delta({ reasoning_content: "h", reasoning_details: [{ type: "reasoning.text", text: "h" }] }),
      delta({ reasoning_content: "m", reasoning_details: [{ type: "reasoning.text", text: "m" }] }),
      say("Hel"),
      say("lo"),
      delta({ tool_calls: [callDelta({ index: 0, id: "call_1", name: "Read", args: '{"p":1}' })] }),
      last,
      done
    ])
    expect(answer).toMatchObject({ content: ["thinking: hm", "text: Hello", 'Read {"p":1}'], end: "tool_use" })
  })

  test("brings what no delta has brought", () => {
    const role = delta({ role: "assistant" })
    expect(read([role, last, done])).toMatchObject({
      content: ["thinking: hm", "text: Hello", 'Read {"p":1}'],
      end: "tool_use"
    })
    expect(read([role, say("Hello"), last, done])).toMatchObject({ end: "tool_use" })
    expect(read([role, delta({ reasoning_content: "hm" }), last, done]).content).toEqual([
      "thinking: hm",
      "text: Hello",
      'Read {"p":1}'
    ])
  })

  test("pieces in messages only are told as they come", () => {
    const piece = (content: string) => ({ choices: [{ index: 0, message: { content } }] })
    expect(read([piece("a"), piece("b"), delta({}, "stop"), done]).content).toEqual(["text: ab"])
  })
})

test("an answer that Groq stopped too early is a failure, in its words", () => {
  const answer = read([say("a"), delta({}, null, { x_groq: { id: "req_1", error: "over capacity" } }), done])
  expect(answer).toMatchObject({ content: ["text: a"], end: "error overloaded_error" })
  expect(answer.failure?.message).toBe("acme: over capacity")
})

test("usage that Groq reports beside the choices counts where it is the only one", () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
  const answer = read([say("a"), delta({}, "stop", { x_groq: { id: "req_1", usage } }), done])
  expect(answer.usage).toMatchObject({ input_tokens: 10, output_tokens: 5 })
})

test("a path that is not served, as GLM says it under HTTP 200", () => {
  const body = JSON.stringify({ code: 500, msg: "404 NOT_FOUND", success: false })
  for (const protocol of ["chat", "responses"] as const) {
    for (const answer of [readText(body, contextOf({ protocol })), readWholeText(body, contextOf({ protocol }))]) {
      expect(answer.end).toBe("http 404 not_found_error")
      expect(answer.failure?.message).toContain("base URL")
    }
  }
})

describe("what says nothing", () => {
  test("an error in which nothing stands is none", () => {
    for (const error of [{}, { message: "", type: "", param: null, code: 0 }, "", false, null]) {
      expect(read([{ ...say("a"), error }, delta({}, "stop"), done])).toMatchObject({ end: "end_turn" })
    }
    expect(read([{ error: {} }, done]).end).toBe("http 502 api_error")
  })

  test("usage that is all zeros, before the provider has counted or after it, is no report", () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, total_characters: 0 }
    const counted = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
    const told = (...all: ReadonlyArray<JsonObject>) =>
      read([say("abc"), ...all.map((usage) => ({ choices: [], usage })), delta({}, "stop"), done]).usage
    expect(told(zero, counted, zero)).toMatchObject({ input_tokens: 10, output_tokens: 5 })
    // the context's estimate
    expect(told(zero)).toMatchObject({ input_tokens: 40, output_tokens: 1 })
  })
})
