/** What all kinds of output items have in common: announced, finished, and repeated in the final snapshot. */
import { asString, isObject, nonEmpty, type JsonObject } from "../json.ts"
import { refOf, type Entry, type ItemTable } from "./items.ts"

/** An item of a final `output` list with its place in it. */
export interface PlacedItem {
  readonly place: number
  readonly item: JsonObject
}

export interface ItemReader {
  /** `output_item.added`. */
  readonly added: (record: JsonObject, item: JsonObject) => void
  /** `output_item.done`; a second one for the same item does nothing. */
  readonly done: (record: JsonObject, item: JsonObject) => void
  /** Reads what was not told yet of the items of this kind, to be run in the order of their places. */
  readonly snapshot: (
    items: ReadonlyArray<PlacedItem>
  ) => ReadonlyArray<{ readonly place: number; readonly read: () => void }>
  /** For every item so far whether the provider finished it. */
  readonly finished: () => ReadonlyArray<boolean>
}

interface Steps<State> {
  readonly opened: (entry: Entry<State>, item: JsonObject) => void
  readonly done: (entry: Entry<State>, item: JsonObject) => void
}

export const itemReader = <State>(table: ItemTable<State>, steps: Steps<State>): ItemReader => {
  const finish = (entry: Entry<State>, item: JsonObject) => {
    if (entry.done) return
    entry.done = true
    entry.broken = item["status"] === "incomplete"
    steps.done(entry, item)
  }
  return {
    added: (record, item) => steps.opened(table.opened(refOf(record)), item),
    done: (record, item) => finish(table.at(refOf(record)), item),
    snapshot: (items) => {
      const entries = table.snapshot(
        items.map(({ item, place }) => ({
          index: place,
          id: nonEmpty(item["id"]),
          callId: nonEmpty(item["call_id"])
        }))
      )
      return items.flatMap(({ item, place }, at) => {
        const entry = entries[at]
        return entry === undefined ? [] : [{ place, read: () => finish(entry, item) }]
      })
    },
    finished: () => table.entries.map(({ broken, done }) => done && !broken)
  }
}

/** The items of a final `output` list that have a reader, read in their order. */
export const readSnapshot = (output: ReadonlyArray<unknown>, readers: ReadonlyMap<string, ItemReader>): void => {
  const placed = output.flatMap((item, place) => (isObject(item) ? [{ place, item }] : []))
  const readerOf = (item: JsonObject) => readers.get(asString(item["type"]) ?? "")
  const reads = [...new Set(readers.values())].flatMap((reader) =>
    reader.snapshot(placed.filter(({ item }) => readerOf(item) === reader))
  )
  for (const { read } of reads.sort((a, b) => a.place - b.place)) read()
}
