/** Whole Responses bodies as Messages: the rows of §4.6, and usage (§4.12). */
import { describe, expect, it } from "vitest"
import { fromResponsesUsage } from "../../../src/protocol/responses/usage.ts"
import type { JsonObject } from "../../../src/testing/json.ts"
import { readWhole } from "../turns.ts"
import { body, call, message, payloads, reasoning, responses, whole } from "./answers.ts"

const incompleteBody = (reason: string, refused = false): JsonObject =>
  body([message("m", refused ? { type: "refusal", refusal: "no" } : "hi")], {
    status: "incomplete",
    incomplete_details: { reason }
  })

describe("§4.6 rows", () => {
  it("[4.6 reasoning] is thinking with its item in the envelope, its summary parts apart", () => {
    const told = whole([reasoning("rs_1", ["one", "two"], "enc"), message("msg_1", "hi")])
    expect(told.content).toEqual(["thinking: one\n\ntwo", "text: hi"])
    const { summary, ...rest } = reasoning("rs_1", ["one", "two"], "enc")
    expect(payloads(told)).toEqual([
      { item: Object.fromEntries(Object.entries({ ...rest, summary }).filter(([key]) => key !== "status")) }
    ])
  })

  it("[4.6 reasoning] without a summary uses its reasoning_text, and without any text is redacted", () => {
    const open = { ...reasoning("rs_1", []), content: [{ type: "reasoning_text", text: "raw" }] }
    expect(whole([open]).content).toEqual(["thinking: raw"])
    expect(whole([{ ...open, summary: [{ type: "summary_text", text: "short" }] }]).content).toEqual([
      "thinking: short"
    ])
    expect(whole([reasoning("rs_1", [], "enc")]).content).toEqual(["redacted_thinking"])
    expect(whole([reasoning("rs_1", []), reasoning("rs_2", [""])]).content).toEqual([])
  })

  it("[4.6 message] is one text for all parts of a message", () => {
    expect(whole([message("msg_1", "one ", "two"), message("msg_2", "three")]).content).toEqual([
      "text: one two",
      "text: three"
    ])
    expect(whole([message("msg_1"), message("msg_2", "")]).content).toEqual([])
    expect(whole([{ type: "message", role: "assistant", content: "bare" }]).content).toEqual(["text: bare"])
  })

  it("[4.6 message] is text and a refusal", () => {
    const told = whole([message("msg_1", { type: "refusal", refusal: "I will not" })])
    expect(told.content).toEqual(["text: I will not"])
    expect(told.end).toBe("refusal")
    expect(told.message["stop_details"]).toMatchObject({ type: "refusal", explanation: "I will not" })
  })

  it("[4.6 function_call] is a call under its call_id, never under its item's id", () => {
    const told = whole([call("call_1", "Read", '{"a":1}'), call("a:b", "Bash", { b: 2 })])
    expect(told.message["content"]).toEqual([
      { type: "tool_use", id: "call_1", name: "Read", input: { a: 1 } },
      { type: "tool_use", id: "cdx_YTpi", name: "Bash", input: { b: 2 } }
    ])
  })

  it.each([
    ["", {}],
    ["null", {}],
    ["{", {}],
    [null, {}],
    ['"{\\"a\\":1}"', { a: 1 }]
  ])("[4.6 function_call] arguments %j become an object or none", (args, input) => {
    expect(whole([call("call_1", "Read", args)]).message["content"]).toMatchObject([{ input }])
  })

  it("[4.6 function_call] without a name is dropped and does not count", () => {
    expect(whole([message("m", "hi"), call("call_1", "", "{}")])).toMatchObject({
      content: ["text: hi"],
      end: "end_turn"
    })
  })

  it("[4.6 custom_tool_call] is a call with its free text as input", () => {
    const item = { type: "custom_tool_call", id: "ctc_1", call_id: "call_1", name: "Bash", input: "ls -la" }
    expect(whole([item]).content).toEqual(['Bash {"input":"ls -la"}'])
    expect(whole([item]).end).toBe("tool_use")
  })

  it("[4.6 unknown] items of other types are ignored", () => {
    const odd = [{ type: "compaction", id: "c" }, { type: "__proto__" }, { type: "constructor" }, 7, null, {}]
    expect(whole([...odd, message("msg_1", "hi")]).content).toEqual(["text: hi"])
  })

  it.each<readonly [string, JsonObject, string]>([
    ["incomplete and max_output_tokens", incompleteBody("max_output_tokens"), "max_tokens"],
    ["incomplete and max_output_tokens with a refusal", incompleteBody("max_output_tokens", true), "max_tokens"],
    ["incomplete and content_filter", incompleteBody("content_filter"), "refusal"],
    ["incomplete without a reason", { ...incompleteBody("x"), incomplete_details: null }, "max_tokens"],
    ["any call", body([message("m", "hi"), call("call_1", "Read", "{}")]), "tool_use"],
    ["nothing else", body([message("m", "hi")]), "end_turn"],
    ["nothing at all", body([]), "end_turn"],
    ["no status", { output: [message("m", "hi")] }, "end_turn"]
  ])("[4.6 stop] %s ends with the right reason", (_, sent, end) => {
    expect(readWhole(sent, responses()).end).toBe(end)
  })

  it.each([
    ["failed", { status: "failed", error: { code: "server_error", message: "boom" } }, "http 500 api_error"],
    ["failed without words", { status: "failed" }, "http 502 api_error"],
    ["cancelled", { status: "cancelled" }, "http 502 api_error"],
    ["still queued", { status: "queued" }, "http 502 api_error"],
    ["still in progress", { status: "in_progress" }, "http 502 api_error"],
    [
      "completed with an error",
      { error: { code: "rate_limit_exceeded", message: "slow" } },
      "http 429 rate_limit_error"
    ]
  ])("[4.6 failed] a body that is %s is an HTTP error under status 200", (_, more, end) => {
    expect(whole([message("m", "hi")], more).end).toBe(end)
  })

  it("[4.6 failed] a body without any output is an error too", () => {
    expect(readWhole({ error: { message: "no such model", code: "model_not_found" } }, responses()).end).toBe(
      "http 404 not_found_error"
    )
    expect(readWhole({ detail: "Unauthorized" }, responses()).failure?.message).toContain("Unauthorized")
    expect(readWhole({ id: "resp_1" }, responses()).end).toBe("http 502 api_error")
    expect(readWhole([], responses()).end).toBe("http 502 api_error")
  })

  it("[4.6 model] is the string the client sent", () => {
    expect(whole([message("m", "hi")], { model: "gpt-x-2026" }).message["model"]).toBe("claude-test[1m]")
  })
})

