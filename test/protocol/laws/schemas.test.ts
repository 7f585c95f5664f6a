import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { isObject, type JsonObject } from "../../../src/protocol/json.ts"
import { adaptSchema } from "../../../src/protocol/jsonSchema.ts"
import { runs } from "../../support/runs.ts"
import { inputSchema } from "../../../src/testing/anthropicTools.ts"
import { levels, readable, readAs, refusals } from "../schemaLevels.ts"
import { holds } from "../../support/holds.ts"
import { validator, verdict } from "./support/validator.ts"

/** Compiling thousands of schemas takes longer than other tests. */
const patience = { timeout: 600_000 * Math.max(1, runs / 200) }

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

/** As a literal key it would make a promise of its object. */
const thenKey = ["th", "en"].join("")

const entry = <A>(keyword: string, arbitrary: fc.Arbitrary<A>) =>
  arbitrary.map((content): readonly [string, unknown] => [keyword, content])

/**
 * Schemas over all keywords that the adaptation looks at, a few at a time. Without `unevaluatedItems` and, below the root,
 * `unevaluatedProperties`: beside `anyOf` the validator gives wrong verdicts on them (valid where nothing was evaluated).
 */
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
        entry("minProperties", fc.nat(2)),
        entry("dependentSchemas", tie("map")),
        entry("propertyNames", fc.constantFrom<unknown>(true, false, { maxLength: 1 }, { enum: ["a", "b"] })),
        entry("items", tie("schema")),
        entry("prefixItems", tie("list")),
        entry("contains", tie("schema")),
        entry("enum", fc.uniqueArray(fc.oneof(value, fc.constant({ a: 1 })), { minLength: 1, maxLength: 3 })),
        entry("const", value),
        entry("minimum", fc.constantFrom(1, 2)),
        entry("minLength", fc.constantFrom(1, 2, 5000)),
        entry("maxLength", fc.constantFrom(1, 5000)),
        entry("maxItems", fc.constantFrom(0, 1, 5000)),
        entry("pattern", fc.constantFrom("^x", "long")),
        entry("format", fc.constantFrom("uri", "date-time")),
        entry("exclusiveMinimum", fc.constantFrom(0, 0.5)),
        entry("multipleOf", fc.constant(3)),
        entry("uniqueItems", fc.boolean()),
        entry("maxContains", fc.constant(1)),
        entry("default", value),
        entry("description", fc.constantFrom("some text", "more")),
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

const names = (node: unknown): ReadonlyArray<string> =>
  isObject(node) && isObject(node.properties) ? Object.keys(node.properties) : []

/** Generated references may have no target; without one there is nothing to validate with. */
const isSound = (candidate: JsonObject): boolean => {
  try {
    return validator(candidate) !== undefined
  } catch {
    return false
  }
}

const soundRoot = anyRoot.filter(isSound)

/** One statement about a value, as often true as not. */
const statement = fc.constantFrom<JsonObject>(
  { type: "string" },
  { type: ["number", "null"] },
  { type: "integer" },
  { type: "array", items: { type: "string" } },
  { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
  { type: "object", additionalProperties: false },
  { enum: ["x", 1, null] },
  { const: 1 },
  { pattern: "^x" },
  { pattern: "l" },
  { type: "string", format: "uri" },
  { minLength: 1 },
  { minLength: 2000 },
  { maxLength: 5000 },
  { maxItems: 5000 },
  { maxItems: 1 },
  { minimum: 1 },
  { exclusiveMinimum: 0 },
  { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 3 },
  { type: "number", exclusiveMaximum: 1 },
  { multipleOf: 3 },
  { required: ["a"] },
  { propertyNames: { pattern: "^b" } },
  { $ref: "#/$defs/one" },
  {}
)

/** Few statements, each way to combine them: what a level gets wrong about one of them shows. */
const { combined } = fc.letrec<{ combined: unknown; several: Array<unknown> }>((tie) => ({
  several: fc.array(tie("combined"), { minLength: 1, maxLength: 3 }),
  combined: fc.oneof(
    { maxDepth: 2 },
    fc.oneof({ weight: 12, arbitrary: statement }, { weight: 1, arbitrary: fc.boolean() }),
    fc
      .tuple(
        fc.oneof(fc.constant({}), statement),
        fc.oneof(
          entry("oneOf", tie("several")),
          entry("anyOf", tie("several")),
          entry("allOf", tie("several")),
          entry("not", tie("combined")),
          fc.record({ if: tie("combined"), [thenKey]: tie("combined"), else: tie("combined") }),
          fc.record({ contains: tie("combined"), maxContains: fc.constant(1) }),
          fc.record({ prefixItems: tie("several"), items: fc.oneof(fc.boolean(), tie("combined")) }),
          entry("items", tie("combined")),
          fc.record({ properties: fc.record({ a: tie("combined") }), unevaluatedProperties: fc.boolean() })
        )
      )
      .map(([own, more]): JsonObject => ({ ...own, ...(Array.isArray(more) ? Object.fromEntries([more]) : more) }))
  )
}))

const combinedRoot = fc
  .record({ a: combined, one: combined })
  .map(({ a, one }): JsonObject => ({ type: "object", properties: { a }, $defs: { one } }))
  .filter(isSound)

const scalars = [null, true, 0, 0.5, 1, 2, 3, -1, "", "x", "xl", "long text", "b"]
const lists = [[], ["x"], ["l", "x"], ["x", "x", 1], [1], [1, "x", null]]
const objects = [{}, { a: 1 }, { a: "x" }, { b: 1 }, { a: { a: 1 }, b: "x" }, { a: ["x"] }]
const values: ReadonlyArray<unknown> = [...scalars, ...lists, ...objects]

/** Keywords with values that do not belong there, among some that do. */
const { broken } = fc.letrec<{ broken: JsonObject }>((tie) => ({
  broken: fc.dictionary(
    fc.constantFrom(
      "type",
      "properties",
      "required",
      "items",
      "prefixItems",
      "anyOf",
      "oneOf",
      "allOf",
      "not",
      "if",
      "enum",
      "const",
      "$ref",
      "$defs",
      "format",
      "pattern",
      "minimum",
      "exclusiveMinimum",
      "maxItems",
      "nullable",
      "description",
      "additionalProperties",
      "propertyNames",
      "title",
      "$id",
      "uniqueItems"
    ),
    fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(
        "object",
        "array",
        "any",
        1,
        -1,
        true,
        false,
        null,
        "",
        "#",
        "#/$defs/a",
        "#/properties/a"
      ),
      fc.dictionary(key, tie("broken"), { maxKeys: 2, noNullPrototype: true }),
      fc.array(fc.oneof(tie("broken"), value), { maxLength: 3 }),
      tie("broken")
    ),
    { maxKeys: 5, noNullPrototype: true }
  )
}))

