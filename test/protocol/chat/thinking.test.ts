/** How each provider is asked to think (wire specification §4.9.1), and that what it is not told is on record. */
import { describe, expect, test } from "vitest"
import type { Policy as WholePolicy } from "../../../src/protocol/policy.ts"
import type { JsonObject } from "../../../src/testing/json.ts"
import { bodyOf, exchangeOf } from "../requests.ts"

type Policy = Partial<WholePolicy>
type Efforts = WholePolicy["efforts"]

const all: Efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
const off: JsonObject = { thinking: { type: "disabled" } }
const adaptive: JsonObject = { thinking: { type: "adaptive" } }
const budget = (tokens: number): JsonObject => ({ thinking: { type: "enabled", budget_tokens: tokens } })
const asked = (effort: string): JsonObject => ({ output_config: { effort } })

const names = ["reasoning_effort", "reasoning", "thinking", "enable_thinking", "chat_template_kwargs"]

/** The thinking fields that go out; `max_tokens` is large enough for every budget here. */
const sent = (body: JsonObject, policy: Policy): JsonObject =>
  Object.fromEntries(
    Object.entries(bodyOf({ max_tokens: 64_000, ...body }, policy)).filter(([name]) => names.includes(name))
  )
const losses = (body: JsonObject, policy: Policy) =>
  exchangeOf({ max_tokens: 64_000, ...body }, policy).losses.map(({ kind, path }) => `${kind} ${path}`)

const words = (efforts: Efforts): Policy => ({ effort: "reasoning_effort", efforts })

describe("the generic effort", () => {
  test.each<[string, JsonObject, string | undefined]>([
    ["[4.9.1 thinking.disabled] is off", off, "none"],
    ["[4.9.1 thinking.disabled] wins over effort", { ...off, ...asked("high") }, "none"],
    ["[4.2.1 thinking] low", asked("low"), "low"],
    ["[4.2.1 thinking] medium", asked("medium"), "medium"],
    ["[4.2.1 thinking] high", asked("high"), "high"],
    ["[4.9.1 xhigh] is itself where supported", asked("xhigh"), "xhigh"],
    ["[4.9.1 max] is itself where supported", asked("max"), "max"],
    ["[4.2.1 thinking] effort wins over a budget", { ...budget(1024), ...asked("high") }, "high"],
    ["[4.9.1 thinking.enabled] a budget below 4000 is low", budget(3999), "low"],
    ["[4.9.1 thinking.enabled] a budget below 16000 is medium", budget(15_999), "medium"],
    ["[4.9.1 thinking.enabled] a larger one is high", budget(16_000), "high"],
    ["[4.9.1 thinking.enabled] without a budget is high", { thinking: { type: "enabled" } }, "high"],
    ["[4.9.1 thinking.adaptive] without effort sends nothing", adaptive, undefined],
    ["[4.9.1 between_tools] without effort sends nothing", { thinking: { type: "between_tools" } }, undefined],
    ["[4.9.1 neither] sends nothing", {}, undefined]
  ])("%s", (_rule, body, effort) => {
    expect(sent(body, words(all))).toEqual(effort === undefined ? {} : { reasoning_effort: effort })
  })

  test.each<[string, Efforts, string]>([
    ["max", ["low", "medium", "high"], "high"],
    ["max", ["none", "low", "medium", "high", "xhigh"], "xhigh"],
    ["xhigh", ["low", "high", "max"], "high"],
    ["medium", ["low", "high"], "low"],
    ["low", ["high", "max"], "high"]
  ])("%s on a model that lists %j is %s: the nearest lower one, else its lowest", (effort, efforts, word) => {
    expect(sent(asked(effort), words(efforts))).toEqual({ reasoning_effort: word })
    expect(losses(asked(effort), words(efforts))).toEqual(["clamped output_config.effort"])
  })

  test("a model's efforts may be listed in any order", () => {
    const reversed: Efforts = ["max", "high", "low"]
    expect(sent(asked("high"), words(reversed))).toEqual({ reasoning_effort: "high" })
    expect(losses(asked("high"), words(reversed))).toEqual([])
    expect(sent(asked("medium"), words(reversed))).toEqual({ reasoning_effort: "low" })
    expect(sent(off, words(reversed))).toEqual({ reasoning_effort: "low" })
  })

  test("a budget that became an effort is on record", () => {
    expect(losses(budget(9000), words(all))).toEqual(["replaced thinking.budget_tokens"])
  })

  test("what a model takes as it is loses nothing", () => {
    for (const body of [off, adaptive, asked("max"), {}]) expect(losses(body, words(all))).toEqual([])
  })
})

