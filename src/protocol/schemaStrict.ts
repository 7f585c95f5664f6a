import { asArray, isObject } from "./json.ts"
import { mapSubschemas } from "./schemaTree.ts"

/** OpenAI's strict subset: every object is closed and requires all of its properties. */
export const isStrictSchema = (schema: unknown): boolean => {
  if (!isObject(schema)) return true
  const { additionalProperties, properties, required, type } = schema
  if (type === "object" || asArray(type).includes("object") || isObject(properties)) {
    const listed = new Set(asArray(required))
    const keys = isObject(properties) ? Object.keys(properties) : []
    if (additionalProperties !== false || !keys.every((key) => listed.has(key))) return false
  }
  let strict = true
  mapSubschemas(schema, (inner) => {
    strict &&= isStrictSchema(inner)
    return inner
  })
  return strict
}
