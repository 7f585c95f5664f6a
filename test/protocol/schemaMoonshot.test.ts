/** The Moonshot level by example; what holds for every schema is in `laws/schemas.test.ts`. */
import { expect, test } from "vitest"
import { type Json, type JsonObject } from "../../src/testing/json.ts"
import { adaptSchema } from "../../src/protocol/jsonSchema.ts"
import { condition } from "./schemaLevels.ts"

const adapted = (property: Json, more: JsonObject = {}) => {
  const lost: Array<string> = []
  const whole: JsonObject = { type: "object", properties: { p: property }, ...more }
  return { schema: adaptSchema(whole, "moonshot", (path) => lost.push(path)).properties, lost }
}

test.each<[what: string, property: Json, becomes: Json]>([
  [
    "a type beside anyOf moves into the branches that have none",
    { type: "object", description: "d", anyOf: [{ required: ["a"] }, { type: "object", required: ["b"] }] },
    {
      description: "d",
      anyOf: [
        { type: "object", required: ["a"] },
        { type: "object", required: ["b"] }
      ]
    }
  ],
  [
    "a branch with types of its own keeps those that both allow",
    {
      type: ["string", "integer"],
      anyOf: [{ type: "number" }, { type: ["string", "null"] }, { type: "object" }, true]
    },
    { anyOf: [{ type: "integer" }, { type: "string" }, { type: ["string", "integer"] }] }
  ],
  [
    "types that exclude all branches leave nothing",
    { type: "string", anyOf: [{ type: "object" }, false] },
    { anyOf: [{ type: "string", not: {} }] }
  ],
  [
    "anyOf inside anyOf gets the type at the innermost place",
    { type: "string", anyOf: [{ anyOf: [{ minLength: 1 }] }] },
    { anyOf: [{ anyOf: [{ type: "string", minLength: 1 }] }] }
  ],
  ["a constant tells the type", { const: "x" }, { type: "string", const: "x" }],
  ["listed values tell the type", { enum: [1, 2.5] }, { type: "number", enum: [1, 2.5] }],
  [
    "listed values of several types tell them all",
    { enum: ["a", null] },
    { type: ["string", "null"], enum: ["a", null] }
  ],
  ["properties tell the type", { properties: {} }, { type: "object", properties: {} }],
  ["items tell the type", { items: { type: "string" } }, { type: "array", items: { type: "string" } }],
  [
    "where more is said the type is not guessed",
    { properties: {}, not: { type: "string" } },
    { properties: {}, not: { type: "string" } }
  ],
  ["a property without a word stays", { description: "d" }, { description: "d" }],
  [
    "a list by place is spelled as prefixItems",
    { type: "array", items: [{ type: "string" }], additionalItems: { type: "number" } },
    { type: "array", prefixItems: [{ type: "string" }], items: { type: "number" } }
  ],
  [
    "a list by place that ends has a largest length",
    { type: "array", items: [{ type: "string" }], additionalItems: false },
    { type: "array", prefixItems: [{ type: "string" }], maxItems: 1, items: {} }
  ]
])("[4.13 moonshot] %s", (_what, property, becomes) => {
  const { schema, lost } = adapted(property)
  expect(JSON.stringify(schema)).toBe(JSON.stringify({ p: becomes }))
  expect(lost).toEqual([])
})

test("[4.13 moonshot] a branch that is referred to from elsewhere keeps its meaning", () => {
  const shared = { type: "object", anyOf: [{ required: ["a"] }] }
  const more = { $defs: { x: { $ref: "#/properties/p/anyOf/0" } } }
  expect(adapted(shared, more)).toEqual({ schema: { p: shared }, lost: [] })
})

test("[4.13 moonshot] of several conditions in allOf none is sent, of one it is", () => {
  const when = condition({ required: ["a"] }, { required: ["b"] })
  expect(adapted({ type: "object", allOf: [when, { ...when, description: "d" }] })).toEqual({
    schema: { p: { type: "object", allOf: [{}, { description: "d" }] } },
    lost: [".properties.p.allOf.0.if", ".properties.p.allOf.1.if"]
  })
  const one = { type: "object", allOf: [when, { required: ["c"] }] }
  expect(adapted(one)).toEqual({ schema: { p: one }, lost: [] })
})

test("[4.13 moonshot] a type that is neither a name nor names is not sent", () => {
  expect(adapted({ items: { type: {}, anyOf: [{}] } })).toEqual({
    schema: { p: { type: "array", items: { anyOf: [{}] } } },
    lost: [".properties.p.items.type"]
  })
})

test("[4.13 moonshot] a schema that Moonshot takes comes back as it is", () => {
  const taken = {
    type: "object",
    properties: { a: { anyOf: [{ type: "string" }, { type: "null" }] } },
    required: ["a"]
  }
  expect(adaptSchema(taken, "moonshot")).toBe(taken)
})
