/** Time for deadlines: it only passes, whatever somebody sets the clock to. */
import type { Clock } from "effect"

/** Milliseconds since some moment; those of epoch milliseconds as long as nobody sets the clock. */
export const steadyTime =
  (clock: Clock.Clock): (() => number) =>
  () =>
    Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)
