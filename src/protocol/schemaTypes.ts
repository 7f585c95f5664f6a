/** The `type` of a JSON Schema: what it states, what its other keywords imply. */
import { isObject, type JsonObject } from "./json.ts"

const strings = (list: ReadonlyArray<unknown>): ReadonlyArray<string> => list.filter((name) => typeof name === "string")

/** The types that are allowed; undefined when the schema does not say. OpenAPI's `nullable` counts as `null`. */
export const typesIn = ({ type, nullable }: JsonObject): ReadonlyArray<string> | undefined => {
  if (typeof type !== "string" && !Array.isArray(type)) return undefined
  const types = Array.isArray(type) ? strings(type) : [type]
  return nullable === true && !types.includes("null") ? [...types, "null"] : types
}

/** Types as the value of `type`: one alone, else the list. */
export const spelled = (types: ReadonlyArray<string>): unknown => (types.length === 1 ? types[0] : types)

const kindOf = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "array"
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value
}

/** The types of these values, each once; `integer` only where no other number is among them. */
export const kindsOf = (values: ReadonlyArray<unknown>): ReadonlyArray<string> => {
  const kinds = [...new Set(values.map(kindOf))]
  return kinds.includes("number") ? kinds.filter((kind) => kind !== "integer") : kinds
}

/** Whether a value is of one of the types. */
export const isOf = (types: ReadonlyArray<string>, value: unknown): boolean => {
  const kind = kindOf(value)
  return types.includes(kind) || (kind === "integer" && types.includes("number"))
}

/** What two type lists have in common. */
export const commonTypes = (first: ReadonlyArray<string>, second: ReadonlyArray<string>): ReadonlyArray<string> =>
  first.flatMap((type) => {
    if (second.includes(type) || (type === "integer" && second.includes("number"))) return [type]
    return type === "number" && second.includes("integer") ? ["integer"] : []
  })

/**
 * The type that a schema without one can only mean: who lists properties describes an object, who describes items an
 * array. Read to the letter it would take any other kind of value as well.
 */
export const implied = (schema: JsonObject): "object" | "array" | undefined => {
  if (isObject(schema.properties)) return "object"
  return "items" in schema || "prefixItems" in schema ? "array" : undefined
}
