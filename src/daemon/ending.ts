/** Waiting for another process to end. */
import { Data, type Duration, Effect, Schedule } from "effect"
import { standing, type ProcessName } from "../machine/processes.node.ts"

class StillThere extends Data.TaggedError("StillThere")<{}> {}

const looks = Schedule.exponential("20 millis", 1.5).pipe(Schedule.union(Schedule.spaced("200 millis")))

/** Whether the process ended within the time. */
export const endsIn = (name: ProcessName, limit: Duration.DurationInput): Effect.Effect<boolean> =>
  standing(name).pipe(
    Effect.flatMap((now) => (now === "gone" ? Effect.void : Effect.fail(new StillThere()))),
    Effect.retry({ schedule: Schedule.upTo(looks, limit) }),
    Effect.isSuccess
  )
