/** A lock between processes for work that is over soon: a file that exactly one of them can create. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Clock, Data, Effect, Option, Schedule } from "effect"
import { createExclusively } from "./exclusiveFile.ts"

/** Somebody else holds the lock, and goes on holding it. */
export class LockHeld extends Data.TaggedError("LockHeld")<{ readonly file: string }> {
  override get message(): string {
    return `${this.file} is held by another claudex`
  }
}

/** Milliseconds. No work takes longer; another process may have got the id of one that died. */
const longest = 60_000

/** Long enough to see even that. */
const looks = Schedule.spaced("50 millis").pipe(Schedule.upTo("70 seconds"))

type Disk = FileSystem.FileSystem | Path.Path

const isGone = (pid: number): boolean => {
  try {
    globalThis.process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH"
  }
}

/** Whether the one who made the file cannot take it away any more. False for a file that is not there. */
const isLeft = (file: string): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { mtime } = yield* fs.stat(file)
    const age =
      (yield* Clock.currentTimeMillis) - Option.match(mtime, { onNone: () => 0, onSome: (at) => at.getTime() })
    const pid = Number.parseInt(yield* fs.readFileString(file), 10)
    return age > longest || (pid > 0 && isGone(pid))
  }).pipe(Effect.orElseSucceed(() => false))

/** Takes a dead one's lock away by a rename, which only one process can do; a live one's that was caught goes back. */
const breakLeft = (file: string): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (!(yield* isLeft(file))) return
    const fs = yield* FileSystem.FileSystem
    const aside = `${file}.${globalThis.crypto.randomUUID()}`
    yield* fs.rename(file, aside)
    if (!(yield* isLeft(aside))) yield* Effect.ignore(fs.link(aside, file))
    yield* fs.remove(aside)
  }).pipe(Effect.ignore)

/** Runs `effect` while no other process does so under the same lock file. */
export const locked = <A, E, R>(
  file: string,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockHeld | PlatformError.PlatformError, R | Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const owner = `${globalThis.process.pid} ${globalThis.crypto.randomUUID()}`
    const take = Effect.zipRight(breakLeft(file), createExclusively(file, owner)).pipe(
      Effect.filterOrFail(
        (taken) => taken,
        () => new LockHeld({ file })
      ),
      Effect.retry({ schedule: looks, while: (error) => error._tag === "LockHeld" })
    )
    // another one may have taken it for a dead one's
    const release = Effect.whenEffect(
      fs.remove(file),
      Effect.map(fs.readFileString(file), (now) => now === owner)
    )
    return yield* Effect.acquireUseRelease(
      Effect.interruptible(take),
      () => effect,
      () => Effect.ignore(release)
    )
  })
