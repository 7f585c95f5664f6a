/** Turn events as Anthropic events, where no Chat answer leads: §1.6, §4.3 stop precedence, §4.9.2 envelopes. */
import { describe, expect, test } from "vitest"
import { messageFold, pingRecord, renderEvent } from "../../../src/protocol/anthropic/render.ts"
import { stopReason, turnEncoder } from "../../../src/protocol/anthropic/turnEncoder.ts"
import type { WireEvent } from "../../../src/protocol/anthropic/wire.ts"
import type { TurnContext } from "../../../src/protocol/context.ts"
import { gatewayError } from "../../../src/protocol/errors.ts"
import { unseal, type Replay } from "../../../src/protocol/reasoning.ts"
import type { Finish, TurnEvent } from "../../../src/protocol/turn.ts"
import { streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import { contextOf } from "../turns.ts"

const text = (value: string): TurnEvent => ({ type: "text", text: value })
const reasoning = (value: string): TurnEvent => ({ type: "reasoning", text: value })
const stop: TurnEvent = { type: "stop", finish: { reason: "stop" } }
const start = (key: number, name = "Read"): TurnEvent => ({ type: "call-start", key, name, id: `c${key}` })
const args = (key: number, json: string): TurnEvent => ({ type: "call-args", key, json })
const replay: Replay = { provider: "p", model: "m", protocol: "chat", payload: { details: [1] } }

const encode = (events: ReadonlyArray<TurnEvent>, context: TurnContext = contextOf(), live = true) => {
  const out: Array<WireEvent> = []
  const encoder = turnEncoder(
    context,
    (event) => out.push(event),
    () => live
  )
  events.forEach(encoder.sink)
  return { out, encoder, types: out.map((event) => event.type) }
}

/** Blocks by type, with their deltas' text joined. */
const blocks = (events: ReadonlyArray<WireEvent>): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (const event of events) {
    if (event.type === "content_block_start") found.push(`${event.content_block.type}:`)
    if (event.type === "content_block_delta") {
      const { delta } = event
      const piece = delta.type === "text_delta" ? delta.text : delta.type === "thinking_delta" ? delta.thinking : ""
      found[event.index] += delta.type === "input_json_delta" ? delta.partial_json : piece
    }
  }
  return found
}

describe("§1.6 grammar", () => {
  test("every event has its line and its type, ended by a blank line (§1.7.1, §1.7.2)", () => {
    expect(renderEvent({ type: "message_stop" })).toBe('event: message_stop\ndata: {"type":"message_stop"}\n\n')
    expect(pingRecord).toBe('event: ping\ndata: {"type":"ping"}\n\n')
  })

  test("anything but usage and a failure opens the message", () => {
    const usage: TurnEvent = {
      type: "usage",
      usage: { inputTokens: 5, outputTokens: 0, cacheReadTokens: 1, cacheWriteTokens: 2 }
    }
    expect(encode([usage]).types).toEqual([])
    expect(encode([usage, { type: "start" }]).out).toMatchObject([
      { message: { usage: { input_tokens: 5, cache_read_input_tokens: 1, cache_creation_input_tokens: 2 } } }
    ])
    for (const first of [text("a"), reasoning("a"), start(0), stop])
      expect(encode([first]).types[0]).toBe("message_start")
  })

  test("a failure before the start says nothing: the client can get a real HTTP status", () => {
    const { encoder, types } = encode([{ type: "fail", error: gatewayError("rate_limit_error", "slow") }, text("a")])
    expect(types).toEqual([])
    expect([encoder.started(), encoder.ended()]).toEqual([false, true])
    expect(encoder.failure()).toMatchObject({ status: 429 })
  })

  test("a failure behind it is an error event, and the end", () => {
    const { types } = encode([text("a"), { type: "fail", error: gatewayError("api_error", "gone") }, text("b"), stop])
    expect(types).toEqual(["message_start", "content_block_start", "content_block_delta", "error"])
  })

  test("empty text, reasoning and refusal open no block", () => {
    expect(encode([text(""), reasoning(""), { type: "refusal", text: "" }, stop]).types).toEqual([
      "message_start",
      "message_delta",
      "message_stop"
    ])
  })

  test("message_delta has both stop fields and all counters; reasoning tokens only when known", () => {
    const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 }
    const last = (more: object) => encode([{ type: "usage", usage: { ...usage, ...more } }, stop]).out.at(-2)
    const counters = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 }
    expect(last({})).toEqual({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: counters
    })
    expect(last({ reasoningTokens: 1 })).toMatchObject({
      usage: { ...counters, output_tokens_details: { thinking_tokens: 1 } }
    })
  })

  test.each<readonly [string, ReadonlyArray<TurnEvent>, ReadonlyArray<string>]>([
    [
      "before a call goes to the text behind it",
      [text("\n\n"), start(0), args(0, "{}"), text("a")],
      ["tool_use:", "text:\n\na"]
    ],
    [
      "between calls or at the end makes no block",
      [start(0), text(" "), start(1), text("\n")],
      ["tool_use:", "tool_use:"]
    ],
    ["before text is its beginning", [text(" "), text("\n"), text("a"), text(" ")], ["text: \na "]],
    ["does not part reasoning", [reasoning("a"), text("\n"), reasoning("b"), text("c")], ["thinking:ab", "text:\nc"]],
    ["is an empty message by itself", [text("  ")], []]
  ])("white space that %s: the wire refuses blocks of nothing else", (_, events, expected) => {
    expect(blocks(encode([...events, stop]).out)).toEqual(expected)
  })

  test("a text that was ended stays apart from the next one, also behind an open call", () => {
    const apart: ReadonlyArray<TurnEvent> = [text("a"), { type: "text-end" }, { type: "text-end" }, text("b")]
    expect(blocks(encode([...apart, stop]).out)).toEqual(["text:a", "text:b"])
    expect(blocks(encode([start(0), args(0, '{"x"'), ...apart, args(0, ":1}"), stop]).out)).toEqual([
      'tool_use:{"x":1}',
      "text:a",
      "text:b"
    ])
    expect(blocks(encode([{ type: "text-end" }, stop]).out)).toEqual([])
  })
})

