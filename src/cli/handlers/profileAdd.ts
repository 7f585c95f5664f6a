import { Effect, Layer } from "effect"
import { Config } from "../../config/Config.ts"
import type { NewProfile } from "../../config/ConfigEdit.ts"
import { Environment, variable } from "../../config/Environment.ts"
import { keyPath } from "../../config/keyPath.ts"
import type { FileLayer } from "../../config/LoadedConfig.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { shellWord } from "../../launcher/shell.ts"
import { canAnswer } from "../ask.ts"
import { add, aftercare, canAdd, layerOf, type Place } from "../editing.ts"
import { newProfile, type ProfileWords, type TypedWords, wordsOf } from "../newProfile.ts"
import { advise, print, remark } from "../output.ts"
import type { NewKey } from "../wizard/keepKey.ts"

interface Options extends Place, TypedWords {
  readonly yes: boolean
}

/** Asks for what is missing. */
const complete = (words: ProfileWords, layer: FileLayer | undefined) =>
  Effect.flatMap(
    Effect.promise(() => import("../wizard/profileWizard.ts")),
    ({ askForProfile }) => askForProfile(words, layer)
  )

/** Adds it with its key, where one was typed: then answers where that is, too. */
const added = (profile: NewProfile, newKey: NewKey | undefined, layer: FileLayer | undefined) =>
  newKey === undefined
    ? Effect.map(add(profile, layer), (edited) => ({ edited, place: undefined }))
    : Effect.flatMap(
        Effect.promise(() => import("../wizard/addWithKey.ts")),
        ({ addWithKey }) => addWithKey(profile, newKey, layer)
      )

/** Whether it can be used; whoever typed the words asks that with a command. */
const tested = (name: string) =>
  Effect.flatMap(
    Effect.promise(() => import("../wizard/firstTest.ts")),
    ({ firstTest }) => firstTest(name)
  )

/** `claudex profile add`: a profile from the words of the command line, or from answers to questions. */
export const handle = (options: Options) =>
  Effect.gen(function* () {
    const layer = yield* layerOf(options)
    yield* canAdd(layer)
    const typed = wordsOf(options)
    // where nobody said who the provider is and somebody can be asked
    const isAsked = typed.provider === undefined && !options.yes && canAnswer()
    const { newKey, words } = yield* isAsked
      ? complete(typed, layer)
      : Effect.succeed({ words: typed, newKey: undefined })
    const { profile, provider } = yield* newProfile(words)
    const { edited, place } = yield* added(profile, newKey, layer)
    const word = shellWord(profile.name)
    const setting = shellWord(keyPath(["profiles", profile.name, "api_key_env"]))
    yield* print(`The profile ${profile.name} is in ${edited.file}.`)
    if (place !== undefined) yield* print(place)
    const works = isAsked && (yield* tested(profile.name))
    yield* advise(`claudex ${works ? "run" : "profile test"} ${word}`)
    const key = words.apiKeyEnv
    if (key !== undefined && variable(yield* Environment, key) === undefined)
      yield* remark(`${key} is not set here. Type: export ${key}=...`)
    // who is found by a port is a server of one's own, which needs no key
    if (key === undefined && newKey === undefined && provider.host !== undefined)
      yield* remark(
        `The profile has no key yet. Type: claudex profile set-key ${word}, or: claudex config set ${setting} VARIABLE`
      )
    yield* aftercare(edited)
  }).pipe(Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
