import { readdirSync, readFileSync } from "node:fs"
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { isObject, type JsonObject } from "../../src/protocol/json.ts"
import { adaptSchema } from "../../src/protocol/jsonSchema.ts"
import { runs } from "../support/runs.ts"

const adapt = (schema: unknown) => adaptSchema(schema, "base")

const compiled = new WeakMap<JsonObject, ValidateFunction>()
const validator = (schema: JsonObject): ValidateFunction => {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const fresh = new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(schema)
  compiled.set(schema, fresh)
  return fresh
}

/**
 * Undefined when the validator has no verdict: references that go in circles on one value exhaust its stack, and it has
 * a fault of its own in some nestings of `unevaluatedProperties`.
 */
const verdict = (validate: ValidateFunction, candidate: unknown): boolean | undefined => {
  try {
    return validate(candidate)
  } catch {
    return undefined
  }
}

/** Compiling thousands of schemas takes longer than other tests. */
const patience = { timeout: 600_000 }

// Few names and few values, so that schemas and instances often meet.
const key = fc.constantFrom("a", "b", "c", "2")
const value = fc.constantFrom<unknown>(0, 1, 3, "", "x", "long text", true, null, [], [1], ["x", 1], {}, { a: 1 })
const instance = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value, { maxKeys: 3 })), { maxKeys: 4 })

const reference = fc.constantFrom("#", "#/$defs/one", "#/$defs/two", "#/properties/a", "#/anyOf/0", "#/oneOf/1")

const type = fc.constantFrom<unknown>(
  "object",
  "object",
  "object",
  "string",
  "integer",
  "array",
  ["object", "null"],
  ["array", "string"]
)

const optional = { requiredKeys: [] }

const entry = <A>(keyword: string, arbitrary: fc.Arbitrary<A>) =>
  arbitrary.map((content): readonly [string, unknown] => [keyword, content])

/** Schemas over all keywords that the adaptation looks at, a few at a time. */
const { schema } = fc.letrec<{ schema: unknown; object: JsonObject; list: Array<unknown>; map: JsonObject }>((tie) => ({
  list: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }),
  map: fc.dictionary(key, tie("schema"), { minKeys: 1, maxKeys: 3 }),
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(fc.boolean(), fc.record({ type }), fc.record({ $ref: reference })),
    tie("object"),
    tie("object")
  ),
  object: fc
    .array(
      fc.oneof(
        entry("type", type),
        entry("properties", tie("map")),
        entry("properties", tie("map")),
        entry("required", fc.uniqueArray(key, { maxLength: 2 })),
        entry("additionalProperties", fc.oneof(fc.boolean(), tie("schema"))),
        entry("additionalProperties", fc.constant(false)),
        entry("patternProperties", fc.record({ "^a": tie("schema") })),
        entry("unevaluatedProperties", fc.boolean()),
        entry("minProperties", fc.nat(2)),
        entry("dependentSchemas", tie("map")),
        entry("propertyNames", fc.constantFrom<unknown>(true, false, { maxLength: 1 }, { enum: ["a", "b"] })),
        entry("items", tie("schema")),
        entry("prefixItems", tie("list")),
        entry("unevaluatedItems", fc.boolean()),
        entry("contains", tie("schema")),
        entry("enum", fc.uniqueArray(fc.oneof(value, fc.constant({ a: 1 })), { minLength: 1, maxLength: 3 })),
        entry("const", value),
        entry("minimum", fc.constantFrom(1, 2)),
        entry("minLength", fc.constantFrom(1, 2)),
        entry("allOf", tie("list")),
        entry("anyOf", tie("list")),
        entry("oneOf", tie("list")),
        entry("not", tie("schema")),
        entry("if", tie("schema")),
        entry("then", tie("schema")),
        entry("$ref", reference)
      ),
      { maxLength: 4 }
    )
    .map((entries): JsonObject => Object.fromEntries(entries))
}))

/** One alternative as people write them: an object, open or closed, with simple properties. */
const branch = fc.record(
  {
    type: fc.constant("object"),
    properties: fc.dictionary(key, fc.oneof(fc.record({ type }), fc.boolean()), { maxKeys: 2 }),
    patternProperties: fc.record({ "^[bc]": fc.record({ type }) }),
    required: fc.uniqueArray(key, { maxLength: 1 }),
    additionalProperties: fc.constant(false)
  },
  optional
)
const branches = fc.oneof(
  fc.array(branch, { minLength: 1, maxLength: 3 }),
  fc.array(fc.oneof(branch, schema), { minLength: 1, maxLength: 3 })
)

