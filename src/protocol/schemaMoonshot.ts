/** JSON Schema in the dialect that Moonshot (Kimi) checks tools against before it generates. */
import { isObject, type JsonObject } from "./json.ts"
import { type Lost, notSent } from "./schemaLost.ts"
import { mapSubschemas, placeOf, someSchema, without } from "./schemaTree.ts"
import { commonTypes, implied, kindsOf, spelled, typesIn } from "./schemaTypes.ts"
import { type Relax, weaken } from "./schemaWeaken.ts"

const conditional = ["if", "then", "else"]
const isConditional = (schema: unknown): boolean => isObject(schema) && "if" in schema

/** "Conflict in schema definitions for key 'if'": the checker joins the parts of `allOf` (earendil-works/pi#5822). */
const oneConditionAtMost: Relax = (schema, path, lost) => {
  const { allOf } = schema
  if (!Array.isArray(allOf) || allOf.filter(isConditional).length + (isConditional(schema) ? 1 : 0) < 2) return schema
  const parts = allOf.map((part: unknown, at) => {
    if (!isObject(part) || !isConditional(part)) return part
    lost(placeOf(placeOf(path, "allOf", at), "if"), notSent("if"))
    return without(part, conditional)
  })
  return { ...schema, allOf: parts }
}

/** A `type` that is neither a name nor a list of names could not be moved into the branches of `anyOf`. */
const readableType: Relax = (schema, path, lost) => {
  if (!("type" in schema) || typeof schema.type === "string" || Array.isArray(schema.type)) return schema
  lost(placeOf(path, "type"), notSent("type"))
  return without(schema, ["type"])
}

const relax: Relax = (schema, path, lost) => oneConditionAtMost(readableType(schema, path, lost), path, lost)

/** "items must be an object": a tuple in its old spelling gets the current one (vercel/ai#18921). */
const tuple = (schema: JsonObject): JsonObject => {
  const { items, additionalItems, ...rest } = schema
  if (!Array.isArray(items)) return schema
  if (additionalItems === false) {
    const { maxItems } = rest
    const most = typeof maxItems === "number" ? Math.min(maxItems, items.length) : items.length
    return { ...rest, prefixItems: items, maxItems: most }
  }
  return { ...rest, prefixItems: items, ...(isObject(additionalItems) ? { items: additionalItems } : {}) }
}

const nullability = ["nullable"]

/** The branch under a parent that allows only these types; undefined when that leaves nothing. */
const narrow = (branch: unknown, types: ReadonlyArray<string>): JsonObject | undefined => {
  if (branch === true) return { type: spelled(types) }
  if (!isObject(branch)) return undefined
  const own = typesIn(branch)
  if (own === undefined) return { type: spelled(types), ...branch }
  const both = commonTypes(own, types)
  return both.length === 0 ? undefined : { ...without(branch, nullability), type: spelled(both) }
}

/** "When using anyOf, type should be defined in anyOf items instead of the parent schema" (MoonshotAI/kimi-code#2661). */
const typeInBranches = (schema: JsonObject): JsonObject => {
  const types = typesIn(schema)
  if (types === undefined || !Array.isArray(schema.anyOf) || schema.anyOf.length === 0) return schema
  const branches = schema.anyOf.flatMap((branch: unknown) => narrow(branch, types) ?? [])
  const { type: _, nullable: __, ...rest } = schema
  return { ...rest, anyOf: branches.length > 0 ? branches : [{ type: spelled(types), not: {} }] }
}

const combining = ["$ref", "$dynamicRef", "anyOf", "oneOf", "allOf", "not", "if"]

/** "At path 'properties.view': type is not defined" (anomalyco/opencode#40127). */
const withType = (property: unknown): unknown => {
  if (!isObject(property) || "type" in property || "anyOf" in property) return property
  const { const: only, enum: values } = property
  if ("const" in property) return { type: spelled(kindsOf([only])), ...property }
  if (Array.isArray(values)) return values.length === 0 ? property : { type: spelled(kindsOf(values)), ...property }
  const type = combining.some((keyword) => keyword in property) ? undefined : implied(property)
  return type === undefined ? property : { type, ...property }
}

/**
 * The schema with types where Moonshot wants them. All but {@link relax} says the same as before: some
 * endpoints no longer check all of this, and for them nothing may be lost.
 */
export const forMoonshot = (schema: JsonObject, lost?: Lost): JsonObject => {
  const weakened = weaken(schema, relax, lost)
  // A branch that is also used from elsewhere must stay as it is.
  const shared = someSchema(weakened, ({ $ref }) => typeof $ref === "string" && $ref.includes("/anyOf/"))
  const visit = (node: unknown): unknown => {
    if (!isObject(node)) return node
    const straight = tuple(node)
    return mapSubschemas(shared ? straight : typeInBranches(straight), (inner, keyword) =>
      visit(keyword === "properties" ? withType(inner) : inner)
    )
  }
  const visited = visit(weakened)
  return isObject(visited) ? visited : weakened
}
