/**
 * One record of each request for an answer: the last ones in memory, and where the gateway has a place for them in files as
 * well (journalFiles.ts). Appending is synchronous, because it is done for every request; everything else follows later.
 */
import { Context, Effect, Layer, PubSub, Stream } from "effect"
import { recordsIn, type RequestRecord } from "../domain/RequestRecord.ts"

/** How many records are kept in memory. */
export const capacity = 500

/** What a journal can do. */
export interface JournalShape {
  readonly append: (record: RequestRecord) => void
  /** The newest first, at most so many. */
  readonly recent: (limit: number) => ReadonlyArray<RequestRecord>
  /** Every record from now on; who listens slowly misses the oldest. */
  readonly changes: Stream.Stream<RequestRecord>
  /** Everything that was appended is where it is kept. */
  readonly flush: Effect.Effect<void>
}

/**
 * In memory, beginning with `known` (oldest first); `kept` gets each new record's line. Records are kept as text: V8 would
 * carry all the objects of one over into the old generation, which costs more than to write and read it.
 */
export const makeJournal = (known: ReadonlyArray<RequestRecord>, kept: (line: string) => void) =>
  Effect.gen(function* () {
    const lines = known.slice(-capacity).map((record) => JSON.stringify(record))
    const published = yield* PubSub.sliding<RequestRecord>(256)
    return {
      append: (record: RequestRecord) => {
        const line = JSON.stringify(record)
        lines.push(line)
        if (lines.length > 2 * capacity) lines.splice(0, lines.length - capacity)
        published.unsafeOffer(record)
        kept(line)
      },
      recent: (limit: number) =>
        recordsIn(lines.slice(Math.max(0, lines.length - Math.min(limit, capacity)))).toReversed(),
      changes: Stream.fromPubSub(published)
    }
  })

/** The records of requests. */
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
