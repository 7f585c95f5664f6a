/** What is known about models: the rows, and looking them up. */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { Effort, longestPrompt } from "../../src/domain/ModelInfo.ts"
import { contextWindowOf, modelInfo, outputLimitOf } from "../../src/provider/catalog.ts"
import { deepseek } from "../../src/provider/catalog/deepseek.ts"
import { google } from "../../src/provider/catalog/google.ts"
import { hosts } from "../../src/provider/catalog/hosts.ts"
import { minimax } from "../../src/provider/catalog/minimax.ts"
import { mistral } from "../../src/provider/catalog/mistral.ts"
import { moonshot } from "../../src/provider/catalog/moonshot.ts"
import { bareName } from "../../src/provider/catalog/names.ts"
import { open } from "../../src/provider/catalog/open.ts"
import { openai } from "../../src/provider/catalog/openai.ts"
import { perplexity } from "../../src/provider/catalog/perplexity.ts"
import { qwen } from "../../src/provider/catalog/qwen.ts"
import { usd } from "../../src/provider/catalog/row.ts"
import { vendors } from "../../src/provider/catalog/vendors.ts"
import { xai } from "../../src/provider/catalog/xai.ts"
import { zhipu } from "../../src/provider/catalog/zhipu.ts"
import { modelInfoAt, policyAt } from "../../src/provider/modelInfo.ts"
import { dialects } from "../../src/provider/quirks.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const rows = vendors.flatMap((vendor) => vendor.rows.map((row) => ({ vendor: vendor.name, ...row })))
const hostRows = hosts.flatMap((host) => host.rows.map((row) => ({ kind: host.kind, ...row })))

const firstFor = (name: string, all: ReadonlyArray<{ readonly match: RegExp; readonly example: string }>) =>
  all.find((row) => row.match.test(bareName(name)))?.example

/** Spellings that mean the same model. */
const spellings = (name: string): ReadonlyArray<string> => [
  name,
  name.toUpperCase(),
  ` ${name} `,
  `vendor/${name}`,
  `openrouter/vendor/${name}`,
  `${name}[1m]`,
  `vendor/${name}[1m]`,
  ...(name.includes(":") ? [] : [`${name}:free`, `vendor/${name}:free`, `vendor/${name}:free[1m]`])
]

describe("a row of the catalog", () => {
  it.each(rows)("$vendor's for $example is found by that name", ({ example }) => {
    expect(firstFor(example, rows)).toBe(example)
  })

  it.each(hostRows)("of $kind for $example is found by that name", ({ example, kind }) => {
    const own = hostRows.filter((row) => row.kind === kind)
    expect(firstFor(example, own)).toBe(example)
  })

  it("has an example of its own", () => {
    const names = rows.map(({ example }) => bareName(example))
    expect(new Set(names).size).toBe(names.length)
  })

  it("belongs to one vendor: no other has a row for its example, save for what is left over", () => {
    const strangers = rows.flatMap(({ example, vendor }) =>
      vendors
        .filter((other) => other.name !== vendor && other !== open)
        .filter((other) => firstFor(example, other.rows) !== undefined)
        .map((other) => `${example}: ${other.name}`)
    )
    expect(strangers).toEqual([])
  })

  it("has a window that holds its answer and its prompt", () => {
    const tooSmall = rows.filter(({ output = 1, prompt = 1, window }) => window < output || window < prompt)
    expect(tooSmall.map(({ example }) => example)).toEqual([])
  })

  it("of a host leaves a window that holds the answer and the prompt", () => {
    const tooSmall = hostRows.filter(({ example, kind }) => {
      const info = modelInfo(example, {}, kind)
      const { contextWindow = 0, outputLimit = 1 } = info
      return contextWindow < outputLimit || contextWindow < (longestPrompt(info) ?? Infinity)
    })
    expect(tooSmall.map(({ example, kind }) => `${kind}: ${example}`)).toEqual([])
  })

  it("has prices that are not negative, and none for cached input above that for input", () => {
    const wrong = [...rows, ...hostRows].filter(({ price = usd(0, 0) }) => {
      const { cached = 0, input, output, write = 0 } = price
      return [input, output, cached, write].some((part) => !(part >= 0)) || cached > input
    })
    expect(wrong.map(({ example }) => example)).toEqual([])
  })

  it("names efforts from low to high, each once, and at least one", () => {
    const ladders = rows.flatMap(({ example, reasoning }) =>
      typeof reasoning === "string" ? [] : [{ example, reasoning }]
    )
    for (const { example, reasoning } of ladders) {
      const sorted = Effort.literals.filter((word) => reasoning.includes(word))
      expect({ example, reasoning }).toEqual({ example, reasoning: sorted })
      expect(reasoning).not.toEqual([])
    }
  })

  it("stands in a block with a source and a date", () => {
    for (const { date, source } of [...vendors, ...hosts]) {
      expect(source).toMatch(/^https:\/\/[^ ]+$/)
      expect(date).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/)
    }
  })
})

