import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeReasoningMemory } from "../../src/gateway/ReasoningMemory.ts"
import type { Thoughts } from "../../src/protocol/anthropic/thoughts.ts"
import type { CallPart } from "../../src/protocol/conversation.ts"
import { seal } from "../../src/protocol/reasoning.ts"
import { ChatScript, ResponsesScript, UpstreamScript } from "../../src/testing/index.ts"
import type { Script } from "../../src/testing/upstreamScript.ts"
import { hello, start, streamed } from "./support.ts"

const envelope = seal({ provider: "deepseek", model: "m", protocol: "chat", payload: {} })
const long = "call_00_0123456789abcdef"

const call = (id: string, input = {}, name = "Read"): CallPart => ({ type: "call", id, name, input })
const thoughts = (id: string, text: string, input = {}): Thoughts => ({
  call: { id, name: "Read", input },
  blocks: [{ text, envelope }]
})
const texts = (parts: ReadonlyArray<{ readonly text: string }> | undefined) => parts?.map((part) => part.text)

describe("the memory of reasoning", () => {
  it("gives back what was thought before a call, to the session in which it was", () => {
    const memory = makeReasoningMemory()
    memory.remember("s", thoughts(long, "hm"))
    expect(memory.recall("s")(call(long))).toEqual([
      { type: "reasoning", text: "hm", replay: { provider: "deepseek", model: "m", protocol: "chat", payload: {} } }
    ])
    expect(memory.recall("other")(call(long))).toBeUndefined()
    expect(memory.recall(undefined)(call(long))).toBeUndefined()
    expect(makeReasoningMemory().recall("s")(call(long))).toBeUndefined()
  })

  it("wants the same call where ids are counted up, or where no session is named", () => {
    const memory = makeReasoningMemory()
    for (const id of ["functions.Read:0", "cdx_ZnVuY3Rpb25zLlJlYWQ6MA", "call_1"]) {
      memory.remember("s", thoughts(id, "hm", { a: 1 }))
      expect(texts(memory.recall("s")(call(id, { a: 1 })))).toEqual(["hm"])
      expect(memory.recall("s")(call(id, { a: 2 }))).toBeUndefined()
      expect(memory.recall("s")(call(id, { a: 1 }, "Bash"))).toBeUndefined()
    }
    memory.remember(undefined, thoughts(long, "hm", { a: 1 }))
    expect(texts(memory.recall(undefined)(call(long, { a: 1 })))).toEqual(["hm"])
    expect(memory.recall(undefined)(call(long, {}))).toBeUndefined()
    memory.remember("s", thoughts(long, "hm", { a: 1 }))
    expect(texts(memory.recall("s")(call(long, { a: 1, filled: "in by the client" })))).toEqual(["hm"])
  })

  it("forgets what was used least recently when there are too many", () => {
    const memory = makeReasoningMemory({ entries: 2, size: 10_000 })
    memory.remember("s", thoughts(`${long}1`, "one"))
    memory.remember("s", thoughts(`${long}2`, "two"))
    expect(texts(memory.recall("s")(call(`${long}1`)))).toEqual(["one"])
    memory.remember("s", thoughts(`${long}3`, "three"))
    expect(memory.recall("s")(call(`${long}2`))).toBeUndefined()
    expect(texts(memory.recall("s")(call(`${long}1`)))).toEqual(["one"])
  })

  it("forgets when it grows too large, and takes nothing that would push all the rest out", () => {
    const memory = makeReasoningMemory({ entries: 100, size: 4000 })
    memory.remember("s", thoughts(`${long}0`, "x".repeat(4000)))
    expect(memory.recall("s")(call(`${long}0`))).toBeUndefined()
    for (let n = 1; n <= 9; n++) memory.remember("s", thoughts(`${long}${n}`, "x".repeat(800)))
    const known = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((n) => memory.recall("s")(call(`${long}${n}`)) !== undefined)
    expect(known).toEqual([6, 7, 8, 9])
  })

  it("replaces what it knows of a call, without counting it twice", () => {
    const memory = makeReasoningMemory({ entries: 10, size: 4000 })
    for (let n = 0; n < 50; n++) memory.remember("s", thoughts(long, `${n}${"x".repeat(700)}`))
    memory.remember("s", thoughts(`${long}2`, "two"))
    expect(texts(memory.recall("s")(call(long)))?.[0]).toMatch(/^49x/)
  })
})

/** As DeepSeek: every assistant message with calls needs its reasoning. */
const strict = (request: { readonly body: unknown }, answer: Script): Script => {
  const text = JSON.stringify(request.body)
  const messages: ReadonlyArray<Record<string, unknown>> = JSON.parse(text).messages
  const missing = messages.findIndex((message) => "tool_calls" in message && !("reasoning_content" in message))
  return missing === -1
    ? answer
    : ChatScript.error(400, `Missing reasoning_content field in the assistant message at message index ${missing}`)
}

const session = { metadata: { user_id: JSON.stringify({ session_id: "0b5c" }) } }
const tools = [{ name: "Read", input_schema: { type: "object", properties: {} } }]
const turn = { reasoning: "I should read it.", calls: [{ id: long, name: "Read", args: '{"a":1}' }] }

