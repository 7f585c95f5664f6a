/**
 * How each profile's provider is, as requests and the health checker tell. What a request tells is written down
 * synchronously, and only when it says something new: it is asked for with every request.
 */
import { Chunk, Context, Effect, HashMap, Layer, Option, Runtime, Stream, SubscriptionRef } from "effect"
import type { ProfileHealth } from "../domain/Health.ts"

/** What was seen of a provider. `latency` in milliseconds; `error` without secrets. */
export type Sight =
  | { readonly status: "up"; readonly latency?: number }
  | { readonly status: "down" | "unknown"; readonly error: string }

type Board = HashMap.HashMap<string, ProfileHealth>

/** A request that confirms what is known is written down no more often than this. Milliseconds. */
const confirmAfter = 10_000

const next = (
  before: ProfileHealth | undefined,
  sight: Sight,
  source: ProfileHealth["source"],
  now: number
): ProfileHealth => ({
  status: sight.status,
  since: before?.status === sight.status ? before.since : now,
  checked: now,
  source,
  ...(sight.status === "up"
    ? sight.latency === undefined
      ? {}
      : { latency_ms: Math.round(sight.latency) }
    : { error: sight.error })
})

const make = Effect.gen(function* () {
  const clock = yield* Effect.clock
  const ref = yield* SubscriptionRef.make<Board>(HashMap.empty())
  const run = Runtime.runFork(yield* Effect.runtime())
  /** What was written last, readable at once. */
  const known = new Map<string, ProfileHealth>()
  let lastUse = clock.unsafeCurrentTimeMillis()

  const write = (profile: string, sight: Sight, source: ProfileHealth["source"], now: number) => {
    const health = next(known.get(profile), sight, source, now)
    known.set(profile, health)
    return SubscriptionRef.update(ref, HashMap.set(profile, health))
  }

  return {
    ref,
    passive: (profile: string, sight: Sight): void => {
      const now = clock.unsafeCurrentTimeMillis()
      lastUse = now
      const before = known.get(profile)
      if (before?.status === sight.status && now - before.checked < confirmAfter) return
      run(write(profile, sight, "traffic", now))
    },
    probed: (profile: string, sight: Sight) =>
      Effect.suspend(() => write(profile, sight, "probe", clock.unsafeCurrentTimeMillis())),
    of: (profile: string) => known.get(profile),
    keepOnly: (profiles: ReadonlyArray<string>) =>
      Effect.suspend(() => {
        const gone = [...known.keys()].filter((name) => !profiles.includes(name))
        for (const name of gone) known.delete(name)
        return gone.length === 0
          ? Effect.void
          : SubscriptionRef.update(ref, (board) => gone.reduce((left, name) => HashMap.remove(left, name), board))
      }),
    lastUse: () => lastUse,
    changes: ref.changes.pipe(
      Stream.mapAccum(HashMap.empty<string, ProfileHealth>(), (before: Board, board) => {
        const news = [...HashMap.entries(board)].filter(([profile, health]) => {
          const old = Option.getOrUndefined(HashMap.get(before, profile))
          return old === undefined || old.status !== health.status
        })
        return [board, Chunk.fromIterable(news.map(([profile, health]) => ({ profile, health })))]
      }),
      Stream.flattenChunks
    )
  }
})

/** How each profile's provider is, as requests and the health checker tell. */
export class HealthBoard extends Context.Tag("claudex/HealthBoard")<
  HealthBoard,
  {
    /** By the profile's name. */
    readonly ref: SubscriptionRef.SubscriptionRef<Board>
    /** What a request of the user saw. */
    readonly passive: (profile: string, sight: Sight) => void
    /** What the health checker saw. */
    readonly probed: (profile: string, sight: Sight) => Effect.Effect<void>
    readonly of: (profile: string) => ProfileHealth | undefined
    /** Forgets all other profiles. */
    readonly keepOnly: (profiles: ReadonlyArray<string>) => Effect.Effect<void>
    /** When a request last told something, or the board was made; epoch milliseconds. */
    readonly lastUse: () => number
    /** What is known now, then each profile whose status changed. */
    readonly changes: Stream.Stream<{ readonly profile: string; readonly health: ProfileHealth }>
  }
>() {
  static readonly layer: Layer.Layer<HealthBoard> = Layer.effect(HealthBoard, make)
}
