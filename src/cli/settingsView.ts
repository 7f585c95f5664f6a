/** The settings in the spelling of the files, fit to be shown: what opens doors is masked. Pure. */
import { Redacted, Schema } from "effect"
import { ConfigFile } from "../config/ConfigFile.ts"
import { keyPath } from "../config/keyPath.ts"
import type { LoadedConfig, Origin } from "../config/LoadedConfig.ts"
import type { SettingPath } from "../config/settingPath.ts"
import { keyAccount } from "../credentials/SecretStore.ts"
import { maskSecrets } from "../protocol/secrets.ts"
import { isNamePlace, isSecretPlace, masked } from "./secretPlaces.ts"

/** A value as JSON has it. */
export type Shown = string | number | boolean | null | ReadonlyArray<Shown> | { readonly [key: string]: Shown }

const encode = Schema.encodeSync(ConfigFile)

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The names of the profiles, and those under which claudex keeps their keys: they look like keys where a profile's does. */
export const namesOf = ({ profiles }: ConfigFile): ReadonlyArray<string> =>
  profiles.flatMap(({ name }) => [name, keyAccount(name)])

/** The keys and headers in it, which may stand elsewhere too: but where one is a profile's name, that is no secret. */
export const secretsOf = (settings: ConfigFile): ReadonlyArray<string> => {
  const names = namesOf(settings)
  return settings.profiles
    .flatMap(({ apiKey, customHeaders }) => [apiKey, ...Object.values(customHeaders)])
    .flatMap((secret) => (Redacted.isRedacted(secret) ? [String(Redacted.value(secret))] : []))
    .filter((secret) => !names.includes(secret))
}

/** `known` secrets, and `names` that may look like some. */
interface Words {
  readonly known: ReadonlyArray<string>
  readonly names: ReadonlyArray<string>
}

const mask = (value: unknown, path: ReadonlyArray<string>, words: Words): Shown => {
  if (Array.isArray(value)) return value.map((one: unknown) => mask(one, path, words))
  if (isTable(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mask(inner, [...path, name], words)]))
  }
  if (typeof value === "string") {
    if (isNamePlace(path)) return value
    return value !== "" && isSecretPlace(path) ? masked : maskSecrets(value, words.known, words.names)
  }
  return typeof value === "number" || typeof value === "boolean" ? value : null
}

/** A value that is fit for JSON already. */
const plain = (value: unknown): Shown => {
  if (Array.isArray(value)) return value.map(plain)
  if (isTable(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null
}

/** All settings, defaults too. In clear only where the user has agreed to it (`mayReveal`). */
export const settingsView = (
  settings: ConfigFile,
  secrets: "masked" | "clear" = "masked"
): { readonly [key: string]: Shown } => {
  const words = { known: secretsOf(settings), names: namesOf(settings) }
  const view: Record<string, Shown> = {}
  for (const [key, value] of Object.entries(encode(settings)))
    view[key] = secrets === "clear" ? plain(value) : mask(value, [key], words)
  return view
}

const isList = (value: Shown): value is ReadonlyArray<Shown> => Array.isArray(value)

/** A profile by its name, else a member of a list by its place, from 0. */
const named = (value: Shown, name: string): Shown | undefined =>
  isList(value)
    ? (value.find((one) => isTable(one) && one["name"] === name) ??
      (/^\d{1,6}$/.test(name) ? value[Number(name)] : undefined))
    : isTable(value) && Object.hasOwn(value, name)
      ? value[name]
      : undefined

/** The value at a path; undefined when there is none. */
export const viewAt = (view: Shown, path: SettingPath): Shown | undefined =>
  path.reduce<Shown | undefined>((inner, key) => (inner === undefined ? undefined : named(inner, key)), view)

/** One value, and where it was written. */
export interface Written {
  readonly path: string
  readonly value: Shown
  readonly origin: Origin
}

const leavesOf = (value: Shown, path: string): ReadonlyArray<readonly [string, Shown]> =>
  isTable(value)
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, keyPath([key], path)))
    : [[path, value]]

/** What somebody has written, with its place; defaults are left out. */
export const writtenIn = (
  { origin, settings }: LoadedConfig,
  secrets: "masked" | "clear" = "masked"
): ReadonlyArray<Written> => {
  const { profiles = [], ...others } = settingsView(settings, secrets)
  const list: ReadonlyArray<Shown> = Array.isArray(profiles) ? profiles : []
  const all = [
    ...leavesOf(others, ""),
    ...list.flatMap((one) => (isTable(one) ? leavesOf(one, keyPath([String(one["name"])], "profiles")) : []))
  ]
  return all.flatMap(([path, value]) => {
    const from = origin(path)
    return from.layer === "default" || from.layer === "builtin" ? [] : [{ path, value, origin: from }]
  })
}
