/**
 * Changes one configuration file: the one in which a setting stands, or the one that the user names. What the change does to
 * the whole configuration is known before anything is written, and the file is replaced as a whole or not at all.
 *
 * Invariants: nothing but the setting changes in the file; a change that brings a new fault is refused; a key does not get
 * into a project's file, which others read.
 */
import { FileSystem, Path } from "@effect/platform"
import { Data, Effect, Either } from "effect"
import { parse } from "smol-toml"
import { builtinTree } from "./builtin.ts"
import { candidatesOf, find, type FoundFile } from "./discovery.ts"
import { isYaml, migration } from "./formats.ts"
import { isTemplate } from "./interpolation.ts"
import { keyPath } from "./keyPath.ts"
import { linkedPlace } from "./linkedPlace.ts"
import type { Anchor, FileLayer } from "./LoadedConfig.ts"
import { refusedWhy } from "../machine/refused.ts"
import { Paths } from "./Paths.ts"
import { CannotEdit, type Edited, rewrite, rewriteAll, type Rewriting, type Step } from "./rewrite.ts"
import type { SettingPath } from "./settingPath.ts"
import { appendTable } from "./tomlAppend.ts"
import { type EditRefused, setIn, type TomlPath, unsetIn } from "./tomlEdit.ts"
import type { TomlValue } from "./tomlText.ts"

export { CannotEdit, type Edited }

/** A profile of this name is there already. `file` is the one that holds it; absent when it is built in. */
export class ProfileExists extends Data.TaggedError("ProfileExists")<{
  readonly name: string
  readonly file?: string
}> {
  override get message(): string {
    const where = this.file === undefined ? "built in" : `in ${this.file}`
    return `There is a profile "${this.name}" already, ${where}.`
  }
}

/** A profile as its table in a file has it. */
export interface NewProfile {
  readonly name: string
  readonly [key: string]: TomlValue
}

/** What is to become of a setting: a value, or nothing. */
export interface Change {
  readonly path: SettingPath
  readonly value: TomlValue | undefined
}

const profileNames = (document: unknown): ReadonlyArray<unknown> => {
  const profiles: unknown =
    typeof document === "object" && document !== null && "profiles" in document ? document.profiles : []
  const list: ReadonlyArray<unknown> = Array.isArray(profiles) ? profiles : []
  return list.map((one) => (typeof one === "object" && one !== null && "name" in one ? one.name : undefined))
}

/** The document of a text; undefined when it is none. */
const parsed = (text: string): unknown =>
  Either.getOrElse(
    Either.try((): unknown => parse(text)),
    () => undefined
  )

/** Where the setting stands, or would, in one file; undefined when it is a profile's and the profile is not there. */
const placeIn = (document: unknown, [first, ...rest]: SettingPath): TomlPath | undefined => {
  const [name, ...keys] = rest
  if (first !== "profiles" || name === undefined) return [first, ...rest]
  const at = profileNames(document).indexOf(name)
  return at < 0 ? undefined : ["profiles", at, ...keys]
}

const stands = (document: unknown, path: TomlPath): boolean => {
  let inner: unknown = document
  for (const key of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, key)) return false
    inner = Object.entries(inner).find(([own]) => own === String(key))?.[1]
  }
  return inner !== undefined
}

const editText = (text: string, { path, value }: Change): Either.Either<string, EditRefused> => {
  const place = placeIn(parsed(text), path)
  if (value === undefined) return place === undefined ? Either.right(text) : unsetIn(text, place)
  const [, name, ...keys] = path
  if (place !== undefined) return setIn(text, place, value)
  if (name === undefined || keys.length === 0) return Either.left({ message: "is a table, expected one of its keys" })
  // a profile of another file gets a table of its own here, which lies over it
  return Either.flatMap(appendTable(text, "profiles", { name }), (extended) =>
    setIn(extended, placeIn(parsed(extended), path) ?? path, value)
  )
}

const secretKeys: ReadonlySet<string> = new Set(["api_key", "custom_headers"])

const isClear = (value: TomlValue | undefined): boolean =>
  typeof value === "object" ? Object.values(value).some(isClear) : typeof value === "string" && !isTemplate(value)

/** A profile's key in clear in a file that others read. A reference to a variable is none. */
const leaks = (layer: FileLayer, key: string | undefined, value: TomlValue | undefined): boolean =>
  layer === "project" && secretKeys.has(key ?? "") && isClear(value)

