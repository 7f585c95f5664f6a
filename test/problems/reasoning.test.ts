/** Thinking: who is asked for it, how hard, and whose comes back to whom (users' problems 6-8, 10, 11, 32). */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { encodeFor } from "../../src/protocol/encode.ts"
import { seal } from "../../src/protocol/reasoning.ts"
import {
  AnthropicBodies,
  AnthropicScript,
  ChatScript,
  ResponsesScript,
  UpstreamScript
} from "../../src/testing/index.ts"
import type { Json, JsonObject } from "../../src/testing/json.ts"
import { hello, start } from "../gateway/support.ts"
import { assistant, read, result, text, use, user } from "../protocol/requests.ts"
import {
  anthropic,
  blocksOf,
  chat,
  exchange,
  fields,
  objects,
  policyOf,
  responses,
  serving,
  toldOf,
  tool,
  violations,
  type Keys
} from "./support.ts"

const enabled = { type: "enabled", budget_tokens: 2000 }
const envelope = seal({ provider: "deepseek", model: "deepseek-chat", protocol: "chat", payload: "=" })
const foreign = { type: "thinking", thinking: "hm", signature: envelope }
const theirs = { type: "thinking", thinking: "well", signature: "EqQBCgIYAhIM" }
const tools = [tool("Read")]

/** What an Anthropic upstream gets, and what the log tells of losses. */
const passed = (body: JsonObject) =>
  Effect.gen(function* () {
    const { ask, log, upstream } = yield* start({ profile: anthropic })
    yield* upstream.fallback((request) => AnthropicScript.answer(request, { text: "hi" }))
    const answer = yield* ask({ body: JSON.stringify(body) })
    expect(answer.status).toBe(200)
    const request = yield* upstream.take
    return { request, sent: fields(request.body), losses: yield* toldOf(log, answer) }
  })

const refusals = (body: unknown) =>
  AnthropicBodies.anthropicBodyViolations(body, { signatures: new Set([theirs.signature]) })

describe("a turn that goes on at Anthropic and began elsewhere", () => {
  const going = (...thought: ReadonlyArray<Json>) => [
    user(text("go")),
    assistant(...thought, use("toolu_1")),
    user(result("toolu_1"))
  ]

  it.scoped("[problem 6] is answered without thinking, since Anthropic expects the thinking it began with", () =>
    Effect.gen(function* () {
      const body = hello({ tools, thinking: enabled, messages: going(foreign) })
      expect(refusals(body)).not.toEqual([])
      const { losses, request, sent } = yield* passed(body)
      expect(refusals(sent)).toEqual([])
      expect(request.text).toBe(
        JSON.stringify({ ...body, messages: going(), thinking: { type: "disabled" } }) // all else byte for byte
      )
      expect(losses).toContain("downgraded thinking: thinking is off for this answer")
    })
  )

  it.scoped("[problem 6] nothing then clears thinking: that demands thinking, too", () =>
    Effect.gen(function* () {
      const edit = { type: "clear_tool_uses_20250919", keep: { type: "tool_uses", value: 3 } }
      const context_management = { edits: [{ type: "clear_thinking_20251015", keep: "all" }, edit] }
      const { sent } = yield* passed(hello({ tools, thinking: enabled, context_management, messages: going(foreign) }))
      expect(sent).toMatchObject({ thinking: { type: "disabled" }, context_management: { edits: [edit] } })
      const kept = yield* passed(hello({ tools, thinking: enabled, context_management, messages: going(theirs) }))
      expect(kept.sent).toMatchObject({ thinking: enabled, context_management })
    })
  )

  it.scoped("[problem 6] and thinking stays on wherever Anthropic takes it", () =>
    Effect.gen(function* () {
      const adaptive = { type: "adaptive" }
      const later = [...going(foreign), assistant(text("done")), user(text("thanks"))]
      const mixed = [...going(theirs), assistant(foreign, use("toolu_2")), user(result("toolu_2"))]
      for (const [thinking, messages] of [
        [adaptive, going(foreign)],
        [enabled, later],
        [enabled, going(theirs)],
        [enabled, mixed]
      ] as const) {
        const { sent } = yield* passed(hello({ tools, thinking, messages }))
        expect(sent["thinking"]).toEqual(thinking)
        expect(refusals(sent)).toEqual([])
      }
    })
  )

  it.scoped("[problem 6] a turn that goes on elsewhere gets the placeholder that its provider demands", () =>
    Effect.gen(function* () {
      for (const [profile, placeholder] of [
        [chat("kimi", "kimi-k2.6"), " "],
        [chat("deepseek", "deepseek-chat"), ""]
      ] as const) {
        const { sent } = yield* exchange(profile, { tools, thinking: enabled, messages: going() })
        expect(objects(sent["messages"])[1]).toMatchObject({ reasoning_content: placeholder })
      }
    })
  )
})

