/** What words of the command line change in a profile that is there. Pure. */
import { Either } from "effect"
import type { Change } from "../config/ConfigEdit.ts"
import type { ConfigFile } from "../config/ConfigFile.ts"
import { keyPath } from "../config/keyPath.ts"
import { isEqual } from "../config/tomlEdit.ts"
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

/** What says where the key of a profile is, or is the key. */
export type KeyEntry = readonly [key: "api_key" | "api_key_env" | "api_key_keyring", value: string]

/** Those of a profile, without the keys. */
export const keyEntriesOf = ({ apiKey, apiKeyEnv, apiKeyKeyring }: Profile): ReadonlyArray<KeyEntry> => [
  ...(apiKey === undefined ? [] : [["api_key", ""] as const]),
  ...(apiKeyKeyring === undefined ? [] : [["api_key_keyring", apiKeyKeyring] as const]),
  ...(apiKeyEnv === undefined ? [] : [["api_key_env", apiKeyEnv] as const])
]

/** The others would count beside the new one or instead of it. */
const ofKey = (profile: Profile, key: KeyEntry | undefined): ReadonlyArray<Entry> => [
  ...keyEntriesOf(profile).flatMap(([other]): ReadonlyArray<Entry> =>
    other === key?.[0] ? [] : [[[other], undefined]]
  ),
  ...(key === undefined ? [] : [[[key[0]], key[1]] as const])
]

const inProfile = (name: string, all: ReadonlyArray<Entry>): ReadonlyArray<Change> =>
  all.map(([path, value]) => ({ path: ["profiles", name, ...path], value }))

/** The changes that have a profile take its key from there, and from nowhere else; none where it does so already. */
export const keyChanges = (profile: Profile, key: KeyEntry): ReadonlyArray<Change> =>
  inProfile(
    profile.name,
    ofKey(profile, key).filter(
      ([[entry], value]) => !keyEntriesOf(profile).some((own) => own[0] === entry && own[1] === value)
    )
  )

/** What the words say of it; an empty one, that there is none any more. */
const saidOfKey = (profile: Profile, { apiKeyEnv }: ProfileWords): ReadonlyArray<Entry> =>
  apiKeyEnv === undefined ? [] : ofKey(profile, apiKeyEnv === "" ? undefined : ["api_key_env", apiKeyEnv])

/**
 * The changes that are meant, none but of what was said; an empty word, as an answer may be, takes a slot or the key away.
 * `key`: what there is of one that was typed. Left holds no secret that was typed.
 */
export const profileChanges = (profile: Profile, words: ProfileWords, key?: KeyEntry): Drafted<ReadonlyArray<Change>> =>
  Either.gen(function* () {
    yield* withoutSecrets(verb, { ...words, apiKeyEnv: words.apiKeyEnv === "" ? undefined : words.apiKeyEnv })
    const slots = modelSlots.flatMap((slot): ReadonlyArray<Entry> => {
      const model = words[slot]
      return model === undefined ? [] : [[["models", slot], model === "" ? undefined : model]]
    })
    const all: ReadonlyArray<Entry> = [
      ...(yield* ofProvider(profile, words)),
      ...(key === undefined ? saidOfKey(profile, words) : ofKey(profile, key)),
      ...(words.model === undefined ? [] : [[["default_model"], words.model] as const]),
      ...slots
    ]
    return inProfile(profile.name, all)
  })

/** The name of the profile's stored key, where the changes take it away and no other profile uses it. */
export const keyLeft = (
  { apiKeyKeyring: account, name }: Profile,
  changes: ReadonlyArray<Change>,
  { profiles }: ConfigFile
): string | undefined =>
  changes.some(({ path, value }) => path[2] === "api_key_keyring" && value !== account) &&
  !profiles.some((other) => other.name !== name && other.apiKeyKeyring === account)
    ? account
    : undefined

/** As far as it can be told while variables in it are not filled in. */
const hostIn = (url: string): string | undefined => /^\w+:\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(url)?.[1]?.toLowerCase()

/** The host that is sent the profile's key from now on, where the changes lead to another one and say nothing of the key. */
export const keyGoesTo = (profile: Profile, changes: ReadonlyArray<Change>): string | undefined => {
  const keys = keyEntriesOf(profile).map(([key]) => key)
  const valueOf = (key: string) => changes.find(({ path }) => path[2] === key)
  const url = valueOf("base_url")?.value
  if (keys.length === 0 || keys.some((key) => valueOf(key) !== undefined) || typeof url !== "string") return undefined
  const host = hostIn(url)
  return host === hostIn(profile.baseUrl) ? undefined : host
}

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

/**
 * The changes for people: what is going to stand there, and what holds now, without secrets. What holds already is left out,
 * unless there is nothing else: then it is written where it was not.
 */
export const shownChanges = (changes: ReadonlyArray<Change>, settings: ConfigFile): ReadonlyArray<string> => {
  const view = settingsView(settings)
  const all = changes.map(({ path, value }) => ({ path, value, before: viewAt(view, path) }))
  const others = all.filter(({ before, value }) => !isEqual(before, value))
  return entries(
    (others.length === 0 ? all : others).map(({ before, path, value }) => {
      const was = before === undefined || isEqual(before, value) ? "" : ` (was ${text(before)})`
      return [keyPath(path.slice(2)), value === undefined ? `taken away${was}` : `${text(value)}${was}`]
    })
  )
}
