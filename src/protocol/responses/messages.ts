/** `message` items: text, refusals and the sources of the text. */
import { citedSource, sourcesText, type Source } from "../citations.ts"
import { asArray, asCount, asString, isObject, type JsonObject } from "../json.ts"
import type { TurnSink } from "../turn.ts"
import { itemTable, refOf, type Entry } from "./items.ts"
import { itemReader, type ItemReader } from "./itemReader.ts"
import { missing, missingParts, note, partTexts, spoken, type Spoken } from "./spoken.ts"

interface Message {
  readonly text: Spoken
  readonly refusal: Spoken
  readonly sources: Array<Source>
}

/** How a part says its text, and what the text is. */
type Kind = "text" | "refusal"

export interface MessageReader extends ItemReader {
  readonly delta: (kind: Kind, record: JsonObject) => void
  /** `output_text.done`, `refusal.done`. */
  readonly textDone: (kind: Kind, record: JsonObject) => void
  readonly partDone: (record: JsonObject) => void
  readonly annotation: (record: JsonObject) => void
  /** All sources cited so far, in all messages. */
  readonly cited: () => ReadonlyArray<Source>
  /** Lists what was not listed with the end of its message. */
  readonly finish: () => void
}

/** `listed` says that the sources of a text go to its end. */
export const messageReader = (listed: boolean, sink: TurnSink): MessageReader => {
  const table = itemTable<Message>(() => ({ text: spoken(), refusal: spoken(), sources: [] }))
  const cited: Array<Source> = []
  let speaking: Entry<Message> | undefined

  const show = (entry: Entry<Message>, kind: Kind | "sources", text: string) => {
    if (text === "") return
    if (speaking !== undefined && speaking !== entry) sink({ type: "text-end" })
    speaking = entry
    sink({ type: kind, text })
  }

  const say = (entry: Entry<Message>, kind: Kind, part: number, text: string) => {
    note(entry.state[kind], part, text)
    show(entry, kind, text)
  }

  const cite = (entry: Entry<Message>, annotation: unknown) => {
    const source = citedSource(annotation)
    if (source === undefined) return
    cited.push(source)
    entry.state.sources.push(source)
  }

  const partOf = (record: JsonObject): number => asCount(record["content_index"]) ?? 0

  const list = (entry: Entry<Message>) => {
    const { sources } = entry.state
    if (listed) show(entry, "sources", sourcesText(sources))
    sources.length = 0
  }

  const done = (entry: Entry<Message>, item: JsonObject) => {
    const { content } = item
    for (const kind of ["text", "refusal"] as const)
      missingParts(entry.state[kind], partTexts(content, kind)).forEach((text, part) => say(entry, kind, part, text))
    // the same annotations were mostly sent one by one before
    for (const part of asArray(content))
      if (isObject(part)) for (const annotation of asArray(part["annotations"])) cite(entry, annotation)
    list(entry)
  }

  return {
    ...itemReader(table, { opened: () => {}, done }),
    delta: (kind, record) => say(table.at(refOf(record)), kind, partOf(record), asString(record["delta"]) ?? ""),
    textDone: (kind, record) => {
      const entry = table.at(refOf(record))
      const part = partOf(record)
      say(entry, kind, part, missing(entry.state[kind], part, asString(record[kind]) ?? ""))
    },
    partDone: (record) => {
      const { part } = record
      if (!isObject(part)) return
      const entry = table.at(refOf(record))
      for (const kind of ["text", "refusal"] as const)
        say(entry, kind, partOf(record), missing(entry.state[kind], partOf(record), asString(part[kind]) ?? ""))
    },
    annotation: (record) => cite(table.at(refOf(record)), record["annotation"]),
    cited: () => cited,
    finish: () => table.entries.forEach(list)
  }
}
