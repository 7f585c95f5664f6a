/** What providers stream and clients choke on: calls, text, bytes, usage (users' problems 12-14, 16, 17, 29, 33). */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  AnthropicGrammar,
  AnthropicMessages,
  AnthropicScript,
  ChatScript,
  ResponsesScript,
  UpstreamScript
} from "../../src/testing/index.ts"
import type { JsonObject } from "../../src/testing/json.ts"
import type { Script } from "../../src/testing/upstreamScript.ts"
import { eventsOf, start, streamed } from "../gateway/support.ts"
import { anthropic, chat, fields, objects, responses, tool, type Keys } from "./support.ts"

const tools = [tool("Read"), tool("Bash")]

/** What the client makes of this answer, which has to be a proper stream. */
const told = (profile: Keys, script: Script, asked: Keys = { tools }) =>
  Effect.gen(function* () {
    const { ask, upstream } = yield* start({ profile })
    yield* upstream.enqueue(script)
    const { status, text } = yield* ask({ body: streamed(asked) })
    expect(status === 200 ? AnthropicGrammar.streamViolations(text) : []).toEqual([])
    const { error, message } = AnthropicMessages.accumulateSse(text)
    const { content, stop_reason } = fields(message)
    return {
      status,
      text,
      error,
      content: objects(content),
      stop: stop_reason,
      usage: fields(fields(message)["usage"])
    }
  })

const openai = chat("openai", "gpt-5.2")
const codex = responses("openai", "gpt-5.2")
const local = chat("ollama", "qwen3:30b")

describe("calls in a stream", () => {
  const turn = { text: "Let me look.", calls: [{ id: "call_1", name: "Read", args: '{"path":"a"}' }] }

  it.scoped("[problem 12] a text with a call ends with tool_use, whatever word the provider ends with", () =>
    Effect.gen(function* () {
      for (const word of ["stop", "tool_calls", "function_call", "eos", "end_turn"]) {
        const { content, stop } = yield* told(local, ChatScript.streamed({ ...turn, finish: word }))
        expect(content.map(({ type }) => type)).toEqual(["text", "tool_use"])
        expect(stop).toBe("tool_use")
      }
      expect((yield* told(codex, ResponsesScript.streamed(turn))).stop).toBe("tool_use")
    })
  )

  it.scoped("[problem 13] parallel calls whose pieces take turns land in their own blocks, one after the other", () =>
    Effect.gen(function* () {
      const script = UpstreamScript.stream([
        ChatScript.callStart(0, "call_a", "Read"),
        ChatScript.callStart(1, "call_b", "Bash"),
        ChatScript.callArgs(1, '{"command":'),
        ChatScript.callArgs(0, '{"path":'),
        ChatScript.text("meanwhile"),
        ChatScript.callArgs(1, '"ls"}'),
        ChatScript.callArgs(0, '"a"}'),
        ChatScript.finish("tool_calls"),
        ChatScript.done
      ])
      const { content, text } = yield* told(openai, script)
      const calls = content.filter(({ type }) => type === "tool_use")
      expect(calls).toMatchObject([
        { id: "call_a", name: "Read", input: { path: "a" } },
        { id: "call_b", name: "Bash", input: { command: "ls" } }
      ])
      expect(content.find(({ type }) => type === "text")).toMatchObject({ text: "meanwhile" })
      const starts = eventsOf(text).filter(({ type }) => type === "content_block_start")
      expect(starts.map((event) => event["index"])).toEqual([0, 1, 2])
    })
  )

  const item = (args: string) => ({
    type: "function_call",
    id: "fc_1",
    call_id: "call_1",
    name: "Read",
    arguments: args
  })
  const at = { output_index: 0, item_id: "fc_1" }
  const args = '{"path":"a"}'
  const { record } = ResponsesScript
  const opened = record("response.output_item.added", { ...at, item: item("") })
  const complete = (output: ReadonlyArray<unknown>) =>
    record("response.completed", { response: { id: "resp_1", status: "completed", output } })

  it.scoped(
    "[problem 14] arguments that come in deltas, in a done event, in the item or only at the end are whole",
    () =>
      Effect.gen(function* () {
        const delta = (piece: string) => record("response.function_call_arguments.delta", { ...at, delta: piece })
        const done = record("response.function_call_arguments.done", { ...at, arguments: args })
        const itemDone = record("response.output_item.done", { ...at, item: item(args) })
        const ways = [
          [opened, delta('{"pa'), delta('th":"a"}'), itemDone, complete([])],
          [opened, delta('{"pa'), done, itemDone, complete([item(args)])],
          [opened, done, complete([])],
          [opened, itemDone, complete([])],
          [opened, complete([item(args)])],
          [complete([item(args)])]
        ]
        for (const way of ways) {
          const { content, stop } = yield* told(codex, UpstreamScript.stream([...ResponsesScript.opening, ...way]))
          expect(content).toMatchObject([{ type: "tool_use", id: "call_1", name: "Read", input: { path: "a" } }])
          expect(stop).toBe("tool_use")
        }
      })
  )

  it.scoped("[problem 14] broken arguments are an error and never an empty object", () =>
    Effect.gen(function* () {
      const broken = [{ id: "call_1", name: "Bash", args: '{"command":"rm -r' }]
      const answers = [
        yield* told(openai, ChatScript.streamed({ calls: broken })),
        yield* told(codex, ResponsesScript.streamed({ calls: broken }))
      ]
      for (const { content, error, stop } of answers) {
        expect(error).toMatchObject({ type: "api_error" })
        expect(stop).not.toBe("tool_use")
        expect(content.map(({ input }) => input)).not.toContainEqual({})
      }
      // none at all is a call without arguments
      const none = yield* told(openai, ChatScript.streamed({ calls: [{ id: "call_1", name: "Read", args: "" }] }))
      expect(none.content).toMatchObject([{ type: "tool_use", input: {} }])
    })
  )

  it.scoped("[problem 16] a call written as text stays text: nothing is run that the provider did not call", () =>
    Effect.gen(function* () {
      const texts = [
        '<tool_call>\n{"name": "Read", "arguments": {"path": "a"}}\n</tool_call>',
        '<invoke name="Bash"><parameter name="command">rm -rf /</parameter></invoke>',
        '[TOOL_CALLS][{"name":"Read","arguments":{}}]'
      ]
      for (const text of texts) {
        const { content, stop } = yield* told(local, ChatScript.streamed({ text, pieces: 5 }))
        expect(content).toMatchObject([{ type: "text", text }])
        expect(stop).toBe("end_turn")
      }
    })
  )
})

