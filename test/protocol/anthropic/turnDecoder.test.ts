/** Anthropic answers as turn events: the way back, for round trips and for other clients. */
import { describe, expect, test } from "vitest"
import { anthropicTurnDecoder } from "../../../src/protocol/anthropic/turnDecoder.ts"
import { seal, type Replay } from "../../../src/protocol/reasoning.ts"
import type { TurnEvent } from "../../../src/protocol/turn.ts"
import { readAnthropicSse } from "../../../src/testing/anthropicGrammar.ts"
import { unfoldMessage } from "../../../src/testing/anthropicMessage.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"

const about = { provider: "acme", model: "m", now: 0 }

const whole = (message: Json): ReadonlyArray<TurnEvent> => {
  const out: Array<TurnEvent> = []
  anthropicTurnDecoder(about, (event) => out.push(event)).whole(message)
  return out
}

const streamed = (records: ReadonlyArray<JsonObject>): ReadonlyArray<TurnEvent> => {
  const out: Array<TurnEvent> = []
  const decoder = anthropicTurnDecoder(about, (event) => out.push(event))
  for (const record of records) decoder.record(String(record["type"]), JSON.stringify(record))
  decoder.end()
  return out
}

const replay: Replay = { provider: "p", model: "m", protocol: "chat", payload: {} }
const message = (content: ReadonlyArray<JsonObject>, more: JsonObject = {}): JsonObject => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content,
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 4 },
  ...more
})
const finishOf = (events: ReadonlyArray<TurnEvent>) =>
  events.flatMap((event) => (event.type === "stop" ? [event.finish] : []))

describe("a whole message", () => {
  test("blocks in order, then usage, then the stop", () => {
    const content = [
      { type: "thinking", thinking: "hm", signature: seal(replay) },
      { type: "text", text: "a" },
      { type: "tool_use", id: "x", name: "Read", input: { n: 1 } },
      { type: "tool_use", id: "y", name: "Bash", input: {} }
    ]
    expect(whole(message(content, { stop_reason: "tool_use" }))).toEqual([
      { type: "start" },
      { type: "reasoning", text: "hm" },
      { type: "reasoning-seal", replay },
      { type: "text", text: "a" },
      { type: "call-start", key: 2, name: "Read", id: "x" },
      { type: "call-args", key: 2, json: '{"n":1}' },
      { type: "call-start", key: 3, name: "Bash", id: "y" },
      { type: "usage", usage: { inputTokens: 3, outputTokens: 4, cacheReadTokens: 0, cacheWriteTokens: 0 } },
      { type: "stop", finish: { reason: "calls" } }
    ])
  })

  test("foreign signatures and redacted blocks seal nothing", () => {
    const content = [
      { type: "thinking", thinking: "hm", signature: "EqQB" },
      { type: "redacted_thinking", data: "EqQB" }
    ]
    expect(whole(message(content)).some((event) => event.type === "reasoning-seal")).toBe(false)
  })

  test.each<[string, string]>([
    ["end_turn", "stop"],
    ["pause_turn", "stop"],
    ["something new", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "calls"],
    ["refusal", "filter"]
  ])("stop_reason %s is %s", (reason, expected) => {
    expect(finishOf(whole(message([], { stop_reason: reason })))).toEqual([{ reason: expected }])
  })

  test("a stop sequence is named", () => {
    expect(finishOf(whole(message([], { stop_reason: "stop_sequence", stop_sequence: "END" })))).toEqual([
      { reason: "stop", sequence: "END" }
    ])
  })

  test.each<Json>([
    { type: "error", error: { type: "overloaded_error", message: "busy" } },
    { unexpected: true },
    "text",
    null
  ])("%j is a failure", (body) => {
    expect(whole(body)).toMatchObject([{ type: "fail" }])
  })
})

