/**
 * JSON Schema as Gemini's OpenAI endpoint takes it: an OpenAPI 3.0 subset, read into a protocol buffer that knows no other
 * field. "Unknown name … Cannot find field" refuses the whole request (ahmadrosid/nakama#292, zed-industries/zed#44875).
 * So this writes the known keywords anew, and says in the description what they cannot express.
 */
import { asArray, isObject, type JsonObject, isSameJson } from "./json.ts"
import { type Flat, flatten, isNever, meet, mergeSchemas, type Scope } from "./schemaFlat.ts"
import { alternatives, fieldsOf, isKnownType, settled, valueOptions, wordsOn } from "./schemaGeminiFields.ts"
import { type Lost, notSent, untold } from "./schemaLost.ts"
import { rootShape, shapeProperties } from "./schemaShape.ts"
import { placeOf, without } from "./schemaTree.ts"
import { implied, isOf, typesIn } from "./schemaTypes.ts"
import { described, inWords } from "./schemaWords.ts"

/** Deeper than any tool, and shallow enough for the result to be adapted again. */
const maxDepth = 50

/** How many schemas may be read: references that are written out can double at every step. */
const maxSchemas = 5000

/** These say nothing about values. */
const annotations = ["description", "title", "default", "examples"]

interface Place {
  readonly path: string
  readonly scope: Scope
  readonly depth: number
}

const at = (place: Place, keyword: string, name?: string | number): Place => ({
  ...place,
  path: placeOf(place.path, keyword, name),
  depth: place.depth + 1
})

const pickAnnotations = (schema: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key === "default" || key === "examples"))

const valuesOf = (schema: JsonObject): ReadonlyArray<unknown> | undefined => {
  if ("const" in schema) return [schema.const]
  return Array.isArray(schema.enum) && schema.enum.length > 0 ? schema.enum : undefined
}

const saysNothing = (schema: unknown): boolean =>
  schema === undefined ||
  schema === true ||
  (isObject(schema) && Object.keys(without(schema, annotations)).length === 0)

/** A list of items by their place, as the schemas of which each item satisfies one; `maxItems` where that follows. */
const tupleOf = ({ prefixItems, items, additionalItems, maxItems }: JsonObject) => {
  const first = Array.isArray(items) ? items : prefixItems
  if (!Array.isArray(first)) return undefined
  const rest = Array.isArray(items) ? additionalItems : items
  const most = typeof maxItems === "number" ? maxItems : Infinity
  const open = !isNever(rest) && most > first.length
  return {
    schemas: open ? [...first, rest] : first,
    limit: isNever(rest) ? { maxItems: Math.min(most, first.length) } : {}
  }
}

