import { Effect, Either, Option } from "effect"
import { Config } from "../../config/Config.ts"
import { keyPath } from "../../config/keyPath.ts"
import { readSettingPath, type SettingPath } from "../../config/settingPath.ts"
import { nearest } from "../../config/suggest.ts"
import type { TomlValue } from "../../config/tomlText.ts"
import { shellWord } from "../../launcher/shell.ts"
import { aftercare, edit, elsewhere, layerOf, type Place, told } from "../editing.ts"
import { isSetting, notThere } from "../settingHint.ts"
import { Failure, print } from "../output.ts"
import { Where } from "../services.ts"

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

/** A profile that no file has cannot begin with one setting: then its name is what is wrong. */
const forNobody = ([first, name, ...rest]: SettingPath, refused: Failure) =>
  Effect.gen(function* () {
    if (first !== "profiles" || name === undefined) return refused
    const loaded = yield* Effect.option((yield* Config).load(yield* Where))
    const known = Option.map(loaded, ({ settings }) => settings.profiles.map((profile) => profile.name))
    if (Option.isNone(known) || known.value.includes(name)) return refused
    const close = nearest(name, known.value)
    const command = (meant: string) => `claudex config set ${shellWord(keyPath([first, meant, ...rest]))} VALUE`
    return new Failure({
      message: `Nothing was changed. There is no profile "${name}".${close === undefined ? "" : ` Did you mean "${close}"?`}`,
      next: close === undefined ? `claudex profile add ${shellWord(name)}` : command(close),
      code: 2
    })
  })

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
    const attempts =
      other === undefined
        ? attempt(likely)
        : Effect.catchAll(attempt(likely), (error) => Effect.mapError(attempt(other), () => error))
    const { change, edited } = yield* Effect.catchAll(attempts, (refused) =>
      Effect.flatMap(forNobody(path, refused), (failure) => Effect.fail(failure))
    )
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
