/** Messages reduced to what the laws compare. */
import { isJsonObject, type Json, type JsonObject } from "../../../../src/testing/json.ts"
import { isGenerated } from "./exchange.ts"

/** The blocks of a message. */
export const blocksOf = (message: JsonObject): ReadonlyArray<JsonObject> => {
  const content = message["content"]
  return Array.isArray(content) ? content.filter(isJsonObject) : []
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "")

/** Neighbouring text blocks as one. */
export const mergedBlocks = (message: JsonObject): ReadonlyArray<JsonObject> =>
  blocksOf(message).reduce<Array<JsonObject>>((merged, block) => {
    const last = merged.at(-1)
    if (last?.["type"] === "text" && block["type"] === "text") {
      merged[merged.length - 1] = { ...last, text: text(last["text"]) + text(block["text"]) }
    } else merged.push(block)
    return merged
  }, [])

/** The block under a fixed id if its own is random. */
export const withoutGenerated = (block: JsonObject): JsonObject =>
  block["type"] === "tool_use" && isGenerated(text(block["id"])) ? { ...block, id: "toolu_*" } : block

/** The message up to its id, generated call ids and the cutting of text into blocks. */
export const comparable = (message: JsonObject | undefined): JsonObject | undefined =>
  message === undefined ? undefined : { ...message, id: "msg_*", content: mergedBlocks(message).map(withoutGenerated) }

/** The same without any call id. */
export const withoutCallIds = (message: JsonObject | undefined): JsonObject | undefined =>
  message === undefined
    ? undefined
    : {
        ...message,
        id: "msg_*",
        content: mergedBlocks(message).map((block) => (block["type"] === "tool_use" ? { ...block, id: "*" } : block))
      }
