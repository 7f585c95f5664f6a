/** How streamed Responses answers end: the rows of §4.7 on terminal records, failures and citations. */
import { describe, expect, it } from "vitest"
import type { JsonObject } from "../../../src/testing/json.ts"
import {
  added,
  body,
  call,
  completed,
  incomplete,
  itemDone,
  message,
  on,
  reasoning,
  responses,
  stream,
  summaryDelta,
  textDelta
} from "./answers.ts"

const hi = [added(0, message("msg_1")), textDelta(0, "hi")]

describe("§4.7 the end", () => {
  it("[4.7 response.completed] tells what was never streamed, and nothing twice", () => {
    const output = [
      reasoning("rs_1", ["hm"], "enc"),
      message("msg_1", "hi there"),
      call("call_1", "Read", '{"a":1}'),
      call("call_2", "Bash", '{"b":2}')
    ]
    const all = ["thinking: hm", "text: hi there", 'Read {"a":1}', 'Bash {"b":2}']
    expect(stream([completed(output)]).content).toEqual(all)
    expect(
      stream([summaryDelta(0, "h"), textDelta(1, "hi"), added(2, call("call_1", "Read", "")), completed(output)])
        .content
    ).toEqual(["thinking: h", "text: hi", 'Read {"a":1}', "thinking: m", "text:  there", 'Bash {"b":2}'])
    expect(stream([...output.map((item, at) => itemDone(at, item)), completed(output)]).content).toEqual(all)
    expect(stream([...output.map((item, at) => itemDone(at, item)), completed([])]).content).toEqual(all)
  })

  it("[4.7 response.completed] knows items again that have other ids or numbers in every record (Copilot)", () => {
    const output = [message("x3", "hi"), call("call_1", "Read", '{"a":1}', "x6")]
    const told = stream([
      added(0, message("x1")),
      textDelta(0, "hi", { item_id: "x2" }),
      itemDone(0, message("x2", "hi")),
      added(1, call("call_1", "Read", "", "x4")),
      on("function_call_arguments.delta", { output_index: 1, item_id: "x5", delta: '{"a":1}' }),
      itemDone(1, call("call_1", "Read", '{"a":1}', "x5")),
      completed(output)
    ])
    expect(told.content).toEqual(["text: hi", 'Read {"a":1}'])
    const shifted = completed([reasoning("rs_0", []), ...output])
    expect(stream([itemDone(0, message("a", "hi")), shifted]).content).toEqual(["text: hi", 'Read {"a":1}'])
  })

  it("[4.7 response.completed] may be called done, and then states how it ended", () => {
    const done = (more: JsonObject) => on("done", { response: body([message("msg_1", "hi")], more) })
    expect(stream([...hi, done({})])).toMatchObject({ content: ["text: hi"], end: "end_turn" })
    expect(stream([...hi, done({ status: "incomplete" })]).end).toBe("max_tokens")
    expect(stream([...hi, done({ status: "failed" })]).end).toBe("error api_error")
  })

  it("[4.7 response.completed] with a failed status or an error is an error", () => {
    const error = { code: "server_error", message: "boom" }
    expect(stream([...hi, completed([], { status: "failed", error })]).end).toBe("error api_error")
    expect(stream([completed([], { error })]).failure?.message).toContain("boom")
    expect(stream([completed([], { status: "cancelled" })]).end).toBe("http 502 api_error")
  })

  it.each([
    ["max_output_tokens", "max_tokens"],
    ["content_filter", "refusal"],
    ["some_future_reason", "max_tokens"]
  ])("[4.7 response.incomplete] for %s ends with %s", (reason, end) => {
    expect(stream([...hi, incomplete(reason, [message("msg_1", "hi the")])])).toMatchObject({
      content: ["text: hi the"],
      end
    })
  })

  it.each([
    ["rate_limit_exceeded", "Rate limit reached. Please try again in 1.2s.", "http 429 rate_limit_error"],
    [
      "context_length_exceeded",
      "Your input exceeds the context window of this model.",
      "http 400 invalid_request_error"
    ],
    ["insufficient_quota", "You exceeded your current quota.", "http 402 billing_error"],
    ["server_is_overloaded", "busy", "http 529 overloaded_error"],
    ["invalid_prompt", "no", "http 400 invalid_request_error"]
  ])(
    "[4.7 response.failed] with %s is an HTTP error before anything was said, an event behind it",
    (code, text, end) => {
      const failed = on("failed", { response: { status: "failed", error: { code, message: text }, output: [] } })
      expect(stream([on("created"), failed]).end).toBe(end)
      expect(stream([on("created"), failed]).failure?.message).toContain(text)
      expect(stream([...hi, failed]).end).toBe(`error ${end.split(" ")[2]}`)
      const event = { type: "error", code, message: text, param: null, sequence_number: 3 }
      expect(stream([event]).end).toBe(end)
      expect(stream([{ type: "error", error: { type: code, code, message: text } }]).end).toBe(end)
      expect(stream([{ error: { code, message: text } }]).end).toBe(end)
    }
  )

  it("[4.7 response.failed] without a word is a bad gateway", () => {
    expect(stream([on("failed", { response: { status: "failed", error: null } })]).end).toBe("http 502 api_error")
    expect(stream([{ detail: "Unsupported parameter: foo" }]).failure?.message).toContain("Unsupported parameter")
  })

  it("[4.7 codex.rate_limits] fails the turn only when the limit is reached and nothing was said yet", () => {
    const window = (used: number, seconds: number) => ({
      used_percent: used,
      window_minutes: 300,
      reset_after_seconds: seconds
    })
    const limits = (reached: boolean) => ({
      type: "codex.rate_limits",
      rate_limits: {
        allowed: !reached,
        limit_reached: reached,
        primary: window(reached ? 100 : 20, 90.5),
        secondary: window(30, 9000)
      }
    })
    expect(stream([limits(false), ...hi, limits(true), completed()]).end).toBe("end_turn")
    const refused = stream([on("created"), limits(true), ...hi, completed()])
    expect(refused.end).toBe("http 429 rate_limit_error")
    expect(refused.failure).toMatchObject({ retryAfter: 91, shouldRetry: false })
  })

  it("[4.7 annotations] are listed at the end of their text when the policy says so, else dropped", () => {
    const annotation = (url: string, title?: string) =>
      on("output_text.annotation.added", {
        output_index: 0,
        annotation: { type: "url_citation", url, ...(title === undefined ? {} : { title }) }
      })
    const records = [
      ...hi,
      annotation("https://a.example/", "A"),
      annotation("https://b.example/"),
      annotation("https://a.example/"),
      itemDone(0, message("msg_1", "hi")),
      itemDone(1, call("call_1", "Read", "{}")),
      completed()
    ]
    expect(stream(records).content).toEqual(["text: hi", "Read {}"])
    expect(stream(records, responses({ citations: "text" })).content).toEqual([
      "text: hi\n\nSources:\n- A: https://a.example/\n- https://b.example/",
      "Read {}"
    ])
    const enforcing = responses({ citations: "text", stopSequences: ["\n\n"], enforceStop: ["\n\n"] })
    expect(stream(records, enforcing).end).toBe("tool_use")
    expect(stream(records, enforcing).content).toEqual(stream(records, responses({ citations: "text" })).content)
  })
})
