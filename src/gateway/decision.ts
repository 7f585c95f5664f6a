/**
 * Something that is decided once, outside of any fiber, and that one fiber at a time waits for. A `Deferred`, which any number
 * may wait for, costs as much to make as a small request's translation.
 */
import { Effect } from "effect"

export interface Decision<E> {
  /** The first call counts; what is given is a failure. */
  readonly made: (failure?: E) => void
  readonly wait: Effect.Effect<void, E>
}

export const makeDecision = <E>(): Decision<E> => {
  let outcome: Effect.Effect<void, E> | undefined
  let tell: ((outcome: Effect.Effect<void, E>) => void) | undefined
  return {
    made: (failure) => {
      outcome ??= failure === undefined ? Effect.void : Effect.fail(failure)
      tell?.(outcome)
    },
    wait: Effect.async((resume) => {
      if (outcome === undefined) tell = resume
      else resume(outcome)
    })
  }
}
