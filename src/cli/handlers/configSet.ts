import { Effect, Either } from "effect"
import { Config } from "../../config/Config.ts"
import { readSettingPath, type SettingPath } from "../../config/settingPath.ts"
import type { TomlValue } from "../../config/tomlText.ts"
import { aftercare, edit, elsewhere, layerOf, type Place, told } from "../editing.ts"
import { isSetting, notThere } from "../settingHint.ts"
import { Failure, print } from "../output.ts"

const pathOf = (key: string): Effect.Effect<SettingPath, Failure> =>
  Either.match(readSettingPath(key), {
    onLeft: (message) =>
      Effect.fail(new Failure({ message: `"${key}" ${message}.`, next: "claudex config show", code: 2 })),
    onRight: Effect.succeed
  })

const isValue = (value: unknown): value is TomlValue =>
  typeof value === "object" && value !== null
    ? Object.values(value).every(isValue)
    : typeof value === "string" || typeof value === "number" || typeof value === "boolean"

interface Meanings {
  readonly likely: TomlValue
  readonly other?: TomlValue
}

/** What the words may mean: a value as JSON writes it, or else just these words. */
const meanings = (words: string): Meanings => {
  try {
    const value: unknown = JSON.parse(words)
    if (isValue(value)) return typeof value === "string" ? { likely: value } : { likely: value, other: words }
  } catch {
    // no JSON: text
  }
  return { likely: words }
}

/** `claudex config set KEY VALUE`: one value, in the file where it stands, or in the one that is named. */
export const set = (options: Place & { readonly key: string; readonly value: string }) =>
  Effect.gen(function* () {
    const path = yield* pathOf(options.key)
    const layer = yield* layerOf(options)
    const { likely, other } = meanings(options.value)
    const attempt = (value: TomlValue) => {
      const change = { path, value }
      return Effect.map(edit(change, layer), (edited) => ({ change, edited }))
    }
    // where a number does not fit, a text of digits may
    const { change, edited } = yield* other === undefined
      ? attempt(likely)
      : Effect.catchAll(attempt(likely), (error) => Effect.mapError(attempt(other), () => error))
    yield* print(told(change, edited))
    yield* aftercare(edited)
    yield* elsewhere(change, edited)
  }).pipe(Effect.provide(Config.layer))

/** `claudex config unset KEY`: a value or a whole table goes; what holds then is the default, or another file. */
export const unset = (options: Place & { readonly key: string }) =>
  Effect.gen(function* () {
    const change = { path: yield* pathOf(options.key), value: undefined }
    const edited = yield* edit(change, yield* layerOf(options))
    // a key that is none may stand in a file all the same, and then it can be taken out of it
    if (edited.outcome === "same" && !isSetting(change.path)) {
      return yield* notThere(change.path, change.path.slice(1, 2), "claudex config unset")
    }
    yield* print(told(change, edited))
    yield* aftercare(edited)
    yield* elsewhere(change, edited)
  }).pipe(Effect.provide(Config.layer))
