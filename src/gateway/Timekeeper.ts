/** Keeps time for every answer under way with one fiber, so that an answer costs no fiber and no timer of its own. */
import { Effect, type Scope } from "effect"
import { makeRoster } from "./roster.ts"

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
  const watched = makeRoster<Watched>()
  const busy = yield* Effect.makeLatch(false)

  const look = Effect.suspend(() => {
    let nap = longestNap
    watched.visit((one) => {
      const wanted = one.tick()
      nap = Math.min(nap, wanted ?? nap)
      return wanted !== undefined
    })
    if (watched.size() > 0) return Effect.sleep(nap)
    busy.unsafeClose()
    return Effect.void
  })
  yield* Effect.forkScoped(Effect.forever(busy.whenOpen(look)))

  return {
    watch: (one) => {
      const leave = watched.add(one)
      busy.unsafeOpen()
      return leave
    }
  }
})
