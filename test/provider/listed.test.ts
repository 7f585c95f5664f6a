import { FastCheck as fc, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Profile } from "../../src/domain/Profile.ts"
import { listedNames, unlistedModels } from "../../src/provider/listed.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const profileOf = (fields: Readonly<Record<string, unknown>>): Profile =>
  Schema.decodeUnknownSync(Profile)({
    name: "grok",
    provider_type: "OpenAICompatible",
    base_url: "https://api.x.ai/v1",
    default_model: "m",
    ...fields
  })

describe("a provider's list of models", () => {
  const bodies: ReadonlyArray<readonly [what: string, body: unknown, names: ReadonlyArray<string> | undefined]> = [
    ["as OpenAI writes it", { object: "list", data: [{ id: "a" }, { id: "b", object: "model" }] }, ["a", "b"]],
    ["with other names for a model", { data: [{ id: "a-1", aliases: ["a", "a-latest"] }] }, ["a-1", "a", "a-latest"]],
    ["that is a bare array", [{ id: "a" }], ["a"]],
    ["under models", { models: [{ slug: "a" }, { name: "models/b" }] }, ["a", "models/b"]],
    ["with all of Anthropic's", { data: [{ id: "a" }], has_more: false }, ["a"]],
    ["with the first of several pages", { data: [{ id: "a" }], has_more: true }, undefined],
    ["that is empty", { data: [] }, undefined],
    ["that is something else", { error: "no" }, undefined],
    ["of texts and nothings", { data: ["a", null, 7, { id: "" }] }, undefined]
  ]
  for (const [what, body, names] of bodies) {
    it(`${what} is read as it is`, () => expect(listedNames(JSON.stringify(body))).toEqual(names))
  }

  it("is none when it is no JSON", () => {
    for (const body of ["", "<html>", '{"data":[{"id":"a"']) expect(listedNames(body)).toBeUndefined()
  })

  it("can be read whatever it is", () =>
    holds(
      fc.property(fc.json(), (body) => {
        expect(listedNames(body)?.length).not.toBe(0)
      }),
      { numRuns: runs }
    ))
})

describe("a model in a list", () => {
  const known: ReadonlyArray<readonly [model: string, listed: string]> = [
    ["grok-4", "grok-4"],
    ["grok-4", "grok-4-0709"],
    ["grok-4-latest", "grok-4-0709"],
    ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929"],
    ["claude-sonnet-4-5[1m]", "claude-sonnet-4-5-20250929"],
    ["claude-opus-4-0", "claude-opus-4-20250514"],
    ["gpt-5.6", "gpt-5.6-2026-08-07"],
    ["gemini-3-pro", "models/gemini-3-pro"],
    ["llama3", "llama3:latest"],
    ["vendor/model:free", "vendor/model"],
    ["Qwen/Qwen3", "qwen/qwen3"]
  ]
  for (const [model, listed] of known) {
    it(`is there: ${model} as ${listed}`, () =>
      expect(unlistedModels(profileOf({ default_model: model }), ["other", listed])).toEqual([]))
  }

  const unknown: ReadonlyArray<readonly [model: string, listed: string]> = [
    ["grok-4", "grok-4-fast"],
    ["grok-4", "grok-40"],
    ["grok-4-fast", "grok-4"],
    ["qwen3:30b", "qwen3:8b"],
    ["grok-9-latest", "grok-4-latest"]
  ]
  for (const [model, listed] of unknown) {
    it(`is not there: ${model}, with ${listed}`, () =>
      expect(unlistedModels(profileOf({ default_model: model }), [listed])).toEqual([
        { model, keys: ["default_model"] }
      ]))
  }

  it("is told with every key that names it", () => {
    const profile = profileOf({ default_model: "a", models: { haiku: "b", opus: "a", fable: "c" } })
    expect(unlistedModels(profile, ["c"])).toEqual([
      { model: "a", keys: ["default_model", "models.opus"] },
      { model: "b", keys: ["models.haiku"] }
    ])
  })

  it("is not looked for at Azure, whose list is not of what is deployed", () => {
    expect(unlistedModels(profileOf({ base_url: "https://mine.openai.azure.com/openai/v1" }), ["a"])).toEqual([])
  })

  it("is always there when the list has it as it is written", () =>
    holds(
      fc.property(fc.string({ minLength: 1 }), fc.array(fc.string()), (model, names) => {
        expect(unlistedModels(profileOf({ default_model: model }), [...names, model])).toEqual([])
      }),
      { numRuns: runs }
    ))
})
