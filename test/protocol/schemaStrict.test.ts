import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import type { Json, JsonObject } from "../../src/testing/json.ts"
import { isStrictSchema } from "../../src/protocol/schemaStrict.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more
})

test.each<[what: string, schema: Json]>([
  ["a closed object that requires all it has", closed({ a: { type: "string" }, b: { type: ["number", "null"] } })],
  ["an object without properties", closed({})],
  [
    "objects in lists, alternatives and definitions",
    closed(
      {
        a: { type: "array", items: { $ref: "#/$defs/x" } },
        b: { anyOf: [{ type: "null" }, closed({ c: { type: "boolean" } })] }
      },
      { $defs: { x: closed({ next: { anyOf: [{ $ref: "#" }, { type: "null" }] } }) } }
    )
  ],
  [
    "the limits that OpenAI documents",
    closed({
      a: { type: "string", pattern: "^a", format: "email", description: "d", title: "t" },
      b: { type: "number", minimum: 0, exclusiveMaximum: 2, multipleOf: 0.5 },
      c: { type: "array", items: { type: "string", enum: ["x"] }, minItems: 1, maxItems: 2 },
      d: { type: "string", const: "x" }
    })
  ],
  ["properties that are called like keywords", closed({ properties: { type: "string" }, not: { type: "string" } })]
])("[4.13 openai-strict] strict: %s", (_what, schema) => {
  expect(isStrictSchema(schema)).toBe(true)
})

test.each<[what: string, schema: Json]>([
  ["no schema at all", null],
  ["an open object", { ...closed({ a: { type: "string" } }), additionalProperties: true }],
  ["an optional property", { ...closed({ a: { type: "string" } }), required: [] }],
  ["a required property that is not described", { ...closed({}), required: ["a"] }],
  [
    "a root that is no plain object",
    { type: ["object", "null"], properties: {}, required: [], additionalProperties: false }
  ],
  ["alternatives at the root", closed({}, { anyOf: [closed({})] })],
  ["a type that is missing", closed({ a: { description: "anything" } })],
  ["a list without items", closed({ a: { type: "array" } })],
  ["a boolean schema", closed({ a: true })],
  ["a reference with company", closed({ a: { $ref: "#", description: "d" } })],
  ["a reference to elsewhere", closed({ a: { $ref: "https://example.com/x.json" } })],
  ["a format of another list", closed({ a: { type: "string", format: "uri" } })],
  [
    "objects nested more than ten levels",
    Array.from({ length: 11 }).reduce<JsonObject>((inner) => closed({ a: inner }), { type: "string" })
  ],
  ["JSON nested beyond reason", Array.from({ length: 5000 }).reduce<JsonObject>((inner) => ({ anyOf: [inner] }), {})],
  [
    "more than 1000 listed values",
    closed({ a: { type: "integer", enum: Array.from({ length: 1001 }, (_, at) => at) } })
  ],
  ["more than 120000 characters of names and values", closed({ a: { type: "string", const: "x".repeat(120_000) } })]
])("[4.13 openai-strict] not strict: %s", (_what, schema) => {
  expect(isStrictSchema(schema)).toBe(false)
})

test.each([
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
  "minProperties",
  "uniqueItems",
  "contains",
  "prefixItems",
  "minLength",
  "maxLength",
  "default",
  "nullable",
  "x-unknown"
])("[4.13 openai-strict] not strict: %s anywhere", (keyword) => {
  const inner = { type: "string", [keyword]: {} }
  for (const schema of [
    closed({}, { [keyword]: {} }),
    closed({ a: inner }),
    closed({ a: { anyOf: [inner] } }),
    closed({}, { $defs: { x: inner } })
  ]) {
    expect(isStrictSchema(schema)).toBe(false)
  }
})

test("[4.13 openai-strict] any JSON value has an answer", async () => {
  await holds(
    fc.property(fc.jsonValue(), (value) => {
      expect(isStrictSchema(value)).toBe(false)
    }),
    { numRuns: runs }
  )
})
