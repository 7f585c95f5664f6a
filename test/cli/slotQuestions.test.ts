import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { proposedSlots, slotQuestion, slotsQuestion } from "../../src/cli/wizard/slotQuestions.ts"
import { modelInfo } from "../../src/provider/catalog.ts"
import { vendors } from "../../src/provider/catalog/vendors.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const catalog = vendors.flatMap(({ rows }) => rows.map(({ example }) => example))

describe("the models that are proposed for slots", () => {
  const cases: ReadonlyArray<readonly [model: string, listed: ReadonlyArray<string>, haiku: string | undefined]> = [
    ["grok-4", ["grok-4", "grok-4-fast", "grok-3-mini"], "grok-4-fast"],
    ["gpt-5.4", ["gpt-5-nano", "gpt-5.4-nano", "gpt-5.4-mini", "o4-mini", "gpt-5.4"], "gpt-5.4-mini"],
    ["claude-opus-4-5-20251101", ["claude-sonnet-4-5", "claude-haiku-4-5"], "claude-haiku-4-5"],
    ["x-ai/grok-4", ["x-ai/grok-4-fast", "openai/gpt-5-mini", "grok-4-fast"], "x-ai/grok-4-fast"],
    // small already
    ["claude-haiku-4-5", ["claude-3-haiku-20240307"], undefined],
    // of the same price, of no known price, of another vendor
    ["deepseek-reasoner", ["deepseek-chat"], undefined],
    ["grok-4", ["grok-9-mini", "gpt-5-mini"], undefined],
    // for something else
    ["o1", ["o4-mini-deep-research"], undefined],
    ["nobody-knows", ["nobody-knows-mini"], undefined],
    ["glm-4.5-x", ["glm-4.5-flash"], undefined],
    ["grok-4", [], undefined]
  ]
  it.each(cases)("%s among %j: %s", (model, listed, haiku) => {
    expect(proposedSlots(model, listed, "generic")).toEqual(haiku === undefined ? {} : { haiku })
  })

  it("are of the list, not the model itself, and cost at most half of it", () =>
    holds(
      fc.property(fc.constantFrom(...catalog), fc.subarray(catalog), (model, listed) => {
        const { haiku } = proposedSlots(model, listed, "generic")
        if (haiku === undefined) return
        expect(listed).toContain(haiku)
        expect(haiku).not.toBe(model)
        const [own, other] = [model, haiku].map((name) => modelInfo(name).price?.output ?? Number.NaN)
        expect(other).toBeLessThanOrEqual((own ?? 0) / 2)
      }),
      { numRuns: runs }
    ))

  it("stand first, in words, where there are any; each slot may have the profile's model", () => {
    const shown = (proposed: Parameters<typeof slotsQuestion>[1]) =>
      slotsQuestion("big", proposed).choices.map((choice) => choice.shown)
    expect(shown({ haiku: "tiny" })).toEqual([
      "haiku tiny, else big",
      "big for all of haiku, sonnet, opus, fable",
      "choose for each"
    ])
    expect(shown({})).toEqual(["big for all of haiku, sonnet, opus, fable", "choose for each"])
    const values = (slot: "haiku" | "opus") =>
      slotQuestion(slot, "big", { haiku: "tiny" }, ["big", "tiny", "other"]).choices.map(({ value }) => value)
    expect(values("haiku")).toEqual(["tiny", "", "other"])
    expect(values("opus")).toEqual(["", "tiny", "other"])
  })
})
