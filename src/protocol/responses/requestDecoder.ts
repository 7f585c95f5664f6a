/** Responses request → Conversation: for Responses clients, and for tests that turn a translation around. */
import { Either } from "effect"
import { arrange } from "../arrange.ts"
import type { Conversation, ReasoningRequest, TextPart, Tool, ToolChoice } from "../conversation.ts"
import { gatewayError, type GatewayError } from "../errors.ts"
import { asArray, asString, isDeeperThan, isObject, maxNesting, nonEmpty, type JsonObject } from "../json.ts"
import { lossLog } from "../loss.ts"
import { choiceWord, effortOf, number, optional, schemaIn, textPart, type Fault } from "../openaiWords.ts"
import { rawMessages, type Author } from "./itemsDecoder.ts"

/** What a custom tool takes: one text. */
const freeText: JsonObject = { type: "object", properties: { input: { type: "string" } }, required: ["input"] }

const isSearch = (type: string): boolean => /^web_search(_preview)?(_\d|$)/.test(type)

const hosted = (type: string, tool: JsonObject, at: string): Tool => {
  const filters = isObject(tool["filters"]) ? tool["filters"] : {}
  const options = {
    ...optional("allowed_domains", filters["allowed_domains"]),
    ...optional("user_location", tool["user_location"])
  }
  const kind = isSearch(type) ? "web_search" : type
  return { type: "server", kind, name: kind, options: kind === "web_search" ? options : {}, at }
}

const tool = (value: unknown, path: string, fault: Fault): ReadonlyArray<Tool> => {
  const type = isObject(value) ? nonEmpty(value["type"]) : undefined
  if (!isObject(value) || type === undefined) {
    fault(`${path}.type`, "must be a string")
    return []
  }
  if (type !== "function" && type !== "custom") return [hosted(type, value, path)]
  const name = nonEmpty(value["name"])
  if (name === undefined) {
    fault(`${path}.name`, "must be a string")
    return []
  }
  const schema = type === "custom" ? freeText : value["parameters"]
  const strict = value["strict"] === true
  return [
    { type: "function", name, ...optional("description", asString(value["description"])), schema, strict, at: path }
  ]
}

const choice = (value: unknown): ToolChoice | undefined => {
  if (typeof value === "string") return choiceWord(value)
  const type = isObject(value) ? asString(value["type"]) : undefined
  if (!isObject(value) || type === undefined) return undefined
  const name = type === "function" || type === "custom" ? nonEmpty(value["name"]) : isSearch(type) ? "web_search" : type
  return name === undefined ? undefined : { type: "tool", name }
}

const reasoningOf = (value: unknown): ReasoningRequest => {
  if (!isObject(value)) return { mode: "default" }
  const word = asString(value["effort"])
  const shown = nonEmpty(value["summary"]) !== undefined
  return {
    mode: word === "none" ? "off" : "adaptive",
    ...optional("effort", effortOf(word)),
    ...(shown ? {} : { display: "omitted" })
  }
}

const refuse = (message: string) => Either.left(gatewayError("invalid_request_error", message))

/**
 * Reads a Responses request body. `author` wrote the opaque items in it (encrypted reasoning), which are otherwise left
 * out, on the record. The Left is the client's 400 and names the place.
 */
export const decodeRequest = (body: unknown, author?: Author): Either.Either<Conversation, GatewayError> => {
  if (!isObject(body)) return refuse("the request body must be a JSON object")
  if (isDeeperThan(maxNesting, body)) return refuse(`the request body is nested deeper than ${maxNesting} levels`)
  const faults: Array<string> = []
  const log = lossLog()
  const fault: Fault = (path, message) => {
    faults.push(`${path}: ${message}`)
  }
  if (nonEmpty(body["model"]) === undefined) fault("model", "must be a string")
  if (nonEmpty(body["previous_response_id"]) !== undefined)
    fault("previous_response_id", "no answers are stored: send the whole conversation")
  const { input } = body
  const items = typeof input === "string" ? [{ role: "user", content: input }] : asArray(input)
  const raw = items.flatMap((item, i) => rawMessages(item, `input[${i}]`, { fault, lose: log.lose, author }))
  const lead = raw.findIndex((message) => message.role !== "system")
  const head = lead === -1 ? raw : raw.slice(0, lead)
  const messages = arrange(lead === -1 ? [] : raw.slice(lead), log.lose)
  if (faults.length === 0 && messages.length === 0) fault("input", "must hold some content")
  const text = isObject(body["text"]) ? body["text"] : {}
  const leading = head.flatMap((message) => message.blocks.filter((block) => block.type === "text"))
  const system: ReadonlyArray<TextPart> = [textPart(asString(body["instructions"]) ?? ""), ...leading]
  const tools = asArray(body["tools"]).flatMap((value, i) => tool(value, `tools[${i}]`, fault))
  const conversation: Conversation = {
    model: asString(body["model"]) ?? "",
    system: system.filter((one) => one.text.trim() !== ""),
    messages,
    tools,
    ...optional("toolChoice", choice(body["tool_choice"])),
    parallelCalls: body["parallel_tool_calls"] !== false,
    ...optional("maxTokens", number(body["max_output_tokens"])),
    stream: body["stream"] === true,
    stopSequences: [],
    ...optional("temperature", number(body["temperature"])),
    ...optional("topP", number(body["top_p"])),
    reasoning: reasoningOf(body["reasoning"]),
    ...optional("outputSchema", schemaIn(text["format"])),
    ...optional("sessionId", nonEmpty(body["prompt_cache_key"])),
    fast: body["service_tier"] === "priority",
    losses: log.losses()
  }
  const [first] = faults
  return first === undefined ? Either.right(conversation) : refuse(first)
}