describe("text in a stream", () => {
  it.scoped("[problem 17] that is empty makes no block, before thinking, before calls, or alone", () =>
    Effect.gen(function* () {
      const script = UpstreamScript.stream([
        ChatScript.role,
        ChatScript.text(""),
        ChatScript.reasoning("hm"),
        ChatScript.text(""),
        ChatScript.callStart(0, "call_1", "Read", "{}"),
        ChatScript.text(""),
        ChatScript.finish("tool_calls"),
        ChatScript.done
      ])
      const { content } = yield* told(local, script)
      expect(content.map(({ type }) => type)).toEqual(["thinking", "tool_use"])
      expect((yield* told(local, ChatScript.streamed({ text: "" }))).content).toEqual([])
    })
  )

  it.scoped("[problem 17] that is empty in the history is not sent to anybody", () =>
    Effect.gen(function* () {
      const messages = [
        {
          role: "user",
          content: [
            { type: "text", text: "" },
            { type: "text", text: "go" }
          ]
        },
        {
          role: "assistant",
          content: [
            { type: "text", text: " " },
            { type: "text", text: "well" }
          ]
        },
        { role: "user", content: "" },
        { role: "user", content: "on" }
      ]
      for (const [profile, key] of [
        [openai, "messages"],
        [codex, "input"]
      ] as const) {
        const { ask, upstream } = yield* start({ profile })
        yield* ask({ body: streamed({ messages }) })
        const sent = objects(fields((yield* upstream.take).body)[key])
        expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "user"])
        expect(JSON.stringify(sent)).not.toMatch(/"(text|content)":" ?"/)
      }
    })
  )

  const said = "grüße 你好 👩‍👩‍👧‍👦 – ok"

  it.scoped("[problem 29] is whole when its characters are cut between chunks, in every protocol", () =>
    Effect.gen(function* () {
      const ways: ReadonlyArray<readonly [Keys, ReadonlyArray<string>]> = [
        [openai, ChatScript.records({ text: said, reasoning: said })],
        [codex, ResponsesScript.records({ text: said, reasoning: said })],
        [anthropic, AnthropicScript.records({ text: said, reasoning: said })]
      ]
      for (const [profile, records] of ways)
        for (const size of [1, 3]) {
          const script = UpstreamScript.stream([...UpstreamScript.inPieces(records.join(""), size)])
          const { content } = yield* told(profile, script)
          expect(content.find(({ type }) => type === "text")).toMatchObject({ text: said })
          expect(content.find(({ type }) => type === "thinking")).toMatchObject({ thinking: said })
        }
    })
  )
})

describe("usage", () => {
  const counters = ["input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"]
  const usageIn = (text: string, type: string): JsonObject => {
    const event = fields(eventsOf(text).find((one) => one.type === type))
    return fields(type === "message_start" ? fields(event["message"])["usage"] : event["usage"])
  }
  const words = "a longer question of several words. ".repeat(20)

  for (const [profile, script] of [
    [openai, ChatScript.streamed],
    [codex, ResponsesScript.streamed]
  ] as const)
    it.scoped(`[problem 33] is estimated at the start of ${profile["provider_type"]} and true at the end`, () =>
      Effect.gen(function* () {
        const asked = { messages: [{ role: "user", content: words }] }
        const counts = { prompt: 1000, completion: 50, cached: 900, reasoning: 20 }
        const { text, usage } = yield* told(profile, script({ text: "hi", usage: counts }), asked)
        const first = usageIn(text, "message_start")
        expect(Object.keys(first)).toEqual(expect.arrayContaining(counters))
        expect(first["input_tokens"]).toBeGreaterThan(50)
        expect(usageIn(text, "message_delta")).toMatchObject({
          input_tokens: 100,
          cache_read_input_tokens: 900,
          cache_creation_input_tokens: 0,
          output_tokens: 50
        })
        expect(usage).toMatchObject({ input_tokens: 100, cache_read_input_tokens: 900 })

        const silent = yield* told(profile, script({ text: "hi there", usage: false }), asked)
        const estimate = usageIn(silent.text, "message_delta")
        expect(Object.keys(estimate)).toEqual(expect.arrayContaining(counters))
        expect(estimate["input_tokens"]).toBeGreaterThan(50)
        expect(estimate["output_tokens"]).toBeGreaterThan(0)
      })
    )
})