/** What tools are really described with at the root: objects, often with a combinator, seldom everything at once. */
const anyRoot = fc
  .tuple(
    fc.record(
      { $schema: fc.constant("https://json-schema.org/draft/2020-12/schema"), $comment: fc.string() },
      optional
    ),
    fc.record({ type: fc.constantFrom<unknown>("object", ["object", "null"], "string") }, optional),
    fc.record(
      {
        properties: fc.dictionary(key, schema, { maxKeys: 3 }),
        required: fc.uniqueArray(key, { maxLength: 1 }),
        additionalProperties: fc.boolean(),
        unevaluatedProperties: fc.boolean()
      },
      optional
    ),
    fc.oneof(
      fc.constant({}),
      fc.record({ anyOf: branches }),
      fc.record({ oneOf: branches }),
      fc.record({ allOf: branches }),
      fc.record({ not: schema }),
      fc.record({ $ref: reference }),
      schema.filter(isObject)
    ),
    fc.record({ one: schema, two: schema })
  )
  .map(([marks, typed, own, combined, $defs]): JsonObject => ({ ...marks, ...typed, ...own, ...combined, $defs }))

/** Generated references may have no target; without one there is nothing to validate with. */
const soundRoot = anyRoot.filter((candidate) => {
  try {
    return validator(candidate) !== undefined
  } catch {
    return false
  }
})

const names = (node: unknown): ReadonlyArray<string> =>
  isObject(node) && isObject(node.properties) ? Object.keys(node.properties) : []

test("every object that was valid stays valid (L18)", patience, async () => {
  let valid = 0
  await fc.assert(
    fc.asyncProperty(soundRoot, fc.array(instance, { minLength: 30, maxLength: 30 }), async (original, instances) => {
      // Lets the runner hear from this test now and then.
      await new Promise(setImmediate)
      const before = validator(original)
      const after = validator(adapt(original))
      for (const candidate of [{}, ...instances]) {
        if (verdict(before, candidate) !== true) continue
        valid++
        expect(verdict(after, candidate), JSON.stringify({ candidate, adapted: adapt(original) })).not.toBe(false)
      }
    }),
    { numRuns: runs }
  )
  expect(valid).toBeGreaterThan(runs)
})

test("adapting twice changes nothing more, and the root is what servers take (L18)", () => {
  fc.assert(
    fc.property(anyRoot, (original) => {
      const once = adapt(original)
      expect(JSON.stringify(adapt(once))).toBe(JSON.stringify(once))
      expect(once.type).toBe("object")
      expect(isObject(once.properties)).toBe(true)
      for (const refused of ["oneOf", "anyOf", "allOf", "not", "enum", "$ref", "$schema", "$id", "$comment"]) {
        expect(once).not.toHaveProperty([refused])
      }
    }),
    { numRuns: runs }
  )
})

test("properties keep their order, and the input is not changed (L18)", () => {
  fc.assert(
    fc.property(anyRoot, (original) => {
      const copy = structuredClone(original)
      const own = names(original)
      expect(names(adapt(original)).filter((name) => own.includes(name))).toEqual(own)
      expect(original).toEqual(copy)
    }),
    { numRuns: runs }
  )
})

test("any JSON value is adapted to an object schema", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (anything) => {
      const adapted = adapt(anything)
      expect(adapted.type).toBe("object")
      expect(isObject(adapted.properties)).toBe(true)
    }),
    { numRuns: runs }
  )
  const empty = { type: "object", properties: {} }
  for (const nothing of [undefined, null, true, false, "", 1, [], {}]) expect(adapt(nothing)).toEqual(empty)
  expect(adapt({ type: "object", properties: null, required: null })).toEqual({ ...empty, required: [] })
})

/** Every `input_schema` in a fixture. */
const schemasIn = (node: unknown): ReadonlyArray<JsonObject> => {
  if (Array.isArray(node)) return node.flatMap(schemasIn)
  if (!isObject(node)) return []
  const own = isObject(node.input_schema) ? [node.input_schema] : []
  return [...own, ...Object.values(node).flatMap(schemasIn)]
}

