/** Keeps time for every answer under way with one fiber, so that an answer costs no fiber and no timer of its own. */
import { Effect, type Scope } from "effect"
import type { Relay } from "./Relay.ts"

export interface Timekeeper {
  /** Looks after the relay until it is over, or until the result is called. */
  readonly watch: (relay: Relay) => () => void
}

/** Milliseconds; a relay asks for a look at least this often, so a new one never waits longer for its first. */
const longestNap = 1_000

export const makeTimekeeper: Effect.Effect<Timekeeper, never, Scope.Scope> = Effect.gen(function* () {
  const watched = new Set<Relay>()
  const busy = yield* Effect.makeLatch(false)

  const look = Effect.suspend(() => {
    let nap = longestNap
    for (const relay of watched) {
      const wanted = relay.tick()
      if (wanted === undefined) watched.delete(relay)
      else nap = Math.min(nap, wanted)
    }
    if (watched.size > 0) return Effect.sleep(nap)
    busy.unsafeClose()
    return Effect.void
  })
  yield* Effect.forkScoped(Effect.forever(busy.whenOpen(look)))

  return {
    watch: (relay) => {
      watched.add(relay)
      busy.unsafeOpen()
      return () => watched.delete(relay)
    }
  }
})