interface Situation {
  readonly files: ReadonlyArray<FoundFile>
  readonly texts: ReadonlyMap<string, string>
  /** Those of the texts that are any. */
  readonly documents: ReadonlyMap<string, unknown>
}

const documentOf = (text: string, file: string): Effect.Effect<unknown> =>
  isYaml(file)
    ? Effect.map(
        Effect.promise(() => import("./yamlTree.ts")),
        ({ plainTable, yamlTree }) => Either.getOrUndefined(Either.map(yamlTree(text), plainTable))
      )
    : Effect.sync(() => parsed(text))

const situationAt = (anchor: Anchor) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { files } = yield* find(anchor, yield* Paths)
    const texts = yield* Effect.forEach(files, ({ path, real }) =>
      fs.readFileString(real).pipe(
        Effect.map((text) => [path, text] as const),
        Effect.mapError(
          (error) => new CannotEdit({ file: path, path: "", reason: `cannot be read (${refusedWhy(error)})` })
        )
      )
    )
    const documents = yield* Effect.forEach(texts, ([path, text]) =>
      Effect.map(documentOf(text, path), (document) => [path, document] as const)
    )
    return { files, texts: new Map(texts), documents: new Map(documents) } satisfies Situation
  })

/** Where a file of the layer is, or would be. */
const fileOf = (anchor: Anchor, layer: FileLayer, { files }: Situation) =>
  Effect.gen(function* () {
    const there = files.find((file) => file.layer === layer)
    if (there !== undefined) return there
    const { explicit, global } = candidatesOf(anchor, yield* Paths, yield* Path.Path)
    const path =
      layer === "project"
        ? (yield* Path.Path).join(anchor.cwd, "claudex.toml")
        : layer === "global"
          ? global[0]
          : explicit
    if (path === undefined)
      return yield* new CannotEdit({ file: "?", path: "", reason: `there is no place for a ${layer} file` })
    const real = yield* Effect.mapError(
      linkedPlace(path),
      ({ reason }) => new CannotEdit({ file: path, path: "", reason })
    )
    return { layer, path, real } satisfies FoundFile
  })

/** Where something new of the user's own goes: the file of `--config`, which must count, else the global one. */
const ownFile = (anchor: Anchor, situation: Situation) =>
  fileOf(anchor, situation.files.some(({ layer }) => layer === "explicit") ? "explicit" : "global", situation)

/** The files in which a setting stands, the strongest first. */
const holdersOf = (path: SettingPath, { documents, files }: Situation): ReadonlyArray<FoundFile> =>
  files.toReversed().filter((file) => {
    const document = documents.get(file.path)
    const place = placeIn(document, path)
    return place !== undefined && stands(document, place)
  })

/** The strongest file in which the setting stands, else the strongest that has its profile, else the user's own. */
const usualFile = (anchor: Anchor, { path, value }: Change, situation: Situation) => {
  const has = (wanted: SettingPath) => holdersOf(wanted, situation)[0]
  const [first, name] = path
  const found =
    has(path) ?? (first === "profiles" && name !== undefined && value !== undefined ? has([first, name]) : undefined)
  return found === undefined ? ownFile(anchor, situation) : Effect.succeed(found)
}

/** YAML has no writer here that would keep its comments. */
const writable = (target: FoundFile, path: string): Effect.Effect<FoundFile, CannotEdit> =>
  isYaml(target.path)
    ? Effect.fail(
        new CannotEdit({
          file: target.path,
          path,
          reason: "YAML is read and not written, expected a TOML file",
          next: migration
        })
      )
    : Effect.succeed(target)

/** The file in which the change would be made. Fails when it is of a format that is not written. */
export const targetOf = (anchor: Anchor, change: Change, layer?: FileLayer) =>
  Effect.gen(function* () {
    return yield* chosenFile(anchor, change, layer, yield* situationAt(anchor))
  })

const chosenFile = (anchor: Anchor, change: Change, layer: FileLayer | undefined, situation: Situation) =>
  Effect.flatMap(
    layer === undefined ? usualFile(anchor, change, situation) : fileOf(anchor, layer, situation),
    (target) => writable(target, keyPath(change.path))
  )

/** The file that a new profile would go to. Fails when it is of a format that is not written. */
export const targetOfNew = (anchor: Anchor, layer?: FileLayer) =>
  Effect.gen(function* () {
    return yield* newFile(anchor, layer, "profiles", yield* situationAt(anchor))
  })