describe("§4.12 usage of Responses", () => {
  it("[4.6 usage] [4.12 Responses] parts the input and says what reasoning took", () => {
    const usage = {
      input_tokens: 4017,
      input_tokens_details: { cached_tokens: 4004, cache_write_tokens: 10 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 4047
    }
    expect(whole([message("m", "hi")], { usage }).usage).toEqual({
      input_tokens: 3,
      cache_read_input_tokens: 4004,
      cache_creation_input_tokens: 10,
      output_tokens: 30,
      output_tokens_details: { thinking_tokens: 20 }
    })
  })

  it.each([
    ["more cached than counted", { input_tokens: 10, input_tokens_details: { cached_tokens: 64 } }, [10, 64, 0]],
    ["the total instead of the output", { input_tokens: 10, total_tokens: 25 }, [10, 0, 15]],
    ["no details", { input_tokens: 10, output_tokens: 5, input_tokens_details: null }, [10, 0, 5]],
    ["negative counts", { input_tokens: -1, output_tokens: 5 }, [0, 0, 5]]
  ])("[4.12 Responses] reads %s", (_, usage, [input, cached, output]) => {
    const known = fromResponsesUsage(usage)
    expect([known?.inputTokens, known?.cacheReadTokens, known?.outputTokens]).toEqual([input, cached, output])
  })

  it.each([undefined, null, {}, "12", { input_tokens: "12" }])("[4.12 Responses] %j reports nothing", (usage) => {
    expect(fromResponsesUsage(usage)).toBeUndefined()
  })
})
