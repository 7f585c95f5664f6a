/** Anthropic Messages requests ↔ Conversation. Decoding is lenient and normalises (wire specification N1-N15). */
import { Either } from "effect"
import type {
  AssistantPart,
  CacheMark,
  Conversation,
  Effort,
  Message,
  ReasoningRequest,
  TextPart,
  Tool,
  ToolChoice,
  UserPart
} from "../conversation.ts"
import { arrange, type RawMessage } from "../arrange.ts"
import { gatewayError, type GatewayError } from "../errors.ts"
import { asArray, asString, isDeeperThan, isObject, maxNesting, nonEmpty, parseJson, type JsonObject } from "../json.ts"
import { lossLog } from "../loss.ts"
import { seal } from "../reasoning.ts"
import { contentParts, messageBlocks, type Fault } from "./blocks.ts"
import { clientTool, undated } from "./clientTools.ts"

const billing = /^(?:\s*x-anthropic-billing-header:[^\n]*(?:\n|$))+/

/** N3, N4: without the client's attribution line, which differs per conversation and defeats prompt caches. */
const systemText = (system: unknown, fault: Fault): ReadonlyArray<TextPart> => {
  const parts = contentParts(system, "system", fault).filter((part) => part.type === "text")
  let leading = true
  return parts.flatMap((part) => {
    const text = leading ? part.text.replace(billing, "") : part.text
    if (text.trim() === "") return []
    leading = false
    return [text === part.text ? part : { ...part, text }]
  })
}

const rawMessages = (messages: unknown, fault: Fault): ReadonlyArray<RawMessage> => {
  if (!Array.isArray(messages) || messages.length === 0) {
    fault("messages", "must be a non-empty array")
    return []
  }
  return asArray(messages).flatMap((message, i) => {
    const path = `messages[${i}]`
    const role = isObject(message) ? message["role"] : undefined
    if (!isObject(message) || (role !== "user" && role !== "assistant" && role !== "system")) {
      fault(`${path}.role`, 'must be "user", "assistant" or "system"')
      return []
    }
    return [{ role, blocks: messageBlocks(role, message["content"], `${path}.content`, fault) }]
  })
}

const withExamples = (description: string | undefined, examples: unknown): string | undefined => {
  const shown = asArray(examples)
    .slice(0, 3)
    .map((example) => JSON.stringify(example))
  return shown.length === 0 ? description : [description ?? "", "Example inputs:", ...shown].join("\n").trimStart()
}

const decodeTool = (tool: unknown, path: string, fault: Fault): ReadonlyArray<Tool> => {
  if (!isObject(tool)) {
    fault(path, "must be an object")
    return []
  }
  const type = nonEmpty(tool["type"])
  const client = type === undefined ? undefined : clientTool(type)
  if (client !== undefined) return [{ type: "function", strict: false, ...client }]
  const name = nonEmpty(tool["name"])
  if (type !== undefined && type !== "custom") {
    const { type: _type, name: _name, cache_control: _mark, ...options } = tool
    const kind = undated(type)
    return [{ type: "server", kind, name: name ?? kind, options }]
  }
  if (name === undefined) {
    fault(`${path}.name`, "must be a string")
    return []
  }
  const description = withExamples(asString(tool["description"]), tool["input_examples"])
  return [
    {
      type: "function",
      name,
      ...(description === undefined ? {} : { description }),
      schema: tool["input_schema"],
      strict: tool["strict"] === true
    }
  ]
}

const decodeTools = (tools: unknown, fault: Fault): ReadonlyArray<Tool> => {
  const seen = new Set<string>()
  return asArray(tools)
    .flatMap((tool, i) => decodeTool(tool, `tools[${i}]`, fault))
    .filter((tool) => !seen.has(tool.name) && seen.add(tool.name))
}

const decodeChoice = (choice: unknown, tools: ReadonlyArray<Tool>, fault: Fault): ToolChoice | undefined => {
  const type = isObject(choice) ? choice["type"] : choice
  if (type === "auto" || type === "any" || type === "none") return { type }
  if (!isObject(choice)) return undefined
  if (type !== "tool") return { type: "auto" } // a kind that is not known asks for nothing that could be kept
  const name = nonEmpty(choice["name"])
  if (name === undefined) fault("tool_choice.name", "must be a string")
  else if (!tools.some((tool) => tool.name === name))
    fault("tool_choice.name", `names "${name}", which is not in tools`)
  else return { type: "tool", name }
  return undefined
}

const efforts: ReadonlySet<unknown> = new Set(["low", "medium", "high", "xhigh", "max"] satisfies ReadonlyArray<Effort>)
const isEffort = (value: unknown): value is Effort => efforts.has(value)