describe("looking a model up", () => {
  it("takes any case, vendor, variant and mark of a large window", () => {
    for (const { example, window } of rows) {
      const expected = modelInfo(example)
      expect(expected.contextWindow).toBe(window)
      for (const spelling of spellings(example)) expect(modelInfo(spelling)).toEqual(expected)
    }
  })

  it.each([
    ["gpt-4o", 128_000, 16_384],
    ["openai/gpt-4.1-mini", 1_047_576, 32_768],
    ["gpt-5-mini", 400_000, 128_000],
    ["gpt-5.4", 1_050_000, 128_000],
    ["gpt-5[1m]", 400_000, 128_000],
    ["gpt-4", 8192, undefined],
    ["x-ai/grok-4-fast:free", 2_000_000, 30_000],
    ["grok-4", 256_000, undefined],
    ["deepseek-chat", 128_000, 8192],
    ["anthropic/claude-sonnet-4.5", 200_000, 64_000],
    ["my-finetune", undefined, undefined]
  ])("knows the sizes of %s", (model, window, output) => {
    expect(contextWindowOf(model)).toBe(window)
    expect(outputLimitOf(model)).toBe(output)
  })

  it("answers any name, and of a stranger knows nothing", async () => {
    const law = fc.property(fc.string(), (name) => {
      const { contextWindow = 1 } = modelInfo(name)
      return contextWindow > 0 && Object.keys(modelInfo(`my-${name.replace(/[/:]/g, "")}`)).length === 0
    })
    await holds(law, { numRuns: runs })
  })

  it.each([
    ["gpt-5.1-2025-11-13", "gpt-5.1"],
    ["gpt-5-2025-08-07", "gpt-5"],
    ["gpt-5.2-codex", "gpt-5.2-codex"],
    ["gpt-5.6", "gpt-5.6-sol"],
    ["openai/gpt-5.1-chat", "gpt-5-chat-latest"],
    ["anthropic/claude-opus-4.6", "claude-opus-4-6"],
    ["claude-opus-4.8", "claude-opus-4-7"],
    ["claude-opus-4-20250514", "claude-opus-4-1-20250805"],
    ["claude-opus-5-20260401", "claude-opus-5"],
    ["claude-sonnet-4-20250514", "claude-sonnet-4-5"],
    ["claude-opus-6", "claude-haiku-5"],
    ["x-ai/grok-4.1-fast", "grok-4-fast"],
    ["grok-4-0709", "grok-4"],
    ["deepseek-ai/DeepSeek-V3.1", "deepseek-v3.2"],
    ["deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "deepseek-r1"],
    ["moonshotai/kimi-k2-instruct-0905", "kimi-k2-0905-preview"],
    ["kimi-k2:1t", "kimi-k2-0711-preview"],
    ["z-ai/glm-4.7", "glm-4.6"],
    ["zai-org/GLM-5.2", "glm-5.2"],
    ["MiniMaxAI/MiniMax-M2.1", "MiniMax-M2.5"],
    ["google/gemini-3-pro-preview", "gemini-3.1-pro-preview"],
    ["google/gemma-3-12b-it", "gemma-3-27b-it"],
    ["Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8", "qwen3-coder:30b"],
    ["qwen-3-235b-a22b-instruct-2507", "qwen3-235b-a22b-instruct-2507"],
    ["qwen2.5:14b", "qwen2.5-coder:7b"],
    ["meta-llama/Llama-3.3-70B-Instruct-Turbo", "llama-3.3-70b-instruct"],
    ["llama3.1:8b", "llama-3.3-70b-instruct"],
    ["llama3:8b", "meta-llama-3-8b-instruct"],
    ["gpt-oss-20b", "gpt-oss:120b"],
    ["mistral-small3.1", "mistral-small-2506"],
    ["mistral-small:24b", "mistral-small-24b-instruct-2501"],
    ["devstral:24b", "devstral"],
    ["perplexity/sonar-pro", "sonar-pro"]
  ])("%s stands with %s", (name, example) => {
    expect(firstFor(name, rows)).toBe(example)
  })
})

/** Names that are close to those of models without eyes. */
const seeing = `gpt-4-vision-preview claude-3-haiku-20240307 google/gemma-3-4b-it llama3.2-vision:11b qwen2.5vl:7b
  qwen2-vl-7b-instruct qwen3-omni-30b-a3b-instruct ministral-3:8b moonshot-v1-8k-vision-preview kimi-vl-a3b-thinking
  deepseek-vl2 nemotron-nano-12b-v2-vl phi-4-multimodal-instruct pixtral-12b-2409`.split(/\s+/)

describe("a model that reads images", () => {
  it.each(seeing)("is not taken for a blind one: %s", (name) => {
    expect(modelInfo(name).vision).not.toBe(false)
  })
})

describe("the vendor's own provider", () => {
  it.each([
    ["openai", openai],
    ["gemini", google],
    ["xai", xai],
    ["deepseek", deepseek],
    ["kimi", moonshot],
    ["glm", zhipu],
    ["minimax", minimax],
    ["qwen", qwen],
    ["mistral", mistral],
    ["perplexity", perplexity]
  ])("%s is sent images for those of its models that see, and only for those", (dialect, vendor) => {
    const wrong = vendor.rows.filter(
      ({ example, vision }) =>
        vision !== undefined && policyAt({ baseUrl: "http://x", dialect }, example, {}).vision !== vision
    )
    expect(wrong.map(({ example }) => example)).toEqual([])
  })
})

describe("a host of other vendors' models", () => {
  it("is believed about limits, and the vendor about what it does not say", () => {
    const vendor = modelInfo("claude-sonnet-4.6")
    const { price: _, ...others } = vendor
    expect(modelInfo("claude-sonnet-4.6", {}, "copilot")).toEqual({
      ...others,
      contextWindow: 200_000,
      outputLimit: 32_000
    })
  })

  it("replaces the limit on prompts together with the window", () => {
    expect(longestPrompt(modelInfo("gpt-5"))).toBe(272_000)
    expect(longestPrompt(modelInfo("gpt-5", {}, "copilot"))).toBe(128_000)
    expect(longestPrompt(modelInfo("gpt-5", { "gpt-5": { contextWindow: 300_000 } }))).toBe(300_000)
  })

  it("has its own prices or none", () => {
    expect(modelInfo("moonshotai/kimi-k2-instruct-0905", {}, "groq").price).toEqual(usd(1, 3, 0.5))
    expect(modelInfo("deepseek-v4-pro", {}, "ollama").price).toBeUndefined()
    expect(modelInfo("deepseek-v4-pro", {}, "deepseek").price).toBeDefined()
    expect(modelInfo("deepseek-v4-pro").price).toBeDefined()
  })

  it("is a provider of the table", () => {
    expect(hosts.map(({ kind }) => kind).filter((kind) => !dialects.includes(kind))).toEqual([])
  })

  it("is found by the address or the dialect of the profile", () => {
    expect(modelInfoAt({ baseUrl: "http://x", dialect: "groq" }, "gpt-oss-120b", {}).outputLimit).toBe(65_536)
    const at = (baseUrl: string) => modelInfoAt({ baseUrl }, "gpt-oss-120b", {}).outputLimit
    expect(at("https://api.groq.com/openai/v1")).toBe(65_536)
    expect(at("https://example.com/v1")).toBe(32_768)
  })
})
