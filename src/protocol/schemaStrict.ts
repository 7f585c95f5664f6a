/** OpenAI's strict subset of JSON Schema (platform.openai.com/docs/guides/structured-outputs, "Supported schemas"). */
import { asArray, isDeeperThan, isObject, type JsonObject } from "./json.ts"
import { someSchema } from "./schemaTree.ts"
import { typesIn } from "./schemaTypes.ts"

/** "'oneOf' is not permitted": every keyword outside this list refuses the request. */
const permitted = new Set([
  ..."$ref $defs definitions type enum const anyOf properties required additionalProperties items".split(" "),
  ..."title description pattern format".split(" "),
  ..."multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems".split(" ")
])

const types = new Set(["string", "number", "integer", "boolean", "object", "array", "null"])

const formats = new Set(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"])

/** Levels of objects within objects. */
const maxLevels = 10

/** More JSON than those levels can take, whatever stands between them. */
const maxDepth = 100

/** In one schema altogether: properties, listed values, characters in names and listed values. */
const limits = { properties: 5000, values: 1000, characters: 120_000 }

const maps = (schema: JsonObject): ReadonlyArray<JsonObject> =>
  [schema.properties, schema.$defs, schema.definitions].filter(isObject)

const isClosed = ({ properties, required, additionalProperties }: JsonObject): boolean => {
  const listed = new Set(asArray(required))
  const names = isObject(properties) ? Object.keys(properties) : []
  return additionalProperties === false && listed.size === names.length && names.every((name) => listed.has(name))
}

const isPermitted = (schema: JsonObject): boolean => {
  const keywords = Object.keys(schema)
  if (!keywords.every((keyword) => permitted.has(keyword))) return false
  const parts = [...maps(schema).flatMap((map) => Object.values(map)), ...asArray(schema.anyOf)]
  if (!parts.every(isObject)) return false
  // "$ref cannot have keywords"
  if ("$ref" in schema) return typeof schema.$ref === "string" && schema.$ref.startsWith("#") && keywords.length === 1
  if ("format" in schema && !(typeof schema.format === "string" && formats.has(schema.format))) return false
  const stated = typesIn(schema)
  // "schema must have a 'type' key"
  if (stated === undefined) return asArray(schema.anyOf).length > 0 && !("properties" in schema)
  if (stated.length === 0 || !stated.every((type) => types.has(type))) return false
  if (stated.includes("array") && !isObject(schema.items)) return false
  return stated.includes("object") ? isClosed(schema) : !("properties" in schema)
}

const levels = (schema: unknown): number => {
  if (!isObject(schema)) return 0
  const inside = [schema.items, ...asArray(schema.anyOf), ...maps(schema).flatMap((map) => Object.values(map))]
  return Math.max(0, ...inside.map(levels)) + ("properties" in schema ? 1 : 0)
}

const isWithinLimits = (root: JsonObject): boolean => {
  const total = { properties: 0, values: 0, characters: 0 }
  someSchema(root, (schema) => {
    const listed = [...asArray(schema.enum), ...("const" in schema ? [schema.const] : [])]
    const names = maps(schema).flatMap((map) => Object.keys(map))
    total.properties += isObject(schema.properties) ? Object.keys(schema.properties).length : 0
    total.values += listed.length
    total.characters += [...names, ...listed.map(String)].reduce((sum, text) => sum + text.length, 0)
    return false
  })
  return total.properties <= limits.properties && total.values <= limits.values && total.characters <= limits.characters
}

/**
 * Whether a schema lies in the subset, so that it may be sent with `strict: true`: a plain object at the root, every object
 * closed and with all its properties required, no keyword besides the permitted ones. Any other is sent as it is and not
 * strict: rewriting it would change what the tool accepts.
 */
export const isStrictSchema = (schema: unknown): boolean =>
  isObject(schema) &&
  !isDeeperThan(maxDepth, schema) &&
  schema.type === "object" &&
  !("anyOf" in schema) &&
  !someSchema(schema, (inner) => !isPermitted(inner)) &&
  levels(schema) <= maxLevels &&
  isWithinLimits(schema)
