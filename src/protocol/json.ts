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

/** Whether a JSON value nests deeper than `limit`. Loops, for it walks every request: closures and lists would cost more. */
export const isDeeperThan = (limit: number, value: unknown): boolean => {
  if (typeof value !== "object" || value === null) return false
  if (limit === 0) return true
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (isDeeperThan(limit - 1, value[at])) return true
    return false
  }
  if (!isObject(value)) return false
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

/** Whether two values are the same JSON, in whatever order their keys stand. */
export const isSameJson = (first: unknown, second: unknown): boolean => {
  if (Array.isArray(first) && Array.isArray(second))
    return first.length === second.length && first.every((item, index) => isSameJson(item, second[index]))
  if (!isObject(first) || !isObject(second)) return first === second
  const keys = Object.keys(first)
  return (
    keys.length === Object.keys(second).length &&
    keys.every((key) => Object.hasOwn(second, key) && isSameJson(first[key], second[key]))
  )
}
