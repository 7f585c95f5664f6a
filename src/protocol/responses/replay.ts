/**
 * Items that a provider wants back as it wrote them. An envelope's payload is `{ "item": <the item as received, without
 * its status> }`, so that what is encrypted in it comes back byte for byte.
 */
import type { ReasoningPart } from "../conversation.ts"
import type { Encoder } from "../encoding.ts"
import { asArray, isObject, nonEmpty, type JsonObject } from "../json.ts"
import type { OpaqueItem } from "./wire.ts"

const isOpaque = (item: JsonObject): item is OpaqueItem =>
  item["type"] === "reasoning" || item["type"] === "web_search_call"

/** The item in an envelope's payload, if there is one of a kind that is sent back. */
export const replayedItem = (payload: unknown): OpaqueItem | undefined => {
  const item = isObject(payload) ? payload["item"] : undefined
  return isObject(item) && isOpaque(item) ? item : undefined
}

const hasOpenText = (item: JsonObject): boolean =>
  asArray(item["content"]).some((part) => isObject(part) && nonEmpty(part["text"]) !== undefined)

/** Why the provider would refuse the item, or could not read it. */
const unfit = (item: OpaqueItem, { policy }: Encoder): string | undefined => {
  if (item.type !== "reasoning") return undefined
  if (nonEmpty(item["encrypted_content"]) !== undefined)
    return policy.encryptedReasoning ? undefined : "the provider takes no encrypted reasoning"
  // an id alone refers to what the provider was told not to store
  return hasOpenText(item) ? undefined : "it holds nothing that the provider could read"
}

/** What the protocol takes as an item's id. */
const legalId = /^[\w-]{1,64}$/

/**
 * The item without an id that the provider would refuse: Copilot names items with several hundred characters, and takes
 * them back without a name, but not by another one. [openclaw/openclaw#72602, #84774]
 */
const named = (item: OpaqueItem): OpaqueItem => {
  const { id, type, ...rest } = item
  return id === undefined || (typeof id === "string" && legalId.test(id)) ? item : { type, ...rest }
}

/** The item of a reasoning part for the provider that wrote it; undefined, on the record, for any other. */
export const replay = (part: ReasoningPart, encoder: Encoder): OpaqueItem | undefined => {
  const { model, protocol, provider } = part.replay
  const own = protocol === "responses" && provider === encoder.policy.kind && model === encoder.model
  const item = own ? replayedItem(part.replay.payload) : undefined
  const drop = (why: string) => {
    encoder.lose("dropped", part.at ?? "messages", "reasoning is not sent back", why)
    return undefined
  }
  if (item === undefined) return drop("only the model that wrote it can read it")
  const why = unfit(item, encoder)
  return why === undefined ? named(item) : drop(why)
}
