/** The user's word about models, and what follows for requests. */
import { describe, expect, it } from "vitest"
import type { ModelOverrides } from "../../src/domain/ModelInfo.ts"
import { contextWindowOf, modelInfo } from "../../src/provider/catalog.ts"
import { modelInfoAt, policyAt } from "../../src/provider/modelInfo.ts"
import { policyFor } from "../../src/provider/quirks.ts"

describe("the user's word about a model", () => {
  const windowOf = (model: string, overrides: ModelOverrides) => modelInfo(model, overrides).contextWindow
  const tokens = (contextWindow: number) => ({ contextWindow })

  it.each([
    ["GPT-5", "gpt-5"],
    ["gpt-5", "openai/GPT-5"],
    ["openai/gpt-5", "openai/gpt-5"],
    ["gpt-5", "gpt-5[1m]"],
    ["gpt-5", "openai/gpt-5:free"],
    ["qwen3-coder:30b", "qwen3-coder:30b"],
    ["qwen3-coder:*", "qwen3-coder:30b"],
    ["my-*", "my-model"],
    ["*", "anything"]
  ])("by the name %s means %s", (name, model) => {
    expect(windowOf(model, { [name]: tokens(7) })).toBe(7)
  })

  it.each([
    ["gpt-5", "gpt-5-mini"],
    ["gpt-5.1*", "gpt-5"],
    ["openai/gpt-5", "gpt-5"],
    ["qwen3-coder:30b", "qwen3-coder:480b"],
    ["gpt*5", "gpt-5"]
  ])("by the name %s does not mean %s", (name, model) => {
    expect(windowOf(model, { [name]: tokens(7) })).toBe(contextWindowOf(model))
  })

  it("is taken from the longest name that fits, a whole one before the same with a star", () => {
    const overrides = { "*": tokens(1), "gpt-*": tokens(2), "gpt-5*": tokens(3), "gpt-5": tokens(4) }
    expect(windowOf("claude-x", overrides)).toBe(1)
    expect(windowOf("gpt-4o", overrides)).toBe(2)
    expect(windowOf("gpt-5-mini", overrides)).toBe(3)
    expect(windowOf("openai/gpt-5", overrides)).toBe(4)
  })

  it("leaves what it does not say as it is known", () => {
    const known = modelInfo("gpt-5")
    expect(modelInfo("gpt-5", { "gpt-5": { vision: false } })).toEqual({ ...known, vision: false })
    expect(modelInfo("gpt-5", { "gpt-5": {} })).toEqual(known)
  })

  it("says with no effort at all that a model does not reason", () => {
    expect(modelInfo("own", { own: { efforts: [] } }).reasoning).toBe("none")
    expect(modelInfo("own", { own: { efforts: ["low", "high"] } }).reasoning).toEqual(["low", "high"])
  })

  it("is a price only when both directions have one", () => {
    expect(modelInfo("own", { own: { priceInput: 1 } }).price).toBeUndefined()
    expect(modelInfo("own", { own: { priceInput: 1, priceOutput: 4 } }).price).toEqual({ input: 1, output: 4 })
    expect(modelInfo("own", { own: { priceInput: 1, priceCached: 0.1, priceWrite: 2, priceOutput: 4 } }).price).toEqual(
      {
        input: 1,
        cached: 0.1,
        write: 2,
        output: 4
      }
    )
  })

  it("is weaker than the limits of the profile itself", () => {
    const baseUrl = "https://api.openai.com/v1"
    const overrides = { "gpt-5": { contextWindow: 5, outputLimit: 6 } }
    expect(modelInfoAt(undefined, "gpt-5", overrides)).toMatchObject({ contextWindow: 5, outputLimit: 6 })
    expect(modelInfoAt({ baseUrl }, "gpt-5", overrides)).toMatchObject({ contextWindow: 5, outputLimit: 6 })
    const profile = { baseUrl, contextWindow: 3, maxTokens: 4 }
    expect(modelInfoAt(profile, "gpt-5", overrides)).toMatchObject({ contextWindow: 3, outputLimit: 4 })
  })
})

describe("the policy for a model", () => {
  const at = { baseUrl: "https://example.com/v1" }

  it("keeps images from a blind one, unless the user knows better", () => {
    expect(policyAt(at, "deepseek-v4-pro", {}).vision).toBe(false)
    expect(policyAt(at, "deepseek-v4-pro", { "deepseek-*": { vision: true } }).vision).toBe(true)
    expect(policyAt(at, "own", { own: { vision: false } }).vision).toBe(false)
    expect(policyAt({ ...at, quirks: { vision: true } }, "own", { own: { vision: false } }).vision).toBe(true)
  })

  it("takes the user's efforts, and asks for them where nothing is known", () => {
    const own: ModelOverrides = { own: { efforts: ["low", "max"] } }
    expect(policyAt(at, "own", own)).toMatchObject({ effort: "reasoning_effort", efforts: ["low", "max"] })
    expect(policyAt(at, "own", { own: { efforts: [] } })).toMatchObject({ effort: "none", efforts: [] })
    expect(policyAt({ ...at, quirks: { effort: "reasoning" } }, "own", own)).toMatchObject({ effort: "reasoning" })
    expect(policyAt({ ...at, dialect: "xai" }, "grok-4.7", { "grok-4.7": { efforts: ["low"] } }).efforts).toEqual([
      "low"
    ])
  })

  it("is else the provider's", () => {
    expect(policyAt(at, "own", {})).toEqual(policyFor(at, "own"))
    expect(policyAt(at, "gpt-5", {}, "responses")).toEqual(policyFor(at, "gpt-5", "responses"))
  })
})