const fixtures = new URL("../fixtures/claude-code/", import.meta.url)

test("the schemas of Claude Code's own tools pass unchanged, except for $schema at the root", () => {
  const schemas = readdirSync(fixtures)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => schemasIn(JSON.parse(readFileSync(new URL(file, fixtures), "utf8"))))
  expect(schemas.length).toBeGreaterThan(100)
  for (const original of schemas) {
    const { $schema: _, ...rest } = original
    // an MCP tool without parameters has no `properties`
    const expected = "properties" in rest ? rest : { ...rest, properties: {} }
    expect(JSON.stringify(adapt(original))).toBe(JSON.stringify(expected))
  }
})

test("boolean subschemas become objects, arrays get items, plain flags stay", () => {
  const adapted = adapt({
    type: "object",
    properties: {
      any: true,
      none: false,
      list: { type: "array" },
      maybe: { type: ["array", "null"] },
      deep: { type: "object", properties: { list: { type: "array", items: { type: "array" } } } },
      tuple: { type: "array", prefixItems: [true], unevaluatedItems: false }
    },
    additionalProperties: false
  })
  expect(adapted).toEqual({
    type: "object",
    properties: {
      any: {},
      none: { not: {} },
      list: { type: "array", items: {} },
      maybe: { type: ["array", "null"], items: {} },
      deep: { type: "object", properties: { list: { type: "array", items: { type: "array", items: {} } } } },
      tuple: { type: "array", prefixItems: [{}], unevaluatedItems: false }
    },
    additionalProperties: false
  })
})

test("data inside a schema is not taken for a schema", () => {
  const data = {
    type: "object",
    properties: {
      a: { const: { type: "array" }, default: { items: true }, examples: [{ type: "array" }], enum: [true] }
    },
    required: ["a"]
  }
  expect(adapt(data)).toEqual(data)
})

test("alternatives at the root are merged: what all demand is required, what one forbids may come", () => {
  const adapted = adapt({
    oneOf: [
      {
        type: "object",
        properties: { kind: { const: "file" }, path: { type: "string" } },
        required: ["kind", "path"],
        additionalProperties: false
      },
      {
        type: "object",
        properties: { kind: { const: "url" }, url: { type: "string" } },
        required: ["kind", "url"],
        additionalProperties: false
      }
    ]
  })
  expect(adapted).toMatchObject({
    type: "object",
    properties: {
      kind: { anyOf: [{ const: "file" }, { const: "url" }] },
      path: { type: "string" },
      url: { type: "string" }
    },
    required: ["kind"],
    additionalProperties: false
  })
  expect(adapted.description).toContain('"oneOf":[{"type":"object"')
})

test("a property that an open alternative does not mention keeps its shape as a hint", () => {
  expect(adapt({ anyOf: [{ properties: { a: { type: "string" } } }, { required: ["b"] }] }).properties).toEqual({
    a: { anyOf: [{ type: "string" }, {}] }
  })
})

test("additional properties are forbidden only if every alternative forbids them", () => {
  const closed = { properties: { a: {} }, additionalProperties: false }
  expect(adapt({ anyOf: [closed, closed] }).additionalProperties).toBe(false)
  expect(adapt({ anyOf: [closed, { properties: { b: {} } }] })).not.toHaveProperty("additionalProperties")
  const pattern = { ...closed, patternProperties: { "^x": {} } }
  expect(adapt({ anyOf: [closed, pattern] })).not.toHaveProperty("additionalProperties")
  expect(adapt({ allOf: [closed, { properties: { b: {} } }] }).additionalProperties).toBe(false)
  // what the merged alternatives allowed would be forbidden
  expect(adapt({ unevaluatedProperties: false, anyOf: [pattern] })).not.toHaveProperty("unevaluatedProperties")
  expect(adapt({ type: "object", unevaluatedProperties: false })).toHaveProperty("unevaluatedProperties")
})

test("alternatives that no object can satisfy do not count", () => {
  const adapted = adapt({
    type: ["object", "null"],
    anyOf: [
      { type: "null" },
      { const: 1 },
      { enum: ["x", null] },
      false,
      { type: "object", properties: { a: { type: "string" } }, required: ["a"] }
    ]
  })
  expect(adapted).toMatchObject({ type: "object", properties: { a: { type: "string" } }, required: ["a"] })
})

