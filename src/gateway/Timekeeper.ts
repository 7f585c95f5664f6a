/** Keeps time for every answer under way with one fiber, so that an answer costs no fiber and no timer of its own. */
import { Effect, type Scope } from "effect"

/** Looks at the clock; answers after how many milliseconds it wants to look again, or undefined when it is over. */
export interface Watched {
  readonly tick: () => number | undefined
}

export interface Timekeeper {
  /** Looks after it until it is over, or until the result is called. */
  readonly watch: (watched: Watched) => () => void
}

/** Milliseconds; whoever is watched gets a look at least this often, so a new one never waits longer for its first. */
const longestNap = 1_000

export const makeTimekeeper: Effect.Effect<Timekeeper, never, Scope.Scope> = Effect.gen(function* () {
  const watched = new Set<Watched>()
  const busy = yield* Effect.makeLatch(false)

  const look = Effect.suspend(() => {
    let nap = longestNap
    for (const one of watched) {
      const wanted = one.tick()
      if (wanted === undefined) watched.delete(one)
      else nap = Math.min(nap, wanted)
    }
    if (watched.size > 0) return Effect.sleep(nap)
    busy.unsafeClose()
    return Effect.void
  })
  yield* Effect.forkScoped(Effect.forever(busy.whenOpen(look)))

  return {
    watch: (one) => {
      watched.add(one)
      busy.unsafeOpen()
      return () => watched.delete(one)
    }
  }
})
