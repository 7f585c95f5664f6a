/** What is asked about the key of a profile. No question shows a key. Pure. */
import type { NewProfile } from "../../config/ConfigEdit.ts"
import type { EnvironmentRecord } from "../../config/Environment.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { keyAccount, type SecretPlace } from "../../credentials/SecretStore.ts"
import type { ProviderRow } from "../../provider/table/row.ts"
import type { ProfileWords } from "../newProfile.ts"
import type { KeyEntry } from "../profileChanges.ts"
import type { NewKey } from "./keepKey.ts"
import { faultIn } from "./profileQuestions.ts"
import type { Choice, Question } from "./question.ts"

/** Where a key is kept that is typed. */
export type KeyHome = SecretPlace | "config"

/** The end of a variable's name that holds a key, as they are usually named. */
const keyName = /_(API_?KEY|KEY|TOKEN)$/i

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "")

/** Names of variables that are set and may hold a key, those that name the provider first. */
export const variables = (row: ProviderRow, environment: EnvironmentRecord): ReadonlyArray<string> => {
  const names = [row.kind, row.label, ...(row.alsoCalled ?? [])].map(plain)
  const isOf = (variable: string) => Number(names.some((name) => plain(variable).startsWith(name)))
  return Object.keys(environment)
    .filter((name) => keyName.test(name) && (environment[name] ?? "") !== "")
    .toSorted((one, other) => isOf(other) - isOf(one) || (one < other ? -1 : 1))
}

const homes: { readonly [home in KeyHome]: string } = {
  keyring: "type it: kept in the system keyring",
  file: "type it: kept in a private file of claudex",
  config: "type it: kept in the configuration, readable by you alone"
}

/** Answers that are no name of a variable: no text that is typed begins with a space. */
const typing = (home: KeyHome): string => ` ${home}`
const another = " another"

/** What an answer to `keyQuestion` means. */
export type KeyWay =
  | { readonly is: "typed"; readonly home: KeyHome }
  | { readonly is: "another" }
  /** Undefined: the profile gets no key. */
  | { readonly is: "variable"; readonly name: string | undefined }

/** Where a key is to be kept that is typed. */
export const homeIn = (answer: string): KeyHome | undefined =>
  (["keyring", "file", "config"] as const).find((one) => typing(one) === answer)

export const wayOf = (answer: string): KeyWay => {
  const home = homeIn(answer)
  if (home !== undefined) return { is: "typed", home }
  return answer === another ? { is: "another" } : { is: "variable", name: answer === "" ? undefined : answer }
}

/** Whether a name cannot be one of a variable. */
export type IsNoName = (name: string) => boolean

/** What is wrong with a name of a variable, if anything is. */
export const noName = (isNone: IsNoName, name: string): string | undefined =>
  isNone(name) ? "That is no name of a variable. To type a key, choose first where it is kept" : undefined

/** For a new profile. */
export const noNameIn =
  (words: ProfileWords): IsNoName =>
  (name) =>
    faultIn({ ...words, apiKeyEnv: name }) !== undefined

const homeChoices = (usable: ReadonlyArray<KeyHome>): ReadonlyArray<Choice> =>
  usable.map((home) => ({ value: typing(home), shown: homes[home] }))

export const keyLabel = "Where the key is"

/** Where a key can come from: variables that are set, places for one that is typed, and any variable. */
export const keyChoices = (
  row: ProviderRow,
  environment: EnvironmentRecord,
  usable: ReadonlyArray<KeyHome>
): ReadonlyArray<Choice> => [
  ...variables(row, environment).map((name) => ({ value: name, shown: `the variable ${name}` })),
  ...homeChoices(usable),
  { value: another, shown: "another variable, by its name" }
]

/** `usable`: where a key can be kept. Whatever is typed here is seen, so it is the name of a variable. */
export const keyQuestion = (
  words: ProfileWords,
  row: ProviderRow,
  environment: EnvironmentRecord,
  usable: ReadonlyArray<KeyHome>
): Question => {
  // who is found by a port is a server of one's own
  const isOwn = row.port !== undefined
  const none: Choice = {
    value: "",
    shown: isOwn ? "none" : "none; claudex profile set-key stores the key afterwards"
  }
  const keyed = keyChoices(row, environment, usable)
  return {
    label: keyLabel,
    choices: isOwn ? [none, ...keyed] : [...keyed, none],
    fault: (text) => (text === "" ? undefined : noName(noNameIn(words), text))
  }
}

/** Where a key is kept that is about to be typed. */
export const homeQuestion = (name: string, usable: ReadonlyArray<KeyHome>): Question => ({
  label: `Key of ${name}`,
  choices: homeChoices(usable)
})

export const variableQuestion = (isNone: IsNoName): Question => ({
  label: "Name of the variable",
  choices: [],
  hint: "Such as XAI_API_KEY; the key itself is not typed here, where it is seen",
  fault: (text) => (text === "" ? "A variable has a name" : noName(isNone, text))
})

/** For `askUnseen`. */
export const unseenQuestion = (name: string): Question => ({
  label: `Key of ${name}`,
  choices: [],
  hint: "Type or paste it, unseen; Enter to go on, Esc to leave all as it is"
})

/** Answers of a provider to a wrong key; with 400 it may mean something else. */
const refusals: ReadonlyMap<number, string> = new Map([
  [400, "The key may be wrong (HTTP 400)"],
  [401, "The key is not accepted (HTTP 401)"],
  [403, "The key is not accepted (HTTP 403)"]
])

/** Undefined where the status, if any came, says nothing against the key. */
export const keyRefused = (status: number | undefined): string | undefined =>
  status === undefined ? undefined : refusals.get(status)

const again = "again"

export const refusedQuestion = (status: number | undefined): Question | undefined => {
  const label = keyRefused(status)
  return label === undefined
    ? undefined
    : {
        label,
        choices: [
          { value: again, shown: "type it again" },
          { value: "on", shown: "go on with it" }
        ]
      }
}

export const isAgain = (answer: string): boolean => answer === again

/** The profile's table with another entry, where keys usually stand. */
export const withEntry = (profile: NewProfile, key: string, value: string): NewProfile => ({
  name: profile.name,
  ...Object.fromEntries(
    Object.entries(profile).flatMap((entry) => (entry[0] === "base_url" ? [entry, [key, value] as const] : [entry]))
  )
})

/** An account that no profile takes its key from, as near to the usual one as can be. */
export const freeAccount = ({ profiles }: ConfigFile, name: string): string => {
  const taken = profiles.map(({ apiKeyKeyring }) => apiKeyKeyring)
  let account = keyAccount(name)
  for (let at = 2; taken.includes(account); at += 1) account = `${keyAccount(name)}-${at}`
  return account
}

const kept: { readonly [home in KeyHome]: (account: string) => KeyEntry } = {
  keyring: (account) => ["api_key_keyring", `${account} (the typed key, in the system keyring)`],
  file: (account) => ["api_key_keyring", `${account} (the typed key, in a private file of claudex)`],
  config: () => ["api_key", "the typed key, which is not shown"]
}

/** What stands for a typed key, as its user sees it. */
export const shownEntry = ({ account, home }: Omit<NewKey, "key">): KeyEntry =>
  home === undefined ? ["api_key_keyring", account] : kept[home](account)

/** The profile as its user sees it who has typed a key. */
export const withKey = (profile: NewProfile, newKey: Omit<NewKey, "key"> | undefined): NewProfile =>
  newKey === undefined ? profile : withEntry(profile, ...shownEntry(newKey))
