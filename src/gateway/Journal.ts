/**
 * One record of each request for an answer: the last ones in memory, and where the gateway has a place for them in files as
 * well (journalFiles.ts). Appending is synchronous, because it is done for every request; everything else follows later.
 */
import { Context, Effect, Layer, PubSub, Stream } from "effect"
import type { RequestRecord } from "../domain/RequestRecord.ts"

/** How many records are kept in memory. */
export const capacity = 500

export interface JournalShape {
  readonly append: (record: RequestRecord) => void
  /** The newest first, at most so many. */
  readonly recent: (limit: number) => ReadonlyArray<RequestRecord>
  /** Every record from now on; who listens slowly misses the oldest. */
  readonly changes: Stream.Stream<RequestRecord>
  /** Everything that was appended is where it is kept. */
  readonly flush: Effect.Effect<void>
}

/** In memory, beginning with `known` (oldest first); `kept` gets each new record. */
export const makeJournal = (known: ReadonlyArray<RequestRecord>, kept: (record: RequestRecord) => void) =>
  Effect.gen(function* () {
    const records = known.slice(-capacity)
    const published = yield* PubSub.sliding<RequestRecord>(256)
    return {
      append: (record: RequestRecord) => {
        records.push(record)
        if (records.length > 2 * capacity) records.splice(0, records.length - capacity)
        published.unsafeOffer(record)
        kept(record)
      },
      recent: (limit: number) => records.slice(Math.max(0, records.length - Math.min(limit, capacity))).toReversed(),
      changes: Stream.fromPubSub(published)
    }
  })

export class Journal extends Context.Tag("claudex/Journal")<Journal, JournalShape>() {
  /** Keeps nothing beyond the process. */
  static readonly layerMemory: Layer.Layer<Journal> = Layer.effect(
    Journal,
    Effect.map(
      makeJournal([], () => {}),
      (journal) => ({ ...journal, flush: Effect.void })
    )
  )
}
