/**
 * What the running gateway leaves on disk for its clients: where it answers and how to recognise it. Private to the user
 * and replaced as a whole; a file that cannot be read as this says nothing, as if there were none.
 */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Effect, Option, Schema } from "effect"
import { Paths } from "../config/Paths.ts"
import { createExclusively } from "../machine/exclusiveFile.ts"
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
  started: Schema.String
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

/** Writes the state where there is none. False where there is one, of whichever gateway. */
export const restoreState = (state: GatewayState): Effect.Effect<boolean, PlatformError.PlatformError, Disk> =>
  Effect.flatMap(gatewayFiles, (files) => createExclusively(files.state, textOf(state)))

/** Removes the state of the given instance; that of another one stays. */
export const removeState = (instance: string): Effect.Effect<void, never, Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { state } = yield* gatewayFiles
    const current = yield* readState
    if (Option.isSome(current) && current.value.instance === instance) yield* Effect.ignore(fs.remove(state))
  })