for (const level of levels) {
  const adapt = (original: unknown) => adaptSchema(original, level)

  test(`[4.13 ${level}] every object that was valid stays valid (L18)`, patience, async () => {
    let valid = 0
    await holds(
      fc.asyncProperty(soundRoot, fc.array(instance, { minLength: 30, maxLength: 30 }), async (original, instances) => {
        // Lets the runner hear from this test now and then.
        await new Promise(setImmediate)
        const before = validator(readAs(level, original))
        const after = validator(level === "gemini" ? readable(adapt(original)) : adapt(original))
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

  test(
    `[4.13 ${level}] every value that was valid stays valid in each combination of a few statements (L18)`,
    patience,
    async () => {
      await holds(
        fc.asyncProperty(combinedRoot, async (original) => {
          await new Promise(setImmediate)
          const before = validator(readAs(level, original))
          const after = validator(level === "gemini" ? readable(adapt(original)) : adapt(original))
          const valid = values.filter((a) => verdict(before, { a }) === true)
          expect(valid.filter((a) => verdict(after, { a }) === false)).toEqual([])
        }),
        { numRuns: 4 * runs }
      )
    }
  )

  test(`[4.13 ${level}] adapting twice changes nothing more, and the root is what servers take (L18)`, async () => {
    await holds(
      fc.property(anyRoot, (original) => {
        const once = adapt(original)
        expect(JSON.stringify(adapt(once))).toBe(JSON.stringify(once))
        expect(adapt(once)).toBe(once)
        expect(once.type).toBe("object")
        expect(isObject(once.properties)).toBe(true)
        for (const refused of ["oneOf", "anyOf", "allOf", "not", "enum", "$ref", "$schema", "$id", "$comment"]) {
          expect(once).not.toHaveProperty([refused])
        }
      }),
      { numRuns: runs }
    )
  })

  test(`[4.13 ${level}] properties keep their order, and the input is not changed (L18)`, async () => {
    await holds(
      fc.property(anyRoot, (original) => {
        const copy = structuredClone(original)
        const own = names(original)
        const kept = names(adapt(original))
        expect(kept.filter((name) => own.includes(name))).toEqual(own.filter((name) => kept.includes(name)))
        // Gemini has no way to say that a property must be absent.
        expect(own.every((name) => kept.includes(name)) || level === "gemini").toBe(true)
        expect(original).toEqual(copy)
      }),
      { numRuns: runs }
    )
  })

  test(`[4.13 ${level}] any JSON value is adapted to an object schema`, async () => {
    await holds(
      fc.property(fc.oneof(fc.jsonValue(), inputSchema, broken), (anything) => {
        const adapted = adapt(anything)
        expect(adapted.type).toBe("object")
        expect(isObject(adapted.properties)).toBe(true)
        expect(JSON.stringify(adapt(adapted))).toBe(JSON.stringify(adapted))
      }),
      { numRuns: runs }
    )
  })

  test(`[4.13 ${level}] nothing that the level refuses is left, at any depth`, async () => {
    await holds(
      fc.property(fc.oneof(anyRoot, inputSchema, broken), (original) => {
        expect(refusals(level, adapt(original))).toEqual([])
      }),
      { numRuns: runs }
    )
  })
}
