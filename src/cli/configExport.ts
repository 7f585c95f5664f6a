/**
 * The configuration as one document that can be read as a configuration again. Pure.
 *
 * Invariants: read back it comes to the same settings, save for what is masked; no secret is in it unless it is asked for
 * in clear.
 */
import { keyPath } from "../config/keyPath.ts"
import type { LoadedConfig } from "../config/LoadedConfig.ts"
import { documentText, type TomlTable, type TomlValue } from "../config/tomlText.ts"
import { isReference } from "./secretPlaces.ts"
import { settingsView, type Shown } from "./settingsView.ts"

export type ExportFormat = "json" | "toml"

export interface Exported {
  readonly document: TomlTable
  /** The paths of what is masked in it, in file spelling. */
  readonly masked: ReadonlyArray<string>
}

/** References outside of profiles are filled in already: what looks like one there is text. */
const escaped = (text: string): string => text.replaceAll("${", () => "$${")

const isList = (value: Shown): value is ReadonlyArray<Shown> => Array.isArray(value)

const isTable = (value: Shown | undefined): value is { readonly [key: string]: Shown } =>
  typeof value === "object" && value !== null && !isList(value)

/** One value in clear and as it may be seen, which have the same form. */
interface Pair {
  readonly path: string
  readonly clear: Shown
  readonly seen: Shown | undefined
}

const innerOf = ({ clear, path, seen }: Pair): ReadonlyArray<readonly [string, Pair]> =>
  isTable(clear)
    ? Object.entries(clear).map(([key, value]) => [
        key,
        { path: keyPath([key], path), clear: value, seen: isTable(seen) ? seen[key] : undefined }
      ])
    : []

/** Writes the values of a document; tells `mask` of each that it may not show. */
const writer = (write: (text: string) => string, mask: (path: string) => void) => {
  const textOf = ({ path, seen }: Pair, clear: string): string => {
    if (clear === seen || isReference(clear)) return write(clear)
    mask(path)
    return write(typeof seen === "string" ? seen : "")
  }
  const tableOf = (inner: ReadonlyArray<readonly [string, Pair]>): TomlTable =>
    Object.fromEntries(inner.flatMap(([key, pair]) => valueOf(pair).map((value) => [key, value] as const)))
  /** None for null, which no file can hold. */
  const valueOf = (pair: Pair): ReadonlyArray<TomlValue> => {
    const { clear, path, seen } = pair
    if (clear === null) return []
    if (typeof clear === "string") return [textOf(pair, clear)]
    if (isTable(clear)) return [tableOf(innerOf(pair))]
    if (!isList(clear)) return [clear]
    const others: ReadonlyArray<Shown> = seen !== undefined && seen !== null && isList(seen) ? seen : []
    return [clear.flatMap((value, at) => valueOf({ path: keyPath([at], path), clear: value, seen: others[at] }))]
  }
  return tableOf
}

/** All settings that hold, defaults too; of what is built in only what was written over it. */
export const exportOf = ({ origin, settings }: LoadedConfig, secrets: "masked" | "clear"): Exported => {
  const masked = new Set<string>()
  const mask = (path: string) => void masked.add(path)
  const { profiles = [], ...others } = settingsView(settings, "clear")
  const { profiles: seenProfiles = [], ...seen } = settingsView(settings, secrets)
  const isBuiltIn = (path: string): boolean => origin(path).layer === "builtin"
  const list = isList(profiles) ? profiles : []
  const tables = settings.profiles.flatMap(({ name }, at) => {
    const path = keyPath(["profiles", name])
    if (isBuiltIn(keyPath(["name"], path))) return []
    const inner = innerOf({ path, clear: list[at] ?? null, seen: isList(seenProfiles) ? seenProfiles[at] : undefined })
    return [writer((text) => text, mask)(inner.filter(([, pair]) => !isBuiltIn(pair.path)))]
  })
  const root = writer(escaped, mask)(innerOf({ path: "", clear: others, seen }))
  return { document: { ...root, profiles: tables }, masked: [...masked] }
}

/** JSON has no word for it, and reads a number as large as this as what it is. */
const endless = { written: "\u0000endless", text: "1e999" }

const jsonText = (document: TomlTable): string =>
  `${JSON.stringify(document, (_, value: unknown) => (value === Infinity ? endless.written : value), 2)}\n`.replaceAll(
    JSON.stringify(endless.written),
    endless.text
  )

const escapeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

/** As a file holds it. All characters that could move a cursor are escaped, which both formats do alike. */
export const exportText = (document: TomlTable, format: ExportFormat): string =>
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  (format === "json" ? jsonText(document) : documentText(document)).replace(/[\u007f-\u009f]/g, escapeOf)
