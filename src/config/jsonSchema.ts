/** The configuration file as a JSON Schema, for editors: every key, what may stand there, and its default. Pure. */
import { JSONSchema, Schema } from "effect"
import { ConfigFile } from "./ConfigFile.ts"

type Json = string | number | boolean | null | ReadonlyArray<Json> | JsonTable
interface JsonTable {
  readonly [key: string]: Json
}

const isTable = (value: unknown): value is JsonTable =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The defaults, where they stand; a table's own are those of its keys. */
const withDefaults = (schema: Json, value: unknown): Json => {
  if (!isTable(schema)) return schema
  const { properties } = schema
  if (isTable(properties) && isTable(value)) {
    const filled = Object.entries(properties).map(([key, inner]) => [key, withDefaults(inner, value[key])] as const)
    return { ...schema, properties: Object.fromEntries(filled) }
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? { ...schema, default: value }
    : schema
}

/** A file may hold a part of a profile: what lies over the profile of that name in another file. */
const withParts = (schema: Json): Json => {
  if (!isTable(schema) || !isTable(schema["properties"])) return schema
  const { profiles } = schema["properties"]
  if (!isTable(profiles) || !isTable(profiles["items"])) return schema
  return {
    ...schema,
    properties: {
      ...schema["properties"],
      profiles: { ...profiles, items: { ...profiles["items"], required: ["name"] } }
    }
  }
}

const asJson = (value: unknown): Json => {
  const json: Json = JSON.parse(JSON.stringify(value))
  return json
}

/** Draft 7. */
export const configJsonSchema = (): Json => {
  const defaults: unknown = Schema.encodeSync(ConfigFile)(Schema.decodeSync(ConfigFile)({}))
  const schema = withParts(withDefaults(asJson(JSONSchema.make(ConfigFile)), defaults))
  return isTable(schema) ? { ...schema, title: "claudex configuration" } : schema
}
