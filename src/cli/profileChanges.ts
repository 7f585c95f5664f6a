/** What words of the command line change in a profile that is there. Pure. */
import { Either } from "effect"
import type { Change } from "../config/ConfigEdit.ts"
import type { ConfigFile } from "../config/ConfigFile.ts"
import { keyPath } from "../config/keyPath.ts"
import type { TomlValue } from "../config/tomlText.ts"
import { modelSlots, type Profile } from "../domain/Profile.ts"
import { type Drafted, newProfile, type ProfileWords, typeIn, withoutSecrets } from "./newProfile.ts"
import { settingsView, viewAt } from "./settingsView.ts"
import { entries } from "./text.ts"

const verb = "claudex profile edit"

/** Whether anything was said. */
export const saysNothing = (words: ProfileWords): boolean => Object.values(words).every((word) => word === undefined)

/** A key of the profile's table, and what is to stand there; undefined: nothing. */
type Entry = readonly [path: ReadonlyArray<string>, value: TomlValue | undefined]

/** Who serves it: an address and a protocol, those that are usual for a provider where one is named. */
const ofProvider = (profile: Profile, words: ProfileWords): Drafted<ReadonlyArray<Entry>> => {
  if (words.provider === undefined) {
    return Either.map(typeIn(verb, words), (type) => [
      ...(type === undefined ? [] : [[["provider_type"], type] as const]),
      ...(words.baseUrl === undefined ? [] : [[["base_url"], words.baseUrl] as const])
    ])
  }
  const whole = { ...words, name: profile.name, model: words.model ?? profile.defaultModel }
  return Either.map(
    newProfile({ ...whole, apiKeyEnv: undefined }, verb),
    ({ profile: { base_url, dialect, provider_type } }) => [
      [["provider_type"], provider_type],
      [["base_url"], base_url],
      ...(dialect === undefined && profile.dialect === undefined ? [] : [[["dialect"], dialect] as const])
    ]
  )
}

/** A key that is written, or stored, would count beside the variable or instead of it. */
const ofKey = (profile: Profile, { apiKeyEnv }: ProfileWords): ReadonlyArray<Entry> => {
  if (apiKeyEnv === undefined) return []
  if (apiKeyEnv === "") return [[["api_key_env"], undefined]]
  return [
    ...(profile.apiKey === undefined ? [] : [[["api_key"], undefined] as const]),
    ...(profile.apiKeyKeyring === undefined ? [] : [[["api_key_keyring"], undefined] as const]),
    [["api_key_env"], apiKeyEnv]
  ]
}

/**
 * The changes that are meant, none but of what was said; an empty word, as an answer may be, takes a slot or the variable away. Left holds no
 * secret that was typed.
 */
export const profileChanges = (profile: Profile, words: ProfileWords): Drafted<ReadonlyArray<Change>> =>
  Either.gen(function* () {
    yield* withoutSecrets(verb, { ...words, apiKeyEnv: words.apiKeyEnv === "" ? undefined : words.apiKeyEnv })
    const slots = modelSlots.flatMap((slot): ReadonlyArray<Entry> => {
      const model = words[slot]
      return model === undefined ? [] : [[["models", slot], model === "" ? undefined : model]]
    })
    const all: ReadonlyArray<Entry> = [
      ...(yield* ofProvider(profile, words)),
      ...ofKey(profile, words),
      ...(words.model === undefined ? [] : [[["default_model"], words.model] as const]),
      ...slots
    ]
    return all.map(([path, value]): Change => ({ path: ["profiles", profile.name, ...path], value }))
  })

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

/** The changes for people: what is going to stand there, and what holds now, without secrets. */
export const shownChanges = (changes: ReadonlyArray<Change>, settings: ConfigFile): ReadonlyArray<string> => {
  const view = settingsView(settings)
  return entries(
    changes.map(({ path, value }) => {
      const before = viewAt(view, path)
      const was = before === undefined ? "" : ` (was ${text(before)})`
      return [keyPath(path.slice(2)), value === undefined ? `taken away${was}` : `${text(value)}${was}`]
    })
  )
}