describe("signatures after a change of the provider or model", () => {
  const history = (...thought: ReadonlyArray<Json>) => [
    user(text("go")),
    assistant(...thought, text("done")),
    user(text("and?"))
  ]

  it.scoped("[problem 7] ours never reaches Anthropic, and Anthropic's stays", () =>
    Effect.gen(function* () {
      const { request, sent } = yield* passed(hello({ messages: history(foreign, theirs) }))
      expect(request.text).not.toContain("cdx1.")
      expect(refusals(sent)).toEqual([])
      expect(request.text).toContain(JSON.stringify(theirs))
    })
  )

  for (const profile of [chat("openrouter", "vendor/thinker-1"), responses("openai", "gpt-5.2")])
    it.scoped(`[problem 7] none is sent to, or forged for ${profile["dialect"]}, which is on record`, () =>
      Effect.gen(function* () {
        const sealed = seal({ provider: "openai", model: "gpt-5.1", protocol: "responses", payload: { item: {} } })
        const hidden = { type: "redacted_thinking", data: sealed }
        const { losses, request, sent } = yield* exchange(profile, { messages: history(foreign, theirs, hidden) })
        for (const secret of ["cdx1.", theirs.signature, "signature", 'encrypted_content":"'])
          expect(request.text).not.toContain(secret)
        expect(violations(sent, profile)).toEqual([])
        expect(losses.match(/reasoning is not sent/g)).toHaveLength(3)
      })
    )
})

describe("Gemini's thought_signature", () => {
  const profile = chat("gemini", "gemini-3-pro")
  const signed = { google: { thought_signature: "c2lnbmVk" } }
  const signatureIn = (body: JsonObject) =>
    fields(fields(objects(objects(body["messages"])[1]?.["tool_calls"])[0]?.["extra_content"])["google"])[
      "thought_signature"
    ]

  it.scoped(
    "[problem 8] comes back with its call, also from a client that dropped the thinking, else a word for it",
    () =>
      Effect.gen(function* () {
        const { ask, upstream } = yield* start({ profile })
        const call = { index: 0, id: "call_1", type: "function", function: { name: "Read", arguments: "{}" } }
        const message = { role: "assistant", content: null, tool_calls: [{ ...call, extra_content: signed }] }
        yield* upstream.enqueue(
          UpstreamScript.respond(200, { choices: [{ index: 0, message, finish_reason: "stop" }] })
        )
        yield* upstream.fallback((request) => ChatScript.answer(request, { text: "done" }))
        const session = { tools, metadata: { user_id: JSON.stringify({ session_id: "s" }) } }
        const blocks = blocksOf((yield* ask({ body: hello(session) })).text)
        const calls = blocks.filter(({ type }) => type === "tool_use")
        const next = (content: ReadonlyArray<Json>) =>
          hello({ ...session, messages: [user(text("hi")), assistant(...content), user(result("call_1"))] })
        yield* upstream.take
        yield* ask({ body: next(blocks) })
        expect(signatureIn(fields((yield* upstream.take).body))).toBe("c2lnbmVk")
        yield* ask({ body: next(calls) })
        expect(signatureIn(fields((yield* upstream.take).body))).toBe("c2lnbmVk")
        const stranger = [user(text("hi")), assistant(use("call_9")), user(result("call_9"))]
        yield* ask({ body: hello({ ...session, messages: stranger }) })
        expect(signatureIn(fields((yield* upstream.take).body))).toBe("skip_thought_signature_validator")
      })
  )
})

