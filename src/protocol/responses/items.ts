/**
 * Which output item a record of a Responses stream speaks of: by `output_index`, else by `item_id`, else the item that
 * is under way (wire specification §4.7). Items of one kind have a table of their own.
 *
 * Ids alone are not enough: GitHub Copilot gives the same item another id in every record, relays number all items 0.
 */
import { asCount, isObject, nonEmpty, type JsonObject } from "../json.ts"

/** What a record says about its item. */
export interface ItemRef {
  readonly index: number | undefined
  readonly id: string | undefined
  /** Calls only. */
  readonly callId: string | undefined
}

export interface Entry<State> {
  /** Position in its table: unique, in order of first appearance. */
  readonly key: number
  index: number | undefined
  id: string | undefined
  callId: string | undefined
  /** `output_item.added` was seen. */
  opened: boolean
  /** `output_item.done` was seen. */
  done: boolean
  /** It says that the item broke off. */
  broken: boolean
  readonly state: State
}

export interface ItemTable<State> {
  readonly entries: ReadonlyArray<Entry<State>>
  /** The item of a record in the middle of the stream. */
  readonly at: (ref: ItemRef) => Entry<State>
  /** The item that `output_item.added` announces. */
  readonly opened: (ref: ItemRef) => Entry<State>
  /** The items of a final snapshot, one for each; they were mostly seen before. */
  readonly snapshot: (refs: ReadonlyArray<ItemRef>) => ReadonlyArray<Entry<State>>
}

/** The reference in a record about an item; a record that holds the item itself is asked for both. */
export const refOf = (record: JsonObject): ItemRef => {
  const item = isObject(record["item"]) ? record["item"] : {}
  return {
    index: asCount(record["output_index"]),
    id: nonEmpty(item["id"]) ?? nonEmpty(record["item_id"]),
    callId: nonEmpty(item["call_id"]) ?? nonEmpty(record["call_id"])
  }
}

const differ = (a: unknown, b: unknown): boolean => a !== undefined && b !== undefined && a !== b
const agree = (a: unknown, b: unknown): boolean => a !== undefined && a === b

/**
 * How far back a record may refer. Answers have a few items; if one has thousands, looking through all of them for each
 * record would cost their square.
 */
const reach = 512

export const itemTable = <State>(make: () => State): ItemTable<State> => {
  const entries: Array<Entry<State>> = []
  /** The latest one: most records speak of the same item as the one before. */
  let latest: Entry<State> | undefined

  const create = (): Entry<State> => {
    const entry: Entry<State> = {
      key: entries.length,
      index: undefined,
      id: undefined,
      callId: undefined,
      opened: false,
      done: false,
      broken: false,
      state: make()
    }
    entries.push(entry)
    return entry
  }

  /** Later records may know more about an item, and never something else. */
  const learn = (entry: Entry<State>, { index, id, callId }: ItemRef): Entry<State> => {
    entry.index ??= index
    entry.id ??= id
    entry.callId ??= callId
    latest = entry
    return entry
  }

  const recent = (is: (entry: Entry<State>) => boolean): Entry<State> | undefined => {
    const first = Math.max(0, entries.length - reach)
    for (let at = entries.length - 1; at >= first; at--) {
      const entry = entries[at]
      if (entry !== undefined && is(entry)) return entry
    }
    return undefined
  }

  const find = ({ callId, id, index }: ItemRef): Entry<State> | undefined =>
    recent((entry) => agree(entry.callId, callId) && !differ(entry.index, index) && !differ(entry.id, id)) ??
    recent((entry) => agree(entry.index, index) && agree(entry.id, id)) ??
    recent(
      (entry) => agree(entry.index, index) && !differ(entry.callId, callId) && !(entry.done && differ(entry.id, id))
    ) ??
    recent((entry) => agree(entry.id, id) && !differ(entry.index, index) && !differ(entry.callId, callId)) ??
    recent(
      (entry) => !entry.done && !differ(entry.index, index) && !differ(entry.id, id) && !differ(entry.callId, callId)
    )

  const isLatest = ({ callId, id, index }: ItemRef): boolean =>
    latest !== undefined && callId === undefined && agree(latest.index, index) && agree(latest.id, id)

  return {
    entries,
    at: (ref) => (latest !== undefined && isLatest(ref) ? latest : learn(find(ref) ?? create(), ref)),
    opened: (ref) => {
      const known = find(ref)
      const entry = learn(known === undefined || (known.opened && !isAgain(known, ref)) ? create() : known, ref)
      entry.opened = true
      return entry
    },
    snapshot: (refs) => {
      const free = new Set(entries)
      const found = new Map<ItemRef, Entry<State>>()
      const claim = (ref: ItemRef, is: (entry: Entry<State>) => boolean) => {
        if (found.has(ref)) return
        for (const entry of free) {
          if (differ(entry.callId, ref.callId) || !is(entry)) continue
          free.delete(entry)
          found.set(ref, entry)
          return
        }
      }
      for (const ref of refs) claim(ref, (entry) => agree(entry.callId, ref.callId))
      for (const ref of refs) claim(ref, (entry) => agree(entry.id, ref.id) && agree(entry.index, ref.index))
      for (const ref of refs) claim(ref, (entry) => agree(entry.id, ref.id))
      for (const ref of refs) claim(ref, (entry) => agree(entry.index, ref.index))
      // renumbered and renamed: what was streamed must not be told twice
      for (const ref of refs) claim(ref, () => true)
      return refs.map((ref) => learn(found.get(ref) ?? create(), ref))
    }
  }
}

/** Whether an item that was announced before is announced again: nothing tells them apart, and its number is not reused. */
const isAgain = ({ callId, done, id, index }: Entry<unknown>, ref: ItemRef): boolean =>
  !differ(id, ref.id) &&
  !differ(callId, ref.callId) &&
  !differ(index, ref.index) &&
  (agree(id, ref.id) || agree(callId, ref.callId) || (agree(index, ref.index) && !done))
