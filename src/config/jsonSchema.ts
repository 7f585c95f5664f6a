/** The configuration file as a JSON Schema, for editors: every key, its meaning, what may stand there, its default. Pure. */
import { JSONSchema, Schema } from "effect"
import { ConfigFile } from "./ConfigFile.ts"

type Json = string | number | boolean | null | ReadonlyArray<Json> | JsonTable
interface JsonTable {
  readonly [key: string]: Json
}

const isTable = (value: unknown): value is JsonTable =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)

const isPlain = (value: unknown): value is string | number | boolean | ReadonlyArray<string> =>
  isList(value) ? value.every((one) => typeof one === "string") : ["string", "number", "boolean"].includes(typeof value)

/** The defaults, where they stand; a table's own are those of its keys, and `value` has one in each list of tables. */
const withDefaults = (schema: Json, value: unknown, isRequired = false): Json => {
  if (!isTable(schema)) return schema
  const { items, properties, required } = schema
  if (isTable(properties) && isTable(value)) {
    const filled = Object.entries(properties).map(
      ([key, inner]) => [key, withDefaults(inner, value[key], isList(required) && required.includes(key))] as const
    )
    return { ...schema, properties: Object.fromEntries(filled) }
  }
  if (isTable(items) && isList(value) && isTable(value[0])) return { ...schema, items: withDefaults(items, value[0]) }
  return isPlain(value) && !isRequired ? { ...schema, default: value } : schema
}

/**
 * Definitions in place of the references to them, with what stands beside those: in Draft 7 nothing counts beside a
 * reference. Titles are dropped, which are names of the library's.
 */
const resolved = (schema: Json, definitions: JsonTable): Json => {
  if (isList(schema)) return schema.map((one) => resolved(one, definitions))
  if (!isTable(schema)) return schema
  const { $defs: _, $ref, allOf, title: __, ...own } = schema
  const named = typeof $ref === "string" ? definitions[$ref.replace("#/$defs/", "")] : undefined
  const bases = [...(named === undefined ? [] : [named]), ...(isList(allOf) ? allOf : [])]
  const others = Object.entries(own).map(([key, inner]) => [key, resolved(inner, definitions)] as const)
  return bases
    .map((base) => resolved(base, definitions))
    .filter(isTable)
    .reduceRight<JsonTable>((all, base) => ({ ...base, ...all }), Object.fromEntries(others))
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

/** A schema of the library's without its references. */
export const inlined = (schema: object): Json => {
  const made = asJson(schema)
  return resolved(made, isTable(made) && isTable(made["$defs"]) ? made["$defs"] : {})
}

/** Draft 7. */
export const configJsonSchema = (): Json => {
  const least = { profiles: [{ name: "name", base_url: "", default_model: "model" }] }
  const defaults: unknown = Schema.encodeSync(ConfigFile)(Schema.decodeSync(ConfigFile)(least))
  const schema = withParts(withDefaults(inlined(JSONSchema.make(ConfigFile)), defaults))
  return isTable(schema) ? { ...schema, title: "claudex configuration" } : schema
}
