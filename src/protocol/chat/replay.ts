/** Reasoning of earlier answers on its way back to the provider (wire specification §4.9.2, §4.14). */
import type { CallPart, ReasoningPart } from "../conversation.ts"
import type { Encoder } from "../encoding.ts"
import type { JsonObject } from "../json.ts"
import { readReplay, type ChatReplay } from "./reasoning.ts"

/** What an assistant message holds besides its text and calls. */
export interface Replayed {
  readonly fields: {
    readonly reasoning_content?: string
    readonly reasoning?: string
    readonly reasoning_details?: ReadonlyArray<JsonObject>
    readonly reasoning_text?: string
    readonly reasoning_opaque?: string
  }
  /** Reasoning that stands in the content, before the text: as a part of its own, or as text between tags. */
  readonly part?: string
  readonly tagged?: string
  /** `extra_content` of calls, by the client's call id. */
  readonly extras: ReadonlyMap<string, JsonObject>
}

/** Google's documented word for a call whose signature nobody knows; Gemini refuses calls without any. */
const unsigned: JsonObject = { google: { thought_signature: "skip_thought_signature_validator" } }

const isOwn = ({ replay }: ReasoningPart, { model, policy }: Encoder): boolean =>
  replay.provider === policy.kind && replay.model === model && replay.protocol === "chat"

/** Opaque parts are only understood by the model that wrote them. */
const opaque = (part: ReasoningPart, encoder: Encoder): ChatReplay =>
  isOwn(part, encoder) ? readReplay(part.replay.payload) : {}

/** What the providers' own extras become: by call id; a lone one that lost its call stands at the first. */
const extrasOf = (known: ReadonlyArray<ChatReplay>, calls: ReadonlyArray<CallPart>): Map<string, JsonObject> => {
  const carried = new Map(known.flatMap(({ extras = {} }) => Object.entries(extras)))
  const found = new Map(
    calls.flatMap(({ id }) => {
      const extra = carried.get(id)
      return extra === undefined ? [] : [[id, extra] as const]
    })
  )
  const [first] = calls
  const [lone] = carried.values()
  return found.size === 0 && first !== undefined && lone !== undefined ? new Map([[first.id, lone]]) : found
}

/** Whether a provider takes the text of this reasoning back in its content: only what its own models wrote. */
const inContent = (part: ReasoningPart, { policy }: Encoder): boolean =>
  part.text !== "" &&
  (policy.reasoningReplay === "think-tags" || policy.reasoningReplay === "parts") &&
  part.replay.provider === policy.kind

/** Whether anything of this reasoning is sent. */
const isSent = (part: ReasoningPart, encoder: Encoder): boolean => {
  const { details, extras, opaque: token } = opaque(part, encoder)
  if (extras !== undefined) return true
  switch (encoder.policy.reasoningReplay) {
    case "reasoning_content":
    case "reasoning":
      return part.text !== ""
    case "reasoning_details":
      return details !== undefined
    case "reasoning_opaque":
      return token !== undefined
    default:
      return inContent(part, encoder)
  }
}

/**
 * The reasoning of one assistant message, as the provider wants it back; what it does not get is on record. `speaks` tells
 * that the message has text or calls.
 */
export const replayed = (
  reasoning: ReadonlyArray<ReasoningPart>,
  calls: ReadonlyArray<CallPart>,
  speaks: boolean,
  encoder: Encoder
): Replayed => {
  const { lose, policy } = encoder
  const kind = policy.reasoningReplay
  for (const part of reasoning) {
    if (isSent(part, encoder)) continue
    const why =
      isOwn(part, encoder) || kind === "none" ? "the provider does not take it back" : "another model wrote it"
    lose("dropped", part.at ?? "messages", "the reasoning is not sent", why)
  }
  const [first] = calls
  const at = first?.at ?? "messages"
  const known = reasoning.map((part) => opaque(part, encoder))
  const extras = extrasOf(known, calls)
  const shown = (parts: ReadonlyArray<ReasoningPart>) => parts.map((part) => part.text).join("")
  switch (kind) {
    case "reasoning_content":
    case "reasoning": {
      const text = shown(reasoning)
      if (text !== "") return { fields: { [kind]: text }, extras }
      // also for words without calls: those behind results belong to the same turn [openclaw/openclaw#73417]
      if (!speaks || policy.reasoningFallback === undefined) return { fields: {}, extras }
      lose("added", at, `${kind} says nothing there`, "the provider demands reasoning, and it is not known")
      return { fields: { [kind]: policy.reasoningFallback }, extras }
    }
    case "reasoning_details": {
      const details = known.flatMap((replay) => replay.details ?? [])
      return { fields: details.length === 0 ? {} : { reasoning_details: details }, extras }
    }
    case "reasoning_opaque": {
      // one for each message: that of the latest thought, with the words that it stands for
      const isSigned = (replay: ChatReplay) => replay.opaque !== undefined
      const latest = known.findLastIndex(isSigned)
      const token = known[latest]?.opaque
      if (token === undefined) return { fields: {}, extras }
      const from = known.slice(0, latest).findLastIndex(isSigned) + 1
      const text = shown(reasoning.slice(from, latest + 1).filter((part) => isOwn(part, encoder)))
      return { fields: { ...(text === "" ? {} : { reasoning_text: text }), reasoning_opaque: token }, extras }
    }
    case "thought_signature":
      if (first !== undefined && extras.size === 0) {
        lose("added", at, "a word stands for the signature", "the provider demands one, and it is not known")
        extras.set(first.id, unsigned)
      }
      return { fields: {}, extras }
    case "think-tags": {
      const text = shown(reasoning.filter((part) => inContent(part, encoder)))
      return { fields: {}, extras, ...(text === "" ? {} : { tagged: `<think>${text}</think>\n\n` }) }
    }
    case "parts": {
      const text = shown(reasoning.filter((part) => inContent(part, encoder)))
      return { fields: {}, extras, ...(text === "" ? {} : { part: text }) }
    }
    case "none":
      return { fields: {}, extras }
  }
}
