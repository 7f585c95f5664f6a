/** Chat Completions request → Conversation: for Chat clients, and for tests that turn a translation around. */
import { Either } from "effect"
import { arrange, type Block, type RawMessage } from "../arrange.ts"
import type { Conversation, Tool, ToolChoice, UserPart } from "../conversation.ts"
import { gatewayError, type GatewayError } from "../errors.ts"
import { asArray, asString, isDeeperThan, isObject, maxNesting, nonEmpty } from "../json.ts"
import {
  choiceWord,
  documentOf,
  effortOf,
  imageAt,
  inputOf,
  number,
  optional,
  schemaIn,
  textPart,
  type Fault
} from "../openaiWords.ts"

const part = (value: unknown, path: string, fault: Fault): ReadonlyArray<UserPart> => {
  if (isObject(value)) {
    if (typeof value["text"] === "string") return [textPart(value["text"])]
    const url = isObject(value["image_url"]) ? asString(value["image_url"]["url"]) : asString(value["image_url"])
    if (url !== undefined) return [imageAt(url)]
    const file = isObject(value["file"]) ? value["file"] : {}
    const document = documentOf(file)
    if (document !== undefined) return [document]
    if (typeof value["type"] === "string" && value["type"] !== "text") {
      return [textPart(`[${value["type"]}] ${JSON.stringify(value)}`)]
    }
  }
  fault(path, "must be a content part")
  return []
}

const parts = (content: unknown, path: string, fault: Fault): ReadonlyArray<UserPart> => {
  if (typeof content === "string") return [textPart(content)]
  return asArray(content).flatMap((value, i) => part(value, `${path}[${i}]`, fault))
}

const call = (value: unknown, path: string, fault: Fault): ReadonlyArray<Block> => {
  const fn = isObject(value) && isObject(value["function"]) ? value["function"] : undefined
  const name = nonEmpty(fn?.["name"])
  const id = isObject(value) ? asString(value["id"]) : undefined
  const input = inputOf(fn?.["arguments"])
  if (name === undefined) fault(`${path}.function.name`, "must be a string")
  if (id === undefined) fault(`${path}.id`, "must be a string")
  if (!isObject(input)) fault(`${path}.function.arguments`, "must be a JSON object as a string")
  return name !== undefined && id !== undefined && isObject(input) ? [{ type: "call", id, name, input }] : []
}

const rawMessage = (value: unknown, path: string, fault: Fault): ReadonlyArray<RawMessage> => {
  const role = isObject(value) ? value["role"] : undefined
  if (!isObject(value)) fault(path, "must be an object")
  else if (role === "user") return [{ role, blocks: parts(value["content"], `${path}.content`, fault) }]
  else if (role === "system" || role === "developer") {
    return [{ role: "system", blocks: parts(value["content"], `${path}.content`, fault) }]
  } else if (role === "tool") {
    const callId = asString(value["tool_call_id"])
    if (callId === undefined) fault(`${path}.tool_call_id`, "must be a string")
    const content = parts(value["content"], `${path}.content`, fault).filter((p) => p.type !== "text" || p.text !== "")
    return [{ role: "user", blocks: [{ type: "result", callId: callId ?? "", parts: content, isError: false }] }]
  } else if (role === "assistant") {
    const calls = asArray(value["tool_calls"]).flatMap((c, i) => call(c, `${path}.tool_calls[${i}]`, fault))
    return [{ role, blocks: [...parts(value["content"], `${path}.content`, fault), ...calls] }]
  } else fault(`${path}.role`, "must be a message role")
  return []
}

const tool = (value: unknown, path: string, fault: Fault): ReadonlyArray<Tool> => {
  const fn = isObject(value) && isObject(value["function"]) ? value["function"] : undefined
  const name = nonEmpty(fn?.["name"])
  if (fn === undefined || name === undefined) {
    fault(`${path}.function.name`, "must be a string")
    return []
  }
  const description = asString(fn["description"])
  return [
    {
      type: "function",
      name,
      ...(description === undefined ? {} : { description }),
      schema: fn["parameters"],
      strict: fn["strict"] === true
    }
  ]
}

const choice = (value: unknown): ToolChoice | undefined => {
  if (typeof value === "string") return choiceWord(value)
  const fn = isObject(value) && isObject(value["function"]) ? nonEmpty(value["function"]["name"]) : undefined
  return fn === undefined ? undefined : { type: "tool", name: fn }
}

/** Reads a Chat request body. The Left is the client's 400 and names the place. */
export const decodeRequest = (body: unknown): Either.Either<Conversation, GatewayError> => {
  if (!isObject(body)) return refuse("the request body must be a JSON object")
  if (isDeeperThan(maxNesting, body)) return refuse(`the request body is nested deeper than ${maxNesting} levels`)
  const faults: Array<string> = []
  const fault: Fault = (path, message) => {
    faults.push(`${path}: ${message}`)
  }
  if (nonEmpty(body["model"]) === undefined) fault("model", "must be a string")
  const raw = asArray(body["messages"]).flatMap((value, i) => rawMessage(value, `messages[${i}]`, fault))
  const lead = raw.findIndex((message) => message.role !== "system")
  const head = lead === -1 ? raw : raw.slice(0, lead)
  const messages = arrange(lead === -1 ? [] : raw.slice(lead))
  if (faults.length === 0 && messages.length === 0) fault("messages", "must hold some content")
  const effort = asString(body["reasoning_effort"])
  const stop = typeof body["stop"] === "string" ? [body["stop"]] : asArray(body["stop"])
  const conversation: Conversation = {
    model: asString(body["model"]) ?? "",
    system: head.flatMap((message) =>
      message.blocks.flatMap((b) => (b.type === "text" && b.text.trim() !== "" ? [b] : []))
    ),
    messages,
    tools: asArray(body["tools"]).flatMap((value, i) => tool(value, `tools[${i}]`, fault)),
    ...optional("toolChoice", choice(body["tool_choice"])),
    parallelCalls: body["parallel_tool_calls"] !== false,
    ...optional("maxTokens", number(body["max_completion_tokens"]) ?? number(body["max_tokens"])),
    stream: body["stream"] === true,
    stopSequences: stop.flatMap((word) => nonEmpty(word) ?? []),
    ...optional("temperature", number(body["temperature"])),
    ...optional("topP", number(body["top_p"])),
    ...optional("topK", number(body["top_k"])),
    reasoning: {
      mode: effort === "none" ? "off" : "default",
      ...optional("effort", effortOf(effort))
    },
    ...optional("outputSchema", schemaOf(body["response_format"])),
    ...optional("sessionId", nonEmpty(body["prompt_cache_key"])),
    fast: body["service_tier"] === "priority",
    losses: []
  }
  const [first] = faults
  return first === undefined ? Either.right(conversation) : refuse(first)
}

const schemaOf = (format: unknown): unknown => (isObject(format) ? schemaIn(format["json_schema"]) : undefined)

const refuse = (message: string) => Either.left(gatewayError("invalid_request_error", message))
