/** Streams from bytes to bytes, rule by rule (§4.4); calls have their own file, chat/streamedCalls.test.ts. */
import { Either } from "effect"
import { describe, expect, test } from "vitest"
import { gatewayError } from "../../src/protocol/errors.ts"
import { turnStream, localAnswer, type TurnStream } from "../../src/protocol/translate.ts"
import { readAnthropicSse, streamViolations } from "../../src/testing/anthropicGrammar.ts"
import type { JsonObject } from "../../src/testing/json.ts"
import {
  calls,
  type Chunk,
  contextOf,
  delta,
  done,
  finish,
  read,
  readText,
  readWhole,
  completion,
  say,
  sse
} from "./turns.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const typesOf = (text: string) => readAnthropicSse(text).events.map((event) => event.type)
const pushAll = (turn: TurnStream, chunks: ReadonlyArray<Chunk>) =>
  chunks.map((chunk) => turn.push(bytes(sse([chunk]))))

describe("[4.4.3] late commit", () => {
  const decides: ReadonlyArray<[string, Chunk, boolean]> = [
    ["content", say("a"), true],
    ["reasoning", delta({ reasoning: "a" }), true],
    ["a call", calls({ index: 0, id: "a", name: "Read" }), true],
    ["a finish", finish("stop"), true],
    ["a role-only delta", delta({ role: "assistant", content: "" }), true],
    ["usage with choices", delta({}, null, { usage: { prompt_tokens: 1 } }), true],
    ["Azure's first chunk without choices", { choices: [], prompt_filter_results: [] }, false],
    ["usage without choices", { choices: [], usage: { prompt_tokens: 1 } }, false],
    ["a keep-alive word", "ping", false],
    ["an object of another kind", { object: "heartbeat" }, false]
  ]
  test.each(decides)("%s decides for success: %j → %s", (_what, chunk, decided) => {
    const turn = turnStream(contextOf())
    const [text] = pushAll(turn, [chunk])
    expect(turn.phase() !== "waiting").toBe(decided)
    expect(text?.startsWith("event: message_start")).toBe(decided)
  })

  test("an error before the first content is an HTTP error with its own status, and nothing was sent", () => {
    const turn = turnStream(contextOf())
    const text = pushAll(turn, [
      { error: { message: "maximum context length is 100 tokens. However, your messages resulted in 200 tokens" } }
    ])
    expect(text.join("")).toBe("")
    expect(turn.phase()).toBe("done")
    expect(turn.failure()).toMatchObject({
      status: 400,
      type: "invalid_request_error",
      message: expect.stringContaining("prompt is too long: 200 tokens > 100 maximum")
    })
  })

  test("commit opens the stream with a ping; what the provider says later follows", () => {
    const turn = turnStream(contextOf())
    const text = turn.commit()
    expect(typesOf(text)).toEqual(["message_start", "ping"])
    expect(turn.commit()).toBe("")
    const rest = pushAll(turn, [delta({ role: "assistant" }), say("hi"), finish("stop"), done]).join("")
    expect(streamViolations(text + rest)).toEqual([])
  })

  test("an error behind a commit is an error event", () => {
    const turn = turnStream(contextOf())
    turn.commit()
    const [text] = pushAll(turn, [{ error: { message: "overloaded", code: 529 } }])
    expect(typesOf(text ?? "")).toEqual(["error"])
    expect(turn.failure()).toMatchObject({ type: "overloaded_error" })
  })

  test("pings are for open streams only", () => {
    const turn = turnStream(contextOf())
    expect(turn.ping()).toBe("")
    pushAll(turn, [say("a")])
    expect(turn.ping()).toBe('event: ping\ndata: {"type":"ping"}\n\n')
    pushAll(turn, [finish("stop"), done])
    expect(turn.ping()).toBe("")
  })
})

describe("[4.4.4] message_start", () => {
  const first = (chunks: ReadonlyArray<Chunk>) => readAnthropicSse(read(chunks).sse).events[0]?.["message"]

  test("exactly once, even if the first chunk is repeated", () => {
    const role = delta({ role: "assistant", content: "" })
    const types = typesOf(read([role, role, say("a"), finish("stop"), done]).sse)
    expect(types.filter((type) => type === "message_start")).toHaveLength(1)
  })

  test("all keys are present; the input is the estimate, the output 0", () => {
    expect(first([say("a"), finish("stop")])).toEqual({
      id: expect.stringMatching(/^msg_[0-9A-Za-z]{24}$/),
      type: "message",
      role: "assistant",
      model: "claude-test[1m]",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 40,
        output_tokens: 0,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0
      }
    })
  })

  test("usage that came before it is better than the estimate", () => {
    expect(first([{ choices: [], usage: { prompt_tokens: 7 } }, say("a"), finish("stop")])).toMatchObject({
      usage: { input_tokens: 7 }
    })
  })
})

