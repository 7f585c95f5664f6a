import { describe, expect, it } from "@effect/vitest"
import { prefixViolations, readAnthropicSse, streamViolations } from "../../src/testing/anthropicGrammar.ts"
import { accumulateSse, messageViolations, unfoldMessage } from "../../src/testing/anthropicMessage.ts"
import { isJsonObject, type JsonObject } from "../../src/testing/json.ts"

const usage = { input_tokens: 1, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }

const head = {
  id: "msg_abcdefghijklmnopqrstuvwx",
  type: "message",
  role: "assistant",
  model: "m",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage
}

const start = { type: "message_start", message: head }
const open = (index: number, content_block: JsonObject) => ({ type: "content_block_start", index, content_block })
const delta = (index: number, value: JsonObject) => ({ type: "content_block_delta", index, delta: value })
const close = (index: number) => ({ type: "content_block_stop", index })
const end = (stop_reason: string | null, stop_sequence: string | null = null, more: JsonObject = {}) => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence, ...more },
  usage: { ...usage, output_tokens: 3 }
})
const stop = { type: "message_stop" }
const ping = { type: "ping" }
const error = { type: "error", error: { type: "api_error", message: "broken" } }

const text = { type: "text", text: "" }
const thinking = { type: "thinking", thinking: "", signature: "" }
const call = (id = "toolu_1") => ({ type: "tool_use", id, name: "Read", input: {} })
const say = (value = "hi") => ({ type: "text_delta", text: value })
const think = { type: "thinking_delta", thinking: "hm" }
const sign = { type: "signature_delta", signature: "s" }
const args = (partial_json: string) => ({ type: "input_json_delta", partial_json })

