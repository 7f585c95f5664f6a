/**
 * What is done about requests that are over: a line in the log, a record in the journal, the counts. A moment later and
 * several at a time, because code that runs once in each request finds nothing of it in the processor's caches: the same work
 * in a row costs a fraction.
 */
import { Effect, type Scope } from "effect"
import { makeCounting } from "../telemetry/metrics.ts"
import { type Exchange, logExchange } from "./Exchange.ts"
import type { Journal } from "./Journal.ts"
import { recordOf } from "./record.ts"

export interface Ledger {
  /** The exchange is over, at that time (epoch milliseconds). */
  readonly add: (exchange: Exchange, ended: number) => void
  /** Afterwards everything is written down that was over before. */
  readonly settle: Effect.Effect<void>
}

/** So long exchanges wait for others: the processor's time, whatever the clock says. Milliseconds. */
const patience = 25
const pause = Effect.async<void>((resume) => {
  const timer = setTimeout(() => resume(Effect.void), patience)
  return Effect.sync(() => clearTimeout(timer))
})

interface Entry {
  readonly exchange: Exchange
  readonly ended: number
}

/** Scoped: what is left at the end is written down then. */
export const makeLedger = (journal: typeof Journal.Service): Effect.Effect<Ledger, never, Scope.Scope> =>
  Effect.gen(function* () {
    const count = makeCounting()
    const filled = Effect.unsafeMakeLatch(false)
    let entries: Array<Entry> = []

    const writeDown = ({ ended, exchange }: Entry): Effect.Effect<void> => {
      const record = recordOf(exchange, ended)
      if (record !== undefined) {
        journal.append(record)
        count(record)
      }
      return logExchange(exchange, ended)
    }
    const settle = Effect.suspend(() => {
      const due = entries
      entries = []
      filled.unsafeClose()
      return Effect.forEach(due, writeDown, { discard: true })
    })

    yield* Effect.addFinalizer(() => settle)
    yield* Effect.forkScoped(Effect.forever(Effect.zipRight(filled.whenOpen(pause), settle)))
    return {
      add: (exchange, ended) => {
        entries.push({ exchange, ended })
        filled.unsafeOpen()
      },
      settle
    }
  })