describe("§4.3 stop precedence as a function of finish, calls, refusal and matched sequence", () => {
  const rows: ReadonlyArray<[Finish["reason"], boolean, boolean, string | undefined, string]> = [
    ["length", true, true, "END", "max_tokens"],
    ["filter", true, false, "END", "refusal"],
    ["stop", true, true, "END", "refusal"],
    ["calls", true, false, "END", "tool_use"],
    ["stop", true, false, undefined, "tool_use"],
    ["stop", false, false, "END", "stop_sequence"],
    ["stop", false, false, "not asked for", "end_turn"],
    ["stop", false, false, undefined, "end_turn"],
    ["calls", false, false, undefined, "end_turn"]
  ]
  test.each(rows)(
    "finish %s, calls %s, refused %s, sequence %s: %5$s",
    (reason, hasCalls, refused, sequence, expected) => {
      const finish = { reason, ...(sequence === undefined ? {} : { sequence }) }
      expect(stopReason(finish, hasCalls, refused, ["END"])).toBe(expected)
    }
  )
})

describe("§4.9.2 envelopes", () => {
  const signatures = (events: ReadonlyArray<TurnEvent>) =>
    encode(events).out.flatMap((event) =>
      event.type === "content_block_delta" && event.delta.type === "signature_delta"
        ? [unseal(event.delta.signature)]
        : []
    )

  test("a thinking block is sealed with what its provider wants back", () => {
    expect(signatures([reasoning("a"), { type: "reasoning-seal", replay }, text("b"), stop])).toEqual([replay])
  })

  test("or with nothing but its origin, when the visible text is all", () => {
    const plain = { provider: "generic", model: "acme-1", protocol: "chat", payload: {} }
    expect(signatures([reasoning("a"), text("b"), reasoning("c"), stop])).toEqual([plain, plain])
  })

  test("a seal without visible reasoning is redacted_thinking, complete in its start", () => {
    const { out } = encode([{ type: "reasoning-seal", replay }, text("b"), stop])
    expect(blocks(out)).toEqual(["redacted_thinking:", "text:b"])
    expect(streamViolations(out.map(renderEvent).join(""))).toEqual([])
  })
})

describe("§4.4.7, §4.4.8 calls that know their end", () => {
  test("a call that ended makes room for what waits, complete or not", () => {
    const { out } = encode([start(0), text("a"), { type: "call-end", key: 0 }, start(1), args(1, '{"n":1}'), stop])
    expect(blocks(out)).toEqual(["tool_use:", "text:a", 'tool_use:{"n":1}'])
  })

  test("and does so at once, not at the end of the turn", () => {
    const waiting = [start(0), text("a")]
    expect(blocks(encode(waiting).out)).toEqual(["tool_use:"])
    expect(blocks(encode([...waiting, { type: "call-end", key: 0 }]).out)).toEqual(["tool_use:", "text:a"])
    // complete arguments need no such word
    expect(blocks(encode([start(0), args(0, '{"n":1}'), text("a")]).out)).toEqual(['tool_use:{"n":1}', "text:a"])
  })

  test("arguments for a call nobody started are nothing", () => {
    expect(encode([args(7, "{}"), { type: "call-end", key: 7 }, stop]).types).toEqual([
      "message_start",
      "message_delta",
      "message_stop"
    ])
  })

  test("a reader of the whole message never pays for broken arguments with the turn", () => {
    const events = [start(0), args(0, '{"n":'), text("a"), stop]
    expect(encode(events, contextOf(), false).types.at(-1)).toBe("message_stop")
    expect(encode(events).types.at(-1)).toBe("error")
  })
})

test("folded, the events are the message that a reader of the stream ends up with", () => {
  const fold = messageFold()
  const events = [
    reasoning("a"),
    reasoning("b"),
    text("c"),
    text("d"),
    start(0),
    args(0, '{"n":'),
    args(0, "1}"),
    start(1)
  ]
  const { out } = encode([...events, stop])
  out.slice(0, -1).forEach(fold.sink)
  expect(fold.message()).toBeUndefined()
  fold.sink({ type: "message_stop" })
  expect(fold.message()).toMatchObject({
    role: "assistant",
    stop_reason: "tool_use",
    stop_sequence: null,
    content: [
      { type: "thinking", thinking: "ab", signature: expect.stringMatching(/^cdx1\./) },
      { type: "text", text: "cd" },
      { type: "tool_use", id: "c0", name: "Read", input: { n: 1 } },
      { type: "tool_use", id: "c1", name: "Read", input: {} }
    ]
  })
})