describe("[4.4.5] within a chunk", () => {
  test("reasoning, then content, then calls, then the finish", () => {
    const chunk = delta(
      {
        tool_calls: [{ index: 0, id: "a", function: { name: "Read", arguments: "{}" } }],
        content: "c",
        reasoning: "r"
      },
      "tool_calls",
      { usage: { prompt_tokens: 3, completion_tokens: 4 } }
    )
    expect(read([chunk, done])).toMatchObject({
      content: ["thinking: r", "text: c", "Read {}"],
      end: "tool_use",
      usage: { input_tokens: 3, output_tokens: 4 }
    })
  })

  test("content on the finish chunk is honoured", () => {
    expect(read([say("a"), delta({ content: "b" }, "stop")]).content).toEqual(["text: ab"])
  })

  test("an error in a chunk outweighs its content", () => {
    const answer = read([say("a"), delta({ content: "b" }, "error", { error: { message: "gone", code: 502 } })])
    expect(answer).toMatchObject({ content: ["text: a"], end: "error api_error" })
    expect(answer.failure?.message).toBe("acme: gone")
  })

  test("`choices: []` is only usage", () => {
    const answer = read([say("a"), { choices: [], usage: { prompt_tokens: 5 } }, say("b"), finish("stop"), done])
    expect(answer).toMatchObject({ content: ["text: ab"], usage: { input_tokens: 5 } })
  })

  test("other choices are ignored unless they carry calls", () => {
    const other = (value: JsonObject) => ({ choices: [{ index: 1, delta: value }] })
    const call = { tool_calls: [{ index: 0, id: "a", function: { name: "Read", arguments: "{}" } }] }
    expect(read([say("a"), say("b"), other({ content: "x" }), other(call), finish("stop"), done])).toMatchObject({
      content: ["text: ab", "Read {}"],
      end: "tool_use"
    })
  })
})

describe("[4.4.6] blocks", () => {
  test("text after thinking after text gives three blocks, with indices 0, 1, 2", () => {
    const answer = read([
      say("a"),
      delta({ reasoning: "r" }),
      delta({ reasoning: "s" }),
      say("b"),
      finish("stop"),
      done
    ])
    expect(answer.content).toEqual(["text: a", "thinking: rs", "text: b"])
    const starts = readAnthropicSse(answer.sse).events.filter((event) => event.type === "content_block_start")
    expect(starts.map((event) => event["index"])).toEqual([0, 1, 2])
  })

  test.each([[""], [null], [[]]])("content %j never opens a block", (content) => {
    expect(read([delta({ content, reasoning: "" }), finish("stop"), done])).toMatchObject({
      content: [],
      end: "end_turn"
    })
  })

  test("a thinking block is sealed by one signature, right before its stop", () => {
    const answer = read([delta({ reasoning: "r" }), say("a"), finish("stop")])
    const deltas = readAnthropicSse(answer.sse).events.filter((event) =>
      JSON.stringify(event).includes("signature_delta")
    )
    expect(deltas).toHaveLength(1)
    expect(typesOf(answer.sse).slice(1, 5)).toEqual([
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop"
    ])
  })
})

