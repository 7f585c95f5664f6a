/** The grammar level by example; what holds for every schema is in `laws/schemas.test.ts`. */
import { expect, test } from "vitest"
import { type Json, type JsonObject } from "../../src/testing/json.ts"
import { adaptSchema } from "../../src/protocol/jsonSchema.ts"
import { condition } from "./schemaLevels.ts"

const adapted = (property: Json, more: JsonObject = {}) => {
  const lost: Array<string> = []
  const whole: JsonObject = { type: "object", properties: { p: property }, ...more }
  return { schema: adaptSchema(whole, "grammar", (path, what) => lost.push(`${path}: ${what}`)).properties, lost }
}

test("[4.13 grammar] pattern, format and propertyNames are left out at every depth", () => {
  const { schema, lost } = adapted({
    type: "array",
    items: {
      type: "object",
      propertyNames: { pattern: "^a" },
      properties: { pattern: { type: "string", pattern: "x", format: "uri" } }
    }
  })
  expect(schema).toEqual({
    p: { type: "array", items: { type: "object", properties: { pattern: { type: "string" } } } }
  })
  expect(lost).toEqual([
    ".properties.p.items.propertyNames: propertyNames is not sent",
    ".properties.p.items.properties.pattern.pattern: pattern is not sent",
    ".properties.p.items.properties.pattern.format: format is not sent"
  ])
})

test("[4.13 grammar] very large counts are left out, others stay", () => {
  const { schema, lost } = adapted({ type: "string", minLength: 1, maxLength: 1000 })
  expect(schema).toEqual({ p: { type: "string", minLength: 1, maxLength: 1000 } })
  expect(lost).toEqual([])
  expect(adapted({ type: "string", minLength: 2000, maxLength: 10_000 }).schema).toEqual({ p: { type: "string" } })
  expect(adapted({ type: "array", items: {}, minItems: 2000, maxItems: 65_536 }).schema).toEqual({
    p: { type: "array", items: {} }
  })
})

test("[4.13 grammar] data that looks like a keyword stays", () => {
  const data = { const: { pattern: "x" }, enum: [{ format: "y" }], default: { propertyNames: 1 } }
  expect(adapted(data)).toEqual({ schema: { p: data }, lost: [] })
})

test.each<[what: string, property: Json, becomes: Json, lost: string]>([
  [
    "of branches that say less more than one may match",
    {
      oneOf: [
        { type: "string", pattern: "^a" },
        { type: "string", pattern: "^b" }
      ]
    },
    { anyOf: [{ type: "string" }, { type: "string" }] },
    "oneOf"
  ],
  [
    "such branches stand beside other alternatives",
    { anyOf: [{ minLength: 1 }], oneOf: [{ pattern: "^a" }, { pattern: "^b" }] },
    { anyOf: [{ minLength: 1 }], allOf: [{ anyOf: [{}, {}] }] },
    "oneOf"
  ],
  [
    "what must not match is left out rather than forbid more",
    { type: "string", not: { pattern: "^a" } },
    { type: "string" },
    "not"
  ],
  [
    "a condition that would hold more often goes with its consequences",
    { type: "string", ...condition({ pattern: "^a" }, { minLength: 2 }), else: { minLength: 3 } },
    { type: "string" },
    "if"
  ],
  [
    "a limit on matching items goes when more items match",
    { type: "array", items: {}, contains: { pattern: "^a" }, maxContains: 2 },
    { type: "array", items: {}, contains: {} },
    "maxContains"
  ],
  [
    "what nothing looked at is allowed when less looks",
    { type: "object", properties: { a: { pattern: "^a" } }, unevaluatedProperties: false },
    { type: "object", properties: { a: {} } },
    "unevaluatedProperties"
  ],
  ["nothing at all is no grammar", false, {}, "not"]
])("[4.13 grammar] %s", (_what, property, becomes, keyword) => {
  const { schema, lost } = adapted(property)
  expect(schema).toEqual({ p: becomes })
  expect(lost.some((line) => line.startsWith(`.properties.p.${keyword}: `))).toBe(true)
})

test("[4.13 grammar] a reference into what is gone takes anything", () => {
  const { schema } = adapted({ oneOf: [{ pattern: "^a" }] }, { $defs: { x: { $ref: "#/properties/p/oneOf/0" } } })
  expect(schema).toEqual({ p: { anyOf: [{}] } })
  const whole = { type: "object", properties: { p: { not: { pattern: "^a" } }, q: { $ref: "#/properties/p/not" } } }
  expect(adaptSchema(whole, "grammar").properties).toEqual({ p: {}, q: {} })
})

test("[4.13 grammar] where nothing is in the way the schema comes back as it is", () => {
  const fine: JsonObject = {
    type: "object",
    properties: { a: { oneOf: [{ $ref: "#/$defs/x" }, { type: "null" }] }, b: { not: { $ref: "#/$defs/x" } } },
    $defs: { x: { type: "string", maxLength: 20 } }
  }
  expect(adaptSchema(fine, "grammar")).toBe(fine)
})
