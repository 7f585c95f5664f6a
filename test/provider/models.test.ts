import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import {
  listModels,
  ownModels,
  pickerId,
  readPickerId,
  resolveModel,
  servingProfile,
  standInModel
} from "../../src/provider/models.ts"
import { runs } from "../support/runs.ts"
import { profileOf } from "./support.ts"
import { holds } from "../support/holds.ts"

const profile = (fields: Readonly<Record<string, unknown>>) =>
  profileOf({ name: "grok", default_model: "grok-4.3", ...fields })

const grok = profile({ models: { haiku: "grok-3-mini", opus: "grok-4.7" } })
const router = profile({ name: "open router/1", default_model: "anthropic/claude-sonnet-4.5" })
const names = { profiles: [grok, router], modelAliases: { fast: "grok-3-mini", big: "opus" } }

const resolved = (requested: string, at = grok) => {
  const serving = servingProfile(requested, at.name)
  const server = [at, ...names.profiles].find((candidate) => candidate.name === serving) ?? at
  return `${serving}: ${resolveModel(requested, server, names.modelAliases)}`
}

describe("picker ids", () => {
  it("read back exactly, whatever the profile and the model are called", async () => {
    await holds(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (name, model) => {
        expect(readPickerId(pickerId(name, model))).toEqual({ profile: name, model })
      }),
      { numRuns: runs }
    )
  })

  it("are distinct for distinct models and consist of characters every client keeps", async () => {
    await holds(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 20 }), (pairs) => {
        const ids = pairs.map(([name, model]) => pickerId(name, model))
        expect(new Set(ids).size).toBe(new Set(pairs.map((pair) => JSON.stringify(pair))).size)
        for (const id of ids) expect(id).toMatch(/^claudex-[A-Za-z0-9._-]*$/)
      }),
      { numRuns: runs }
    )
  })

  it("are not seen in other names", () => {
    for (const text of [
      "claude-sonnet-4",
      "claudex-",
      "claudex-grok",
      "claudex-a__b c",
      "claudex-a__%41",
      "claudex-a__b_f"
    ])
      expect(readPickerId(text)).toBeUndefined()
    expect(readPickerId("claudex-a___ff")).toBeUndefined()
  })
})