describe("[4.4.9] usage: the last one seen anywhere, never summed", () => {
  const usage = (prompt: number, output: number) => ({ prompt_tokens: prompt, completion_tokens: output })
  test.each<[string, ReadonlyArray<Chunk>]>([
    ["in a last chunk without choices", [say("a"), finish("stop"), { choices: [], usage: usage(10, 5) }, done]],
    ["on the finish chunk", [say("a"), delta({}, "stop", { usage: usage(10, 5) }), done]],
    [
      "on every chunk, growing",
      [delta({ content: "a" }, null, { usage: usage(10, 1) }), delta({}, "stop", { usage: usage(10, 5) })]
    ],
    [
      "in the choice (Kimi)",
      [say("a"), { choices: [{ index: 0, delta: {}, finish_reason: "stop", usage: usage(10, 5) }] }, done]
    ],
    ["null later", [delta({ content: "a" }, null, { usage: usage(10, 5) }), delta({}, "stop", { usage: null }), done]],
    ["before the content", [{ choices: [], usage: usage(10, 5) }, say("a"), finish("stop")]]
  ])("%s", (_where, chunks) => {
    expect(read(chunks).usage).toMatchObject({ input_tokens: 10, output_tokens: 5 })
  })

  test("never reported: text that is mostly CJK counts by its characters, however it is cut", () => {
    const words = "你好世界".repeat(25)
    for (const pieces of [[words], [...words]])
      expect(read([...pieces.map(say), finish("stop"), done]).usage["output_tokens"]).toBe(90)
  })

  test("never reported: an estimate, not 0, and the gateway can tell", () => {
    const turn = turnStream(contextOf())
    const text = pushAll(turn, [say("twelve chars"), finish("stop"), done]).join("")
    expect(text).toContain('"input_tokens":40')
    expect(text).toContain('"output_tokens":3')
    expect(turn.usage()).toBeUndefined()
  })

  test("never reported: arguments count too, whole or streamed", () => {
    const call = { id: "a", function: { name: "Read", arguments: '{"path":"a"}' } }
    const streamed = read([calls({ index: 0, id: "a", name: "Read", args: '{"path":"a"}' }), finish("stop"), done])
    expect(streamed.usage["output_tokens"]).toBe(3)
    expect(readWhole(completion({ tool_calls: [call] })).usage["output_tokens"]).toBe(3)
  })
})

describe("[4.4.10] finish", () => {
  test("message_delta waits for usage: the finish only settles the turn", () => {
    const turn = turnStream(contextOf())
    pushAll(turn, [say("a")])
    expect(turn.phase()).toBe("open")
    expect(pushAll(turn, [finish("stop")])).toEqual([""])
    expect(turn.phase()).toBe("settled")
    const [text] = pushAll(turn, [done])
    expect(typesOf(text ?? "")).toEqual(["content_block_stop", "message_delta", "message_stop"])
    expect(turn.phase()).toBe("done")
  })

  test("a settled turn that stays silent, or breaks, ends well", () => {
    for (const end of [
      (turn: TurnStream) => turn.end(),
      (turn: TurnStream) => turn.abort(gatewayError("timeout_error", "x"))
    ]) {
      const turn = turnStream(contextOf())
      pushAll(turn, [say("a"), finish("stop")])
      expect(typesOf(end(turn)).at(-1)).toBe("message_stop")
    }
  })

  test("the first finish wins, except that a concrete one replaces `stop`", () => {
    const reason = (...words: ReadonlyArray<string>) => read([say("a"), ...words.map(finish), done]).end
    expect(reason("stop", "length")).toBe("max_tokens")
    expect(reason("length", "stop")).toBe("max_tokens")
    expect(reason("length", "content_filter")).toBe("max_tokens")
    expect(reason("stop", "stop")).toBe("end_turn")
    expect(read([delta({ content: "a" }, ""), delta({}, null), finish("length"), done]).end).toBe("max_tokens")
  })

  test("after the end nothing more is said, whatever comes", () => {
    const turn = turnStream(contextOf())
    pushAll(turn, [say("a"), finish("stop"), done])
    expect(pushAll(turn, [say("b"), { error: { message: "x" } }, done])).toEqual(["", "", ""])
    expect([turn.end(), turn.abort(gatewayError("api_error", "x")), turn.commit()]).toEqual(["", "", ""])
    expect(turn.failure()).toBeUndefined()
  })
})

describe("[4.4.11] end without finish", () => {
  test("[DONE] and some output is a stop", () => {
    expect(read([say("a"), done])).toMatchObject({ content: ["text: a"], end: "end_turn" })
    expect(read([calls({ index: 0, id: "a", name: "Read", args: "{}" }), done]).end).toBe("tool_use")
    expect(read([delta({ reasoning: "hm" }), done])).toMatchObject({ content: ["thinking: hm"], end: "end_turn" })
  })

  test("[DONE] and no output is an empty response", () => {
    expect(read([done]).end).toBe("http 502 api_error")
    expect(read([delta({ role: "assistant" }), done]).end).toBe("error api_error")
  })

  test("the end of the body without finish and [DONE] is a cut stream", () => {
    const answer = read([say("a")])
    expect(answer).toMatchObject({ content: ["text: a"], end: "error api_error" })
    expect(answer.failure?.message).toBe("acme: the upstream stream ended early")
    expect(typesOf(answer.sse)).not.toContain("message_delta")
  })

  test("nothing was said yet: HTTP 502", () => {
    expect(readText(": comment\n\n").end).toBe("http 502 api_error")
  })

  test("a broken connection is told with its own words", () => {
    const turn = turnStream(contextOf())
    pushAll(turn, [say("a")])
    const text = turn.abort(gatewayError("timeout_error", "acme: silent for 300 s"))
    expect(readAnthropicSse(text).events.at(-1)).toEqual({
      type: "error",
      error: { type: "timeout_error", message: "acme: silent for 300 s" }
    })
  })
})

