import { Effect, Layer, Option } from "effect"
import { Config } from "../../config/Config.ts"
import { editTogether, type PlacedChange } from "../../config/ConfigEdit.ts"
import { Environment, variable } from "../../config/Environment.ts"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import type { FileLayer } from "../../config/LoadedConfig.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import type { Profile } from "../../domain/Profile.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { shellWord } from "../../launcher/shell.ts"
import { canAnswer } from "../ask.ts"
import {
  aftercare,
  alone,
  canEdit,
  keyTarget,
  layerOf,
  type Place,
  refusal,
  tellKeyStays,
  tellLeftKey,
  whereTold
} from "../editing.ts"
import { failureOf } from "../failures.ts"
import { storedPlace } from "../keyPlace.ts"
import { type ProfileWords, type TypedWords, wordsOf } from "../newProfile.ts"
import { advise, Failure, print, remark } from "../output.ts"
import { profileChanges, saysNothing, shownChanges } from "../profileChanges.ts"
import { Where } from "../services.ts"
import type { NewKey } from "../wizard/keepKey.ts"
import { shownEntry } from "../wizard/keyQuestions.ts"

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
const complete = (profile: Profile, settings: ConfigFile, words: ProfileWords, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    if (!saysNothing(words)) return { words, newKey: undefined }
    if (!canAnswer()) return yield* nothingSaid(profile.name)
    const target = yield* keyTarget(profile, layer)
    const { askForChanges } = yield* Effect.promise(() => import("../wizard/editWizard.ts"))
    return yield* askForChanges(profile, settings, target)
  })

/** Makes the changes in one edit, those of the layer where one is named. */
const changed = (changes: ReadonlyArray<PlacedChange>, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    const placed = layer === undefined ? changes : changes.map((change) => ({ ...change, layer }))
    return yield* alone(Effect.mapError(editTogether(yield* Where, placed), refusal))
  })

/** The same with a key that was typed; the file that said where the key is goes on saying so. */
const changedWithKey = (profile: Profile, words: ProfileWords, newKey: NewKey, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    const { entryOf, keptWith } = yield* Effect.promise(() => import("../wizard/keepKey.ts"))
    const target = yield* keyTarget(profile, layer)
    const entry = entryOf(newKey)
    const changes = yield* profileChanges(profile, words, entry)
    const placed = changes.map((change) => (change.path[2] === entry[0] ? { ...change, layer: target.layer } : change))
    return yield* keptWith(newKey, changed(placed, layer))
  })

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
    const { newKey, words } = yield* complete(profile, settings, wordsOf({ ...options, name: Option.none() }), layer)
    if (saysNothing(words) && newKey === undefined) return yield* print(`The profile ${name} is as it was.`)
    const shown = yield* profileChanges(profile, words, newKey === undefined ? undefined : shownEntry(newKey))
    const { stored, written } =
      newKey === undefined
        ? { stored: undefined, written: yield* changed(shown, layer) }
        : yield* changedWithKey(profile, words, newKey, layer)
    if (newKey !== undefined && stored !== undefined) yield* print(storedPlace(name, newKey.account, stored))
    yield* print(whereTold(name, written).join("\n"))
    if (newKey === undefined && written.every(({ outcome }) => outcome === "same")) return
    yield* print(shownChanges(shown, settings).join("\n"))
    yield* advise(`claudex profile test ${shellWord(name)}`)
    const key = words.apiKeyEnv ?? ""
    if (key !== "" && variable(yield* Environment, key) === undefined)
      yield* remark(`${key} is not set here. Type: export ${key}=...`)
    yield* tellLeftKey(profile, shown, settings)
    yield* tellKeyStays(profile, shown)
    yield* aftercare({ outcome: "changed" })
  }).pipe(Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
