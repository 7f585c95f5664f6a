/**
 * A lock between processes: a file that exactly one of them can create. It names its owner, so that a lock whose owner
 * died is broken by the next one who wants it; and no lock is held longer than two minutes, whoever owns it.
 */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Clock, Effect, Option, Schema, type Scope } from "effect"
import { createExclusively } from "../credentials/exclusiveFile.ts"
import { self, standing } from "./processes.ts"

const Owner = Schema.parseJson(
  Schema.Struct({ pid: Schema.Int, start: Schema.String, id: Schema.String, since: Schema.Number })
)
type Owner = typeof Owner.Type

/** A start gives up after a minute; a lock of this age belongs to a process that hangs, or to another one that took over its id. */
const longest = 120_000

type Disk = FileSystem.FileSystem | Path.Path

const readOwner = (file: string): Effect.Effect<Option.Option<Owner>, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    fs.readFileString(file).pipe(Effect.flatMap(Schema.decodeUnknown(Owner)), Effect.option)
  )

/** What a file says whose owner is this process. */
const ownership = (id: string): Effect.Effect<string> =>
  Effect.zipWith(self, Clock.currentTimeMillis, (name, since) => JSON.stringify({ ...name, id, since } satisfies Owner))

/** How long the file has been there, in ms; undefined when it is not there any more. */
const ageOf = (file: string): Effect.Effect<number | undefined, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const info = yield* Effect.option(fs.stat(file))
    if (Option.isNone(info)) return undefined
    const now = yield* Clock.currentTimeMillis
    return Option.match(info.value.mtime, { onNone: () => 0, onSome: (mtime) => now - mtime.getTime() })
  })

const isStale = (file: string): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const age = yield* ageOf(file)
    if (age === undefined) return false
    const owner = yield* readOwner(file)
    if (Option.isNone(owner)) return age > longest
    return age > longest || (yield* standing(owner.value)) === "gone"
  })

/**
 * Removes a stale lock. Between looking and removing another process could have done both, and then we would remove
 * its fresh lock; so only the holder of a second file removes, and looks again under it.
 */
const breakStale = (file: string): Effect.Effect<void, PlatformError.PlatformError, Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const guard = `${file}.break`
    if (yield* createExclusively(guard, yield* ownership(globalThis.crypto.randomUUID()))) {
      yield* Effect.whenEffect(fs.remove(file, { force: true }), isStale(file)).pipe(
        Effect.ensuring(Effect.ignore(fs.remove(guard, { force: true })))
      )
    } else if (yield* isStale(guard)) {
      // its owner died between two system calls
      yield* fs.remove(guard, { force: true })
    }
  })

/** Takes the lock for the scope when it is free or stale; false when somebody else holds it. */
export const tryLock = (file: string): Effect.Effect<boolean, PlatformError.PlatformError, Disk | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    if (yield* isStale(file)) yield* breakStale(file)
    const id = globalThis.crypto.randomUUID()
    const content = yield* ownership(id)
    const release = Effect.gen(function* () {
      const owner = yield* readOwner(file)
      if (Option.isSome(owner) && owner.value.id === id) yield* Effect.ignore(fs.remove(file))
    }).pipe(Effect.provideService(FileSystem.FileSystem, fs))
    return yield* Effect.acquireRelease(
      createExclusively(file, content).pipe(Effect.provideService(Path.Path, path)),
      (taken) => (taken ? release : Effect.void)
    )
  })
