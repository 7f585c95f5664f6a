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

/** A table, as a document or a part of it. */
export interface TomlTable {
  readonly [key: string]: TomlValue
}

const isTable = (value: TomlValue): value is TomlTable => typeof value === "object" && !isList(value)

/** The members of a list that are written as tables of their own. */
const tablesOf = (value: TomlValue): ReadonlyArray<TomlTable> =>
  typeof value === "object" && isList(value) && value.every(isTable) ? value.filter(isTable) : []

/** What stands below a header of its own; an empty table is as well off on its line. */
const hasHeader = (value: TomlValue): boolean =>
  isTable(value) ? Object.keys(value).length > 0 : tablesOf(value).length > 0

/** Blocks of lines: the table's own values, then the tables in it. `header`: what stands above them. */
const blocksOf = (
  table: TomlTable,
  path: ReadonlyArray<string>,
  header: ReadonlyArray<string>
): ReadonlyArray<ReadonlyArray<string>> => {
  const all = Object.entries(table)
  const own = all
    .filter(([, value]) => !hasHeader(value))
    .map(([key, value]) => `${keyText([key])} = ${valueText(value)}`)
  const inner = all.flatMap(([key, value]) => {
    const name = [...path, key]
    return hasHeader(value) && isTable(value)
      ? blocksOf(value, name, [`[${keyText(name)}]`])
      : tablesOf(value).flatMap((one) => blocksOf(one, name, [`[[${keyText(name)}]]`]))
  })
  // tables in a table say that it is there; an element of a list needs its header
  const isSpare = own.length === 0 && !header.some((line) => line.startsWith("[["))
  return isSpare ? inner : [[...header, ...own], ...inner]
}

/** A whole document, which ends with a newline. */
export const documentText = (table: TomlTable): string =>
  blocksOf(table, [], [])
    .map((block) => block.map((line) => `${line}\n`).join(""))
    .join("\n")
