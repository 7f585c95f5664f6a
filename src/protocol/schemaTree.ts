/** JSON Schema as a tree: where a schema holds further schemas, and how to change them without touching data. */

import { isObject, type JsonObject } from "./json.ts"

// `const`, `enum`, `default` and unknown keywords are in no set: what they hold is data.
const holdsOne = new Set(["items", "propertyNames", "contains", "not", "if", "then", "else", "contentSchema"])
/** Mostly plain booleans, which every server takes as they are. */
const holdsOneOrBoolean = new Set([
  "additionalProperties",
  "unevaluatedProperties",
  "additionalItems",
  "unevaluatedItems"
])
const holdsList = new Set(["allOf", "anyOf", "oneOf", "prefixItems", "items"])
const holdsMap = new Set(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"])

/** A copy of the schema with `change` applied to each of its direct subschemas; keys keep their order. */
export const mapSubschemas = (schema: JsonObject, change: (subschema: unknown) => unknown): JsonObject =>
  Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (holdsList.has(key) && Array.isArray(value)) return [key, value.map(change)]
      if (holdsMap.has(key) && isObject(value)) {
        return [key, Object.fromEntries(Object.entries(value).map(([name, subschema]) => [name, change(subschema)]))]
      }
      return holdsOne.has(key) || (holdsOneOrBoolean.has(key) && isObject(value)) ? [key, change(value)] : [key, value]
    })
  )

const isArrayType = (type: unknown): boolean => type === "array" || (Array.isArray(type) && type.includes("array"))

/** Boolean schemas as objects, arrays with `items`. Says the same as before, so it may be done at any depth. */
export const spellOut = (schema: unknown): unknown => {
  if (schema === true) return {}
  if (schema === false) return { not: {} }
  if (!isObject(schema)) return schema
  const copy = mapSubschemas(schema, spellOut)
  // `items` would claim that every item was looked at, which `unevaluatedItems` asks about.
  return isArrayType(schema.type) && !("items" in schema) && !("unevaluatedItems" in schema)
    ? { ...copy, items: {} }
    : copy
}

/** Whether a JSON value nests deeper than `limit`. */
export const isDeeperThan = (limit: number, value: unknown): boolean => {
  let level: ReadonlyArray<unknown> = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []))
  }
  return false
}

const decodeStep = (step: string): string => {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")
  } catch {
    return step
  }
}

/** The value at a local reference (`#`, `#/$defs/Node`); undefined if there is none. */
export const lookUp = (root: JsonObject, reference: string): unknown => {
  const [start, ...steps] = reference.split("/")
  if (start !== "#") return undefined
  return steps.reduce<unknown>((node, step) => {
    if (typeof node !== "object" || node === null) return undefined
    return Object.getOwnPropertyDescriptor(node, decodeStep(step))?.value
  }, root)
}

/** A copy with every `$ref` changed, except inside subschemas with an `$id`: their references start from there. */
export const mapReferences = (schema: JsonObject, change: (reference: string) => string): JsonObject => {
  const copy = mapSubschemas(schema, (subschema) =>
    isObject(subschema) && !("$id" in subschema) ? mapReferences(subschema, change) : subschema
  )
  return typeof copy.$ref === "string" ? { ...copy, $ref: change(copy.$ref) } : copy
}