const record = (event: JsonObject): string => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`
const sse = (...events: ReadonlyArray<JsonObject>): string => events.map(record).join("")

const textTurn = [start, open(0, text), delta(0, say()), close(0), end("end_turn"), stop]
const without = (value: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))

const legal: { readonly [name: string]: string } = {
  "a text turn": sse(...textTurn),
  "an empty turn": sse(start, end("end_turn"), stop),
  "pings between everything": sse(
    start,
    ping,
    open(0, text),
    ping,
    delta(0, say()),
    ping,
    close(0),
    ping,
    end("end_turn"),
    stop
  ),
  "thinking, text and two calls": sse(
    start,
    open(0, thinking),
    delta(0, think),
    delta(0, sign),
    close(0),
    open(1, text),
    delta(1, say()),
    close(1),
    open(2, call()),
    delta(2, args('{"a"')),
    delta(2, args(":1}")),
    close(2),
    open(3, call("toolu_2")),
    close(3),
    end("tool_use"),
    stop
  ),
  "redacted thinking": sse(start, open(0, { type: "redacted_thinking", data: "x" }), close(0), end("end_turn"), stop),
  "an envelope without visible thinking": sse(
    start,
    open(0, thinking),
    delta(0, sign),
    close(0),
    end("end_turn"),
    stop
  ),
  "a cut call at the token limit": sse(
    start,
    open(0, call()),
    delta(0, args('{"a')),
    close(0),
    end("max_tokens"),
    stop
  ),
  "a named stop sequence": sse(start, end("stop_sequence", "STOP"), stop),
  "a refusal with details": sse(
    start,
    end("refusal", null, { stop_details: { type: "refusal", category: null, explanation: "no" } }),
    stop
  ),
  "an error at once": sse(error),
  "an error inside an open block": sse(start, open(0, text), delta(0, say()), error)
}

const illegal: { readonly [name: string]: string } = {
  "nothing at all": "",
  "no message_start": sse(...textTurn.slice(1)),
  "a ping first": sse(ping, ...textTurn),
  "two message_starts": sse(start, ...textTurn),
  "an index that does not start at 0": sse(start, open(1, text), delta(1, say()), close(1), end("end_turn"), stop),
  "an index used twice": sse(
    start,
    open(0, text),
    delta(0, say()),
    close(0),
    open(0, text),
    delta(0, say()),
    close(0),
    end("end_turn"),
    stop
  ),
  "a gap in the indices": sse(
    start,
    open(0, text),
    delta(0, say()),
    close(0),
    open(2, text),
    delta(2, say()),
    close(2),
    end("end_turn"),
    stop
  ),
  "overlapping blocks": sse(
    start,
    open(0, text),
    delta(0, say()),
    open(1, call()),
    close(1),
    close(0),
    end("tool_use"),
    stop
  ),
  "a delta for another index": sse(start, open(0, text), delta(1, say()), close(0), end("end_turn"), stop),
  "a delta before its block": sse(
    start,
    delta(0, say()),
    open(0, text),
    delta(0, say()),
    close(0),
    end("end_turn"),
    stop
  ),
  "a delta after its block": sse(
    start,
    open(0, text),
    delta(0, say()),
    close(0),
    delta(0, say()),
    end("end_turn"),
    stop
  ),
  "a stop for another index": sse(start, open(0, text), delta(0, say()), close(1), end("end_turn"), stop),
  "two stops": sse(start, open(0, text), delta(0, say()), close(0), close(0), end("end_turn"), stop),
  "text in a call": sse(start, open(0, call()), delta(0, say()), close(0), end("tool_use"), stop),
  "arguments in a text": sse(start, open(0, text), delta(0, args("{}")), close(0), end("end_turn"), stop),
  "thinking in a text": sse(start, open(0, text), delta(0, think), close(0), end("end_turn"), stop),
  "two signatures": sse(
    start,
    open(0, thinking),
    delta(0, think),
    delta(0, sign),
    delta(0, sign),
    close(0),
    end("end_turn"),
    stop
  ),
  "thinking after the signature": sse(
    start,
    open(0, thinking),
    delta(0, sign),
    delta(0, think),
    close(0),
    end("end_turn"),
    stop
  ),
  "an empty signature": sse(
    start,
    open(0, thinking),
    delta(0, think),
    delta(0, { ...sign, signature: "" }),
    close(0),
    end("end_turn"),
    stop
  ),
  "an unknown delta": sse(
    start,
    open(0, text),
    delta(0, { type: "audio_delta", audio: "" }),
    close(0),
    end("end_turn"),
    stop
  ),
  "an unknown block": sse(start, open(0, { type: "audio" }), close(0), end("end_turn"), stop),
  "an unknown event": sse(start, { type: "usage" }, end("end_turn"), stop),
  "a text that is not empty at its start": sse(
    start,
    open(0, { type: "text", text: "x" }),
    close(0),
    end("end_turn"),
    stop
  ),
  "an empty text block": sse(start, open(0, text), close(0), end("end_turn"), stop),
  "an empty thinking block": sse(start, open(0, thinking), close(0), end("end_turn"), stop),
  "a call with input at its start": sse(
    start,
    open(0, { ...call(), input: { a: 1 } }),
    close(0),
    end("tool_use"),
    stop
  ),
  "a call without a name": sse(start, open(0, { ...call(), name: "" }), close(0), end("tool_use"), stop),
  "a call without an id": sse(start, open(0, without(call(), "id")), close(0), end("tool_use"), stop),
  "a call id that Anthropic refuses": sse(start, open(0, call("a:b")), close(0), end("tool_use"), stop),
  "a call id twice": sse(start, open(0, call()), close(0), open(1, call()), close(1), end("tool_use"), stop),
  "a cut call in a finished turn": sse(start, open(0, call()), delta(0, args('{"a')), close(0), end("tool_use"), stop),
  "arguments that are no object": sse(start, open(0, call()), delta(0, args("[1]")), close(0), end("tool_use"), stop),
  "no message_delta": sse(start, open(0, text), delta(0, say()), close(0), stop),
  "two message_deltas": sse(start, end("end_turn"), end("end_turn"), stop),
  "no message_stop": sse(...textTurn.slice(0, -1)),
  "something after message_stop": sse(...textTurn, ping),
  "message_stop twice": sse(...textTurn, stop),
  "message_delta while a block is open": sse(start, open(0, text), delta(0, say()), end("end_turn"), stop),
  "a ping after message_delta": sse(...textTurn.slice(0, -1), ping, stop),
  "an error after message_delta": sse(...textTurn.slice(0, -1), error),
  "something after an error": sse(start, error, ping),
  "a null stop reason": sse(start, end(null), stop),
  "an unknown stop reason": sse(start, end("stop"), stop),
  "tool_use without a call": sse(start, end("tool_use"), stop),
  "a stop sequence without its reason": sse(start, end("end_turn", "STOP"), stop),
  "stop_sequence without a sequence": sse(start, end("stop_sequence"), stop),
  "an empty stop sequence": sse(start, end("end_turn", ""), stop),
  "stop_details without a refusal": sse(
    start,
    end("end_turn", null, { stop_details: { type: "refusal", explanation: null } }),
    stop
  ),
  "an absent stop_sequence": sse(start, { ...end("end_turn"), delta: { stop_reason: "end_turn" } }, stop),
  "message_delta without usage": sse(start, without(end("end_turn"), "usage"), stop),
  "a missing counter": sse(start, { ...end("end_turn"), usage: without(usage, "cache_read_input_tokens") }, stop),
  "a negative counter": sse(start, { ...end("end_turn"), usage: { ...usage, output_tokens: -1 } }, stop),
  "a broken counter": sse(start, { ...end("end_turn"), usage: { ...usage, output_tokens: 0.5 } }, stop),
  "message_start with content": sse({ ...start, message: { ...head, content: [text] } }, end("end_turn"), stop),
  "message_start without usage": sse({ ...start, message: without(head, "usage") }, end("end_turn"), stop),
  "message_start with a stop reason": sse(
    { ...start, message: { ...head, stop_reason: "end_turn" } },
    end("end_turn"),
    stop
  ),
  "a foreign message id": sse({ ...start, message: { ...head, id: "chatcmpl-1" } }, end("end_turn"), stop),
  "an unknown key": sse({ ...start, extra: 1 }, end("end_turn"), stop),
  "an unknown error type": sse(start, { ...error, error: { type: "server_error", message: "x" } }),
  "an error without a message": sse(start, { ...error, error: { type: "api_error", message: "" } }),
  "a missing last blank line": sse(...textTurn).slice(0, -1),
  "a missing event line": sse(...textTurn)
    .replace("event: ping\n", "")
    .replace("event: message_start\n", ""),
  "an event line of another type": sse(...textTurn).replace("event: message_start", "event: ping"),
  CRLF: sse(...textTurn).replaceAll("\n", "\r\n"),
  "a comment": `: hi\n\n${sse(...textTurn)}`,
  "data that is no JSON": sse(...textTurn).replace("data: {", "data: "),
  "half a character":
    sse(start, open(0, text)) + record(delta(0, say("X"))).replace("X", "\ud83d") + sse(close(0), end("end_turn"), stop)
}

describe("the judge of Anthropic streams", () => {
  it.each(Object.entries(legal))("accepts %s", (_, stream) => {
    expect(streamViolations(stream)).toEqual([])
  })

  it.each(Object.entries(illegal))("rejects %s", (_, stream) => {
    expect(streamViolations(stream)).not.toEqual([])
  })

  it.each(Object.entries(legal))("accepts every beginning of %s that ends with an event", (_, stream) => {
    const records = stream.split("\n\n").slice(0, -1)
    for (let count = 0; count <= records.length; count++) {
      expect(
        prefixViolations(
          records
            .slice(0, count)
            .map((part) => `${part}\n\n`)
            .join("")
        )
      ).toEqual([])
    }
  })

  it.each(Object.entries(illegal))("never forgives what is wrong with a beginning of %s", (_, stream) => {
    const records = stream.split("\n\n")
    for (let count = 0; count < records.length; count++) {
      const beginning = records.slice(0, count).map((part) => `${part}\n\n`)
      expect(prefixViolations(stream)).toEqual(expect.arrayContaining([...prefixViolations(beginning.join(""))]))
    }
  })

  it("does not take a beginning for a whole stream", () => {
    expect(prefixViolations(sse(...textTurn.slice(0, -1)))).toEqual([])
    expect(streamViolations(sse(...textTurn.slice(0, -1)))).toEqual([
      "the stream does not end in message_stop or error"
    ])
  })

  it("rejects half an event as a beginning", () => {
    expect(prefixViolations(sse(start).slice(0, -5))).not.toEqual([])
  })
})

describe("reading an Anthropic stream", () => {
  it("folds a stream into the message that a client keeps", () => {
    const { message, complete, error: failed } = accumulateSse(legal["thinking, text and two calls"] ?? "")
    expect({ complete, failed }).toEqual({ complete: true, failed: undefined })
    expect(message).toEqual({
      ...head,
      stop_reason: "tool_use",
      usage: { ...usage, output_tokens: 3 },
      content: [
        { type: "thinking", thinking: "hm", signature: "s" },
        { type: "text", text: "hi" },
        { type: "tool_use", id: "toolu_1", name: "Read", input: { a: 1 } },
        { type: "tool_use", id: "toolu_2", name: "Read", input: {} }
      ]
    })
  })

  it("keeps a cut call apart from a whole one", () => {
    const content = accumulateSse(legal["a cut call at the token limit"] ?? "").message?.["content"]
    expect(content).toEqual([{ ...call(), input: { "(incomplete)": '{"a' } }])
  })

  it("tells how a failed stream ended", () => {
    expect(accumulateSse(legal["an error inside an open block"] ?? "")).toMatchObject({
      complete: false,
      error: { type: "api_error", message: "broken" }
    })
    expect(accumulateSse(legal["an error at once"] ?? "").message).toBeUndefined()
  })
})

describe("the judge of Anthropic messages", () => {
  const message = accumulateSse(legal["thinking, text and two calls"] ?? "").message ?? {}

  it("accepts a message that a legal stream has built, and unfolds it to such a stream", () => {
    expect(messageViolations(message)).toEqual([])
    expect(accumulateSse(unfoldMessage(message)).message).toEqual(message)
    expect(readAnthropicSse(unfoldMessage(message)).violations).toEqual([])
  })

  const [thought, ...others] = Array.isArray(message["content"]) ? message["content"].filter(isJsonObject) : []

  it.each<readonly [string, JsonObject]>([
    ["content that is text", { ...message, content: "hi" }],
    ["a foreign block", { ...message, content: [{ type: "audio" }] }],
    ["an empty text block", { ...message, content: [...others, { type: "text", text: "" }] }],
    ["an unsigned empty thought", { ...message, content: [{ ...thought, thinking: "", signature: "" }, ...others] }],
    ["arguments as text", { ...message, content: [...others, { ...call("toolu_3"), input: "{}" }] }],
    ["a null stop reason", { ...message, stop_reason: null }],
    ["an unknown key", { ...message, created: 1 }],
    ["no usage", without(message, "usage")]
  ])("rejects %s", (_, wrong) => {
    expect(messageViolations(wrong)).not.toEqual([])
  })
})
