/** A lock between processes for what takes milliseconds: a file that exactly one of them can create. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Clock, Data, Effect, Option, Schedule } from "effect"
import { createExclusively } from "./exclusiveFile.ts"

/** Somebody else holds the lock, and goes on holding it. */
export class LockHeld extends Data.TaggedError("LockHeld")<{ readonly file: string }> {
  override get message(): string {
    return `${this.file} is held by another claudex`
  }
}

/** Milliseconds. Whoever holds a lock for longer than that has died. */
const longest = 60_000

/** About as long as a lock may be held. */
const looks = Schedule.spaced("50 millis").pipe(Schedule.upTo("70 seconds"))

type Disk = FileSystem.FileSystem | Path.Path

/** Takes a dead one's lock away by a rename, which only one process can do; a fresh one that was caught goes back. */
const breakStale = (file: string): Effect.Effect<void, PlatformError.PlatformError, Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const ageOf = (path: string) =>
      Effect.gen(function* () {
        const mtime = Option.flatMap(yield* Effect.option(fs.stat(path)), (info) => info.mtime)
        const now = yield* Clock.currentTimeMillis
        return Option.match(mtime, { onNone: () => 0, onSome: (time) => now - time.getTime() })
      })
    if ((yield* ageOf(file)) <= longest) return
    const aside = `${file}.${globalThis.crypto.randomUUID()}`
    yield* Effect.ignore(fs.rename(file, aside))
    if ((yield* ageOf(aside)) <= longest) yield* Effect.ignore(fs.link(aside, file))
    yield* fs.remove(aside, { force: true })
  })

/** Runs `effect` while no other process does so under the same lock file. */
export const locked = <A, E, R>(
  file: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockHeld | PlatformError.PlatformError, R | Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const id = globalThis.crypto.randomUUID()
    const take = Effect.zipRight(breakStale(file), createExclusively(file, id)).pipe(
      Effect.filterOrFail(
        (taken) => taken,
        () => new LockHeld({ file })
      ),
      Effect.retry({ schedule: looks, while: (error) => error._tag === "LockHeld" })
    )
    // another one may have taken it for a dead one's
    const release = Effect.whenEffect(
      fs.remove(file),
      Effect.map(fs.readFileString(file), (owner) => owner === id)
    )
    return yield* Effect.acquireUseRelease(
      Effect.interruptible(take),
      () => effect,
      () => Effect.ignore(release)
    )
  })
