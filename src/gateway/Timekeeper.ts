/** Keeps time for every answer under way with one fiber, so that an answer costs no fiber and no timer of its own. */
import { Effect, type Scope } from "effect"
import { makeRoster } from "./roster.ts"
import { steadyTime } from "./steady.ts"

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

/** A look that comes so late tells that the process was held up: stopped, or without the processor. Milliseconds. */
const heldUp = 1_000
/** What came meanwhile is read first: nobody is silent because we did not listen. */
const catchUp = "250 millis"

export const makeTimekeeper: Effect.Effect<Timekeeper, never, Scope.Scope> = Effect.gen(function* () {
  const passed = steadyTime(yield* Effect.clock)
  const watched = makeRoster<Watched>()
  const busy = yield* Effect.makeLatch(false)

  const rest = (nap: number) =>
    Effect.suspend(() => {
      const due = passed() + nap
      return Effect.zipRight(
        Effect.sleep(nap),
        Effect.suspend(() => (passed() - due > heldUp ? Effect.sleep(catchUp) : Effect.void))
      )
    })

  const look = Effect.suspend(() => {
    let nap = longestNap
    watched.visit((one) => {
      const wanted = one.tick()
      nap = Math.min(nap, wanted ?? nap)
      return wanted !== undefined
    })
    if (watched.size() > 0) return rest(nap)
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
