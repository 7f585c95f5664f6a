/** The Gemini level by example; what holds for every schema is in `laws/schemas.test.ts`. */
import { expect, test } from "vitest"
import { type Json, type JsonObject } from "../../src/testing/json.ts"
import { adaptSchema } from "../../src/protocol/jsonSchema.ts"
import { condition } from "./schemaLevels.ts"

const root = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: "object", properties, ...more })

/** What one property becomes, and what is reported of it. */
const adapted = (property: Json, more: JsonObject = {}) => {
  const lost: Array<readonly [string, string]> = []
  const { properties } = adaptSchema(root({ p: property }, more), "gemini", (path, what) => lost.push([path, what]))
  return { schema: properties, lost }
}

test("[4.13 gemini] what Gemini knows stays, and a schema of nothing else comes back as it is", () => {
  const known = root(
    {
      a: { type: "string", minLength: 1, maxLength: 5, pattern: "^a", description: "text" },
      b: { type: "integer", minimum: 0, maximum: 9 },
      c: { type: "array", minItems: 1, items: { type: "string", enum: ["x", "y"] } },
      d: { type: "string", format: "date-time", nullable: true },
      e: { anyOf: [{ type: "string" }, { type: "number" }] }
    },
    { required: ["a"], description: "all" }
  )
  expect(adaptSchema(known, "gemini")).toBe(known)
})

