import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { isObject, type JsonObject } from "../../src/protocol/json.ts"
import { adaptSchema } from "../../src/protocol/jsonSchema.ts"
import { levels, refusals, schemasOf } from "./schemaLevels.ts"

const adapt = (schema: unknown) => adaptSchema(schema, "base")

test("[4.13 base] what is no schema at all becomes an object without declared properties", () => {
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

/** The names of the properties of a schema, and of those that are required. */
const outline = ({ properties, required }: JsonObject) => ({
  properties: isObject(properties) ? Object.keys(properties) : [],
  required: Array.isArray(required) ? required : []
})
const hasProperties = ({ properties }: ReturnType<typeof outline>) => properties.length > 0

const fixtures = new URL("../fixtures/claude-code/", import.meta.url)

const toolSchemas = readdirSync(fixtures)
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) => schemasIn(JSON.parse(readFileSync(new URL(file, fixtures), "utf8"))))

test("[4.13 base] the schemas of Claude Code's own tools pass unchanged, except for $schema at the root", () => {
  expect(toolSchemas.length).toBeGreaterThan(100)
  for (const original of toolSchemas) {
    const { $schema: _, ...rest } = original
    // an MCP tool without parameters has no `properties`
    const expected = "properties" in rest ? rest : { ...rest, properties: {} }
    expect(JSON.stringify(adapt(original))).toBe(JSON.stringify(expected))
  }
})

test.each(levels)(
  "[4.13 %s] the schemas of Claude Code's own tools are taken, with all properties and what is required",
  (level) => {
    for (const original of toolSchemas) {
      const adapted = adaptSchema(original, level)
      expect(refusals(level, adapted)).toEqual([])
      expect(JSON.stringify(adaptSchema(adapted, level))).toBe(JSON.stringify(adapted))
      const before = schemasOf(original).map(outline)
      expect(schemasOf(adapted).map(outline)).toEqual(expect.arrayContaining(before.filter(hasProperties)))
    }
  }
)

test("[4.13 base] who asks hears what the root lost, and nothing of rewriting that says the same", () => {
  const lost: Array<string> = []
  const tell = (path: string, what: string) => lost.push(`${path}: ${what}`)
  adaptSchema({ $schema: "s", $id: "i", properties: { a: true, b: { type: "array" } }, $comment: "c" }, "base", tell)
  adaptSchema({ allOf: [{ properties: { a: {} } }] }, "base", tell)
  expect(lost).toEqual([])
  adaptSchema({ type: "object", anyOf: [{ required: ["a"] }], unevaluatedProperties: false }, "base", tell)
  expect(lost).toEqual([
    ".anyOf: merged into properties, the rest is said in words",
    ".unevaluatedProperties: unevaluatedProperties is not sent"
  ])
})

test("[4.13 base] boolean subschemas become objects, arrays get items, plain flags stay", () => {
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

test("[4.13 base] data inside a schema is not taken for a schema", () => {
  const data = {
    type: "object",
    properties: {
      a: { const: { type: "array" }, default: { items: true }, examples: [{ type: "array" }], enum: [true] }
    },
    required: ["a"]
  }
  expect(adapt(data)).toEqual(data)
})

test("[4.13 base] alternatives at the root are merged: what all demand is required, what one forbids may come", () => {
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

test("[4.13 base] a property that an open alternative does not mention keeps its shape as a hint", () => {
  expect(adapt({ anyOf: [{ properties: { a: { type: "string" } } }, { required: ["b"] }] }).properties).toEqual({
    a: { anyOf: [{ type: "string" }, {}] }
  })
})

test("[4.13 base] additional properties are forbidden only if every alternative forbids them", () => {
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

test("[4.13 base] alternatives that no object can satisfy do not count", () => {
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

test("[4.13 base] parts that must all hold are merged without a note", () => {
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

test("[4.13 base] what cannot be merged is said in the description", () => {
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

test("[4.13 base] a root that only refers to a definition becomes that definition", () => {
  const list = { type: "object", properties: { next: { $ref: "#/definitions/List" } }, required: ["next"] }
  expect(adapt({ $ref: "#/definitions/List", definitions: { List: list } })).toEqual({
    ...list,
    definitions: { List: list }
  })
})

test("[4.13 base] references to a root that has to change follow the original", () => {
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

test("[4.13 base] references by the root's own id stay references to it when the id goes", () => {
  const id = "https://example.com/tool.json"
  const properties = { a: { $ref: `${id}#/$defs/a` }, self: { $ref: id }, other: { $ref: `${id}x` } }
  expect(adapt({ $id: id, type: "object", properties, $defs: { a: {} } })).toEqual({
    type: "object",
    properties: { a: { $ref: "#/$defs/a" }, self: { $ref: "#" }, other: { $ref: `${id}x` } },
    $defs: { a: {} }
  })
})

test("[4.13 base] references in circles end", () => {
  const circle = {
    anyOf: [{ $ref: "#/$defs/a" }],
    $defs: { a: { allOf: [{ $ref: "#/$defs/b" }] }, b: { $ref: "#/$defs/a" } }
  }
  expect(adapt(circle)).toMatchObject({ type: "object", properties: {} })
  expect(adapt({ $ref: "#" })).toEqual({ type: "object", properties: {} })
  expect(adapt({ $ref: "#/$defs/none" })).toEqual({ type: "object", properties: {} })
})

test("[4.13 base] names of JavaScript's own are ordinary property names", () => {
  const original: unknown = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"array"},"constructor":{"type":"string"}},"required":["__proto__"]}'
  )
  expect(JSON.stringify(adapt(original))).toBe(
    '{"type":"object","properties":{"__proto__":{"type":"array","items":{}},"constructor":{"type":"string"}},"required":["__proto__"]}'
  )
})

test("[4.13 base] schemas that are absurdly deep or that double at every step are answered at once", () => {
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
