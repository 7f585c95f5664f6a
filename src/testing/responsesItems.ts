/** The steps of a turn as output items of a Responses answer, and each item as the records that stream it. */
import { pieces } from "./chatCalls.ts"
import type { CallStep, ScriptStep } from "./chatScript.ts"
import { type Dice, isJsonObject, type Json, type JsonObject } from "./json.ts"
import type { ResponsesStyle } from "./responsesStyle.ts"

/** One item of an answer. */
export interface ScriptItem {
  readonly step: ScriptStep | undefined
  readonly index: number
  readonly id: string
  /** As it is finished. */
  readonly whole: JsonObject
}

const parsed = (args: string): Json => {
  try {
    const value: unknown = JSON.parse(args)
    return isJsonObject(value) ? value : args
  } catch {
    return args
  }
}

/** A text cut into the parts of one item, in half where the style wants several. */
const partsOf = (text: string, style: ResponsesStyle): ReadonlyArray<string> => {
  const half = Math.ceil(text.length / 2)
  return style.parts === "one" || half === text.length ? [text] : [text.slice(0, half), text.slice(half)]
}

const citation = { type: "url_citation", url: "https://example.com/", title: "Example", start_index: 0, end_index: 1 }

const outputText = (text: string, style: ResponsesStyle): JsonObject => ({
  type: "output_text",
  text,
  annotations: style.annotations ? [citation] : []
})

const callItem = ({ args, id, name }: CallStep, style: ResponsesStyle): JsonObject => ({
  type: "function_call",
  ...(id === "" ? {} : { call_id: id }),
  name,
  arguments: style.objects ? parsed(args) : args
})

const reasoningItem = (id: string, text: string, style: ResponsesStyle): JsonObject => ({
  type: "reasoning",
  summary: style.reasoning === "summary" ? [{ type: "summary_text", text }] : [],
  ...(style.reasoning === "content" ? { content: [{ type: "reasoning_text", text }] } : {}),
  ...(style.encrypted === "none" ? {} : { encrypted_content: `encrypted-${id}` })
})

const message = (content: ReadonlyArray<Json>): JsonObject => ({ type: "message", role: "assistant", content })

const content = (step: ScriptStep | undefined, id: string, style: ResponsesStyle): JsonObject => {
  switch (step?.type) {
    case undefined:
      return { type: "mcp_list_tools", server_label: "s", tools: [] }
    case "text":
      return message(partsOf(step.text, style).map((text) => outputText(text, style)))
    case "refusal":
      return message([{ type: "refusal", refusal: step.text }])
    case "reasoning":
      return reasoningItem(id, step.text, style)
    case "call":
      return callItem(step, style)
  }
}

/** The items of a turn; where the style has things that are unknown to us, one stands before every other item. */
export const scriptItems = (
  steps: ReadonlyArray<ScriptStep>,
  style: ResponsesStyle,
  status: (last: boolean) => string
): ReadonlyArray<ScriptItem> =>
  steps
    .flatMap((step) => (style.unknown ? [undefined, step] : [step]))
    .map((step, index, all) => {
      const id = `item_${index}`
      const whole = { id, status: status(index === all.length - 1), ...content(step, id, style) }
      // reasoning keeps its id: it is replayed
      const named = style.refs === "none" && step?.type !== "reasoning" ? { ...whole, id: null } : whole
      return { step, index, id, whole: named }
    })

/** A record before it is numbered. */
export interface ItemRecord {
  readonly call: boolean
  readonly data: JsonObject
}

/** The fields that say which item a record is about; `nth` is the record's number within the item. */
const refs = ({ id, index }: ScriptItem, style: ResponsesStyle, nth: number): JsonObject => {
  const place: JsonObject = style.refs === "id" || style.refs === "none" ? {} : { output_index: index }
  const name: JsonObject =
    style.refs === "index" || style.refs === "none" ? {} : { item_id: style.refs === "renamed" ? `${id}_${nth}` : id }
  return { ...place, ...name }
}