test.each<[what: string, property: Json, becomes: Json | undefined, lost: ReadonlyArray<string>]>([
  ["const is a list of one", { const: "fast" }, { type: "string", enum: ["fast"] }, []],
  ["a type that may be null is nullable", { type: ["string", "null"] }, { type: "string", nullable: true }, []],
  [
    "null as an alternative makes the other nullable",
    { anyOf: [{ type: "integer" }, { type: "null" }], description: "d" },
    { type: "integer", nullable: true, description: "d" },
    []
  ],
  [
    "several types are alternatives, each with what concerns it",
    { type: ["string", "integer", "null"], minLength: 1, minimum: 2 },
    {
      anyOf: [
        { type: "string", minLength: 1, nullable: true },
        { type: "integer", minimum: 2 }
      ]
    },
    []
  ],
  [
    "any_of stands alone: the description goes to the first alternative",
    { description: "Id or name", title: "T", anyOf: [{ type: "string" }, { type: "integer", description: "id" }] },
    {
      anyOf: [
        { type: "string", description: "Id or name" },
        { type: "integer", description: "id" }
      ]
    },
    []
  ],
  [
    "what stands beside alternatives goes into each",
    { type: "string", anyOf: [{ minLength: 1 }, { pattern: "^a" }, { type: "integer" }] },
    {
      anyOf: [
        { type: "string", minLength: 1 },
        { type: "string", pattern: "^a" }
      ]
    },
    []
  ],
  [
    "oneOf is anyOf",
    { oneOf: [{ type: "string" }, { type: "boolean" }] },
    { anyOf: [{ type: "string" }, { type: "boolean" }] },
    [".oneOf"]
  ],
  [
    "allOf is merged",
    {
      allOf: [
        { type: "object", properties: { x: { type: "string" } }, required: ["x"] },
        { properties: { y: { type: "number" }, x: { minLength: 2 } }, required: ["y"] }
      ]
    },
    {
      type: "object",
      properties: { x: { type: "string", minLength: 2 }, y: { type: "number" } },
      required: ["x", "y"]
    },
    []
  ],
  [
    "of two limits that cannot be joined one is sent",
    { type: "string", allOf: [{ pattern: "a" }, { pattern: "b" }] },
    { type: "string", pattern: "a" },
    [".pattern"]
  ],
  [
    "an exclusive bound of whole numbers is the next number",
    { type: "integer", exclusiveMinimum: 0 },
    { type: "integer", minimum: 1 },
    []
  ],
  [
    "another exclusive bound includes the bound and says so",
    { type: "number", exclusiveMaximum: 1 },
    { type: "number", maximum: 1, description: "Less than 1." },
    [".exclusiveMaximum"]
  ],
  [
    "formats other than date-time are said in words, and so is a default",
    { type: "string", format: "uri", default: "", description: "Where" },
    { type: "string", description: 'Where. Format: "uri". Default: "".' },
    [".format"]
  ],
  [
    "numbers that are listed stay numbers",
    { enum: [1, 2], description: "Level." },
    { type: "integer", description: "Level. One of 1, 2." },
    [".enum"]
  ],
  [
    "of a mixed list the strings are listed",
    { enum: ["a", 1.5, 2, null] },
    {
      anyOf: [
        { type: "string", enum: ["a"], nullable: true },
        { type: "number", description: "One of 1.5, 2." }
      ]
    },
    [".enum"]
  ],
  [
    "an empty string cannot be listed",
    { enum: ["", "a"] },
    { type: "string", description: 'One of "", "a".' },
    [".enum"]
  ],
  ["both booleans are no list", { enum: [true, false] }, { type: "boolean" }, []],
  ["one boolean is said", { const: true }, { type: "boolean", description: "Must be true." }, [".const"]],
  [
    "listed values of a type that is excluded do not count",
    { type: "string", enum: ["a", 1] },
    { type: "string", enum: ["a"] },
    []
  ],
  [
    "a map says what its values are",
    { type: "object", additionalProperties: { type: "string" } },
    { type: "object", description: 'Every other property: {"type":"string"}.' },
    [".additionalProperties"]
  ],
  [
    "closed objects say so",
    { type: "object", properties: { a: { type: "string" } }, additionalProperties: false },
    { type: "object", properties: { a: { type: "string" } }, description: "No other properties." },
    [".additionalProperties"]
  ],
  [
    "only described properties are required",
    { type: "object", properties: { a: { type: "string" } }, required: ["a", "b"] },
    { type: "object", properties: { a: { type: "string" } }, required: ["a"], description: 'Also required: "b".' },
    [".required"]
  ],
  [
    "alternatives beside properties become words",
    { type: "object", properties: { a: { type: "string" } }, anyOf: [{ required: ["a"] }, { required: ["b"] }] },
    {
      type: "object",
      properties: { a: { type: "string" } },
      description: 'Must also match {"anyOf":[{"required":["a"]},{"required":["b"]}]}.'
    },
    [".anyOf"]
  ],
  [
    "the properties of alternatives join those beside them",
    {
      type: "object",
      properties: { a: { type: "string" } },
      anyOf: [
        { properties: { b: { type: "number" } }, required: ["b"], additionalProperties: false },
        { properties: { b: { type: "string" } }, required: ["b"] }
      ]
    },
    expect.objectContaining({
      properties: { a: { type: "string" }, b: { anyOf: [{ type: "number" }, { type: "string" }] } },
      required: ["b"]
    }) as Json, // an asymmetric matcher stands for any value
    [".anyOf"]
  ],
  [
    "a list by place is a list of any of them, as long as it can be",
    { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
    {
      type: "array",
      maxItems: 2,
      items: { anyOf: [{ type: "string" }, { type: "number" }] },
      description: 'Items in this order: {"type":"string"}, {"type":"number"}.'
    },
    [".prefixItems"]
  ],
  [
    "a list by place that goes on may hold anything",
    { type: "array", items: [{ type: "string" }] },
    { type: "array", items: {} },
    [".items"]
  ],
  [
    "what no schema can say is said in words",
    { type: "string", not: { const: "x" } },
    { type: "string", description: 'Must also match {"not":{"const":"x"}}.' },
    [".not"]
  ],
  [
    "a condition is one statement",
    { type: "string", ...condition({ const: "x" }, { maxLength: 3 }) },
    { type: "string", description: 'Must also match {"if":{"const":"x"},"then":{"maxLength":3}}.' },
    [".if"]
  ],
  ["long statements are not said", { type: "string", not: { const: "x".repeat(200) } }, { type: "string" }, [".not"]],
  [
    "what concerns another type says nothing",
    { type: "string", properties: { a: {} }, required: ["a"], minimum: 1 },
    { type: "string" },
    []
  ],
  [
    "who lists properties describes an object",
    { properties: { a: { type: "string" } } },
    { type: "object", properties: { a: { type: "string" } } },
    []
  ],
  ["without a type anything goes", { description: "Anything" }, { description: "Anything" }, []],
  [
    "limits without a type are said in words",
    { minimum: 1 },
    { description: 'Must also match {"minimum":1}.' },
    [".minimum"]
  ],
  [
    "null alone is a type that may be null",
    { type: "null" },
    { type: "string", nullable: true, description: "Always null." },
    []
  ],
  ["what cannot be valid is left out", false, undefined, [""]],
  ["alternatives that cannot be valid are left out", { anyOf: [false, { type: "string" }] }, { type: "string" }, []],
  [
    "bookkeeping is no loss",
    { $id: "x", $comment: "c", $schema: "s", type: "boolean", deprecated: true },
    { type: "boolean" },
    []
  ]
])("[4.13 gemini] %s", (_what, property, becomes, lost) => {
  const result = adapted(property)
  expect(result.schema).toEqual(becomes === undefined ? {} : { p: becomes })
  expect(result.lost.map(([path]) => path)).toEqual(lost.map((keyword) => `.properties.p${keyword}`))
})

test("[4.13 gemini] local references are written out, in a circle twice", () => {
  const node = root({ value: { type: "string" }, next: { $ref: "#/$defs/node" } })
  const { schema, lost } = adapted({ $ref: "#/$defs/node", description: "The first." }, { $defs: { node } })
  const last = root({ value: { type: "string" }, next: {} })
  expect(schema).toEqual({
    p: { ...root({ value: { type: "string" }, next: last }), description: "The first." }
  })
  expect(lost).toEqual([
    [".properties.p.properties.next.properties.next.$ref", "what comes deeper in a circle is not sent"]
  ])
})

test("[4.13 gemini] a reference that leads nowhere takes anything", () => {
  for (const $ref of ["#/$defs/none", "https://example.com/schema.json", "#anchor"]) {
    const { schema, lost } = adapted({ $ref })
    expect(schema).toEqual({ p: {} })
    expect(lost).toEqual([[".properties.p.$ref", "leads nowhere"]])
  }
  // a name of its own moves the start of references
  expect(adapted({ $id: "x", type: "object", properties: { a: { $ref: "#/properties/p" } } }).schema).toEqual({
    p: root({ a: {} })
  })
})

test("[4.13 gemini] a reference deep in alternatives is not mistaken for one into the property itself", () => {
  const property: JsonObject = {
    properties: { a: { type: "string" } },
    anyOf: [{ anyOf: [{ $ref: "#/$defs/x" }] }],
    $defs: { x: { required: ["b"] } }
  }
  expect(adapted(property, { $defs: { x: {} } }).schema).toEqual({
    p: { type: "object", properties: { a: { type: "string" } } }
  })
})

test("[4.13 gemini] nothing is said of a reference whose target the model cannot see", () => {
  const not = { $ref: "#/$defs/a" }
  expect(adapted({ type: "string", not }, { $defs: { a: {} } }).schema).toEqual({ p: { type: "string" } })
})

test("[4.13 gemini] references that double at every step are cut, and the answer comes at once", () => {
  const names = Array.from({ length: 40 }, (_, at) => at)
  const $defs = Object.fromEntries(
    names.map((at) => [`d${at}`, root({ a: { $ref: `#/$defs/d${at + 1}` }, b: { $ref: `#/$defs/d${at + 1}` } })])
  )
  const both = Object.fromEntries(
    names.map((at) => [`d${at}`, { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] }])
  )
  for (const doubling of [$defs, both]) {
    const { schema, lost } = adapted({ $ref: "#/$defs/d0" }, { $defs: { ...doubling, d40: { type: "string" } } })
    expect(JSON.stringify(schema).length).toBeLessThan(1_000_000)
    expect(lost.length).toBeGreaterThan(0)
  }
})
