/** Structural guards for JSON from outside: lenient reading without a schema pass per stream event. */

export type JsonObject = { readonly [key: string]: unknown }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The string, or undefined for anything else. */
export const asString = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** The string when it has at least one character. */
export const nonEmpty = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

export const asArray = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** Parses JSON text; undefined when it is not JSON (no JSON value is undefined). */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
