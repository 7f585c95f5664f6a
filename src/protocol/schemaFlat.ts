/** One schema out of several that all hold: `allOf` and `$ref` resolved, for providers that have neither. */
import { asArray, isObject, type JsonObject } from "./json.ts"
import type { Lost } from "./schemaLost.ts"
import { lookUp, placeOf } from "./schemaTree.ts"
import { commonTypes, spelled, typesIn } from "./schemaTypes.ts"
import { joined } from "./schemaWords.ts"

/** Where the references of a schema start, and those that were followed on the way to it. */
export interface Scope {
  readonly root: JsonObject
  readonly followed: ReadonlyArray<string>
}

export interface Flat {
  /** Without `$ref` and `allOf`. */
  readonly schema: JsonObject
  readonly scope: Scope
}

/** In a cycle each definition is written out this often, then anything may follow. */
const maxTurns = 2

/** A chain of references longer than this is no tool that anybody uses. */
const maxFollowed = 64

/** For schemas with a name of their own (`$id`): their references do not start at the root. */
const nowhere: JsonObject = {}

/** Whether nothing at all is valid. */
export const isNever = (schema: unknown): boolean =>
  schema === false ||
  (isObject(schema) && (schema.not === true || (isObject(schema.not) && Object.keys(schema.not).length === 0)))

const union = (first: unknown, second: unknown): ReadonlyArray<unknown> => [
  ...new Set([...asArray(first), ...asArray(second)])
]

const mergeProperties = (first: unknown, second: unknown): JsonObject => {
  const merged = new Map(Object.entries(isObject(first) ? first : {}))
  for (const [name, schema] of Object.entries(isObject(second) ? second : {}))
    merged.set(name, merged.has(name) ? { allOf: [merged.get(name), schema] } : schema)
  return Object.fromEntries(merged)
}

/** OpenAPI's `nullable` written as a type. */
const withNull = (schema: JsonObject): JsonObject => {
  const types = schema.nullable === true ? typesIn(schema) : undefined
  if (types === undefined) return schema
  const { nullable: _, ...rest } = schema
  return { ...rest, type: types, ...(Array.isArray(rest.enum) ? { enum: union(rest.enum, [null]) } : {}) }
}

const merges: { readonly [keyword: string]: (first: unknown, second: unknown) => unknown } = {
  properties: mergeProperties,
  required: union,
  description: joined
}

const annotations = new Set(["title", "default", "examples", "deprecated", "readOnly", "writeOnly"])

/** Both hold; undefined when no value can be of both types. Of what cannot be joined the first stays. */
export const mergeSchemas = (
  first: JsonObject,
  second: JsonObject,
  path: string,
  lost: Lost
): JsonObject | undefined => {
  const merged = new Map(Object.entries(first))
  for (const [keyword, value] of Object.entries(second)) {
    const known = merged.get(keyword)
    const merge = Object.hasOwn(merges, keyword) ? merges[keyword] : undefined
    if (!merged.has(keyword)) merged.set(keyword, value)
    else if (merge !== undefined) merged.set(keyword, merge(known, value))
    else if (keyword !== "type" && !annotations.has(keyword) && JSON.stringify(known) !== JSON.stringify(value))
      lost(placeOf(path, keyword), `only one ${keyword} of several is sent`)
  }
  const [own, other] = [typesIn(first), typesIn(second)]
  if (own !== undefined && other !== undefined) {
    const types = commonTypes(own, other)
    if (types.length === 0) return undefined
    merged.set("type", spelled(types))
  }
  return Object.fromEntries(merged)
}

/** The schemas that hold beside a schema's own statements. */
const partsOf = (
  { $ref: reference, allOf }: JsonObject,
  scope: Scope,
  path: string,
  lost: Lost
): ReadonlyArray<readonly [part: unknown, scope: Scope]> => {
  const parts = asArray(allOf).map((part) => [part, scope] as const)
  if (typeof reference !== "string") return parts
  const turns = scope.followed.filter((followed) => followed === reference).length
  const target = turns < maxTurns && scope.followed.length < maxFollowed ? lookUp(scope.root, reference) : undefined
  if (target === undefined) {
    lost(placeOf(path, "$ref"), turns > 0 ? "what comes deeper in a circle is not sent" : "leads nowhere")
    return parts
  }
  return [[target, { ...scope, followed: [...scope.followed, reference] }], ...parts]
}

/** The scope of a schema made of two that both started in `base`. */
export const meet = (base: Scope, first: Scope, second: Scope): Scope => ({
  root: first.root === second.root ? first.root : nowhere,
  followed: [...first.followed, ...second.followed.slice(base.followed.length)]
})

/**
 * The schema with `$ref` and `allOf` resolved; undefined when nothing is valid under it. `spend` is asked before each
 * part is read and ends the reading by `false`.
 */
export const flatten = (
  schema: unknown,
  scope: Scope,
  path: string,
  lost: Lost,
  spend: () => boolean
): Flat | undefined => {
  if (isNever(schema)) return undefined
  if (!isObject(schema) || !spend()) return { schema: {}, scope }
  const here: Scope = typeof schema.$id === "string" && schema !== scope.root ? { ...scope, root: nowhere } : scope
  const { $ref: _, allOf: __, ...own } = schema
  let flat: Flat = { schema: withNull(own), scope: here }
  for (const [part, partScope] of partsOf(schema, here, path, lost)) {
    const other = flatten(part, partScope, path, lost, spend)
    const merged = other && mergeSchemas(flat.schema, other.schema, path, lost)
    if (other === undefined || merged === undefined) return undefined
    flat = { schema: merged, scope: meet(here, flat.scope, other.scope) }
  }
  return flat
}