/** Reads schemas into Gemini's form; what is under one budget becomes part of one request. Undefined: nothing is valid. */
const reader = (lost: Lost) => {
  let left = maxSchemas
  const spend = () => left-- > 0

  const read = (schema: unknown, place: Place): JsonObject | undefined => {
    const flat = flatten(schema, place.scope, place.path, lost, spend)
    return flat && readFlat(flat, place)
  }

  const readFlat = ({ schema, scope }: Flat, before: Place): JsonObject | undefined => {
    const place = { ...before, scope }
    if (place.depth > maxDepth || !spend()) {
      lost(place.path, "too deep or too large to be sent")
      return {}
    }
    const { anyOf, oneOf, ...rest } = schema
    if (Array.isArray(oneOf)) lost(placeOf(place.path, "oneOf"), "more than one may match")
    if (!Array.isArray(anyOf) && !Array.isArray(oneOf)) return readPlain(rest, place)
    if (isObject(rest.properties)) return readMerged(schema, rest, place)
    return Array.isArray(anyOf)
      ? readUnion(anyOf, "anyOf", "oneOf" in schema ? { ...rest, oneOf } : rest, place)
      : readUnion(asArray(oneOf), "oneOf", rest, place)
  }

  const branches = (list: unknown, keyword: string, place: Place): ReadonlyArray<Flat> =>
    asArray(list).flatMap(
      (branch, index) => flatten(branch, place.scope, placeOf(place.path, keyword, index), lost, spend) ?? []
    )

  /** Alternatives beside properties, which `any_of` may not have: all properties in one list, the rest in words. */
  const readMerged = (schema: JsonObject, rest: JsonObject, place: Place): JsonObject | undefined => {
    const keywords = ["anyOf", "oneOf"].filter((keyword) => Array.isArray(schema[keyword]))
    const lists = keywords.map((keyword) => [keyword, branches(schema[keyword], keyword, place)] as const)
    for (const keyword of keywords)
      lost(placeOf(place.path, keyword), "merged into properties, the rest is said in words")
    const resolved = lists.map(([keyword, list]) => [keyword, list.map((flat) => flat.schema)] as const)
    // References deeper in the branches start at the real root, and may lead in circles: they stay open.
    const shape = rootShape({ ...rest, ...Object.fromEntries(resolved) }, {})
    const scope = lists
      .flatMap(([, list]) => list)
      .reduce((all, flat) => meet(place.scope, all, flat.scope), place.scope)
    const words = keywords.map((keyword) => inWords(schema, keyword))
    const required = shape.required.size > 0 ? { required: [...shape.required] } : {}
    return readPlain(
      described({ ...rest, properties: shapeProperties(shape), ...required }, rest.description, ...words),
      { ...place, scope }
    )
  }

  /** What holds beside the alternatives goes into each of them. */
  const readUnion = (list: ReadonlyArray<unknown>, keyword: string, rest: JsonObject, place: Place) => {
    const beside = without(rest, annotations)
    const options = branches(list, keyword, place).flatMap((flat, index): ReadonlyArray<JsonObject> => {
      const inside = at(place, keyword, index)
      const merged = mergeSchemas(flat.schema, beside, inside.path, lost)
      const option = merged && readFlat({ schema: merged, scope: flat.scope }, inside)
      return option === undefined ? [] : [option]
    })
    if (options.length === 0) return undefined
    const words = ["default", "examples"].map((name) => (name in rest ? inWords(rest, name) : undefined))
    return alternatives(options, rest, rest.description, ...words)
  }

  const readPlain = (schema: JsonObject, place: Place): JsonObject | undefined => {
    const stated = typesIn(schema)
    const values = valuesOf(schema)
    const allowed = stated === undefined ? values : values?.filter((value) => isOf(stated, value))
    if (allowed !== undefined) return readValues(allowed, schema, place)
    const meant = implied(schema)
    const types = stated?.filter(isKnownType) ?? (meant === undefined ? [] : [meant])
    const words = [schema.description, ...wordsOn(schema, types, place.path, lost)]
    return alternatives(
      types.length === 0 ? [{}] : types.map((type) => readType(type, schema, place)),
      schema,
      ...words
    )
  }

  const readValues = (values: ReadonlyArray<unknown>, schema: JsonObject, place: Place): JsonObject | undefined => {
    if (values.length === 0) return undefined
    const keyword = "const" in schema ? "const" : "enum"
    const options = valueOptions(
      values,
      schema,
      (type) => readType(type, type === "object" || type === "array" ? schema : {}, place),
      () => lost(placeOf(place.path, keyword), "said in words where it lists no strings")
    )
    return alternatives(options, schema, schema.description, ...wordsOn(pickAnnotations(schema), [], place.path, lost))
  }

  const readType = (type: string, schema: JsonObject, place: Place): JsonObject => {
    const fields = fieldsOf(type, schema)
    if (type === "object") return { ...fields, ...propertiesOf(schema, place) }
    return type === "array" ? { ...fields, ...itemsOf(schema, place) } : fields
  }

  const propertiesOf = (schema: JsonObject, place: Place): JsonObject => {
    const properties = Object.entries(isObject(schema.properties) ? schema.properties : {}).flatMap(
      ([name, property]): ReadonlyArray<readonly [string, JsonObject]> => {
        const inside = at(place, "properties", name)
        const known = read(property, inside)
        if (known === undefined) lost(inside.path, "no value is valid, the property is not sent")
        return known === undefined ? [] : [[name, settled(known)]]
      }
    )
    // "required: property is not defined" (goruck/home-generative-agent#525)
    const names = new Set(properties.map(([name]) => name))
    const required = [...new Set(asArray(schema.required))]
    const defined = required.filter((name) => typeof name === "string" && names.has(name))
    const others = required.filter((name) => !defined.includes(name))
    if (others.length > 0) lost(placeOf(place.path, "required"), "only described properties are required")
    return {
      // "should be non-empty for OBJECT type"; the root must have some all the same
      ...(properties.length > 0 || place.depth === 0 ? { properties: Object.fromEntries(properties) } : {}),
      ...(defined.length > 0 ? { required: defined } : {}),
      ...(others.length > 0 ? { description: inWords({ required: others }, "required") } : {})
    }
  }

  const itemsOf = (schema: JsonObject, place: Place): JsonObject => {
    const tuple = tupleOf(schema)
    if (tuple === undefined) return { items: settled(read(schema.items ?? {}, at(place, "items")) ?? {}) }
    const loose = tuple.schemas.some(saysNothing)
    if (Array.isArray(schema.items)) lost(placeOf(place.path, "items"), notSent("the order of items"))
    return {
      ...tuple.limit,
      items: settled((loose ? undefined : read({ anyOf: tuple.schemas }, at(place, "prefixItems"))) ?? {})
    }
  }

  return read
}

/** A schema that is one plain object (level `base`) in the form that Gemini takes. */
export const forGemini = (root: JsonObject, lost: Lost = untold): JsonObject => {
  const adapted = reader(lost)(root, { path: "", scope: { root, followed: [] }, depth: 0 })
  if (adapted?.type !== "object") return { type: "object", properties: {} }
  return isSameJson(adapted, root) ? root : adapted
}
