/** Reasoning on its way back to the provider that wrote it, and to others (wire specification §4.9.2, §4.14). */
import { describe, expect, test } from "vitest"
import type { Policy as WholePolicy } from "../../../src/protocol/policy.ts"
import { seal, type Replay } from "../../../src/protocol/reasoning.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { assistant, bodyOf, exchangeOf, result, text, use, user } from "../requests.ts"
import {
  callDelta,
  calls,
  type Chunk,
  contextOf,
  delta,
  done,
  finish,
  policyOf,
  read,
  readWhole,
  completion,
  say
} from "../turns.ts"

type Policy = Partial<WholePolicy>

const kind = "acme"
const replay = (over: Partial<Replay> = {}): Replay => ({
  provider: kind,
  model: "acme-1",
  protocol: "chat",
  payload: {},
  ...over
})
const thought = (words: string, over: Partial<Replay> = {}): JsonObject => ({
  type: "thinking",
  thinking: words,
  signature: seal(replay(over))
})
const carrier = (payload: Json, over: Partial<Replay> = {}): JsonObject => ({
  type: "redacted_thinking",
  data: seal(replay({ payload, ...over }))
})

const history = (...blocks: ReadonlyArray<JsonObject>) => [user("q"), assistant(...blocks, use("x")), user(result("x"))]

/** The assistant message that goes out for these blocks and a call. */
const sent = (policy: Policy, ...blocks: ReadonlyArray<JsonObject>): Json | undefined => {
  const messages = bodyOf({ messages: history(...blocks) }, { kind, ...policy })["messages"]
  return Array.isArray(messages) ? messages[1] : undefined
}
const losses = (policy: Policy, ...blocks: ReadonlyArray<JsonObject>) =>
  exchangeOf({ messages: history(...blocks) }, { kind, ...policy }).losses.map(({ kind: what, path }) => [what, path])

const called = (fields: JsonObject = {}, extra: JsonObject = {}) => ({
  role: "assistant",
  content: null,
  ...fields,
  tool_calls: [{ id: "x", type: "function", function: { name: "Read", arguments: "{}" }, ...extra }]
})

const foreign = { provider: "other", model: "other-1" }