/** The history as a client sends it that keeps no thinking. */
const followUp = (fields: object = {}) => ({
  ...session,
  tools,
  messages: [
    { role: "user", content: "read it" },
    { role: "assistant", content: [{ type: "tool_use", id: long, name: "Read", input: { a: 1 } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: long, content: "ok" }] }
  ],
  ...fields
})

const sentMessages = (body: unknown): unknown => (body as { readonly messages?: unknown }).messages // checked by the test

describe("a client that drops its thinking", () => {
  const deepseek = { profile: { dialect: "deepseek" } }

  for (const [how, ask] of [
    ["streamed", streamed],
    ["whole", hello]
  ] as const) {
    it.scoped(`still reaches a provider that demands it, which gets what it wrote (problem 10), ${how}`, () =>
      Effect.gen(function* () {
        const { ask: send, upstream } = yield* start(deepseek)
        yield* upstream.fallback((request) => strict(request, ChatScript.answer(request, { text: "done" })))
        yield* upstream.enqueue(how === "streamed" ? ChatScript.streamed(turn) : ChatScript.whole(turn))
        expect((yield* send({ body: ask({ ...session, tools }) })).text).toContain('"thinking"')
        yield* upstream.take
        const answer = yield* send({ body: ask(followUp()) })
        expect(answer.status).toBe(200)
        expect(sentMessages((yield* upstream.take).body)).toMatchObject([
          { role: "user" },
          { role: "assistant", reasoning_content: "I should read it." },
          { role: "tool" }
        ])
      })
    )
  }

  it.scoped("gets the provider's fallback where nothing is remembered: another session, or another gateway", () =>
    Effect.gen(function* () {
      const first = yield* start(deepseek)
      const second = yield* start(deepseek)
      yield* first.upstream.enqueue(ChatScript.whole(turn))
      yield* first.ask({ body: hello({ ...session, tools }) })
      yield* first.upstream.take
      const other = { metadata: { user_id: JSON.stringify({ session_id: "other" }) } }
      for (const [gateway, fields] of [
        [first, other],
        [second, {}]
      ] as const) {
        yield* gateway.upstream.fallback((request) => strict(request, ChatScript.answer(request, { text: "done" })))
        expect((yield* gateway.ask({ body: hello(followUp(fields)) })).status).toBe(200)
        expect(sentMessages((yield* gateway.upstream.take).body)).toMatchObject([{}, { reasoning_content: "" }, {}])
      }
    })
  )

  it.scoped("is not helped where the provider takes no reasoning back", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: { quirks: { reasoning_replay: "none" } } })
      yield* upstream.enqueue(ChatScript.whole(turn), ChatScript.whole({ text: "done" }))
      yield* ask({ body: hello({ ...session, tools }) })
      yield* upstream.take
      yield* ask({ body: hello(followUp()) })
      expect(JSON.stringify((yield* upstream.take).body)).not.toContain("I should read it.")
    })
  )

  it.scoped("has its encrypted reasoning back at a provider that speaks Responses", () =>
    Effect.gen(function* () {
      const responses = { provider_type: "OpenAIResponses", dialect: "openai", default_model: "gpt-5" }
      const { ask, upstream } = yield* start({ profile: responses })
      const sealed = { ...turn, sealed: "ZW5jcnlwdGVk" }
      yield* upstream.enqueue(ResponsesScript.streamed(sealed), ResponsesScript.streamed({ text: "done" }))
      yield* ask({ body: streamed({ ...session, tools }) })
      yield* upstream.take
      expect((yield* ask({ body: streamed(followUp()) })).status).toBe(200)
      const { input } = JSON.parse((yield* upstream.take).text)
      expect(input).toMatchObject([
        { role: "user" },
        ResponsesScript.reasoningItem(sealed),
        { type: "function_call", call_id: long },
        { type: "function_call_output", call_id: long }
      ])
    })
  )

  it.scoped("[4.9.2 Gemini] has its signature back, and the documented word only where nobody knows it", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: { dialect: "gemini" } })
      const signed = (thought_signature: string) => ({ extra_content: { google: { thought_signature } } })
      const made = { index: 0, id: long, type: "function", function: { name: "Read", arguments: '{"a":1}' } }
      yield* upstream.enqueue(
        UpstreamScript.stream([
          ChatScript.delta({ tool_calls: [{ ...made, ...signed("c2ln") }] }),
          ChatScript.finish("stop"),
          ChatScript.done
        ])
      )
      yield* upstream.fallback((request) => ChatScript.answer(request, { text: "done" }))
      yield* ask({ body: streamed({ ...session, tools }) })
      yield* upstream.take
      const other = { metadata: { user_id: JSON.stringify({ session_id: "other" }) } }
      for (const [fields, signature] of [
        [{}, "c2ln"],
        [other, "skip_thought_signature_validator"]
      ] as const) {
        yield* ask({ body: streamed(followUp(fields)) })
        expect(sentMessages((yield* upstream.take).body)).toMatchObject([
          {},
          { tool_calls: [{ id: long, ...signed(signature) }] },
          {}
        ])
      }
    })
  )
})