test("[4.4.12] an error object in the middle is an error event with its message and type, and the end", () => {
  const answer = read([
    say("a"),
    { error: { message: "Rate limit reached", code: "rate_limit_exceeded" } },
    say("b"),
    done
  ])
  expect(answer).toMatchObject({ content: ["text: a"], end: "error rate_limit_error" })
  expect(answer.failure?.message).toBe("acme: Rate limit reached")
})

test("ten megabytes of arguments in small pieces, and as much text meanwhile, are only long", () => {
  const piece = "x".repeat(250)
  const pieces = Array.from({ length: 20_000 }, () => [calls({ index: 0, args: piece }), say(piece)]).flat()
  const answer = read([
    calls({ index: 0, id: "a", name: "Read", args: '{"x":"' }),
    ...pieces,
    calls({ index: 0, args: '"}' }),
    finish("stop"),
    done
  ])
  const long = piece.repeat(20_000)
  expect(answer.content.map((line) => line.length)).toEqual([`Read {"x":"${long}"}`.length, `text: ${long}`.length])
  expect(answer.end).toBe("tool_use")
})

describe("what stands between the protocols", () => {
  test("think tags are split before stop sequences are looked for", () => {
    const context = contextOf({ thinkTags: true, stopSequences: ["END"], enforceStop: ["END"] })
    const answer = read([say("<think>END"), say("</think>\na E"), say("ND b"), finish("stop"), done], context)
    expect(answer).toMatchObject({ content: ["thinking: END", "text: a "], end: "stop_sequence" })
    expect(answer.message["stop_sequence"]).toBe("END")
  })

  test("an enforced stop sequence ends the turn at once: the provider need not be read any further", () => {
    const turn = turnStream(contextOf({ stopSequences: ["END"], enforceStop: ["END"] }))
    pushAll(turn, [say("a END b")])
    expect(turn.phase()).toBe("done")
  })

  test("the usage of a whole body counts although its text was cut by a stop sequence", () => {
    const context = contextOf({ stopSequences: ["END"], enforceStop: ["END"] })
    const body = { ...completion({ content: "a END b" }), usage: { prompt_tokens: 100, completion_tokens: 9 } }
    expect(readWhole(body, context)).toMatchObject({
      content: ["text: a "],
      end: "stop_sequence",
      usage: { input_tokens: 100, output_tokens: 9 }
    })
  })
})

describe("N16, §4.10: answers of our own", () => {
  const { answer, stream } = localAnswer(contextOf(), [
    { type: "start" },
    { type: "text", text: "hi" },
    { type: "stop", finish: { reason: "length" } }
  ])

  test("as a stream and as a message, with zero usage", () => {
    expect(streamViolations(stream)).toEqual([])
    const { message, usage } = Either.getOrThrow(answer)
    expect(message).toMatchObject({ content: [{ type: "text", text: "hi" }], stop_reason: "max_tokens" })
    expect(message.usage).toMatchObject({ input_tokens: 0, output_tokens: 0 })
    expect(usage).toEqual({ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 })
    expect(stream).toContain('"input_tokens":0')
  })

  test("events that do not end are no answer", () => {
    expect(Either.flip(localAnswer(contextOf(), [{ type: "start" }]).answer).pipe(Either.getOrThrow)).toMatchObject({
      message: "acme: the upstream stream ended early"
    })
    const error = gatewayError("overloaded_error", "busy")
    const failed = localAnswer(contextOf(), [{ type: "fail", error }])
    expect(Either.flip(failed.answer).pipe(Either.getOrThrow)).toBe(error)
    expect(failed.stream).toBe("")
  })
})
