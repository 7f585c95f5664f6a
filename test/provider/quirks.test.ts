import { describe, expect, it } from "@effect/vitest"
import { genericPolicy } from "../../src/protocol/policy.ts"
import { policyFor, providerOf, strippedParams } from "../../src/provider/quirks.ts"

const at = (baseUrl: string) => ({ baseUrl })

describe("finding the provider", () => {
  it.each([
    ["https://api.openai.com/v1", "openai"],
    ["https://eu.api.openai.com/v1", "openai"],
    ["https://mine.openai.azure.com/openai/deployments/x", "azure"],
    ["https://mine.services.ai.azure.com/openai/v1", "azure"],
    ["https://OpenRouter.ai/api/v1", "openrouter"],
    ["https://api.x.ai/v1", "xai"],
    ["https://api.deepseek.com", "deepseek"],
    ["https://api.groq.com/openai/v1", "groq"],
    ["http://localhost:11434/v1", "ollama"],
    ["http://192.168.1.7:11434/v1", "ollama"],
    ["http://gpu:1234/v1", "lmstudio"],
    ["http://[::1]:8080/v1", "llamacpp"],
    ["https://example.com/v1", "generic"],
    ["http://example.com:11434/v1", "generic"],
    ["https://api.openai.com.evil.example/v1", "generic"],
    ["https://notopenrouter.ai/v1", "generic"],
    ["not a url", "generic"]
  ])("%s is %s", (url, kind) => {
    expect(providerOf(url).kind).toBe(kind)
  })
})

describe("policies", () => {
  it.each([
    ["https://api.openai.com/v1", "gpt-5.4", true],
    ["https://api.openai.com/v1", "gpt-5.2", false],
    ["https://api.githubcopilot.com", "gpt-5.3-codex", true],
    ["https://openrouter.ai/api/v1", "openai/gpt-5.5-pro", true],
    ["https://openrouter.ai/api/v1", "openai/gpt-4o", false]
  ])("tell phases of messages apart at %s for %s: %s", (url, model, phased) => {
    expect(policyFor(at(url), model, "responses").messagePhases).toBe(phased)
    expect(policyFor(at(url), model, "chat").messagePhases).toBe(false)
  })

  it("are the generic one for an unknown host", () => {
    expect(policyFor(at("https://example.com/v1"), "some-model")).toEqual(genericPolicy)
  })

  it.each(["o3", "o4-mini", "gpt-5", "gpt-5.2", "gpt-6-astra", "openai/gpt-5-mini", "codex-mini-latest"])(
    "treat %s at OpenAI as a reasoning model",
    (model) => {
      expect(policyFor(at("https://api.openai.com/v1"), model)).toMatchObject({
        systemRole: "developer",
        maxTokensField: "max_completion_tokens",
        sampling: [],
        maxStop: 0,
        effort: "reasoning_effort"
      })
    }
  )

  it.each(["gpt-4o", "gpt-4.1-mini", "gpt-5-chat-latest", "gpt-5.2-chat-latest"])(
    "treat %s at OpenAI as a model without reasoning",
    (model) => {
      expect(policyFor(at("https://api.openai.com/v1"), model)).toMatchObject({
        systemRole: "system",
        effort: "none",
        sampling: ["temperature", "top_p"]
      })
    }
  )

  it("know the effort words of each generation", () => {
    const efforts = (model: string) => policyFor(at("https://api.openai.com/v1"), model).efforts
    expect(efforts("o3")).toEqual(["low", "medium", "high"])
    expect(efforts("gpt-5-mini")).toEqual(["minimal", "low", "medium", "high"])
    expect(efforts("gpt-5-codex")).toEqual(["low", "medium", "high"])
    expect(efforts("gpt-5.1")).toEqual(["none", "low", "medium", "high"])
    expect(efforts("gpt-5.2")).toEqual(["none", "low", "medium", "high", "xhigh"])
    expect(efforts("gpt-5.2-codex")).toEqual(["low", "medium", "high", "xhigh"])
    expect(efforts("gpt-5.4")).toEqual(["none"])
    expect(efforts("gpt-5.2-pro")).toEqual(["high"])
  })

  it("send stop sequences and efforts only to the Grok models that take them", () => {
    const grok = (model: string) => policyFor(at("https://api.x.ai/v1"), model)
    expect(grok("grok-4").maxStop).toBe(0)
    expect(grok("grok-4-fast-non-reasoning").maxStop).toBe(4)
    expect(grok("grok-4").effort).toBe("none")
    expect(grok("grok-4.3").efforts).toEqual(["low", "medium", "high"])
    expect(grok("grok-4.7").efforts).toEqual(["low", "medium", "high", "xhigh"])
    expect(grok("grok-3-mini").efforts).toEqual(["low", "high"])
  })
})

describe("fields that are never sent", () => {
  it("follow the provider, unless the profile chooses", () => {
    const strip = (stripParams: string | false | ReadonlyArray<string>, baseUrl = "https://chatgpt.com/backend-api") =>
      strippedParams({ baseUrl, stripParams })
    expect(strip("auto")).toEqual(expect.arrayContaining(["temperature", "top_p", "top_k", "max_output_tokens"]))
    expect(strip("auto", "https://example.com")).toEqual([])
    expect(strip("none")).toEqual([])
    expect(strip(false)).toEqual([])
    expect(strip("")).toEqual([])
    expect(strip("temperature, stop")).toEqual(["temperature", "stop"])
    expect(strip(["top_p"])).toEqual(["top_p"])
  })
})
