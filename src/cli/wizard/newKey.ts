/** Asks where a profile's key is, or for the key itself, and its provider for models with it. Keeps nothing. */
import { Path } from "@effect/platform"
import { Effect, Redacted, Schema, Struct } from "effect"
import { targetOfNew } from "../../config/ConfigEdit.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { candidatesOf, type FoundFile } from "../../config/discovery.ts"
import { Environment, variable } from "../../config/Environment.ts"
import type { FileLayer } from "../../config/LoadedConfig.ts"
import { Paths } from "../../config/Paths.ts"
import { type KeyLookup, noKeys } from "../../credentials/ApiKey.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
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
import type { NewKey } from "./keepKey.ts"
import {
  freeAccount,
  isAgain,
  type KeyHome,
  keyQuestion,
  noNameIn,
  refusedQuestion,
  unseenQuestion,
  variableQuestion,
  wayOf,
  withEntry
} from "./keyQuestions.ts"
import { type Asked, listIn, lookFor } from "./modelList.ts"

/** What a provider answers that is asked for its models; undefined where it cannot be asked yet, which is told later. */
const look = (words: ProfileWords, newKey: NewKey | undefined) =>
  Effect.gen(function* () {
    const { profile } = yield* newProfile({ ...words, model: words.model ?? "model" })
    const asked = newKey === undefined ? profile : withEntry(profile, "api_key_keyring", newKey.account)
    const keys: KeyLookup = newKey === undefined ? noKeys : () => Effect.succeedSome(newKey.key)
    return yield* lookFor(yield* Schema.decodeUnknown(Profile)(asked), keys)
  }).pipe(Effect.orElseSucceed(() => undefined))

/** Whether a file is the user's own. Others read a project's, also one that `--config` names. */
const isOwnFile = (target: FoundFile) =>
  Effect.gen(function* () {
    const { project } = candidatesOf(yield* Where, yield* Paths, yield* Path.Path)
    return target.layer === "global" || (target.layer === "explicit" && !project.includes(target.path))
  })

/** Where a key can be kept whose profile stands in the file; undefined where that cannot be written. */
export const usableHomes = (target: FoundFile | undefined) =>
  Effect.gen(function* () {
    const place = yield* patiently((yield* SecretStore).kind, "Looking for the system keyring")
    const homes: ReadonlyArray<KeyHome> = place === "keyring" ? ["keyring", "file"] : ["file"]
    return target !== undefined && (yield* isOwnFile(target)) ? [...homes, "config" as const] : homes
  })

/** The key, and what the provider answers to it; asked for again while it is refused and the user wants that. */
const askForKey = <R>(
  name: string,
  place: Omit<NewKey, "key">,
  lookWith: (newKey: NewKey) => Effect.Effect<Asked | undefined, never, R>
) =>
  Effect.gen(function* () {
    for (;;) {
      const newKey: NewKey = { ...place, key: Redacted.make(yield* askUnseen(unseenQuestion(name), keyFault)) }
      const looked = yield* lookWith(newKey)
      const refused = refusedQuestion(looked?.look?.status)
      if (refused === undefined || !isAgain(yield* ask(refused))) return { newKey, looked }
    }
  })

/** The key of a profile that is there, and what its provider answers to it. */
export const askForOtherKey = (profile: Profile, settings: ConfigFile, home: KeyHome) => {
  const account = profile.apiKeyKeyring ?? freeAccount(settings, profile.name)
  const asked: Profile = { ...Struct.omit(profile, "apiKey", "apiKeyEnv"), apiKeyKeyring: account }
  return askForKey(profile.name, { home, account }, ({ key }) =>
    Effect.orElseSucceed(
      lookFor(asked, () => Effect.succeedSome(key)),
      () => undefined
    )
  )
}

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
    const usable = yield* usableHomes(yield* Effect.mapError(targetOfNew(yield* Where, layer), refusal))
    const way = wayOf(yield* ask(keyQuestion(words, row, yield* Environment, usable)))
    if (way.is !== "typed") {
      const apiKeyEnv = way.is === "another" ? yield* ask(variableQuestion(noNameIn(words))) : way.name
      return yield* withVariable({ ...words, apiKeyEnv }, row)
    }
    const name = words.name ?? row.kind
    const { looked, newKey } = yield* askForKey(
      name,
      { home: way.home, account: freeAccount(settings, name) },
      (typed) => look(words, typed)
    )
    const listed = words.model === undefined ? yield* listIn(looked) : []
    return { words, newKey, listed }
  })
