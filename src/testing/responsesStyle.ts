/** The ways in which servers write Responses answers down (wire specification §3.2), and which of them lose nothing. */
import { FastCheck as fc } from "effect"
import type { TurnScript } from "./chatScript.ts"
import { seed } from "./json.ts"

/** How one server writes its answers. */
export interface ResponsesStyle {
  /** Decides where texts are cut and who takes turns; 0 is the plainest. */
  readonly seed: number
  readonly opening: "created" | "twice" | "queued" | "none"
  /** `output_item.added` comes; LM Studio and relays leave it out. */
  readonly added: boolean
  /** Texts and arguments come in pieces; otherwise only `.done` records hold them. */
  readonly deltas: boolean
  /** Which `.done` records come: all, those of items, all twice, or only those of reasoning. */
  readonly dones: "all" | "items" | "twice" | "reasoning"
  /** `response.output` of the last record; empty on the ChatGPT backend. */
  readonly output: "full" | "empty" | "absent"
  /** How a record says which item it is about; `renamed` gives the item another id in every record (Copilot). */
  readonly refs: "both" | "index" | "id" | "renamed" | "none"
  readonly numbered: boolean
  readonly eventLines: boolean
  /** Records of calls may stand between those of other items. */
  readonly interleaved: boolean
  /** Reasoning as a summary or as itself. */
  readonly reasoning: "summary" | "content"
  /** `encrypted_content` of reasoning: none, with its end, or in part with its announcement too. */
  readonly encrypted: "none" | "done" | "partial"
  /** Arguments of a whole call as a JSON object instead of text. */
  readonly objects: boolean
  /** A text in several parts, whose deltas are all numbered 0 or by their part. */
  readonly parts: "one" | "numbered" | "zero"
  /** Items and records of kinds that mean nothing to us. */
  readonly unknown: boolean
  readonly annotations: boolean
  /** `[DONE]` behind the last record; an end of type `done` always has it. */
  readonly done: boolean
  readonly failure: "failed" | "event" | "nested" | "completed"
}

/** Any style. */
export const responsesStyle: fc.Arbitrary<ResponsesStyle> = fc.record({
  seed,
  opening: fc.constantFrom("created", "twice", "queued", "none"),
  added: fc.boolean(),
  deltas: fc.boolean(),
  dones: fc.constantFrom("all", "items", "twice", "reasoning"),
  output: fc.constantFrom("full", "empty", "absent"),
  refs: fc.constantFrom("both", "index", "id", "renamed", "none"),
  numbered: fc.boolean(),
  eventLines: fc.boolean(),
  interleaved: fc.boolean(),
  reasoning: fc.constantFrom("summary", "content"),
  encrypted: fc.constantFrom("none", "done", "partial"),
  objects: fc.boolean(),
  parts: fc.constantFrom("one", "numbered", "zero"),
  unknown: fc.boolean(),
  annotations: fc.boolean(),
  done: fc.boolean(),
  failure: fc.constantFrom("failed", "event", "nested", "completed")
})

/** What OpenAI itself sends. */
export const plainResponses: ResponsesStyle = {
  seed: 0,
  opening: "created",
  added: true,
  deltas: true,
  dones: "all",
  output: "full",
  refs: "both",
  numbered: true,
  eventLines: true,
  interleaved: false,
  reasoning: "summary",
  encrypted: "done",
  objects: false,
  parts: "one",
  unknown: false,
  annotations: false,
  done: false,
  failure: "failed"
}

/**
 * The style that is nearest to the wanted one and says this turn completely: names of calls come with their announcement
 * or their end, texts with deltas or ends, `[DONE]` ends only what was finished, and items that nothing else tells apart
 * come one after the other.
 */
export const fittingResponses = (wanted: ResponsesStyle, { end, steps }: TurnScript): ResponsesStyle => {
  const ended = !wanted.added || !wanted.deltas || end.type === "done"
  // an end that comes again under another name is taken for that of another item
  const dones = wanted.dones === "twice" && wanted.refs === "renamed" ? "all" : wanted.dones
  const ids = steps.flatMap((step) => (step.type === "call" && step.id !== "" ? [step.id] : []))
  const isPlain = !wanted.interleaved && new Set(ids).size === ids.length
  const refs = wanted.refs === "none" && !isPlain ? "both" : wanted.refs
  return {
    ...wanted,
    refs,
    dones: ended && dones === "reasoning" ? "items" : dones,
    // a record of its own tells where one item ends when nothing else does
    added: wanted.added || refs === "none",
    done: wanted.done || end.type === "done"
  }
}
