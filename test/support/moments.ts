/** Moments at which programs that change something are to be ended: before the change as often as after it. */
import { numbers } from "./numbers.ts"

/**
 * Milliseconds after the start, spread around the time that the change takes here. That is learnt from what became of those
 * before, because a machine may be ten times as busy a minute later.
 */
export const makeMoments = (seed: number, guess: number) => {
  const chance = numbers(seed)
  let reach = guess
  return {
    next: (): number => reach * (0.4 + 1.2 * chance()),
    /** Whether the last one came before the change. */
    learn: (tooEarly: boolean): void => {
      reach *= tooEarly ? 1.15 : 0.87
    }
  }
}
