/** JSON Schema as a provider accepts it (wire specification §4.13): only ever weaker than what the client sent. */
import { isDeeperThan, isObject, type JsonObject } from "./json.ts"
import { rootShape } from "./schemaShape.ts"
import { lookUp, mapReferences, mapSubschemas, spellOut } from "./schemaTree.ts"

/** How much has to change. Each level is described in the wire specification; `base` is what every server needs. */
export type SchemaLevel = "base" | "moonshot" | "gemini" | "grammar"

/** Is told each statement that was weakened or left out: its place (`.properties.a.pattern`) and what became of it. */
export type Lost = (path: string, what: string) => void

/** Refused at the root by OpenAI and others. */
const combinators = ["oneOf", "anyOf", "allOf", "not", "enum", "$ref"]
const bookkeeping = ["$schema", "$id", "$comment"]
const definitions = ["$defs", "definitions"]
/** Keywords that a merge carries over completely. */
const plain = ["type", "properties", "required", "additionalProperties", "title", "description"]

const without = (schema: JsonObject, ...keys: ReadonlyArray<ReadonlyArray<string>>): JsonObject =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.some((list) => list.includes(key))))

/** Without its `$id` the root can only be referred to as `#`. */
const withoutId = (schema: JsonObject): JsonObject => {
  const { $id: id, ...rest } = schema
  if (typeof id !== "string") return schema
  return mapReferences(rest, (reference) =>
    reference === id || reference.startsWith(`${id}#`) ? `#${reference.slice(id.length + 1)}` : reference
  )
}

/**
 * Changing the root changes what `#` means. If that matters, the original moves to `$defs` and the references follow.
 */
const detachRoot = (schema: JsonObject): JsonObject => {
  const isInner = (reference: string) =>
    reference === "#" || (reference.startsWith("#/") && !/^#\/(\$defs|definitions)\//.test(reference))
  const taken = isObject(schema.$defs) ? schema.$defs : {}
  let name = "root"
  while (name in taken) name += "_"
  let moved = false
  const own = mapReferences(schema, (reference) => {
    if (!isInner(reference)) return reference
    moved = true
    return `#/$defs/${name}${reference.slice(1)}`
  })
  if (!moved) return schema
  const kept = isObject(own.$defs) ? own.$defs : {}
  return { ...own, $defs: { ...kept, [name]: spellOut(without(own, bookkeeping, definitions)) } }
}

/** A root that is only a reference (as generators with named definitions write it) becomes what it refers to. */
const followRoot = (schema: JsonObject, seen: ReadonlyArray<string> = []): JsonObject => {
  const { $ref: reference, ...rest } = schema
  const bare = Object.keys(without(rest, bookkeeping, definitions, ["title", "description"])).length === 0
  if (typeof reference !== "string" || !bare || seen.includes(reference)) return schema
  const target = lookUp(schema, reference)
  return isObject(target) ? followRoot({ ...target, ...rest }, [...seen, reference]) : schema
}

const maxNote = 2000

/** What a merge cannot keep, in words: models read JSON Schema. */
const lostNote = (schema: JsonObject): string | undefined => {
  const lost = Object.entries(schema).flatMap(([key, value]): ReadonlyArray<readonly [string, unknown]> => {
    if (key !== "allOf" || !Array.isArray(value))
      return key !== "$ref" && combinators.includes(key) ? [[key, value]] : []
    const kept = value.filter((branch) => isObject(branch) && Object.keys(without(branch, plain)).length > 0)
    return kept.length > 0 ? [[key, kept]] : []
  })
  if (lost.length === 0) return undefined
  const json = JSON.stringify(Object.fromEntries(lost))
  return json.length > maxNote
    ? "Not every combination of these properties is valid."
    : `Must also be valid under this JSON Schema: ${json}`
}

/** Nearly every tool: only bookkeeping can be in the way. */
const isPlain = ({ type, properties, required }: JsonObject): boolean =>
  type === "object" && isObject(properties) && (required === undefined || Array.isArray(required))

/** The root as servers want it: type `object`, `properties`, no combinators. */
const mergeRoot = (schema: JsonObject): JsonObject => {
  const named = withoutId(schema)
  const original = named.$ref === "#" ? without(named, ["$ref"]) : named
  const combined = combinators.some((key) => key in original)
  if (!combined && isPlain(original))
    return bookkeeping.some((key) => key in original) ? without(original, bookkeeping) : original
  const source = combined || original.type !== "object" ? followRoot(detachRoot(original)) : original
  const shape = rootShape(source)
  const note = lostNote(source)
  // With the combinators gone, `unevaluatedProperties` would forbid what they allowed.
  const base = without(source, combinators, bookkeeping, combined ? ["unevaluatedProperties"] : [])
  const properties = [...shape.properties].map(([name, schemas]) => [
    name,
    schemas.length === 1 ? schemas[0] : { anyOf: schemas }
  ])
  return {
    ...("type" in base ? {} : { type: "object" }),
    ...base,
    type: "object",
    properties: Object.fromEntries(properties),
    ...(shape.required.size > 0 || "required" in base ? { required: [...shape.required] } : {}),
    ...(shape.closed && !("additionalProperties" in base) ? { additionalProperties: false } : {}),
    ...(note === undefined
      ? {}
      : { description: typeof base.description === "string" ? `${base.description}\n\n${note}` : note })
  }
}

/** Deeper schemas are taken by no provider, and walking them could exhaust the stack. */
const maxDepth = 200

/**
 * A tool's parameter schema for a provider: an object schema that every object valid under `schema` satisfies. Property
 * order is kept, the input is not changed, adapting twice changes nothing more. Total: whatever is no schema at all
 * becomes an object without declared properties.
 */
export const adaptSchema = (schema: unknown, _level: SchemaLevel, _lost?: Lost): JsonObject =>
  !isObject(schema) || isDeeperThan(maxDepth, schema)
    ? { type: "object", properties: {} }
    : mergeRoot(mapSubschemas(schema, spellOut))
