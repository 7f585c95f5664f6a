import { Effect, Layer, Option } from "effect"
import { Config } from "../../config/Config.ts"
import { type Edited, editTogether } from "../../config/ConfigEdit.ts"
import { Environment, variable } from "../../config/Environment.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import type { Profile } from "../../domain/Profile.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { shellWord } from "../../launcher/shell.ts"
import { canAnswer } from "../ask.ts"
import { aftercare, alone, canEdit, layerOf, type Place, refusal } from "../editing.ts"
import { failureOf } from "../failures.ts"
import { type ProfileWords, type TypedWords, wordsOf } from "../newProfile.ts"
import { advise, Failure, print, remark } from "../output.ts"
import { profileChanges, saysNothing, shownChanges } from "../profileChanges.ts"
import { Where } from "../services.ts"

interface Options extends Place, Omit<TypedWords, "name"> {
  readonly profile: string
}

const nothingSaid = (name: string) =>
  new Failure({
    message:
      '"claudex profile edit" needs what to change: --model, --base-url, --api-key-env, --provider, --type, --haiku, --sonnet, --opus or --fable. On a terminal it asks.',
    next: `claudex profile edit ${shellWord(name)} --model MODEL`,
    code: 2
  })

/** What was said, else what is answered where somebody can be asked. */
const complete = (profile: Profile, settings: ConfigFile, words: ProfileWords) => {
  if (!saysNothing(words)) return Effect.succeed(words)
  if (!canAnswer()) return nothingSaid(profile.name)
  return Effect.flatMap(
    Effect.promise(() => import("../wizard/editWizard.ts")),
    ({ askForChanges }) => askForChanges(profile, settings)
  )
}

const whereTold = (name: string, all: ReadonlyArray<Edited>): ReadonlyArray<string> => {
  const touched = all.filter(({ outcome }) => outcome !== "same")
  return touched.length === 0
    ? [`The profile ${name} is as it was; all of that stands there already.`]
    : touched.map(({ file }) => `The profile ${name} is changed in ${file}:`)
}

/** `claudex profile edit`: what was named on the command line, or answered, in one edit. */
export const handle = (options: Options) =>
  Effect.gen(function* () {
    const layer = yield* layerOf(options)
    const anchor = yield* Where
    const { settings } = yield* Effect.mapError((yield* Config).load(anchor), failureOf)
    const profile = settings.profiles.find(({ name }) => name === options.profile)
    if (profile === undefined) {
      const known = settings.profiles.map(({ name }) => name)
      return yield* failureOf(new UnknownProfile({ name: options.profile, known, command: "profile edit" }))
    }
    const { name } = profile
    yield* canEdit({ path: ["profiles", name, "default_model"], value: profile.defaultModel }, layer)
    const words = yield* complete(profile, settings, wordsOf({ ...options, name: Option.none() }))
    if (saysNothing(words)) return yield* print(`The profile ${name} is as it was.`)
    const changes = yield* profileChanges(profile, words)
    const placed = changes.map((change) => ({ ...change, ...(layer === undefined ? {} : { layer }) }))
    const edited = yield* alone(Effect.mapError(editTogether(anchor, placed), refusal))
    yield* print(whereTold(name, edited).join("\n"))
    if (edited.every(({ outcome }) => outcome === "same")) return
    yield* print(shownChanges(changes, settings).join("\n"))
    yield* advise(`claudex profile test ${shellWord(name)}`)
    const key = words.apiKeyEnv ?? ""
    if (key !== "" && variable(yield* Environment, key) === undefined)
      yield* remark(`${key} is not set here. Type: export ${key}=...`)
    yield* aftercare({ outcome: "changed" })
  }).pipe(Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