describe("by target", () => {
  test.each<[Efforts, string]>([
    [["none", "low"], "none"],
    [["minimal", "low", "medium"], "minimal"],
    [["low", "medium"], "low"]
  ])("[4.9.1 OpenAI Chat] off on a model that lists %j is %s", (efforts, word) => {
    expect(sent(off, words(efforts))).toEqual({ reasoning_effort: word })
  })

  test("[4.9.1 non-reasoning model] is sent nothing, and that is on record", () => {
    for (const body of [{ ...asked("high"), ...budget(9000) }, budget(9000), off]) {
      expect(sent(body, {})).toEqual({})
      expect(losses(body, {})).toHaveLength(1)
    }
    for (const body of [adaptive, {}]) expect(losses(body, {})).toEqual([])
  })

  const deepseek: Policy = { ...words(["high", "max"]), thinkingSwitch: "thinking" }
  test("[4.9.1 DeepSeek] switch and effort are told together, low levels map up", () => {
    const on = (effort: string) => ({ thinking: { type: "enabled" }, reasoning_effort: effort })
    expect(sent(asked("low"), deepseek)).toEqual(on("high"))
    expect(sent(asked("max"), deepseek)).toEqual(on("max"))
    expect(sent({ ...adaptive, ...asked("xhigh") }, deepseek)).toEqual(on("high"))
    expect(sent(adaptive, deepseek)).toEqual({})
  })

  test("[4.9.1 DeepSeek] thinking that is off never comes with an effort (problem 10)", () => {
    expect(sent({ ...off, ...asked("high") }, deepseek)).toEqual({ thinking: { type: "disabled" } })
    expect(losses({ ...off, ...asked("high") }, deepseek)).toEqual([])
  })

  test("[4.9.1 Kimi] K2.x is switched, and its lack of efforts is on record", () => {
    const k2: Policy = { thinkingSwitch: "thinking" }
    expect(sent(asked("low"), k2)).toEqual({ thinking: { type: "enabled" } })
    expect(losses(asked("low"), k2)).toEqual(["dropped output_config.effort"])
    expect(sent(off, k2)).toEqual({ thinking: { type: "disabled" } })
    expect(losses(off, k2)).toEqual([])
  })

  test("[4.9.1 Kimi] K3 takes efforts and no switch; K2.7 takes neither and cannot be switched off", () => {
    expect(sent(off, words(["low", "high", "max"]))).toEqual({ reasoning_effort: "low" })
    expect(sent(asked("medium"), words(["low", "high", "max"]))).toEqual({ reasoning_effort: "low" })
    expect(sent(off, { reasoningReplay: "reasoning_content" })).toEqual({})
    expect(losses(off, { reasoningReplay: "reasoning_content" })).toEqual(["dropped thinking"])
  })

  const glm: Policy = { thinkingSwitch: "thinking", thinkingExtra: { clear_thinking: false } }
  test("[4.9.1 GLM] earlier reasoning is kept whenever it thinks", () => {
    const on = { thinking: { type: "enabled", clear_thinking: false } }
    expect(sent(budget(9000), glm)).toEqual(on)
    expect(sent(adaptive, glm)).toEqual(on)
    expect(sent(off, glm)).toEqual({ thinking: { type: "disabled" } })
    expect(sent({}, glm)).toEqual({})
  })

  test("[4.9.1 MiniMax] thinks adaptively, with its reasoning beside the text", () => {
    const minimax: Policy = { thinkingSwitch: "thinking-adaptive", extraBody: { reasoning_split: true } }
    expect(bodyOf(asked("high"), minimax)).toMatchObject({ thinking: { type: "adaptive" }, reasoning_split: true })
    expect(bodyOf(off, minimax)).toMatchObject({ thinking: { type: "disabled" }, reasoning_split: true })
    expect(bodyOf({}, minimax)).toMatchObject({ reasoning_split: true })
    expect(sent({}, minimax)).toEqual({})
  })

  test("[4.9.1 xAI] models with an allow-list get its words, others nothing", () => {
    expect(sent(asked("medium"), words(["low", "high"]))).toEqual({ reasoning_effort: "low" })
    expect(sent(asked("medium"), { kind: "xai" })).toEqual({})
  })

  const openrouter: Policy = { effort: "reasoning", efforts: ["none", "minimal", "low", "medium", "high", "xhigh"] }
  test.each<[string, JsonObject, JsonObject]>([
    ["an effort", asked("high"), { reasoning: { effort: "high" } }],
    ["a clamped effort", asked("max"), { reasoning: { effort: "xhigh" } }],
    ["a budget", budget(9000), { reasoning: { max_tokens: 9000 } }],
    ["an effort before a budget", { ...budget(9000), ...asked("low") }, { reasoning: { effort: "low" } }],
    ["off", off, { reasoning: { enabled: false } }],
    ["thinking without a budget", { thinking: { type: "enabled" } }, { reasoning: { effort: "high" } }],
    ["nothing for adaptive", adaptive, {}]
  ])("[4.9.1 OpenRouter] %s", (_rule, body, fields) => {
    expect(sent(body, openrouter)).toEqual(fields)
  })

  test("[4.9.1 OpenRouter] a budget that the limit on the answer leaves no room for becomes an effort", () => {
    const tight = { ...budget(9000), max_tokens: 9000 }
    expect(sent(tight, openrouter)).toEqual({ reasoning: { effort: "medium" } })
    expect(losses(tight, openrouter)).toEqual(["replaced thinking.budget_tokens"])
  })

  test("[4.9.1 OpenRouter] a model that always reasons is not switched off but asked for its least", () => {
    const always: Policy = { effort: "reasoning", efforts: ["low", "medium", "high"] }
    expect(sent(off, always)).toEqual({ reasoning: { effort: "low" } })
    expect(losses(off, always)).toEqual(["clamped thinking"])
  })

  test("[4.9.1 Ollama] takes its words, max and none among them", () => {
    const ollama = words(["none", "low", "medium", "high", "max"])
    expect(sent(off, ollama)).toEqual({ reasoning_effort: "none" })
    expect(sent(asked("max"), ollama)).toEqual({ reasoning_effort: "max" })
    expect(sent(asked("xhigh"), ollama)).toEqual({ reasoning_effort: "high" })
  })

  test("[4.9.1 vLLM/SGLang] the chat template is told, under both names that templates read", () => {
    const vllm: Policy = { thinkingSwitch: "chat_template_kwargs" }
    const told = (on: boolean) => ({ chat_template_kwargs: { enable_thinking: on, thinking: on } })
    expect(sent(off, vllm)).toEqual(told(false))
    expect(sent(budget(9000), vllm)).toEqual(told(true))
    expect(sent(adaptive, vllm)).toEqual({})
  })

  test("[4.9.1 Gemini compat] takes effort words", () => {
    expect(sent(budget(9000), words(["low", "medium", "high"]))).toEqual({ reasoning_effort: "medium" })
  })

  test("[4.14 Qwen] thinks only in streams; whole answers say that it must not", () => {
    const qwen: Policy = { thinkingSwitch: "enable_thinking" }
    expect(sent({ stream: true, ...budget(9000) }, qwen)).toEqual({ enable_thinking: true })
    expect(sent({ stream: true, ...off }, qwen)).toEqual({ enable_thinking: false })
    expect(sent({ stream: true }, qwen)).toEqual({})
    expect(sent(budget(9000), qwen)).toEqual({ enable_thinking: false })
    expect(losses(budget(9000), qwen)).toEqual(["dropped thinking"])
    expect(sent({}, qwen)).toEqual({ enable_thinking: false })
    expect(losses({}, qwen)).toEqual([])
  })

  test("[4.14 Qwen] a provider that is always asked for a stream thinks in whole answers too", () => {
    const qwen: Policy = { thinkingSwitch: "enable_thinking", forceStream: true }
    expect(bodyOf(budget(9000), qwen)).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
      enable_thinking: true
    })
  })

  test("a budget on a provider that is only switched on is on record", () => {
    expect(losses(budget(9000), glm)).toEqual(["dropped thinking"])
    expect(losses(adaptive, glm)).toEqual([])
  })
})
