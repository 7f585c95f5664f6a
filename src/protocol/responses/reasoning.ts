/**
 * `reasoning` items: their text as thinking, and the item itself sealed so that it goes back as it came. Only
 * `output_item.done` and the final snapshot hold the whole item: `encrypted_content` may be a part of itself before.
 */
import type { TurnContext } from "../context.ts"
import { asCount, asString, isObject, nonEmpty, type JsonObject } from "../json.ts"
import type { TurnSink } from "../turn.ts"
import { itemReader, type ItemReader } from "./itemReader.ts"
import { itemTable, refOf, type Entry } from "./items.ts"
import { missing, missingParts, note, partTexts, spoken, type Spoken } from "./spoken.ts"

/** Where the text of an item comes from: a summary, or the reasoning itself (open models). Never both. */
export type ReasoningSource = "summary" | "content"

interface Reasoning {
  source: ReasoningSource | undefined
  readonly text: Spoken
  /** The part that deltas without a number belong to. */
  part: number
  /** The part whose text came last. */
  said: number
}

export interface ReasoningReader extends ItemReader {
  readonly delta: (source: ReasoningSource, record: JsonObject) => void
  readonly textDone: (source: ReasoningSource, record: JsonObject) => void
  /** `reasoning_summary_part.added`. */
  readonly partAdded: (record: JsonObject) => void
  /** `reasoning_summary_part.done`, `content_part.done`. */
  readonly partDone: (source: ReasoningSource, record: JsonObject) => void
  /** Keeps an item of another kind for the provider, in a block of its own. */
  readonly seal: (item: JsonObject) => void
  /** Something else than reasoning follows: the thinking shown last is over. */
  readonly interrupt: () => void
}

/** What the provider wants back (the request's encoder reads it): the item without its state of progress. */
const replayed = (item: JsonObject): { readonly item: JsonObject } => ({
  item: Object.fromEntries(Object.entries(item).filter(([key]) => key !== "status"))
})

export const reasoningReader = (context: TurnContext, sink: TurnSink): ReasoningReader => {
  const table = itemTable<Reasoning>(() => ({ source: undefined, text: spoken(), part: 0, said: 0 }))
  /** The item whose text was shown last and waits for its seal. */
  let unsealed: Entry<Reasoning> | undefined

  const send = (payload: unknown) => {
    unsealed = undefined
    sink({
      type: "reasoning-seal",
      replay: { provider: context.kind, model: context.upstreamModel, protocol: "responses", payload }
    })
  }

  /** Ends the thinking of another item, so that the two are not taken for one. */
  const closeOther = (entry: Entry<Reasoning> | undefined) => {
    if (unsealed !== undefined && unsealed !== entry) send({})
  }

  const say = (entry: Entry<Reasoning>, source: ReasoningSource, at: number, text: string) => {
    const { state } = entry
    if (text === "" || (state.source ?? source) !== source) return
    closeOther(entry)
    unsealed = entry
    const apart = state.said !== at && state.text.all !== ""
    state.source = source
    state.said = at
    note(state.text, at, text)
    sink({ type: "reasoning", text: apart ? `\n\n${text}` : text })
  }

  const partOf = (entry: Entry<Reasoning>, record: JsonObject): number =>
    asCount(record["summary_index"]) ?? asCount(record["content_index"]) ?? entry.state.part

  const hydrate = (source: ReasoningSource, record: JsonObject, text: unknown) => {
    const entry = table.at(refOf(record))
    const at = partOf(entry, record)
    say(entry, source, at, missing(entry.state.text, at, asString(text) ?? ""))
  }

  const done = (entry: Entry<Reasoning>, item: JsonObject) => {
    const summary = partTexts(item["summary"], "text")
    const content = partTexts(item["content"], "text")
    const source = entry.state.source ?? (summary.some((text) => text !== "") ? "summary" : "content")
    missingParts(entry.state.text, source === "summary" ? summary : content).forEach((text, at) =>
      say(entry, source, at, text)
    )
    if (entry.state.text.all === "" && nonEmpty(item["encrypted_content"]) === undefined) return
    closeOther(entry)
    send(replayed(item))
  }

  return {
    ...itemReader(table, { opened: () => {}, done }),
    delta: (source, record) => {
      const entry = table.at(refOf(record))
      say(entry, source, partOf(entry, record), asString(record["delta"]) ?? "")
    },
    textDone: (source, record) => hydrate(source, record, record["text"]),
    partAdded: (record) => {
      const { state } = table.at(refOf(record))
      state.part = asCount(record["summary_index"]) ?? (state.text.all === "" ? 0 : state.part + 1)
    },
    partDone: (source, record) =>
      hydrate(source, record, isObject(record["part"]) ? record["part"]["text"] : undefined),
    seal: (item) => {
      closeOther(undefined)
      send({ item })
    },
    interrupt: () => {
      unsealed = undefined
    }
  }
}
