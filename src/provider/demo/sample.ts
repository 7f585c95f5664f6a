/** The smallest plausible value for a JSON Schema: arguments for a tool nobody described in words, structured answers. */
import { asArray, asString, isObject, type JsonObject } from "../../protocol/json.ts"

/** Nested or recursive schemas end here with an empty value. */
const depthLimit = 6

const resolve = (schema: JsonObject, root: unknown): JsonObject => {
  const path = asString(schema["$ref"])?.split("/").slice(1) ?? []
  if (path.length === 0) return schema
  let at: unknown = root
  for (const key of path) at = isObject(at) ? at[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined
  return isObject(at) ? at : {}
}

const typeOf = (schema: JsonObject): string | undefined => {
  const type = schema["type"]
  if (typeof type === "string") return type
  const first = asArray(type).find((one) => one !== "null")
  if (typeof first === "string") return first
  if (isObject(schema["properties"])) return "object"
  return schema["items"] === undefined ? undefined : "array"
}

const numberFor = (schema: JsonObject): number => {
  const { exclusiveMaximum, exclusiveMinimum, maximum, minimum } = schema
  if (typeof minimum === "number") return minimum > 0 ? Math.ceil(minimum) : 0
  if (typeof exclusiveMinimum === "number" && exclusiveMinimum >= 0) return Math.floor(exclusiveMinimum) + 1
  if (typeof maximum === "number" && maximum < 0) return Math.floor(maximum)
  return typeof exclusiveMaximum === "number" && exclusiveMaximum <= 0 ? Math.ceil(exclusiveMaximum) - 1 : 0
}

const textFor = (schema: JsonObject, words: string): string => {
  const { maxLength, minLength } = schema
  const long = typeof minLength === "number" ? words.padEnd(minLength, ".") : words
  return typeof maxLength === "number" ? [...long].slice(0, maxLength).join("") : long
}

/**
 * A value that fits `schema` as far as the usual keywords say (type, enum, const, default, properties, required, items,
 * minItems, bounds, lengths, anyOf, oneOf, allOf, local $ref). Texts become `words`. Optional properties are left out.
 */
export const sample = (schema: unknown, words: string): unknown => {
  const build = (value: unknown, depth: number): unknown => {
    if (!isObject(value) || depth > depthLimit) return value === false ? null : {}
    const own = resolve(value, schema)
    if ("const" in own) return own["const"]
    if ("default" in own) return own["default"]
    const [option] = asArray(own["enum"])
    if (option !== undefined) return option
    const [variant] = [...asArray(own["anyOf"]), ...asArray(own["oneOf"])]
    if (variant !== undefined) return build(variant, depth + 1)
    const parts = asArray(own["allOf"])
    if (parts.length > 0) {
      return Object.assign({}, ...parts.map((part) => build(part, depth + 1)), object(own, depth))
    }
    switch (typeOf(own)) {
      case "object":
        return object(own, depth)
      case "array": {
        const length = typeof own["minItems"] === "number" ? own["minItems"] : 0
        return Array.from({ length: Math.min(length, 16) }, () => build(own["items"], depth + 1))
      }
      case "number":
      case "integer":
        return numberFor(own)
      case "boolean":
        return false
      case "null":
        return null
      case "string":
        return textFor(own, words)
      default:
        return {}
    }
  }
  const object = (own: JsonObject, depth: number): JsonObject => {
    const properties = isObject(own["properties"]) ? own["properties"] : {}
    const names = asArray(own["required"]).flatMap((name) => asString(name) ?? [])
    return Object.fromEntries(names.map((name) => [name, build(properties[name], depth + 1)]))
  }
  return build(schema, 0)
}