describe("by provider", () => {
  const deepseek: Policy = { reasoningReplay: "reasoning_content", reasoningFallback: "" }
  test("[4.14 DeepSeek] reasoning_content stands at every message with calls, empty when it is not known", () => {
    expect(sent(deepseek, thought("hm"))).toEqual(called({ reasoning_content: "hm" }))
    expect(sent(deepseek)).toEqual(called({ reasoning_content: "" }))
    expect(losses(deepseek, thought("hm"))).toEqual([])
    expect(losses(deepseek)).toEqual([["added", "messages[1].content[0]"]])
  })

  test("[4.14 DeepSeek] other models' thoughts stand in for its own: they are text", () => {
    expect(sent(deepseek, thought("hm", foreign))).toEqual(called({ reasoning_content: "hm" }))
  })

  test("[4.14 DeepSeek] R1 does not get its reasoning back", () => {
    expect(sent({ reasoningReplay: "none" }, thought("hm"))).toEqual(called())
    expect(losses({ reasoningReplay: "none" }, thought("hm"))).toEqual([["dropped", "messages[1].content[0]"]])
  })

  test("[4.14 Kimi] a space stands for reasoning that is not known any more", () => {
    const kimi: Policy = { reasoningReplay: "reasoning_content", reasoningFallback: " " }
    expect(sent(kimi)).toEqual(called({ reasoning_content: " " }))
    expect(sent(kimi, thought("hm"))).toEqual(called({ reasoning_content: "hm" }))
  })

  test("[4.14 Ollama] [4.14 vLLM] reasoning may be absent", () => {
    expect(sent({ reasoningReplay: "reasoning" }, thought("hm"))).toEqual(called({ reasoning: "hm" }))
    expect(sent({ reasoningReplay: "reasoning" })).toEqual(called())
    expect(losses({ reasoningReplay: "reasoning" })).toEqual([])
  })

  test("[4.14 GitHub Copilot] what cannot be read comes back with its words, to the model that wrote it only", () => {
    const copilot: Policy = { reasoningReplay: "reasoning_opaque" }
    const own = thought("hm", { payload: { opaque: "b3Bx" } })
    expect(sent(copilot, own)).toEqual(called({ reasoning_text: "hm", reasoning_opaque: "b3Bx" }))
    expect(sent(copilot, carrier({ opaque: "b3Bx" }))).toEqual(called({ reasoning_opaque: "b3Bx" }))
    expect(losses(copilot, own)).toEqual([])
    const earlier = thought("before", { payload: { opaque: "Zmly" } })
    expect(sent(copilot, earlier, own)).toEqual(called({ reasoning_text: "hm", reasoning_opaque: "b3Bx" }))
    const other = thought("hm", { payload: { opaque: "b3Bx" }, model: "acme-2" })
    for (const block of [thought("hm"), other]) {
      expect(sent(copilot, block)).toEqual(called())
      expect(losses(copilot, block)).toEqual([["dropped", "messages[1].content[0]"]])
    }
  })

  const openrouter: Policy = { reasoningReplay: "reasoning_details" }
  const details = [
    { type: "reasoning.text", text: "hm", signature: "s/+=", index: 0, format: "anthropic-claude-v1" },
    { type: "reasoning.encrypted", data: "ZW5j", id: "rs_1", index: 1 }
  ]
  test("[4.14 OpenRouter] reasoning_details come back with order, index and signature", () => {
    const block = thought("hm", { payload: { details } })
    expect(sent(openrouter, block)).toEqual(called({ reasoning_details: details }))
    expect(losses(openrouter, block)).toEqual([])
  })

  test("[4.14 OpenRouter] details that another model or provider wrote are left out, on record", () => {
    for (const other of [{ model: "other" }, { provider: "other" }, { protocol: "responses" as const }]) {
      const block = thought("hm", { payload: { details }, ...other })
      expect(sent(openrouter, block)).toEqual(called())
      expect(losses(openrouter, block)).toEqual([["dropped", "messages[1].content[0]"]])
    }
  })

  test("[4.14 MiniMax] without split the reasoning stands between tags before the text", () => {
    const minimax: Policy = { reasoningReplay: "think-tags" }
    expect(sent(minimax, thought("\nhm\n"), text("a"))).toEqual(called({ content: "<think>\nhm\n</think>\n\na" }))
    expect(sent(minimax, thought("hm"))).toEqual(called({ content: "<think>hm</think>\n\n" }))
    expect(sent(minimax, text("a"))).toEqual(called({ content: "a" }))
    expect(sent(minimax, thought("hm", foreign), text("a"))).toEqual(called({ content: "a" }))
    expect(losses(minimax, thought("hm", foreign))).toEqual([["dropped", "messages[1].content[0]"]])
  })

  test("[4.14 Mistral] the reasoning is a part of the content", () => {
    const mistral: Policy = { reasoningReplay: "parts" }
    const part = { type: "thinking", thinking: [{ type: "text", text: "hm" }] }
    expect(sent(mistral, thought("hm"), text("a"))).toEqual(called({ content: [part, { type: "text", text: "a" }] }))
    expect(sent(mistral, thought("hm"))).toEqual(called({ content: [part] }))
    expect(sent(mistral, text("a"))).toEqual(called({ content: "a" }))
  })

  const gemini: Policy = { reasoningReplay: "thought_signature" }
  const signed = { google: { thought_signature: "c2ln" } }
  test("[4.14 Gemini compat] [4.9.2 Gemini] the signature stands at its call", () => {
    const block = carrier({ extras: { x: signed } })
    expect(sent(gemini, block)).toEqual(called({}, { extra_content: signed }))
    expect(losses(gemini, block)).toEqual([])
  })

  test("[4.9.2 Gemini] of parallel calls the signed one has it, the others have none", () => {
    const messages = [
      user("q"),
      assistant(carrier({ extras: { x: signed } }), use("x"), use("y")),
      user(result("x"), result("y"))
    ]
    const wire = bodyOf({ messages }, { kind, ...gemini })["messages"]
    expect(Array.isArray(wire) ? wire[1] : undefined).toEqual({
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "x", type: "function", function: { name: "Read", arguments: "{}" }, extra_content: signed },
        { id: "y", type: "function", function: { name: "Read", arguments: "{}" } }
      ]
    })
  })

  test("[4.9.2 Gemini] a signature whose call goes by another name now stands at the first call", () => {
    expect(sent(gemini, carrier({ extras: { gone: signed } }))).toEqual(called({}, { extra_content: signed }))
  })

  test("[4.9.2 Gemini] as a last resort the documented word stands for a signature that nobody knows", () => {
    const word = { google: { thought_signature: "skip_thought_signature_validator" } }
    expect(sent(gemini)).toEqual(called({}, { extra_content: word }))
    expect(losses(gemini)).toEqual([["added", "messages[1].content[0]"]])
    // what another model signed is not believed
    expect(sent(gemini, carrier({ extras: { x: signed } }, foreign))).toEqual(called({}, { extra_content: word }))
  })

  test("an unknown host that gave something along with a call gets it back", () => {
    expect(sent({}, carrier({ extras: { x: signed } }))).toEqual(called({}, { extra_content: signed }))
    expect(sent({}, carrier({ extras: { x: signed } }, foreign))).toEqual(called())
  })

  test("payloads of another shape are nothing", () => {
    for (const payload of [null, [], { details: "x" }, { extras: [] }, { extras: { x: "s" } }, { details: [1] }])
      for (const policy of [openrouter, {}]) expect(sent(policy, carrier(payload))).toEqual(called())
  })
})