describe("resolving a model", () => {
  it("takes the window mark off before anything else", () => {
    expect(resolved("grok-4.3[1m]")).toBe("grok: grok-4.3")
    expect(resolved(`${pickerId("grok", "grok-4.7")}[1m]`)).toBe("grok: grok-4.7")
  })

  it("maps an entry of our own list back, to another profile too", () => {
    expect(resolved(pickerId("open router/1", "anthropic/claude-sonnet-4.5"))).toBe(
      "open router/1: anthropic/claude-sonnet-4.5"
    )
  })

  it("maps aliases, and what they mean by tier", () => {
    expect(resolved("fast")).toBe("grok: grok-3-mini")
    expect(resolved("big")).toBe("grok: grok-4.7")
    expect(resolved(pickerId("", "fast"))).toBe("grok: grok-3-mini")
  })

  it("knows the models of a profile that are named by an alias, its own and those of who stands in for it", () => {
    const aliases = { short: "grok-4.9", tiny: "grok-4.9-mini" }
    const aliased = { ...grok, defaultModel: "short", models: { haiku: "tiny" } }
    for (const [asked, model] of [
      ["default", "grok-4.9"],
      ["claude-sonnet-4-5", "grok-4.9"],
      ["claude-haiku-4-5", "grok-4.9-mini"],
      ["short", "grok-4.9"],
      ["grok-4.9-mini", "grok-4.9-mini"]
    ] as const) {
      expect(resolveModel(asked, aliased, aliases)).toBe(model)
      expect(standInModel(asked, grok, aliased, aliases)).toBe(model)
    }
    expect(standInModel("grok-3-mini", grok, aliased, aliases)).toBe("grok-4.9-mini")
  })

  it.each([
    ["haiku", "grok-3-mini"],
    ["claude-haiku-4-5-20251001", "grok-3-mini"],
    ["claude-3-5-haiku-latest", "grok-3-mini"],
    ["us-gov.anthropic.claude-3-opus-20240229-v1:0", "grok-4.7"],
    ["us.anthropic.claude-opus-4-1-20250805-v1:0", "grok-4.7"],
    ["claude-sonnet-4-5", "grok-4.3"],
    ["claude-fable-5", "grok-4.3"],
    ["opusplan", "grok-4.3"],
    ["best", "grok-4.7"],
    ["claude-2.1", "grok-4.3"],
    ["default", "grok-4.3"],
    ["", "grok-4.3"]
  ])("serves %s by the profile's slots", (requested, model) => {
    expect(resolved(requested)).toBe(`grok: ${model}`)
  })

  it("leaves every other name as it is", () => {
    expect(resolved("grok-code-fast-1")).toBe("grok: grok-code-fast-1")
    expect(resolved("anthropic/claude-opus-4.1", router)).toBe("open router/1: anthropic/claude-opus-4.1")
    expect(resolved("constructor")).toBe("grok: constructor")
  })

  it("keeps a Claude name that the profile uses itself", () => {
    const copilot = profile({ name: "copilot", default_model: "claude-sonnet-4.5", models: { haiku: "gpt-5-mini" } })
    expect(resolved("claude-sonnet-4.5", copilot)).toBe("copilot: claude-sonnet-4.5")
    expect(resolved("claude-opus-4-1", copilot)).toBe("copilot: claude-sonnet-4.5")
    expect(resolved("claude-haiku-4-5", copilot)).toBe("copilot: gpt-5-mini")
  })

  it("never lets a Claude name through that the profile does not name", async () => {
    const claude = fc.tuple(
      fc.constantFrom("claude-", "Claude-", "anthropic.claude-", "eu.anthropic.claude-", "us-gov.anthropic.claude-"),
      fc.stringMatching(/^[a-z0-9.-]{0,20}$/)
    )
    await holds(
      fc.property(claude, ([prefix, rest]) => {
        expect(ownModels(grok)).toContain(resolveModel(prefix + rest, grok, {}))
      }),
      { numRuns: runs }
    )
  })
})

describe("a Claude name for Anthropic's own API", () => {
  const direct = (provider_type: string) =>
    profileOf({
      provider_type,
      base_url: "https://api.anthropic.com",
      default_model: "claude-opus-4-1",
      models: { haiku: "claude-haiku-4-5" }
    })

  it("goes as it is, unless the profile has a model of its own for the tier", () => {
    const meant = (asked: string) =>
      resolveModel(asked, direct("DirectAnthropic"), { quick: "claude-3-5-haiku-latest" })
    expect(meant("claude-sonnet-4-5-20250929")).toBe("claude-sonnet-4-5-20250929")
    expect(meant("claude-sonnet-4-5[1m]")).toBe("claude-sonnet-4-5")
    expect(meant("claude-instant-1")).toBe("claude-instant-1")
    for (const asked of ["claude-3-haiku-20240307", "haiku", "quick"]) expect(meant(asked)).toBe("claude-haiku-4-5")
    for (const asked of ["", "default", "sonnet"]) expect(meant(asked)).toBe("claude-opus-4-1")
  })

  it("does not when that API is asked in OpenAI's protocol", () => {
    expect(resolveModel("claude-sonnet-4-5", direct("OpenAICompatible"), {})).toBe("claude-opus-4-1")
  })
})

describe("the model list", () => {
  it("holds every model of every enabled profile once, and the aliases", () => {
    const off = profile({ name: "off", enabled: false, default_model: "secret-model" })
    const list = listModels({ ...names, profiles: [off, router, grok] }, grok)
    expect(list.map((entry) => entry.displayName)).toEqual([
      "grok-4.3 (grok)",
      "grok-3-mini (grok)",
      "grok-4.7 (grok)",
      "fast (alias of grok-3-mini)",
      "big (alias of opus)",
      "anthropic/claude-sonnet-4.5 (open router/1)"
    ])
  })

  it("has only ids that resolve to what they show", () => {
    for (const entry of listModels(names, grok)) {
      const model = entry.model === "opus" ? "grok-4.7" : entry.model
      expect(resolved(entry.id)).toBe(`${entry.profile?.name}: ${model}`)
    }
  })
})
