/** The parts of a Gemini schema: the fields of one type, the values of a list, alternatives (see `schemaGemini.ts`). */
import { isObject, type JsonObject } from "./json.ts"
import { type Lost, notSent } from "./schemaLost.ts"
import { placeOf } from "./schemaTree.ts"
import { isOf, kindsOf } from "./schemaTypes.ts"
import { described, inWords } from "./schemaWords.ts"

const ofNumbers: JsonObject = { minimum: "number", maximum: "number" }

/** What Gemini knows beside a type, and of which type the value has to be ("only allowed for … type" else). */
const plainFields: { readonly [type: string]: JsonObject } = {
  string: { minLength: "number", maxLength: "number", pattern: "string" },
  number: ofNumbers,
  integer: ofNumbers,
  array: { minItems: "number", maxItems: "number" },
  object: { minProperties: "number", maxProperties: "number" },
  boolean: {},
  null: {}
}

const aboutNumbers = ["exclusiveMinimum", "exclusiveMaximum", "multipleOf"]

/** Statements on values of a type that Gemini has no field for. */
const wordFields: { readonly [type: string]: ReadonlyArray<string> } = {
  string: ["format", "contentEncoding", "contentMediaType", "contentSchema"],
  number: aboutNumbers,
  integer: aboutNumbers,
  array: ["prefixItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems"],
  object: [
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedProperties"
  ]
}

const always = ["not", "if"]
const annotations = ["default", "examples"]
const known = Object.keys(plainFields)

export const isKnownType = (type: string): boolean => known.includes(type)

/** The strongest limit that Gemini's inclusive bounds can state. */
const limit = (schema: JsonObject, type: string, bound: "minimum" | "maximum"): number | undefined => {
  const [exclusive, step] = bound === "minimum" ? [schema.exclusiveMinimum, 1] : [schema.exclusiveMaximum, -1]
  const nearest =
    typeof exclusive === "number" && type === "integer" && Number.isInteger(exclusive) ? exclusive + step : exclusive
  const stated = [schema[bound], nearest].filter((value) => typeof value === "number")
  if (stated.length === 0) return undefined
  return bound === "minimum" ? Math.max(...stated) : Math.min(...stated)
}

/** The type and its plain limits, in the order of the schema. */
export const fieldsOf = (type: string, schema: JsonObject): JsonObject => {
  const plain = plainFields[type] ?? {}
  const bounds = (["minimum", "maximum"] as const).flatMap((bound) => {
    const value = bound in plain ? limit(schema, type, bound) : undefined
    return value === undefined ? [] : [[bound, value] as const]
  })
  return {
    type,
    ...Object.fromEntries(
      Object.entries(schema).filter(
        ([key, value]) => !(key in ofNumbers) && key in plain && typeof value === plain[key]
      )
    ),
    ...Object.fromEntries(bounds),
    ...(type === "string" && schema.format === "date-time" ? { format: "date-time" } : {})
  }
}

/** Whether the fields say this in full. */
const isStated = (keyword: string, value: unknown, types: ReadonlyArray<string>): boolean => {
  if (keyword === "format") return value === "date-time"
  const exclusive = keyword === "exclusiveMinimum" || keyword === "exclusiveMaximum"
  return exclusive && Number.isInteger(value) && types.includes("integer") && !types.includes("number")
}

/** Whether a keyword states something about values of these types for which there is no field. */
const isWordField = (keyword: string, types: ReadonlyArray<string>): boolean => {
  if (always.includes(keyword) || annotations.includes(keyword)) return true
  if (types.length > 0) return types.some((type) => wordFields[type]?.includes(keyword))
  // With no type at all there is no field for anything.
  return known.some((type) => wordFields[type]?.includes(keyword) || Object.hasOwn(plainFields[type] ?? {}, keyword))
}

/** What the fields of these types leave out, in words. */
export const wordsOn = (
  schema: JsonObject,
  types: ReadonlyArray<string>,
  path: string,
  lost: Lost
): ReadonlyArray<unknown> =>
  Object.keys(schema).flatMap((keyword) => {
    if (!isWordField(keyword, types) || isStated(keyword, schema[keyword], types)) return []
    if (!annotations.includes(keyword)) lost(placeOf(path, keyword), notSent(keyword))
    return inWords(schema, keyword) ?? []
  })

const distinct = (schemas: ReadonlyArray<JsonObject>): ReadonlyArray<JsonObject> =>
  schemas.length < 2 ? schemas : [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()]

const isUnion = (schema: JsonObject): boolean => Array.isArray(schema.anyOf)

/** Stands for "null and nothing else" until it is clear what it is an alternative to. */
const isNull = (schema: JsonObject): boolean => schema.type === "null"

/**
 * One of the options holds. "When using any_of, it must be the only field set" (patlux/pi-commandcode-provider#103): the
 * description of the whole goes to the first option. Null is no option but a property of one.
 */
export const alternatives = (
  options: ReadonlyArray<JsonObject>,
  { title }: JsonObject,
  ...texts: ReadonlyArray<unknown>
): JsonObject => {
  const all = options.flatMap((option) => (isUnion(option) ? asSchemas(option.anyOf) : [option]))
  const [first, ...others] = distinct(all.filter((option) => !isNull(option)))
  if (first === undefined) return described({ type: "null" }, ...texts)
  const nullable = all.some(isNull) && "type" in first ? { nullable: true } : {}
  const { description, ...rest } = first
  const titled = typeof title === "string" && others.length === 0 ? { title } : {}
  const leading = described({ ...rest, ...titled, ...nullable }, ...texts, description)
  // the words may have made it the same as another one
  const left = distinct([leading, ...others])
  return left.length === 1 ? leading : { anyOf: left }
}

const asSchemas = (list: unknown): ReadonlyArray<JsonObject> => (Array.isArray(list) ? list.filter(isObject) : [])

/** A schema at its final place: what can only be null gets a type that Gemini knows. */
export const settled = (schema: JsonObject): JsonObject =>
  isNull(schema) ? described({ type: "string", nullable: true }, "Always null.", schema.description) : schema

/**
 * A list of values as options. Gemini lists non-empty strings only ("enum: only allowed for STRING type", "cannot be
 * empty"): other values keep their type and are said in words, because a model that answered `"1"` for `1` would call the
 * tool wrongly.
 */
export const valueOptions = (
  values: ReadonlyArray<unknown>,
  schema: JsonObject,
  ofType: (type: string) => JsonObject,
  lost: () => void
): ReadonlyArray<JsonObject> => {
  return kindsOf(values).map((kind) => {
    const members = values.filter((value) => isOf([kind], value))
    if (kind === "string" && !members.includes("")) {
      return { type: "string", ...(schema.format === "enum" ? { format: "enum" } : {}), enum: [...new Set(members)] }
    }
    if (kind === "null" || (kind === "boolean" && new Set(members).size === 2)) return ofType(kind)
    lost()
    const words = members.length === 1 ? inWords({ const: members[0] }, "const") : inWords({ enum: members }, "enum")
    const typed = ofType(kind)
    return described(typed, typed.description, words)
  })
}
