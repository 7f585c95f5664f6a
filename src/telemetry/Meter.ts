/**
 * Counts the requests of a gateway, a moment after they are over and several at a time: a request only leaves its record
 * here. Scoped; what is left is counted at the end.
 */
import { Effect, type Scope } from "effect"
import { recordsIn } from "../domain/RequestRecord.ts"
import { makeCounting } from "./metrics.ts"

export interface Meter {
  /** A request's record, as the journal keeps it: objects that wait would be carried over into the old generation. */
  readonly note: (line: string) => void
  /** From here on everything that was noted is counted. */
  readonly settle: () => void
}

/** So long records wait for others. */
const pause = "200 millis"

export const makeMeter: Effect.Effect<Meter, never, Scope.Scope> = Effect.gen(function* () {
  const count = makeCounting()
  const waiting = Effect.unsafeMakeLatch(false)
  let noted: Array<string> = []
  const settle = () => {
    const lines = noted
    noted = []
    waiting.unsafeClose()
    for (const record of recordsIn(lines)) count(record)
  }
  yield* Effect.addFinalizer(() => Effect.sync(settle))
  yield* waiting.await.pipe(
    Effect.zipRight(Effect.sleep(pause)),
    Effect.zipRight(Effect.sync(settle)),
    Effect.forever,
    Effect.forkScoped
  )
  return {
    note: (line) => {
      noted.push(line)
      waiting.unsafeOpen()
    },
    settle
  }
})
