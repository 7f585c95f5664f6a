/**
 * What the running gateway leaves on disk for its clients: where it answers and how to recognise it. Private to the user
 * and replaced as a whole; a file that cannot be read as this says nothing, as if there were none.
 */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Effect, Option, Schema } from "effect"
import { Paths } from "../config/Paths.ts"
import { writePrivateFile } from "../machine/privateFile.ts"

export const GatewayState = Schema.Struct({
  /** Random per process; `/health` answers the same. */
  instance: Schema.NonEmptyString,
  pid: Schema.Int.pipe(Schema.greaterThan(1)),
  /** When that process was started, as the system tells it; empty where it does not. */
  process_start: Schema.String,
  /** The address it is bound to, not a name that could mean several. */
  host: Schema.NonEmptyString,
  port: Schema.Int.pipe(Schema.between(1, 65_535)),
  version: Schema.NonEmptyString,
  /** Tells whether a client holds the token of this gateway without showing it. */
  token_fingerprint: Schema.String,
  /** ISO 8601. */
  started: Schema.String,
  /** The signal that ended it, which is nobody's word that none is wanted. It may still be on its way out. */
  ended: Schema.optional(Schema.NonEmptyString)
})
export type GatewayState = typeof GatewayState.Type

const StateJson = Schema.parseJson(GatewayState)

/** The files of the background gateway, in the user's state directory. */
export const gatewayFiles = Effect.gen(function* () {
  const path = yield* Path.Path
  const { stateDir } = yield* Paths
  return {
    state: path.join(stateDir, "gateway.json"),
    /** Held by a gateway from its start until it is listening. */
    lock: path.join(stateDir, "gateway.lock"),
    /** Held by a client while it starts a gateway. */
    startLock: path.join(stateDir, "gateway.start.lock"),
    log: path.join(stateDir, "gateway.log")
  }
})

type Disk = FileSystem.FileSystem | Path.Path | Paths

export const readState: Effect.Effect<Option.Option<GatewayState>, never, Disk> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { state } = yield* gatewayFiles
  return yield* fs.readFileString(state).pipe(Effect.flatMap(Schema.decodeUnknown(StateJson)), Effect.option)
})

const textOf = (state: GatewayState): string => `${JSON.stringify(state, null, 2)}\n`

export const writeState = (state: GatewayState): Effect.Effect<void, PlatformError.PlatformError, Disk> =>
  Effect.flatMap(gatewayFiles, (files) => writePrivateFile(files.state, textOf(state)))

/** Whose state it is; that of another version may say other things besides. */
const HolderJson = Schema.parseJson(GatewayState.pick("instance"))

/** The instance whose state there is. None where there is no file, or none that names a gateway. */
export const holderOf: Effect.Effect<Option.Option<string>, never, Disk> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { state } = yield* gatewayFiles
  const text = yield* fs.readFileString(state)
  return (yield* Schema.decodeUnknown(HolderJson)(text)).instance
}).pipe(Effect.option)

/** Does something about the state of the given instance; that of another one stays as it is. */
const withStateOf = <E>(
  instance: string,
  change: (current: GatewayState) => Effect.Effect<void, E, Disk>
): Effect.Effect<void, never, Disk> =>
  Effect.gen(function* () {
    const current = yield* readState
    if (Option.isSome(current) && current.value.instance === instance) yield* change(current.value)
  }).pipe(Effect.ignore)

/** Removes the state of the given instance; that of another one stays. */
export const removeState = (instance: string): Effect.Effect<void, never, Disk> =>
  withStateOf(instance, () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      yield* fs.remove((yield* gatewayFiles).state)
    })
  )

/** Notes in the state of the given instance which signal ends it, so that sessions start another one in its place. */
export const noteEnd = (instance: string, ended: string): Effect.Effect<void, never, Disk> =>
  withStateOf(instance, (current) => writeState({ ...current, ended }))
