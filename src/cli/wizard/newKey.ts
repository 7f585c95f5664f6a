/** Asks where a new profile's key is, or for the key itself, and its provider for models with it. Keeps nothing. */
import { Path } from "@effect/platform"
import { Effect, Redacted, Schema } from "effect"
import { targetOfNew } from "../../config/ConfigEdit.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { candidatesOf } from "../../config/discovery.ts"
import { Environment, variable } from "../../config/Environment.ts"
import type { FileLayer } from "../../config/LoadedConfig.ts"
import { Paths } from "../../config/Paths.ts"
import { type KeyLookup, noKeys } from "../../credentials/ApiKey.ts"
import { keyAccount, SecretStore } from "../../credentials/SecretStore.ts"
import { Profile } from "../../domain/Profile.ts"
import type { ProviderRow } from "../../provider/table/row.ts"
import { refusal } from "../editing.ts"
import { newProfile, type ProfileWords } from "../newProfile.ts"
import { remark } from "../output.ts"
import { patiently } from "../progress.ts"
import { keyFault } from "../secretInput.ts"
import { Where } from "../services.ts"
import { ask } from "./ask.ts"
import { askUnseen } from "./askUnseen.ts"
import {
  isAgain,
  type KeyHome,
  keyQuestion,
  refusedQuestion,
  unseenQuestion,
  variableQuestion,
  wayOf,
  withEntry
} from "./keyQuestions.ts"
import { listIn, lookFor } from "./modelList.ts"

/** A key that was typed, and where it is to be kept. */
export interface NewKey {
  readonly key: Redacted.Redacted<string>
  readonly home: KeyHome
  /** Under which name, where that is not the configuration. */
  readonly account: string
}

/** An account that no profile takes its key from, as near to the usual one as can be. */
const freeAccount = ({ profiles }: ConfigFile, name: string): string => {
  const taken = profiles.map(({ apiKeyKeyring }) => apiKeyKeyring)
  let account = keyAccount(name)
  for (let at = 2; taken.includes(account); at += 1) account = `${keyAccount(name)}-${at}`
  return account
}

/** What a provider answers that is asked for its models; undefined where it cannot be asked yet, which is told later. */
const look = (words: ProfileWords, newKey: NewKey | undefined) =>
  Effect.gen(function* () {
    const { profile } = yield* newProfile({ ...words, model: words.model ?? "model" })
    const asked = newKey === undefined ? profile : withEntry(profile, "api_key_keyring", newKey.account)
    const keys: KeyLookup = newKey === undefined ? noKeys : () => Effect.succeedSome(newKey.key)
    return yield* lookFor(yield* Schema.decodeUnknown(Profile)(asked), keys)
  }).pipe(Effect.orElseSucceed(() => undefined))

/** Whether the profile goes to a file of the user's own. Others read a project's, also one that `--config` names. */
const isOwnFile = (layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    const where = yield* Where
    const target = yield* Effect.mapError(targetOfNew(where, layer), refusal)
    const { project } = candidatesOf(where, yield* Paths, yield* Path.Path)
    return target.layer === "global" || (target.layer === "explicit" && !project.includes(target.path))
  })

const usableHomes = (layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    const place = yield* patiently((yield* SecretStore).kind, "Looking for the system keyring")
    const homes: ReadonlyArray<KeyHome> = place === "keyring" ? ["keyring", "file"] : ["file"]
    return (yield* isOwnFile(layer)) ? [...homes, "config" as const] : homes
  })

/** The key, and what the provider answers to it; asked for again while it is refused and the user wants that. */
const askForKey = (words: ProfileWords, name: string, place: Omit<NewKey, "key">) =>
  Effect.gen(function* () {
    for (;;) {
      const newKey = { ...place, key: Redacted.make(yield* askUnseen(unseenQuestion(name), keyFault)) }
      const looked = yield* look(words, newKey)
      const refused = refusedQuestion(looked?.status)
      if (refused === undefined || !isAgain(yield* ask(refused))) return { newKey, looked }
    }
  })

/** What is known of the key, and the models that the provider lists: none where the model was said, or nobody can ask. */
const withVariable = (words: ProfileWords, row: ProviderRow) =>
  Effect.gen(function* () {
    const nothing: ReadonlyArray<string> = []
    const known = { words, newKey: undefined }
    if (words.model !== undefined) return { ...known, listed: nothing }
    // a provider on the internet gives its list to nobody without a key
    const isThere = words.apiKeyEnv !== undefined && variable(yield* Environment, words.apiKeyEnv) !== undefined
    if (isThere || row.host === undefined) return { ...known, listed: yield* listIn(yield* look(words, undefined)) }
    yield* remark("The key is not there yet, so type the model's name.")
    return { ...known, listed: nothing }
  })

/** The words with the variable that holds the key, or the key; and the models that the provider lists. */
export const askAboutKey = (
  words: ProfileWords,
  row: ProviderRow,
  settings: ConfigFile,
  layer: FileLayer | undefined
) =>
  Effect.gen(function* () {
    if (words.apiKeyEnv !== undefined) return yield* withVariable(words, row)
    const usable = yield* usableHomes(layer)
    const way = wayOf(yield* ask(keyQuestion(words, row, yield* Environment, usable)))
    if (way.is !== "typed") {
      const apiKeyEnv = way.is === "another" ? yield* ask(variableQuestion(words)) : way.name
      return yield* withVariable({ ...words, apiKeyEnv }, row)
    }
    const name = words.name ?? row.kind
    const { looked, newKey } = yield* askForKey(words, name, { home: way.home, account: freeAccount(settings, name) })
    const listed = words.model === undefined ? yield* listIn(looked) : []
    return { words, newKey, listed }
  })
