/** Editing the configuration from a command: one at a time, and told in a sentence. */
import { Path } from "@effect/platform"
import { Duration, Effect, Either, Option } from "effect"
import { Config } from "../config/Config.ts"
import {
  addProfile,
  type CannotEdit,
  type Change,
  editConfig,
  type Edited,
  type NewProfile,
  type ProfileExists,
  targetOf,
  targetOfNew
} from "../config/ConfigEdit.ts"
import type { ConfigFile } from "../config/ConfigFile.ts"
import type { ConfigError } from "../config/errors.ts"
import { keyPath } from "../config/keyPath.ts"
import type { FileLayer, Origin } from "../config/LoadedConfig.ts"
import { Paths } from "../config/Paths.ts"
import type { Profile } from "../domain/Profile.ts"
import { shellWord } from "../launcher/shell.ts"
import { type Limits, lock } from "../machine/Lock.ts"
import { lookAt } from "../machine/lookAt.ts"
import { refusedWhy } from "../machine/refused.ts"
import { mendBy } from "./failures.ts"
import { keyPlace } from "./keyPlace.ts"
import { complain, Failure, remark } from "./output.ts"
import { keyEntriesOf, keyGoesTo, keyLeft } from "./profileChanges.ts"
import { Where } from "./services.ts"

const busy = new Failure({ message: "The configuration is being changed by another claudex.", code: 1 })

const limits: Limits = { patience: Duration.seconds(10) }

/** Runs while no other claudex edits the configuration. */
export const alone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { stateDir } = yield* Paths
      const file = (yield* Path.Path).join(stateDir, "config.lock")
      yield* Effect.catchAll(lock(file, limits), (error) =>
        error._tag === "LockHeld"
          ? busy
          : Effect.flatMap(
              lookAt(stateDir),
              (next) => new Failure({ message: `${file} cannot be written: ${refusedWhy(error)}.`, next, code: 1 })
            )
      )
      return yield* effect
    })
  )

/** What of the command line chooses the file. */
export interface Place {
  readonly global: boolean
  readonly project: boolean
}

export const layerOf = ({ global, project }: Place): Effect.Effect<FileLayer | undefined, Failure> =>
  global && project
    ? Effect.fail(new Failure({ message: "--global and --project name two files; expected one of them.", code: 2 }))
    : Effect.succeed(global ? "global" : project ? "project" : undefined)

/** How the user reads why nothing was changed. */
export const refusal = (error: CannotEdit | ConfigError | ProfileExists): Failure => {
  switch (error._tag) {
    case "CannotEdit":
      return new Failure({ message: `Nothing was changed. ${error.message}`, next: error.next, code: 2 })
    case "ConfigError":
      return new Failure({ message: `Nothing was changed, because then:\n${error.message}`, code: 2 })
    case "ProfileExists":
      return new Failure({ message: error.message, next: `claudex profile show ${shellWord(error.name)}`, code: 2 })
  }
}

/** Makes the change where it belongs, or in the file of a layer. */
export const edit = (change: Change, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    return yield* alone(Effect.mapError(editConfig(yield* Where, change, layer), refusal))
  })

/** Puts a new profile into the file of a layer, or where the user's own are. */
export const add = (profile: NewProfile, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    return yield* alone(Effect.mapError(addProfile(yield* Where, profile, layer), refusal))
  })

/** Fails now where a change would later: before questions are asked, or something else is done. */
export const canEdit = (change: Change, layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    yield* Effect.mapError(targetOf(yield* Where, change, layer), refusal)
  })

/** The file that says where the key of a profile is, else the one that a setting of it would go to. */
export const keyTarget = (profile: Profile, layer?: FileLayer) =>
  Effect.gen(function* () {
    const [key] = keyEntriesOf(profile)[0] ?? ["api_key_keyring"]
    const change = { path: ["profiles", profile.name, key], value: "" } as const
    return yield* Effect.mapError(targetOf(yield* Where, change, layer), refusal)
  })

/** Where changes of a profile were made. */
export const whereTold = (name: string, all: ReadonlyArray<Edited>): ReadonlyArray<string> => {
  const touched = all.filter(({ outcome }) => outcome !== "same")
  return touched.length === 0
    ? [`The profile ${name} is as it was; all of that stands there already.`]
    : touched.map(({ file }) => `The profile ${name} is changed in ${file}:`)
}

/** Says of a stored key that nobody has use of it now. */
export const tellLeftKey = (profile: Profile, changes: ReadonlyArray<Change>, settings: ConfigFile) => {
  const left = keyLeft(profile, changes, settings)
  return left === undefined
    ? Effect.void
    : remark(
        `No profile here uses the key stored as "${left}" now. Type: claudex profile forget-key ${shellWord(left)}`
      )
}

/** The same for a new profile. */
export const canAdd = (layer: FileLayer | undefined) =>
  Effect.gen(function* () {
    yield* Effect.mapError(targetOfNew(yield* Where, layer), refusal)
  })

/** Says of a key that stays where it is that another provider is sent it now. */
export const tellKeyStays = (profile: Profile, changes: ReadonlyArray<Change>) => {
  const host = keyGoesTo(profile, changes)
  const other = `claudex profile edit ${shellWord(profile.name)} --api-key-env VARIABLE`
  return host === undefined
    ? Effect.void
    : remark(`${host} is sent the key ${keyPlace(profile)} from now on. For another one, type: ${other}`)
}

/** What was done, in words. */
export const told = ({ path, value }: Change, { file, outcome }: Edited): string => {
  const name = keyPath(path)
  if (outcome === "same")
    return value === undefined ? `${name} is not set in ${file}.` : `${name} stood in ${file} already.`
  return value === undefined ? `${name} is no longer set in ${file}.` : `${name} is set in ${file}.`
}

export const notUsableYet = (error: ConfigError) =>
  complain({ message: `The configuration is not usable yet:\n${error.message}`, next: mendBy(error) })

/** The configuration as a whole may need something else now, such as consent to the project's file. */
export const aftercare = ({ outcome }: Pick<Edited, "outcome">) =>
  Effect.gen(function* () {
    if (outcome === "same") return
    const loaded = yield* Effect.either((yield* Config).load(yield* Where, "again"))
    if (Either.isLeft(loaded)) yield* notUsableYet(loaded.left)
  })

const sourceOf = (origin: Origin): string | undefined =>
  "file" in origin ? origin.file : "variable" in origin ? origin.variable : undefined

/** Says so where a setting is set elsewhere as well, and that counts. Of a table each key may come from elsewhere. */
export const elsewhere = ({ path, value }: Change, { file }: Edited) =>
  Effect.gen(function* () {
    const loaded = yield* Effect.option((yield* Config).load(yield* Where, "again"))
    if (typeof value === "object" || Option.isNone(loaded)) return
    const name = keyPath(path)
    const source = sourceOf(loaded.value.origin(name))
    if (source === undefined || source === file) return
    yield* remark(
      value === undefined ? `${name} is set in ${source} too.` : `${source} sets ${name} too, and counts more.`
    )
  })