const modes: { readonly [type: string]: ReasoningRequest["mode"] } = {
  enabled: "on",
  adaptive: "adaptive",
  between_tools: "adaptive",
  disabled: "off"
}

const decodeReasoning = (body: JsonObject): ReasoningRequest => {
  const asked = isObject(body["thinking"]) ? body["thinking"] : {}
  const mode = modes[asString(asked["type"]) ?? ""] ?? "default"
  // of a kind that is not known nothing else can be understood
  const thinking = mode === "default" ? {} : asked
  const output = isObject(body["output_config"]) ? body["output_config"] : {}
  const budget = thinking["budget_tokens"]
  const display = nonEmpty(thinking["display"])
  return {
    mode,
    ...(isEffort(output["effort"]) ? { effort: output["effort"] } : {}),
    ...(typeof budget === "number" && budget > 0 ? { budgetTokens: budget } : {}),
    ...(display === undefined ? {} : { display })
  }
}

const outputSchema = (body: JsonObject): { readonly outputSchema?: unknown } => {
  const format = isObject(body["output_config"])
    ? (body["output_config"]["format"] ?? body["output_format"])
    : body["output_format"]
  if (!isObject(format) || format["type"] !== "json_schema" || format["schema"] === undefined) return {}
  return { outputSchema: format["schema"] }
}

const sessionId = (metadata: unknown): { readonly sessionId?: string } => {
  const user = isObject(metadata) ? asString(metadata["user_id"]) : undefined
  const parsed = user === undefined ? undefined : parseJson(user)
  const id = isObject(parsed) ? nonEmpty(parsed["session_id"]) : undefined
  return id === undefined ? {} : { sessionId: id }
}

const decodeNumber = <K extends string>(
  body: JsonObject,
  from: string,
  to: K,
  fault: Fault,
  kind: "integer" | { readonly max: number }
): { readonly [key in K]?: number } => {
  const value = body[from]
  if (value === undefined || value === null) return {}
  const fits =
    typeof value === "number" && value >= 0 && (kind === "integer" ? Number.isSafeInteger(value) : value <= kind.max)
  if (fits) return { [to]: value } as { readonly [key in K]?: number } // TS widens computed keys
  fault(from, kind === "integer" ? "must be an integer of at least 0" : `must be a number from 0 to ${kind.max}`)
  return {}
}

/** Reads a request body. The Left is the client's 400 and names the place. */
export const decodeRequest = (body: unknown): Either.Either<Conversation, GatewayError> => {
  const faults: Array<string> = []
  const log = lossLog()
  const fault: Fault = (path, message) => {
    faults.push(`${path}: ${message}`)
  }
  if (!isObject(body)) return refuse("the request body must be a JSON object")
  if (isDeeperThan(maxNesting, body)) return refuse(`the request body is nested deeper than ${maxNesting} levels`)
  if (nonEmpty(body["model"]) === undefined) fault("model", "must be a string")
  const tools = decodeTools(body["tools"], fault)
  const choice = decodeChoice(body["tool_choice"], tools, fault)
  const messages = arrange(rawMessages(body["messages"], fault))
  if (faults.length === 0 && messages.length === 0) fault("messages", "must hold some content")
  const conversation: Conversation = {
    model: asString(body["model"]) ?? "",
    system: systemText(body["system"], fault),
    messages,
    tools,
    ...(choice === undefined ? {} : { toolChoice: choice }),
    parallelCalls: !(isObject(body["tool_choice"]) && body["tool_choice"]["disable_parallel_tool_use"] === true),
    ...decodeNumber(body, "max_tokens", "maxTokens", fault, "integer"),
    stream: body["stream"] === true,
    stopSequences: asArray(body["stop_sequences"])
      .filter((stop) => nonEmpty(stop) !== undefined)
      .map(String),
    ...decodeNumber(body, "temperature", "temperature", fault, { max: 2 }),
    ...decodeNumber(body, "top_p", "topP", fault, { max: 1 }),
    ...decodeNumber(body, "top_k", "topK", fault, "integer"),
    reasoning: decodeReasoning(body),
    ...outputSchema(body),
    ...sessionId(body["metadata"]),
    fast: body["speed"] === "fast",
    losses: log.losses()
  }
  const [first] = faults
  return first === undefined ? Either.right(conversation) : refuse(first)
}

const refuse = (message: string) => Either.left(gatewayError("invalid_request_error", message))

const cacheControl = (part: { readonly cache?: CacheMark }): JsonObject =>
  part.cache === undefined ? {} : { cache_control: { type: "ephemeral", ...part.cache } }

