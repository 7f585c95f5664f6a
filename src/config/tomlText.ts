/** Keys and values as TOML writes them. Pure. */

export type TomlValue = string | number | boolean | ReadonlyArray<TomlValue> | { readonly [key: string]: TomlValue }

const escapes: Readonly<Record<string, string>> = { "\u007f": "\\u007f" }

/** JSON's escapes are TOML's, but for one character that JSON lets stand; half characters cannot be written at all. */
const stringText = (text: string): string =>
  JSON.stringify(text.replace(/\p{Surrogate}/gu, "\ufffd")).replace(
    /\u007f/g,
    (character) => escapes[character] ?? character
  )

/** A dotted key; what is not bare is quoted. */
export const keyText = (keys: ReadonlyArray<string>): string =>
  keys.map((key) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : stringText(key))).join(".")

/** TOML has no exact whole numbers beyond those of 64 bits, and readers refuse those that a double cannot hold. */
const numberText = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf"
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
}

/** A value on one line. */
export const valueText = (value: TomlValue): string => {
  if (typeof value === "string") return stringText(value)
  if (typeof value === "number") return numberText(value)
  if (typeof value !== "object") return String(value)
  if (isList(value)) return `[${value.map(valueText).join(", ")}]`
  const entries = Object.entries(value).map(([key, inner]) => `${keyText([key])} = ${valueText(inner)}`)
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`
}

const isList = (value: TomlValue): value is ReadonlyArray<TomlValue> => Array.isArray(value)
