/** JSON Schema statements in words, for providers that take only some as schema: the model reads the description. */
import { isObject, type JsonObject } from "./json.ts"

/** Longer ones cost more than they help. */
const maxWords = 160

const json = (value: unknown): string => JSON.stringify(value) ?? ""

const listed = (values: unknown): string => (Array.isArray(values) ? values.map(json).join(", ") : json(values))

type Phrase = (value: unknown) => string | undefined

const anyObject =
  (words: string): Phrase =>
  (value) =>
    isObject(value) && Object.keys(value).length > 0 ? `${words}: ${json(value)}.` : undefined

const phrases: { readonly [keyword: string]: Phrase } = {
  additionalProperties: (value) =>
    value === false ? "No other properties." : anyObject("Every other property")(value),
  const: (value) => `Must be ${json(value)}.`,
  contentEncoding: (value) => `Encoding: ${json(value)}.`,
  contentMediaType: (value) => `Media type: ${json(value)}.`,
  default: (value) => `Default: ${json(value)}.`,
  enum: (values) => `One of ${listed(values)}.`,
  examples: (values) => `Examples: ${listed(values)}.`,
  exclusiveMaximum: (value) => (typeof value === "number" ? `Less than ${value}.` : undefined),
  exclusiveMinimum: (value) => (typeof value === "number" ? `Greater than ${value}.` : undefined),
  format: (value) => `Format: ${json(value)}.`,
  multipleOf: (value) => `A multiple of ${json(value)}.`,
  patternProperties: anyObject("Properties by pattern of their name"),
  prefixItems: (values) => `Items in this order: ${listed(values)}.`,
  propertyNames: anyObject("Property names"),
  required: (names) => `Also required: ${listed(names)}.`,
  uniqueItems: (value) => (value === true ? "No item twice." : undefined)
}

const conditional = ["if", "then", "else"]

/** A statement that has no phrase, as the schema itself; the three parts of a condition are one statement. */
const verbatim = (schema: JsonObject, keyword: string): string => {
  const keys = keyword === "if" ? conditional.filter((key) => key in schema) : [keyword]
  return `Must also match ${json(Object.fromEntries(keys.map((key) => [key, schema[key]])))}.`
}

/** What the statement says; undefined when it says nothing, takes long, or refers to what the reader cannot see. */
export const inWords = (schema: JsonObject, keyword: string): string | undefined => {
  const phrase = Object.hasOwn(phrases, keyword) ? phrases[keyword] : undefined
  const words = phrase === undefined ? verbatim(schema, keyword) : phrase(schema[keyword])
  return words === undefined || words.length > maxWords || words.includes('"$ref"') ? undefined : words
}

/** One text of several, each part once and as a sentence of its own. */
export const joined = (...texts: ReadonlyArray<unknown>): string | undefined => {
  const parts = [...new Set(texts.filter((text): text is string => typeof text === "string" && text !== ""))]
  if (parts.length === 0) return undefined
  return parts.map((part, at) => (at < parts.length - 1 && !/[.!?:]\s*$/.test(part) ? `${part}.` : part)).join(" ")
}

/** The schema with all of this as its description, which comes last. */
export const described = (schema: JsonObject, ...texts: ReadonlyArray<unknown>): JsonObject => {
  const { description: _, ...rest } = schema
  const description = joined(...texts)
  return description === undefined ? rest : { ...rest, description }
}
