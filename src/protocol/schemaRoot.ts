/** The root of a tool's schema: a plain object schema, as every provider demands it. */
import { isObject, type JsonObject } from "./json.ts"
import { type Lost, notSent, untold } from "./schemaLost.ts"
import { rootShape, shapeProperties } from "./schemaShape.ts"
import { lookUp, mapReferences, placeOf, spellOut, without } from "./schemaTree.ts"

/** Refused at the root by OpenAI and others. */
const combinators = ["oneOf", "anyOf", "allOf", "not", "enum", "$ref"]
const bookkeeping = ["$schema", "$id", "$comment"]
const definitions = ["$defs", "definitions"]
/** Keywords that a merge carries over completely. */
const plain = ["type", "properties", "required", "additionalProperties", "title", "description"]

/** Without its `$id` the root can only be referred to as `#`. */
const withoutId = (schema: JsonObject): JsonObject => {
  const id = schema.$id
  if (typeof id !== "string") return schema
  return mapReferences(without(schema, ["$id"]), (reference) =>
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

/** What a merge cannot keep. */
const unmerged = (schema: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]): ReadonlyArray<readonly [string, unknown]> => {
      if (key !== "allOf" || !Array.isArray(value))
        return key !== "$ref" && combinators.includes(key) ? [[key, value]] : []
      const kept = value.filter((branch) => isObject(branch) && Object.keys(without(branch, plain)).length > 0)
      return kept.length > 0 ? [[key, kept]] : []
    })
  )

/** The same in words: models read JSON Schema. */
const noteOn = (left: JsonObject): string | undefined => {
  if (Object.keys(left).length === 0) return undefined
  const json = JSON.stringify(left)
  return json.length > maxNote
    ? "Not every combination of these properties is valid."
    : `Must also be valid under this JSON Schema: ${json}`
}

/** Nearly every tool: only bookkeeping can be in the way. */
const isPlain = ({ type, properties, required }: JsonObject): boolean =>
  type === "object" && isObject(properties) && (required === undefined || Array.isArray(required))

/** The root as servers want it: type `object`, `properties`, no combinators. */
export const mergeRoot = (schema: JsonObject, lost: Lost = untold): JsonObject => {
  const named = withoutId(schema)
  const original = named.$ref === "#" ? without(named, ["$ref"]) : named
  const combined = combinators.some((key) => key in original)
  if (!combined && isPlain(original)) return without(original, bookkeeping)
  const source = combined || original.type !== "object" ? followRoot(detachRoot(original)) : original
  const shape = rootShape(source)
  const left = unmerged(source)
  const note = noteOn(left)
  for (const keyword of Object.keys(left))
    lost(placeOf("", keyword), "merged into properties, the rest is said in words")
  // With the combinators gone, `unevaluatedProperties` would forbid what they allowed.
  const forbidding = combined ? ["unevaluatedProperties"] : []
  for (const keyword of forbidding) if (keyword in source) lost(placeOf("", keyword), notSent(keyword))
  const base = without(source, combinators, bookkeeping, forbidding)
  return {
    ...("type" in base ? {} : { type: "object" }),
    ...base,
    type: "object",
    properties: shapeProperties(shape),
    ...(shape.required.size > 0 || "required" in base ? { required: [...shape.required] } : {}),
    ...(shape.closed && !("additionalProperties" in base) ? { additionalProperties: false } : {}),
    ...(note === undefined
      ? {}
      : { description: typeof base.description === "string" ? `${base.description}\n\n${note}` : note })
  }
}
