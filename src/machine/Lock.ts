/**
 * A lock between processes: a file that exactly one of them can create. It names its owner, so that a lock whose owner
 * died is broken by the next one who wants it; and no lock is held for longer than its work can take, whoever owns it.
 */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Clock, Data, Duration, Effect, Option, Schedule, Schema, type Scope } from "effect"
import { sweepDrafts } from "./drafts.ts"
import { createExclusively } from "./exclusiveFile.ts"
import { self, standing } from "./processes.node.ts"

/** Somebody else holds the lock, and goes on holding it. */
export class LockHeld extends Data.TaggedError("LockHeld")<{ readonly file: string }> {
  override get message(): string {
    return `${this.file} is held by another claudex`
  }
}

const Owner = Schema.parseJson(
  Schema.Struct({ pid: Schema.Int, start: Schema.String, id: Schema.String, since: Schema.Number })
)
type Owner = typeof Owner.Type

/** A start of the gateway gives up after a minute; a lock of this age belongs to a process that hangs. */
const twoMinutes = Duration.minutes(2)

type Disk = FileSystem.FileSystem | Path.Path

const readOwner = (file: string): Effect.Effect<Option.Option<Owner>, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    fs.readFileString(file).pipe(Effect.flatMap(Schema.decodeUnknown(Owner)), Effect.option)
  )

/** What a file says whose owner is this process. */
const ownership = (id: string): Effect.Effect<string> =>
  Effect.zipWith(self, Clock.currentTimeMillis, (name, since) => JSON.stringify({ ...name, id, since } satisfies Owner))

/** No claudex makes one; it keeps others from making the file, though nothing is there. */
const isDanglingLink = (file: string): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.isSuccess(fs.readLink(file)))

/** How long the file has been there, in ms; undefined when it is not there any more. */
const ageOf = (file: string): Effect.Effect<number | undefined, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const info = yield* Effect.option(fs.stat(file))
    if (Option.isNone(info)) return (yield* isDanglingLink(file)) ? Number.POSITIVE_INFINITY : undefined
    const now = yield* Clock.currentTimeMillis
    return Option.match(info.value.mtime, { onNone: () => 0, onSome: (mtime) => now - mtime.getTime() })
  })

/** A stale one is there, but nobody holds it who could still let it go. */
type Holding = "free" | "held" | "stale"

const holdingOf = (file: string, longest: Duration.Duration): Effect.Effect<Holding, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const age = yield* ageOf(file)
    if (age === undefined) return "free"
    if (age > Duration.toMillis(longest)) return "stale"
    const owner = yield* readOwner(file)
    // a damaged one may still be written, but not for long, and not before the clock was set back
    if (Option.isNone(owner)) return age < -Duration.toMillis(longest) ? "stale" : "held"
    return (yield* standing(owner.value)) === "gone" ? "stale" : "held"
  })

const isStale = (file: string, longest: Duration.Duration): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.map(holdingOf(file, longest), (holding) => holding === "stale")

/** Held by the one who removes a stale lock. */
const guardOf = (file: string): string => `${file}.break`

/**
 * Removes a stale lock. Between looking and removing another process could have done both, and then we would remove
 * its fresh lock; so only the holder of a second file removes, and looks again under it.
 */
const breakStale = (file: string, longest: Duration.Duration): Effect.Effect<void, PlatformError.PlatformError, Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const guard = guardOf(file)
    if (yield* createExclusively(guard, yield* ownership(globalThis.crypto.randomUUID()))) {
      yield* Effect.whenEffect(fs.remove(file, { force: true }), isStale(file, longest)).pipe(
        Effect.ensuring(Effect.ignore(fs.remove(guard, { force: true })))
      )
    } else if (yield* isStale(guard, longest)) {
      // its owner died between two system calls
      yield* fs.remove(guard, { force: true })
    }
  })

/** Removes what one left who died while it broke the lock. For the lock's holder: nobody breaks it meanwhile. */
const sweepGuard = (file: string, longest: Duration.Duration): Effect.Effect<void, never, Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const guard = guardOf(file)
    yield* sweepDrafts(guard)
    if (yield* isStale(guard, longest)) yield* Effect.ignore(fs.remove(guard))
  })

/**
 * Takes the lock for the scope when it is free or stale; false when somebody else holds it. A lock is stale when its
 * owner has ended, or after `longest`, which has to be the same for all who want it.
 */
export const tryLock = (
  file: string,
  longest: Duration.Duration = twoMinutes
): Effect.Effect<boolean, PlatformError.PlatformError, Disk | Scope.Scope> =>
  Effect.gen(function* () {
    const disk = yield* Effect.context<Disk>()
    const fs = yield* FileSystem.FileSystem
    const holding = yield* holdingOf(file, longest)
    if (holding === "held") return false
    if (holding === "stale") yield* breakStale(file, longest)
    const id = globalThis.crypto.randomUUID()
    const content = yield* ownership(id)
    const release = Effect.gen(function* () {
      const owner = yield* readOwner(file)
      // another one may have taken it for a dead one's
      if (Option.isSome(owner) && owner.value.id === id) yield* Effect.ignore(fs.remove(file))
    }).pipe(Effect.provide(disk))
    const taken = yield* Effect.acquireRelease(createExclusively(file, content).pipe(Effect.provide(disk)), (mine) =>
      mine ? release : Effect.void
    )
    if (taken) yield* sweepGuard(file, longest)
    return taken
  })

export interface Limits {
  /** How long whoever wants the lock waits for it. */
  readonly patience: Duration.Duration
  /** What holds it for longer does not count. */
  readonly longest?: Duration.Duration
}

/** Takes the lock for the scope, when it is free or stale or becomes so in time. */
export const lock = (
  file: string,
  { longest, patience }: Limits
): Effect.Effect<void, LockHeld | PlatformError.PlatformError, Disk | Scope.Scope> =>
  tryLock(file, longest).pipe(
    Effect.filterOrFail(
      (mine) => mine,
      () => new LockHeld({ file })
    ),
    Effect.retry({
      schedule: Schedule.upTo(Schedule.spaced("50 millis"), patience),
      while: (error) => error._tag === "LockHeld"
    }),
    Effect.asVoid
  )

/** Runs `effect` while no other process does so under the same lock file. */
export const locked = <A, E, R>(
  file: string,
  limits: Limits,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockHeld | PlatformError.PlatformError, Exclude<R, Scope.Scope> | Disk> =>
  Effect.scoped(Effect.zipRight(lock(file, limits), effect))
