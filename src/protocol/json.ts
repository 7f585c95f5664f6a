/** Structural guards for JSON from outside: lenient reading without a schema pass per stream event. */

export type JsonObject = { readonly [key: string]: unknown }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The string, or undefined for anything else. */
export const asString = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** The string when it has at least one character. */
export const nonEmpty = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/** A counter as an integer; undefined for what counts nothing (negative, not finite, beyond exact integers). */
export const asCount = (value: unknown): number | undefined => {
  const whole = typeof value === "number" ? Math.trunc(value) : -1
  return whole >= 0 && Number.isSafeInteger(whole) ? whole : undefined
}

export const asArray = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** Nobody sends JSON nested deeper than this, and walking it could exhaust the stack. */
export const maxNesting = 500

/** Whether a JSON value nests deeper than `limit`. */
export const isDeeperThan = (limit: number, value: unknown): boolean => {
  if (Array.isArray(value)) return limit === 0 || value.some((item) => isDeeperThan(limit - 1, item))
  if (!isObject(value)) return false
  if (limit === 0) return true
  // a loop over keys: this walks every request, and a list of values would cost more than the walk
  for (const key in value) if (isDeeperThan(limit - 1, value[key])) return true
  return false
}

/** Parses JSON text; undefined when it is not JSON (no JSON value is undefined). */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