const encodeText = (part: TextPart): JsonObject => ({ type: "text", text: part.text, ...cacheControl(part) })

const encodeUserPart = (part: UserPart): JsonObject => {
  if (part.type === "text") return encodeText(part)
  const source = part.source
  const wire =
    source.type === "base64"
      ? { type: "base64", media_type: source.mediaType, data: source.data }
      : source.type === "url"
        ? { type: "url", url: source.url }
        : { type: "text", media_type: "text/plain", data: source.text }
  const about = part.type === "document" ? { title: part.title, context: part.context } : {}
  return { type: part.type, source: wire, ...about, ...cacheControl(part) }
}

const encodeAssistantPart = (part: AssistantPart): ReadonlyArray<JsonObject> => {
  switch (part.type) {
    case "text":
      return [encodeText(part)]
    case "call":
      return [{ type: "tool_use", id: part.id, name: part.name, input: part.input }]
    case "reasoning":
      return part.text === ""
        ? [{ type: "redacted_thinking", data: seal(part.replay) }]
        : [{ type: "thinking", thinking: part.text, signature: seal(part.replay) }]
    case "server-tool": {
      const use = { type: "server_tool_use", id: part.id, name: part.name, input: part.input }
      return part.result === undefined
        ? [use]
        : [use, { type: `${part.name}_tool_result`, tool_use_id: part.id, content: part.result }]
    }
  }
}

const encodeMessage = (message: Message): JsonObject => {
  if (message.role === "assistant") return { role: "assistant", content: message.parts.flatMap(encodeAssistantPart) }
  if (message.role === "system") return { role: "system", content: message.parts.map(encodeText) }
  const results = message.results.map((result) => ({
    type: "tool_result",
    tool_use_id: result.callId,
    ...(result.parts.length === 0 ? {} : { content: result.parts.map(encodeUserPart) }),
    ...(result.isError ? { is_error: true } : {})
  }))
  return { role: "user", content: [...results, ...message.parts.map(encodeUserPart)] }
}

const encodeTool = (tool: Tool): JsonObject =>
  tool.type === "server"
    ? { ...tool.options, type: tool.kind, name: tool.name }
    : {
        name: tool.name,
        description: tool.description,
        input_schema: tool.schema,
        ...(tool.strict ? { strict: true } : {})
      }

const encodeChoice = (conversation: Conversation): JsonObject => {
  const { parallelCalls, toolChoice } = conversation
  if (toolChoice === undefined && parallelCalls) return {}
  return {
    tool_choice: { ...(toolChoice ?? { type: "auto" }), ...(parallelCalls ? {} : { disable_parallel_tool_use: true }) }
  }
}

const thinkingType = { on: "enabled", adaptive: "adaptive", off: "disabled" } as const

const encodeReasoning = (reasoning: ReasoningRequest): JsonObject =>
  reasoning.mode === "default"
    ? {}
    : {
        thinking: {
          type: thinkingType[reasoning.mode],
          budget_tokens: reasoning.budgetTokens,
          display: reasoning.display
        }
      }

const encodeOutput = (conversation: Conversation): JsonObject => {
  const { outputSchema: schema, reasoning } = conversation
  if (schema === undefined && reasoning.effort === undefined) return {}
  return {
    output_config: {
      effort: reasoning.effort,
      ...(schema === undefined ? {} : { format: { type: "json_schema", schema } })
    }
  }
}

/** A normalised conversation as a request body; decoding it gives the same conversation. Absent keys are undefined. */
export const encodeRequest = (conversation: Conversation): JsonObject => ({
  model: conversation.model,
  ...(conversation.system.length === 0 ? {} : { system: conversation.system.map(encodeText) }),
  messages: conversation.messages.map(encodeMessage),
  ...(conversation.tools.length === 0 ? {} : { tools: conversation.tools.map(encodeTool) }),
  ...encodeChoice(conversation),
  max_tokens: conversation.maxTokens,
  ...(conversation.stopSequences.length === 0 ? {} : { stop_sequences: conversation.stopSequences }),
  temperature: conversation.temperature,
  top_p: conversation.topP,
  top_k: conversation.topK,
  ...encodeReasoning(conversation.reasoning),
  ...encodeOutput(conversation),
  ...(conversation.sessionId === undefined
    ? {}
    : { metadata: { user_id: JSON.stringify({ session_id: conversation.sessionId }) } }),
  ...(conversation.fast ? { speed: "fast" } : {}),
  ...(conversation.stream ? { stream: true } : {})
})