describe("thinking and effort, by the table", () => {
  const sentTo = (baseUrl: string, model: string, asked: JsonObject) => {
    const encoded = encodeFor("chat", read(asked), { model, policy: policyOf(baseUrl, model) })
    const { body, losses } = Either.getOrThrowWith(encoded, (error) => new Error(error.message))
    const { reasoning, reasoning_effort, thinking } = fields(JSON.parse(JSON.stringify(body)))
    return { reasoning, reasoning_effort, thinking, clamped: losses.filter(({ kind }) => kind === "clamped").length }
  }

  it("[problem 10] effort and a thinking switch that says off are never sent together", () => {
    const off = { thinking: { type: "disabled" }, output_config: { effort: "high" } }
    for (const [baseUrl, model] of [
      ["https://api.deepseek.com/v1", "deepseek-chat"],
      ["https://api.z.ai/api/paas/v4", "glm-5.2"],
      ["https://api.moonshot.ai/v1", "kimi-k2.6"]
    ] as const) {
      const { reasoning_effort, thinking } = sentTo(baseUrl, model, off)
      expect(thinking).toEqual({ type: "disabled" })
      expect(reasoning_effort).toBeUndefined()
    }
    const on = sentTo("https://api.deepseek.com/v1", "deepseek-chat", { output_config: { effort: "high" } })
    expect(on).toMatchObject({ thinking: { type: "enabled" }, reasoning_effort: "high" })
    // K3 has an effort and no switch, K2.7 neither
    expect(sentTo("https://api.moonshot.ai/v1", "kimi-k3", off).thinking).toBeUndefined()
    expect(sentTo("https://api.moonshot.ai/v1", "kimi-k2.7-code", off).thinking).toBeUndefined()
  })

  it.scoped("[problem 10] reasoning_content comes back on each message with calls of DeepSeek and Kimi", () =>
    Effect.gen(function* () {
      for (const profile of [chat("deepseek", "deepseek-chat"), chat("kimi", "kimi-k2.6")]) {
        const turn = { reasoning: "I look.", calls: [{ id: "call_1", name: "Read", args: "{}" }] }
        const { exchange: ask } = yield* serving(profile, turn)
        const blocks = blocksOf((yield* ask({ tools })).answer.text)
        const messages = [user(text("hi")), assistant(...blocks), user(result("call_1"))]
        const { sent } = yield* ask({ tools, messages })
        expect(objects(sent["messages"])[1]).toMatchObject({ reasoning_content: "I look." })
      }
    })
  )

  it.each([
    ["https://api.openai.com/v1", "gpt-5.1", "xhigh", "high"],
    ["https://api.openai.com/v1", "gpt-5.2", "max", "xhigh"],
    ["https://api.openai.com/v1", "o3", "max", "high"],
    ["https://api.deepseek.com/v1", "deepseek-chat", "xhigh", "high"],
    ["https://api.moonshot.ai/v1", "kimi-k3", "medium", "low"],
    ["https://api.x.ai/v1", "grok-4.3", "max", "high"],
    ["http://127.0.0.1:11434/v1", "gpt-oss:20b", "max", "high"],
    ["https://generativelanguage.googleapis.com/v1beta/openai", "gemini-3-pro", "xhigh", "high"]
  ])("[problem 11] %s %s takes %s as %s, on record", (baseUrl, model, effort, effective) => {
    const sent = sentTo(baseUrl, model, { output_config: { effort } })
    expect(sent).toMatchObject({ reasoning_effort: effective, clamped: 1 })
  })

  it.scoped("[problem 11] the effective effort is shown; a server that knows none is sent none", () =>
    Effect.gen(function* () {
      const asked = { output_config: { effort: "max" } }
      const clamped = yield* exchange(responses("openai", "gpt-5.2"), asked)
      expect(clamped.sent).toMatchObject({ reasoning: { effort: "xhigh" } })
      expect(clamped.losses).toContain("clamped output_config.effort: max became xhigh")
      const unknown = yield* exchange(chat("generic", "some-model"), asked)
      expect(unknown.request.text).not.toContain("effort")
      expect(unknown.losses).toContain("dropped output_config.effort")
    })
  )
})

describe("what Responses keeps between turns", () => {
  const session: Keys = { tools, metadata: { user_id: JSON.stringify({ session_id: "0b5c-77" }) } }

  it.scoped("[problem 32] encrypted reasoning comes back, and the cache's key stays the same", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: responses("openai", "gpt-5.2") })
      const thought = { reasoning: "I look.", sealed: "b3BhcXVl/+==" }
      const turn = { ...thought, calls: [{ id: "call_1", name: "Read", args: "{}" }] }
      yield* upstream.fallback((request) => ResponsesScript.answer(request, turn))
      const blocks = blocksOf((yield* ask({ body: hello(session) })).text)
      const first = fields((yield* upstream.take).body)
      const messages = [user(text("hi")), assistant(...blocks), user(result("call_1"))]
      yield* ask({ body: hello({ ...session, messages }) })
      const second = fields((yield* upstream.take).body)
      const include = ["reasoning.encrypted_content"]
      for (const body of [first, second])
        expect(body).toMatchObject({ store: false, include, prompt_cache_key: "0b5c-77" })
      expect(objects(second["input"])[1]).toEqual(ResponsesScript.reasoningItem(thought))
      // the beginning is the same, or there is nothing to find in the cache
      expect(objects(second["input"]).slice(0, 1)).toEqual(objects(first["input"]))
    })
  )
})
