import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, FastCheck as fc } from "effect"
import { Quirks } from "../../src/domain/Quirks.ts"
import { genericPolicy } from "../../src/protocol/policy.ts"
import { policyLayers } from "../../src/provider/modelInfo.ts"
import { policyFor, protocolOf } from "../../src/provider/quirks.ts"
import { generic, providers } from "../../src/provider/table/index.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const quirks = Arbitrary.make(Quirks)
const somewhere = fc
  .constantFrom(...providers, generic)
  .chain((row) =>
    fc.constantFrom("some-model", ...(row.models ?? []).map(({ example }) => example)).map((model) => ({ row, model }))
  )
const protocol = fc.constantFrom("chat" as const, "responses" as const)

describe("what a profile says about its provider", () => {
  it("counts more than the table, for every key, model and protocol, and changes nothing else", async () => {
    await holds(
      fc.property(somewhere, protocol, quirks, ({ model, row }, spoken, own) => {
        const profile = { baseUrl: row.example, dialect: row.kind }
        const before = policyFor(profile, model, spoken)
        expect(policyFor({ ...profile, quirks: own }, model, spoken)).toEqual({ ...before, ...own })
      }),
      { numRuns: runs }
    )
  })

  it("can say something about every value that is plain data", () => {
    const internal = ["kind", "extraBody", "thinkingExtra", "idPattern", "namePattern"]
    expect(Object.keys(genericPolicy).filter((key) => !Object.hasOwn(Quirks.fields, key))).toEqual(
      expect.arrayContaining(internal)
    )
    expect(Object.keys(genericPolicy).filter((key) => !Object.hasOwn(Quirks.fields, key))).toHaveLength(internal.length)
  })

  it("is the last of the layers, of which the generic dialect is the first", () => {
    const profile = { baseUrl: "https://api.openai.com/v1", quirks: { maxStop: 2 } }
    const layers = policyLayers(profile, "gpt-5.1", {})
    expect(layers.map(({ origin }) => origin)).toEqual([
      "generic",
      "provider",
      "model",
      "model",
      "catalog",
      "model_info",
      "profile"
    ])
    expect(layers.at(-1)?.values).toEqual({ maxStop: 2 })
  })

  it("chooses the protocol by the provider type", () => {
    expect(protocolOf({ providerType: "OpenAIResponses" })).toBe("responses")
    expect(protocolOf({ providerType: "OpenAICompatible" })).toBe("chat")
    const baseUrl = "https://api.openai.com/v1"
    expect(policyFor({ baseUrl, providerType: "OpenAIResponses" }, "gpt-4o").minTokens).toBe(16)
    expect(policyFor({ baseUrl }, "gpt-4o").minTokens).toBe(1)
  })
})
