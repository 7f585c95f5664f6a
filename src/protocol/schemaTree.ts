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

/** Given the keyword that holds the subschema, and its name or number where the keyword holds several. */
export type Change = (subschema: unknown, keyword: string, name?: string | number) => unknown

/** Where a subschema stands in the whole: `.properties.a`, `.anyOf.0`. */
export const placeOf = (path: string, keyword: string, name?: string | number): string =>
  name === undefined ? `${path}.${keyword}` : `${path}.${keyword}.${name}`

/** The schema without these keywords; the same object when it has none of them. */
export const without = (schema: JsonObject, ...keys: ReadonlyArray<ReadonlyArray<string>>): JsonObject =>
  keys.some((list) => list.some((key) => Object.hasOwn(schema, key)))
    ? Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.some((list) => list.includes(key))))
    : schema

/**
 * The same object when nothing changes, as it is with most schemas; else a copy with the keys in the same order. Loops, as
 * nearly every part of every request's schemas comes through here to stay as it is.
 */
const mapValues = (object: JsonObject, change: (value: unknown, key: string) => unknown): JsonObject => {
  let changes: Map<string, unknown> | undefined
  for (const key in object) {
    const value = object[key]
    const next = change(value, key)
    if (next !== value) (changes ??= new Map()).set(key, next)
  }
  if (changes === undefined) return object
  const changed = changes
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, changed.has(key) ? changed.get(key) : value])
  )
}

const mapList = (
  list: ReadonlyArray<unknown>,
  change: (item: unknown, at: number) => unknown
): ReadonlyArray<unknown> => {
  let changed: Array<unknown> | undefined
  for (let at = 0; at < list.length; at++) {
    const next = change(list[at], at)
    if (next !== list[at]) (changed ??= [...list])[at] = next
  }
  return changed ?? list
}

/** The schema with `change` applied to each of its direct subschemas. */
export const mapSubschemas = (schema: JsonObject, change: Change): JsonObject =>
  mapValues(schema, (value, key) => {
    if (holdsMap.has(key)) return isObject(value) ? mapValues(value, (inner, name) => change(inner, key, name)) : value
    if (holdsList.has(key) && Array.isArray(value)) return mapList(value, (inner, at) => change(inner, key, at))
    return holdsOne.has(key) || (holdsOneOrBoolean.has(key) && isObject(value)) ? change(value, key) : value
  })

/** Whether this schema or one anywhere inside it has the quality. */
export const someSchema = (schema: unknown, has: (schema: JsonObject) => boolean): boolean => {
  if (!isObject(schema)) return false
  let found = has(schema)
  mapSubschemas(schema, (inner) => {
    found ||= someSchema(inner, has)
    return inner
  })
  return found
}

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