const newFile = (anchor: Anchor, layer: FileLayer | undefined, path: string, situation: Situation) =>
  Effect.flatMap(layer === undefined ? ownFile(anchor, situation) : fileOf(anchor, layer, situation), (target) =>
    writable(target, path)
  )

/**
 * Makes the change in one file, chosen by where the setting stands unless a layer is named. Fails with a `ConfigError` that
 * holds the faults that the change would bring. Whoever may edit at the same time is kept out by the caller's lock.
 */
export const editConfig = (anchor: Anchor, change: Change, layer?: FileLayer) =>
  Effect.gen(function* () {
    const situation = yield* situationAt(anchor)
    const target = yield* chosenFile(anchor, change, layer, situation)
    return yield* rewrite(situation, { target, ...stepOf(target.layer, change) })
  })

/** A change, and the layer in whose file it is to be made; absent: where the setting stands, and what goes goes everywhere. */
export interface PlacedChange extends Change {
  readonly layer?: FileLayer
}

const stepOf = (layer: FileLayer, change: Change): Step => ({
  path: keyPath(change.path),
  leak: change.path[0] === "profiles" && leaks(layer, change.path[2], change.value),
  text: (before) => editText(before, change)
})

const filesOf = (anchor: Anchor, change: PlacedChange, situation: Situation) =>
  change.layer === undefined && change.value === undefined
    ? Effect.forEach(holdersOf(change.path, situation), (file) => writable(file, keyPath(change.path)))
    : Effect.map(chosenFile(anchor, change, change.layer, situation), (file) => [file])

/**
 * Makes all changes, each file by one write, in the order in which they are first named; none of them when one is refused.
 * Fails as `editConfig` does.
 */
export const editTogether = (anchor: Anchor, changes: ReadonlyArray<PlacedChange>) =>
  Effect.gen(function* () {
    const situation = yield* situationAt(anchor)
    const rewritings = new Map<string, Rewriting>()
    for (const change of changes) {
      for (const target of yield* filesOf(anchor, change, situation)) {
        const steps = rewritings.get(target.path)?.steps ?? []
        rewritings.set(target.path, { target, steps: [...steps, stepOf(target.layer, change)] })
      }
    }
    return yield* rewriteAll(situation, [...rewritings.values()])
  })

const isBuiltIn = (wanted: string): boolean => builtinTree.profiles.some(({ name }) => name === wanted)

/**
 * Puts a profile behind all else in one file: the user's own unless a layer is named. No file that takes part may have one
 * of its name. Fails as `editConfig` does.
 */
export const addProfile = (anchor: Anchor, profile: NewProfile, layer?: FileLayer) =>
  Effect.gen(function* () {
    const { name } = profile
    const situation = yield* situationAt(anchor)
    if (isBuiltIn(name)) return yield* new ProfileExists({ name })
    const holder = situation.files.find(({ path }) => profileNames(situation.documents.get(path)).includes(name))
    if (holder !== undefined) return yield* new ProfileExists({ name, file: holder.path })
    const path = keyPath(["profiles", name])
    const target = yield* newFile(anchor, layer, path, situation)
    return yield* rewrite(situation, {
      target,
      path,
      leak: Object.entries(profile).some(([key, value]) => leaks(target.layer, key, value)),
      text: (before) => appendTable(before, "profiles", profile)
    })
  })

/** The text of one file: that of a layer, else the strongest that there is, else the user's own; "" for a new one. */
export const readForEdit = (anchor: Anchor, layer?: FileLayer) =>
  Effect.gen(function* () {
    const situation = yield* situationAt(anchor)
    const strongest = situation.files.at(-1)
    const target = yield* layer !== undefined
      ? fileOf(anchor, layer, situation)
      : strongest === undefined
        ? ownFile(anchor, situation)
        : Effect.succeed(strongest)
    return { target, text: situation.texts.get(target.path) ?? "" }
  })

/** Puts a whole text in the place of the one that was read. Fails as `editConfig` does, and when somebody else was faster. */
export const replaceText = (
  anchor: Anchor,
  read: Effect.Effect.Success<ReturnType<typeof readForEdit>>,
  text: string
) =>
  Effect.gen(function* () {
    const situation = yield* situationAt(anchor)
    return yield* rewrite(situation, {
      target: read.target,
      path: "",
      leak: false,
      text: (before) =>
        before === read.text ? Either.right(text) : Either.left({ message: "was changed by somebody else meanwhile" })
    })
  })