const begun = ({ step, whole }: ScriptItem, style: ResponsesStyle): JsonObject => {
  const early = { ...whole, status: "in_progress" }
  switch (step?.type) {
    case undefined:
      return early
    case "text":
    case "refusal":
      return { ...early, content: [] }
    case "call":
      return { ...early, arguments: "" }
    case "reasoning":
      return {
        ...early,
        summary: [],
        ...(style.reasoning === "content" ? { content: [] } : {}),
        ...(style.encrypted === "none" ? {} : { encrypted_content: style.encrypted === "partial" ? "encry" : null })
      }
  }
}

interface Draft {
  readonly type: string
  readonly more: JsonObject
  /** Comes only with `.done` records of all kinds. */
  readonly isDone?: true
}

const named = (type: string, field: string, more: JsonObject, texts: ReadonlyArray<string>, whole: string) => [
  ...texts.map((delta): Draft => ({ type: `${type}.delta`, more: { ...more, delta } })),
  { type: `${type}.done`, more: { ...more, [field]: whole }, isDone: true as const }
]

/** What streams an item between its announcement and its end. */
const middle = (step: ScriptStep, style: ResponsesStyle, random: Dice): ReadonlyArray<Draft> => {
  const cut = (text: string) => (style.deltas ? pieces(text, random) : [])
  switch (step.type) {
    case "text":
      return partsOf(step.text, style).flatMap((text, part) => {
        const at = { content_index: style.parts === "zero" ? 0 : part }
        const drafts: ReadonlyArray<Draft> = [
          { type: "content_part.added", more: { ...at, part: outputText("", style) } },
          ...named("output_text", "text", at, cut(text), text),
          ...(style.annotations
            ? [{ type: "output_text.annotation.added", more: { ...at, annotation_index: 0, annotation: citation } }]
            : []),
          { type: "content_part.done", more: { ...at, part: outputText(text, style) }, isDone: true }
        ]
        // numbered alike, an end can only be that of the last part
        return style.parts === "zero" ? drafts.filter(({ isDone }) => isDone !== true) : drafts
      })
    case "refusal":
      return named("refusal", "refusal", { content_index: 0 }, cut(step.text), step.text)
    case "reasoning":
      return style.reasoning === "summary"
        ? [
            {
              type: "reasoning_summary_part.added",
              more: { summary_index: 0, part: { type: "summary_text", text: "" } }
            },
            ...named("reasoning_summary_text", "text", { summary_index: 0 }, cut(step.text), step.text),
            {
              type: "reasoning_summary_part.done",
              more: { summary_index: 0, part: { type: "summary_text", text: step.text } },
              isDone: true
            }
          ]
        : named("reasoning_text", "text", { content_index: 0 }, cut(step.text), step.text)
    case "call":
      return named("function_call_arguments", "arguments", {}, cut(step.args), step.args)
  }
}

/** All records of one item. */
export const itemRecords = (item: ScriptItem, style: ResponsesStyle, random: Dice): ReadonlyArray<ItemRecord> => {
  const { step, whole } = item
  const isReasoning = step?.type === "reasoning"
  const details = style.dones === "all" || style.dones === "twice"
  const finished: Draft = { type: "output_item.done", more: { item: whole }, isDone: true }
  const drafts: ReadonlyArray<Draft> = [
    ...(style.added || step === undefined ? [{ type: "output_item.added", more: { item: begun(item, style) } }] : []),
    ...(step === undefined ? [] : middle(step, style, random).filter(({ isDone }) => isDone !== true || details)),
    ...(style.dones !== "reasoning" || isReasoning ? [finished] : [])
  ]
  return drafts
    .flatMap((draft) =>
      draft.isDone === true && style.dones === "twice" && style.refs !== "none" ? [draft, draft] : [draft]
    )
    .map(({ more, type }, nth) => {
      const { item_id: id, ...place } = refs(item, style, nth)
      const own: JsonObject = isJsonObject(more["item"])
        ? {
            ...place,
            item: { ...more["item"], ...(style.refs === "renamed" && !isReasoning ? { id: id ?? null } : {}) }
          }
        : { ...place, ...(id === undefined ? {} : { item_id: id }) }
      return { call: step?.type === "call", data: { type: `response.${type}`, ...more, ...own } }
    })
}
