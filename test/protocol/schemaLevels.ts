/** What each level of JSON Schema adaptation promises, stated independently of how it is done. */
import { isObject, type JsonObject } from "../../src/protocol/json.ts"
import type { Json, JsonObject as SentObject } from "../../src/testing/json.ts"
import type { SchemaLevel } from "../../src/protocol/jsonSchema.ts"
import { mapSubschemas } from "../../src/protocol/schemaTree.ts"

export const levels: ReadonlyArray<SchemaLevel> = ["base", "moonshot", "gemini", "grammar"]

/** All schemas in a schema, itself first. */
export const schemasOf = (schema: unknown): ReadonlyArray<JsonObject> => {
  if (!isObject(schema)) return []
  const inner: Array<JsonObject> = []
  mapSubschemas(schema, (subschema) => {
    inner.push(...schemasOf(subschema))
    return subschema
  })
  return [schema, ...inner]
}

const combining = ["$ref", "anyOf", "oneOf", "allOf", "not", "if", "enum", "const"]

const typed = (schema: JsonObject): JsonObject => {
  if ("type" in schema) return schema
  if (isObject(schema.properties)) return { ...schema, type: "object" }
  return "items" in schema || "prefixItems" in schema ? { ...schema, type: "array" } : schema
}

/**
 * The schema as the level reads it. Read to the letter `{ properties }` takes strings too; nobody means that, and two
 * levels say so: Moonshot for plain properties, Gemini everywhere.
 */
export const readAs = (level: SchemaLevel, schema: JsonObject): JsonObject => {
  if (level === "base" || level === "grammar") return schema
  const visit = (node: JsonObject): JsonObject =>
    mapSubschemas(node, (inner, keyword) => {
      if (!isObject(inner)) return inner
      const meant =
        level === "gemini" || (keyword === "properties" && !combining.some((key) => key in inner))
          ? typed(inner)
          : inner
      return visit(meant)
    })
  // a reference may lead back to the root
  return visit(level === "gemini" ? typed(schema) : schema)
}

/** Gemini's `nullable` as JSON Schema; its `enum` lists strings only, and still null is valid. */
export const readable = (schema: JsonObject): JsonObject => {
  const { nullable, ...rest } = mapSubschemas(schema, (inner) => (isObject(inner) ? readable(inner) : inner))
  return nullable === true ? { anyOf: [rest, { type: "null" }] } : rest
}

const isNothing = (schema: unknown): boolean => isObject(schema) && Object.keys(schema).length === 0

const grammarRefuses = (schema: JsonObject): ReadonlyArray<string> => [
  ...["pattern", "format", "propertyNames"].filter((keyword) => keyword in schema),
  ...["minLength", "maxLength", "minItems", "maxItems"].filter(
    (keyword) => keyword in schema && !(typeof schema[keyword] === "number" && schema[keyword] <= 1000)
  ),
  ...(isNothing(schema.not) ? ["not anything"] : [])
]

const untyped = (schema: unknown): boolean =>
  isObject(schema) &&
  !("type" in schema) &&
  !("anyOf" in schema) &&
  ("const" in schema || (Array.isArray(schema.enum) && schema.enum.length > 0) || "type" in readProperty(schema))

const readProperty = (schema: JsonObject): JsonObject =>
  combining.some((keyword) => keyword in schema) ? schema : typed(schema)

const moonshotRefuses = (schema: JsonObject, shared: boolean): ReadonlyArray<string> => {
  const conditions = [schema, ...(Array.isArray(schema.allOf) ? schema.allOf : [])].filter(
    (part) => isObject(part) && "if" in part
  )
  return [
    ...(Array.isArray(schema.anyOf) && schema.anyOf.length > 0 && "type" in schema && !shared
      ? ["type and anyOf"]
      : []),
    ...(Array.isArray(schema.items) ? ["items as a list"] : []),
    ...(Array.isArray(schema.allOf) && conditions.length > 1 ? ["two conditions"] : []),
    ...(isObject(schema.properties) && Object.values(schema.properties).some(untyped) ? ["an untyped property"] : [])
  ]
}

/** All that Gemini's protocol buffer has, by type. */
const geminiFields: { readonly [type: string]: ReadonlyArray<string> } = {
  string: ["enum", "format", "minLength", "maxLength", "pattern"],
  number: ["minimum", "maximum"],
  integer: ["minimum", "maximum"],
  boolean: [],
  array: ["items", "minItems", "maxItems"],
  object: ["properties", "required", "minProperties", "maxProperties"]
}
const geminiAlways = ["type", "title", "description", "nullable"]

const geminiRefuses = (schema: JsonObject): ReadonlyArray<string> => {
  const { type, anyOf, properties, required, enum: values, format, ...rest } = schema
  const keys = Object.keys(schema)
  if (Array.isArray(anyOf)) return keys.length === 1 && anyOf.length > 1 ? [] : [`anyOf beside ${keys.join()}`]
  if (type === undefined) return Object.keys(rest).filter((keyword) => keyword !== "description" && keyword !== "title")
  const allowed = typeof type === "string" ? geminiFields[type] : undefined
  if (allowed === undefined) return [`type ${JSON.stringify(type)}`]
  const names = isObject(properties) ? Object.keys(properties) : []
  return [
    ...keys.filter((keyword) => !allowed.includes(keyword) && !geminiAlways.includes(keyword)),
    ...(Array.isArray(required) ? required.filter((name) => !names.includes(name)) : []),
    ...(values === undefined || (Array.isArray(values) && values.every((one) => typeof one === "string" && one !== ""))
      ? []
      : ["values"]),
    ...(format === undefined || format === "date-time" || (format === "enum" && values !== undefined)
      ? []
      : ["format"]),
    ...(type === "array" && !isObject(schema.items) ? ["an array without items"] : [])
  ]
}

/** What a provider of this level would refuse in the schema. */
export const refusals = (level: SchemaLevel, schema: JsonObject): ReadonlyArray<string> => {
  const all = schemasOf(schema)
  const shared = all.some(({ $ref }) => typeof $ref === "string" && $ref.includes("/anyOf/"))
  return all.flatMap((each) => {
    if (level === "grammar") return grammarRefuses(each)
    if (level === "gemini") return geminiRefuses(each)
    return level === "moonshot" ? moonshotRefuses(each, shared) : []
  })
}

/** A condition; as a literal it would be taken for a promise. */
export const condition = (holds: Json, follows: Json): SentObject =>
  Object.fromEntries(
    Object.entries({ if: holds, next: follows }).map(([key, part]) => [key.replace("next", "then"), part])
  )