test("parts that must all hold are merged without a note", () => {
  expect(
    adapt({
      type: "object",
      description: "text",
      properties: { a: { type: "string" } },
      allOf: [
        { properties: { b: { type: "number" } }, required: ["b"] },
        { properties: { a: { type: "number" } }, required: ["a"] }
      ]
    })
  ).toEqual({
    type: "object",
    description: "text",
    properties: { a: { type: "string" }, b: { type: "number" } },
    required: ["b", "a"]
  })
})

test("what cannot be merged is said in the description", () => {
  const adapted = adapt({
    type: "object",
    description: "A search.",
    properties: { a: {}, b: {} },
    anyOf: [{ required: ["a"] }, { required: ["b"] }],
    not: { required: ["a", "b"] }
  })
  expect(adapted).toEqual({
    type: "object",
    description:
      "A search.\n\nMust also be valid under this JSON Schema: " +
      '{"anyOf":[{"required":["a"]},{"required":["b"]}],"not":{"required":["a","b"]}}',
    properties: { a: {}, b: {} }
  })
  const long = adapt({ enum: [{ a: "x".repeat(3000) }] })
  expect(long.description).toBe("Not every combination of these properties is valid.")
})

test("a root that only refers to a definition becomes that definition", () => {
  const list = { type: "object", properties: { next: { $ref: "#/definitions/List" } }, required: ["next"] }
  expect(adapt({ $ref: "#/definitions/List", definitions: { List: list } })).toEqual({
    ...list,
    definitions: { List: list }
  })
})

test("references to a root that has to change follow the original", () => {
  const adapted = adapt({
    type: ["object", "null"],
    properties: { next: { $ref: "#" }, first: { $ref: "#/properties/next" } },
    $defs: { root: { type: "string" } }
  })
  expect(adapted).toEqual({
    type: "object",
    properties: { next: { $ref: "#/$defs/root_" }, first: { $ref: "#/$defs/root_/properties/next" } },
    $defs: {
      root: { type: "string" },
      root_: {
        type: ["object", "null"],
        properties: { next: { $ref: "#/$defs/root_" }, first: { $ref: "#/$defs/root_/properties/next" } }
      }
    }
  })
})

test("references by the root's own id stay references to it when the id goes", () => {
  const id = "https://example.com/tool.json"
  const properties = { a: { $ref: `${id}#/$defs/a` }, self: { $ref: id }, other: { $ref: `${id}x` } }
  expect(adapt({ $id: id, type: "object", properties, $defs: { a: {} } })).toEqual({
    type: "object",
    properties: { a: { $ref: "#/$defs/a" }, self: { $ref: "#" }, other: { $ref: `${id}x` } },
    $defs: { a: {} }
  })
})

test("references in circles end", () => {
  const circle = {
    anyOf: [{ $ref: "#/$defs/a" }],
    $defs: { a: { allOf: [{ $ref: "#/$defs/b" }] }, b: { $ref: "#/$defs/a" } }
  }
  expect(adapt(circle)).toMatchObject({ type: "object", properties: {} })
  expect(adapt({ $ref: "#" })).toEqual({ type: "object", properties: {} })
  expect(adapt({ $ref: "#/$defs/none" })).toEqual({ type: "object", properties: {} })
})

test("names of JavaScript's own are ordinary property names", () => {
  const original: unknown = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"array"},"constructor":{"type":"string"}},"required":["__proto__"]}'
  )
  expect(JSON.stringify(adapt(original))).toBe(
    '{"type":"object","properties":{"__proto__":{"type":"array","items":{}},"constructor":{"type":"string"}},"required":["__proto__"]}'
  )
})

test("schemas that are absurdly deep or that double at every step are answered at once", () => {
  const deep = Array.from({ length: 100_000 }).reduce<unknown>((inner) => ({ items: inner }), {})
  expect(adapt(deep)).toEqual({ type: "object", properties: {} })
  const doubling = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [
      `d${at}`,
      { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { allOf: [{ $ref: `#/$defs/d${at + 1}` }] }] }
    ])
  )
  const last = { type: "object", properties: { a: { type: "string" } } }
  expect(adapt({ $ref: "#/$defs/d0", $defs: { ...doubling, d60: last } }).properties).toEqual({ a: { type: "string" } })
})
