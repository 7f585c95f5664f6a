/** Items of a Responses request as raw messages, read leniently (wire specification §3.1). */
import type { Block, RawMessage } from "../arrange.ts"
import type { ReasoningPart, UserPart } from "../conversation.ts"
import { asArray, asString, isObject, nonEmpty, type JsonObject } from "../json.ts"
import type { LossSink } from "../loss.ts"
import { documentOf, imageAt, inputOf, textPart, type Fault } from "../openaiWords.ts"

/** Who wrote the opaque items that come back with a history; without it nobody can read them. */
export interface Author {
  /** Provider kind, e.g. "openai". */
  readonly provider: string
  readonly model: string
}

/** How the items of one request are read. */
export interface ItemReading {
  readonly fault: Fault
  readonly lose: LossSink
  readonly author: Author | undefined
}

const part = (value: unknown, path: string, fault: Fault): ReadonlyArray<UserPart> => {
  if (isObject(value)) {
    if (typeof value["text"] === "string") return [textPart(value["text"])]
    if (typeof value["refusal"] === "string") return [textPart(value["refusal"])]
    const url = nonEmpty(value["image_url"])
    if (url !== undefined) return [{ ...imageAt(url), at: path }]
    const document = documentOf(value)
    if (document !== undefined) return [{ ...document, at: path }]
    const id = nonEmpty(value["file_id"])
    if (id !== undefined) return [textPart(`[attached file ${id} is not available to this provider]`)]
  }
  fault(path, "must be a content part")
  return []
}

const parts = (content: unknown, path: string, fault: Fault): ReadonlyArray<UserPart> => {
  if (typeof content === "string") return content === "" ? [] : [textPart(content)]
  return asArray(content)
    .flatMap((value, i) => part(value, `${path}[${i}]`, fault))
    .filter((found) => found.type !== "text" || found.text !== "")
}

const message = (item: JsonObject, path: string, { fault }: ItemReading): ReadonlyArray<RawMessage> => {
  const role = item["role"]
  const blocks = parts(item["content"], `${path}.content`, fault)
  if (role === "user" || role === "assistant") return [{ role, blocks }]
  if (role === "system" || role === "developer") return [{ role: "system", blocks }]
  fault(`${path}.role`, "must be a message role")
  return []
}

const call = (item: JsonObject, path: string, { fault }: ItemReading): ReadonlyArray<Block> => {
  const { call_id: id, name } = item
  // the input of a custom tool is any text
  const custom = item["type"] === "custom_tool_call"
  const input = custom ? { input: asString(item["input"]) ?? "" } : inputOf(item["arguments"])
  if (typeof id !== "string") fault(`${path}.call_id`, "must be a string")
  if (nonEmpty(name) === undefined) fault(`${path}.name`, "must be a string")
  if (!isObject(input)) fault(`${path}.arguments`, "must be a JSON object as a string")
  return typeof id === "string" && typeof name === "string" && name !== "" && isObject(input)
    ? [{ type: "call", id, name, input, at: path }]
    : []
}

const output = (item: JsonObject, path: string, { fault }: ItemReading): ReadonlyArray<Block> => {
  const callId = asString(item["call_id"])
  if (callId === undefined) fault(`${path}.call_id`, "must be a string")
  const content = parts(item["output"], `${path}.output`, fault)
  return [{ type: "result", callId: callId ?? "", parts: content, isError: false, at: path }]
}

const textsOf = (value: unknown): string =>
  asArray(value)
    .flatMap((one) => (isObject(one) ? (nonEmpty(one["text"]) ?? []) : []))
    .join("\n\n")

/** An item for its author alone, with the text in it that anybody may read. */
const opaque = (item: JsonObject, path: string, { author, lose }: ItemReading): ReadonlyArray<ReasoningPart> => {
  if (author === undefined) {
    lose("dropped", path, "an opaque item is not sent", "it is not known which model wrote it")
    return []
  }
  const { status, ...rest } = item
  const kept = item["type"] === "reasoning" || status === undefined ? rest : item
  const summary = textsOf(item["summary"])
  const text = summary === "" ? textsOf(item["content"]) : summary
  return [{ type: "reasoning", text, replay: { ...author, protocol: "responses", payload: { item: kept } }, at: path }]
}

/** The search as its author wants it back, and for everybody else as what it was. */
const search = (item: JsonObject, path: string, reading: ItemReading): ReadonlyArray<Block> => {
  const id = asString(item["id"]) ?? ""
  const action = isObject(item["action"]) ? item["action"] : {}
  const query = asString(action["query"])
  const input = query === undefined ? action : { query }
  const own = reading.author === undefined ? [] : opaque(item, path, reading)
  return [...own, { type: "server-tool", id, name: "web_search", input, at: path }]
}

/** One item as a message of its own; neighbours of one role are merged later. */
export const rawMessages = (value: unknown, path: string, reading: ItemReading): ReadonlyArray<RawMessage> => {
  if (!isObject(value)) {
    reading.fault(path, "must be an object")
    return []
  }
  const { type } = value
  switch (type) {
    case undefined:
    case "message":
      return message(value, path, reading)
    case "function_call":
    case "custom_tool_call":
      return [{ role: "assistant", blocks: call(value, path, reading) }]
    case "function_call_output":
    case "custom_tool_call_output":
      return [{ role: "user", blocks: output(value, path, reading) }]
    case "reasoning":
      return [{ role: "assistant", blocks: opaque(value, path, reading) }]
    case "web_search_call":
      return [{ role: "assistant", blocks: search(value, path, reading) }]
    default:
      if (typeof type === "string")
        reading.lose("dropped", path, `${type} is not sent`, "other providers know no such item")
      else reading.fault(`${path}.type`, "must be a string")
      return []
  }
}
