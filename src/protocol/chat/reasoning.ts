/** Reasoning in Chat answers: five spellings of one thing, and the details some providers want back verbatim. */
import { asArray, asString, isObject, nonEmpty, type JsonObject } from "../json.ts"

/** Where a provider puts the reasoning text, best source first. */
export const reasoningFields = [
  "reasoning_details",
  "reasoning_content",
  "reasoning",
  "thinking",
  "reasoning_text"
] as const
export type ReasoningField = (typeof reasoningFields)[number]

const detailText = (detail: unknown): string => {
  if (!isObject(detail)) return ""
  if (detail["type"] === "reasoning.text") return asString(detail["text"]) ?? ""
  return detail["type"] === "reasoning.summary" ? (asString(detail["summary"]) ?? "") : ""
}

const textIn = (delta: JsonObject, field: ReasoningField): string =>
  field === "reasoning_details" ? asArray(delta[field]).map(detailText).join("") : (asString(delta[field]) ?? "")

/** The field of this delta to believe: the one believed so far, else the first that holds text. Never two at once. */
export const reasoningField = (delta: JsonObject, believed: ReasoningField | undefined): ReasoningField | undefined =>
  believed ?? reasoningFields.find((field) => textIn(delta, field) !== "")

export const reasoningText = textIn

const growing: { readonly [type: string]: string } = { "reasoning.text": "text", "reasoning.summary": "summary" }

/**
 * Streamed details as the list the provider would have sent whole: consecutive fragments of the same item are joined,
 * everything else (ids, signatures, formats, encrypted data, order) is kept as it came.
 */
export const mergeDetails = (list: ReadonlyArray<JsonObject>, next: unknown): ReadonlyArray<JsonObject> => {
  if (!isObject(next)) return list
  const last = list.at(-1)
  const field = typeof next["type"] === "string" ? growing[next["type"]] : undefined
  const joins =
    last !== undefined && field !== undefined && last["type"] === next["type"] && last["index"] === next["index"]
  if (!joins) return [...list, next]
  const text = (asString(last[field]) ?? "") + (asString(next[field]) ?? "")
  const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null && value !== undefined))
  return [...list.slice(0, -1), { ...last, ...kept, [field]: text }]
}

/** What an envelope carries for a Chat provider; the visible text of the block is the rest. */
export interface ChatReplay {
  readonly details?: ReadonlyArray<JsonObject>
  /** Copilot's `reasoning_opaque`. */
  readonly opaque?: string
  /** `extra_content` of calls by the client's call id: Gemini signs its thoughts there. */
  readonly extras?: { readonly [callId: string]: JsonObject }
}

const readExtras = (value: unknown): { readonly [callId: string]: JsonObject } =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).flatMap(([id, extra]) => (isObject(extra) ? [[id, extra]] : []))
  )

/** A payload as this protocol seals it; of anything else nothing. */
export const readReplay = (payload: unknown): ChatReplay => {
  if (!isObject(payload)) return {}
  const details = asArray(payload["details"]).filter(isObject)
  const extras = readExtras(payload["extras"])
  const opaque = nonEmpty(payload["opaque"])
  return {
    ...(opaque === undefined ? {} : { opaque }),
    ...(details.length === 0 ? {} : { details }),
    ...(Object.keys(extras).length === 0 ? {} : { extras })
  }
}