describe("a stream", () => {
  test("its events are those of the whole message, arguments in pieces", () => {
    const body = message([
      { type: "text", text: "a" },
      { type: "tool_use", id: "x", name: "Read", input: { n: 1 } }
    ])
    const kinds = (events: ReadonlyArray<TurnEvent>) =>
      events.filter((event) => event.type !== "usage" && !(event.type === "text" && event.text === ""))
    const records = readAnthropicSse(unfoldMessage(body)).events
    expect(kinds(streamed(records))).toEqual(kinds(whole(body)))
  })

  test("later counters replace earlier ones, missing and null ones leave them", () => {
    const events = streamed([
      { type: "message_start", message: { usage: { input_tokens: 9, cache_read_input_tokens: 5, output_tokens: 1 } } },
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn" },
        usage: { input_tokens: null, output_tokens: 7, output_tokens_details: { thinking_tokens: 2 } }
      },
      { type: "message_stop" }
    ])
    expect(events.filter((event) => event.type === "usage").at(-1)).toEqual({
      type: "usage",
      usage: { inputTokens: 9, cacheReadTokens: 5, cacheWriteTokens: 0, outputTokens: 7, reasoningTokens: 2 }
    })
  })

  test("pings and unknown events are nothing", () => {
    const records = [{ type: "ping" }, { type: "message_start" }, { type: "novelty" }, { type: "message_stop" }]
    expect(streamed(records)).toMatchObject([{ type: "start" }, { type: "stop" }])
  })

  test("without message_stop it was cut, whatever message_delta said", () => {
    expect(streamed([{ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: {} }]).at(-1)).toMatchObject({
      type: "fail",
      error: { status: 502 }
    })
  })

  const blockStart = (index: number, block: JsonObject) => ({
    type: "content_block_start",
    index,
    content_block: block
  })
  const argsDelta = (index: number, partial_json: string) => ({
    type: "content_block_delta",
    index,
    delta: { type: "input_json_delta", partial_json }
  })

  test("whatever comes first is preceded by the start, once", () => {
    const text = blockStart(0, { type: "text", text: "a" })
    const events = streamed([text, { type: "message_start" }, { type: "message_stop" }])
    expect(events.map(({ type }) => type)).toEqual(["start", "text", "stop"])
    expect(streamed([{ type: "message_stop" }]).map(({ type }) => type)).toEqual(["start", "stop"])
  })

  test("a call without a name is passed over, with its arguments", () => {
    const records = [
      blockStart(0, { type: "tool_use", id: "a", name: "" }),
      argsDelta(0, "{}"),
      { type: "message_stop" }
    ]
    expect(streamed(records).map(({ type }) => type)).toEqual(["start", "stop"])
  })

  test("two calls under one index are two calls, each with its arguments", () => {
    const read = (id: string) => blockStart(0, { type: "tool_use", id, name: "Read" })
    const records = [read("a"), argsDelta(0, "{}"), read("b"), argsDelta(0, '{"n":1}'), { type: "message_stop" }]
    expect(streamed(records).slice(1, -1)).toEqual([
      { type: "call-start", key: 0, name: "Read", id: "a" },
      { type: "call-args", key: 0, json: "{}" },
      { type: "call-start", key: 1, name: "Read", id: "b" },
      { type: "call-args", key: 1, json: '{"n":1}' }
    ])
  })

  test("arguments for a block that is no call are nothing", () => {
    const records = [blockStart(0, { type: "text", text: "a" }), argsDelta(0, "{}"), { type: "message_stop" }]
    expect(streamed(records).map(({ type }) => type)).toEqual(["start", "text", "stop"])
  })

  test.each([['{"type":"content_block_delta",'], ["not json"], ["[".repeat(600) + "]".repeat(600)]])(
    "a record that cannot be read fails the turn: it may have been a part of the answer",
    (data) => {
      const out: Array<TurnEvent> = []
      const decoder = anthropicTurnDecoder(about, (event) => out.push(event))
      decoder.record("", '{"type":"message_start"}')
      decoder.record("", "ping")
      decoder.record("", data)
      decoder.record("", '{"type":"message_stop"}')
      decoder.end()
      expect(out).toMatchObject([{ type: "start" }, { type: "fail", error: { status: 502 } }])
    }
  )

  test("an error event is the end", () => {
    const error = { type: "error", error: { type: "overloaded_error", message: "busy" } }
    expect(streamed([error, { type: "message_stop" }])).toMatchObject([
      { type: "fail", error: { type: "overloaded_error" } }
    ])
  })
})
