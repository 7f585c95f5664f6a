/** A JSON Schema in words, for the tables of the pages under docs/. */

export type Json = string | number | boolean | null | ReadonlyArray<Json> | JsonTable
export interface JsonTable {
  readonly [key: string]: Json
}

export const isTable = (value: Json | undefined): value is JsonTable =>
  typeof value === "object" && value !== null && !Array.isArray(value)
export const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

const either = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`

const numberWords = (noun: string, { exclusiveMinimum, maximum, minimum }: JsonTable): string => {
  if (minimum !== undefined && maximum !== undefined) return `${noun} from ${minimum} to ${maximum}`
  const above = exclusiveMinimum === undefined ? [] : [`greater than ${exclusiveMinimum}`]
  const limits = [
    ...(minimum === undefined ? [] : [`${minimum} or more`]),
    ...(noun === "whole number" && exclusiveMinimum === 0 ? ["1 or more"] : above),
    ...(maximum === undefined ? [] : [`at most ${maximum}`])
  ]
  return [noun, ...limits].join(", ")
}

/** What may stand there, in words; a choice as its words. */
export const valueWords = (schema: Json): string => {
  if (!isTable(schema)) return "anything"
  const { anyOf, items, pattern, type } = schema
  if (isList(schema["enum"])) return either(schema["enum"].map((one) => JSON.stringify(one)))
  if (isList(anyOf)) return either([...new Set(anyOf.map(valueWords))])
  switch (type) {
    case "null":
      return "null"
    case "boolean":
      return "true or false"
    case "integer":
      return numberWords("whole number", schema)
    case "number":
      return numberWords("number", schema)
    case "string":
      if (schema["minLength"] !== undefined) return "text, not empty"
      return typeof pattern === "string" ? `text of the form ${pattern}` : "text"
    case "array":
      return `list of ${valueWords(items ?? null)}`
    default:
      return "anything"
  }
}