/** What a provider said, as the client sends it back, as the provider gets it. */
const round = (policy: Policy, chunks: ReadonlyArray<Chunk>, whole: JsonObject) => {
  const full = policyOf({ kind, ...policy })
  const context = contextOf({ kind, thinkTags: full.thinkTags })
  const after = (answer: JsonObject) => {
    const content = answer["content"]
    const blocks = Array.isArray(content) ? content : []
    const results = blocks.flatMap((block) =>
      typeof block === "object" && block !== null && "id" in block && typeof block["id"] === "string"
        ? [result(block["id"])]
        : []
    )
    const messages = [user("q"), { role: "assistant", content: blocks }, user(...results)]
    const wire = bodyOf({ messages }, { kind, ...policy })["messages"]
    return Array.isArray(wire) ? wire[1] : undefined
  }
  return [after(read(chunks, context).message), after(readWhole(completion(whole, "tool_calls"), context).message)]
}

describe("there and back: what the provider wrote is what it gets, streamed or whole", () => {
  const call = { index: 0, id: "function-call-1", name: "Read", args: "{}" }
  const back = (fields: JsonObject, extra: JsonObject = {}) => ({
    role: "assistant",
    content: null,
    ...fields,
    tool_calls: [{ id: call.id, type: "function", function: { name: "Read", arguments: "{}" }, ...extra }]
  })
  const whole = (fields: JsonObject, extra: JsonObject = {}) => ({
    content: null,
    ...fields,
    tool_calls: [{ ...callDelta(call), ...extra }]
  })
  const tail = [finish("tool_calls"), done]

  test("reasoning_content", () => {
    const chunks = [delta({ reasoning_content: "h" }), delta({ reasoning_content: "m" }), calls(call), ...tail]
    const given = round({ reasoningReplay: "reasoning_content" }, chunks, whole({ reasoning_content: "hm" }))
    expect(given).toEqual([back({ reasoning_content: "hm" }), back({ reasoning_content: "hm" })])
  })

  test("reasoning_details", () => {
    const list = [
      { type: "reasoning.text", text: "hm", index: 0, signature: "s" },
      { type: "reasoning.encrypted", data: "e", index: 1 }
    ]
    const chunks = [
      delta({ reasoning_details: [{ type: "reasoning.text", text: "h", index: 0 }] }),
      delta({ reasoning_details: [{ type: "reasoning.text", text: "m", index: 0, signature: "s" }] }),
      delta({ reasoning_details: [list[1] ?? {}] }),
      calls(call),
      ...tail
    ]
    const given = round({ reasoningReplay: "reasoning_details" }, chunks, whole({ reasoning_details: list }))
    expect(given).toEqual([back({ reasoning_details: list }), back({ reasoning_details: list })])
  })

  const extra = { extra_content: { google: { thought_signature: "c2ln" } } }
  test("[4.9.2 Gemini] thought_signature", () => {
    const chunks = [delta({ tool_calls: [{ ...callDelta(call), ...extra }] }), ...tail]
    const given = round({ reasoningReplay: "thought_signature" }, chunks, whole({}, extra))
    expect(given).toEqual([back({}, extra), back({}, extra)])
  })

  test("[4.9.2 Gemini] a signature that comes after its call has begun", () => {
    const chunks = [calls(call), delta({ tool_calls: [{ index: 0, function: {}, ...extra }] }), ...tail]
    expect(round({ reasoningReplay: "thought_signature" }, chunks, whole({}, extra))[0]).toEqual(back({}, extra))
  })

  test("[4.9.2 Gemini] a call that came without an id keeps its signature", () => {
    const nameless = { tool_calls: [{ function: { name: "Read", arguments: "{}" }, ...extra }] }
    const given = round({ reasoningReplay: "thought_signature" }, [delta(nameless), ...tail], nameless)
    for (const message of given) expect(message).toMatchObject({ tool_calls: [extra] })
  })

  test("Mistral's thinking parts", () => {
    const thinking = (words: string) => ({ type: "thinking", thinking: [{ type: "text", text: words }] })
    const chunks = [delta({ content: [thinking("h")] }), delta({ content: [thinking("m")] }), calls(call), ...tail]
    const given = round({ reasoningReplay: "parts", thinkTags: false }, chunks, whole({ content: [thinking("hm")] }))
    expect(given).toEqual([back({ content: [thinking("hm")] }), back({ content: [thinking("hm")] })])
  })

  test("text between tags", () => {
    const words = "<think>\nhm\n</think>\n\na"
    const given = round(
      { reasoningReplay: "think-tags" },
      [say("<think>\nh"), say("m\n</think>\n"), say("\na"), calls(call), ...tail],
      whole({ content: words })
    )
    expect(given).toEqual([back({ content: words }), back({ content: words })])
  })
})
