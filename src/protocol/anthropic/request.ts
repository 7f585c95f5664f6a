/** Anthropic Messages requests → Conversation: lenient, and normalising (wire specification N1-N15). */
import { Either } from "effect"
import type { Conversation, Effort, ReasoningRequest, TextPart, Tool, ToolChoice } from "../conversation.ts"
import { arrange, type RawMessage } from "../arrange.ts"
import { gatewayError, type GatewayError } from "../errors.ts"
import { asArray, asString, isDeeperThan, isObject, maxNesting, nonEmpty, parseJson, type JsonObject } from "../json.ts"
import { lossLog } from "../loss.ts"
import { contentParts, lostKeys, messageBlocks, type Report } from "./blocks.ts"
import { clientTool, undated } from "./clientTools.ts"

export { encodeRequest } from "./requestEncoder.ts"

const billing = /^(?:\s*x-anthropic-billing-header:[^\n]*(?:\n|$))+/

/** N3, N4: without the client's attribution line, which differs per conversation and defeats prompt caches. */
const systemText = (system: unknown, report: Report): ReadonlyArray<TextPart> => {
  let leading = true
  return contentParts(system, "system", report).flatMap((part) => {
    if (part.type !== "text") {
      report.lose("dropped", part.at ?? "system", `the ${part.type} is not sent`, "system text is text only")
      return []
    }
    const text = leading ? part.text.replace(billing, "") : part.text
    if (text !== part.text)
      report.lose(
        "dropped",
        "system",
        "the client's attribution line",
        "it differs per conversation and defeats caches"
      )
    if (text.trim() === "") return []
    leading = false
    return [text === part.text ? part : { ...part, text }]
  })
}

const messageKeys = ["role", "content"]

const rawMessages = (messages: unknown, report: Report): ReadonlyArray<RawMessage> => {
  if (!Array.isArray(messages) || messages.length === 0) {
    report.fault("messages", "must be a non-empty array")
    return []
  }
  return asArray(messages).flatMap((message, i) => {
    const path = `messages[${i}]`
    const role = isObject(message) ? message["role"] : undefined
    if (!isObject(message) || (role !== "user" && role !== "assistant" && role !== "system")) {
      report.fault(`${path}.role`, 'must be "user", "assistant" or "system"')
      return []
    }
    lostKeys(message, messageKeys, path, report)
    return [{ role, blocks: messageBlocks(role, message["content"], `${path}.content`, report), at: path }]
  })
}

const maxExamples = 3

const withExamples = (tool: JsonObject, path: string, { lose }: Report): string | undefined => {
  const description = asString(tool["description"])
  const examples = asArray(tool["input_examples"])
  if (examples.length === 0) return description
  const kept = Math.min(examples.length, maxExamples)
  lose("moved", `${path}.input_examples`, `${kept} of ${examples.length} stand in the description`, "no field for them")
  const shown = examples.slice(0, maxExamples).map((example) => JSON.stringify(example))
  return [description ?? "", "Example inputs:", ...shown].join("\n").trimStart()
}

const toolKeys = new Set(["type", "name", "description", "input_schema", "strict", "input_examples"])

/** Keys of tools that are not sent, each once: clients set them on all their tools. */
const lostToolKeys = (tools: ReadonlyArray<unknown>, { lose }: Report): void => {
  const counts = new Map<string, number>()
  for (const tool of tools) {
    if (!isObject(tool) || isServerTool(tool)) continue
    for (const key in tool) if (!toolKeys.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  for (const [key, count] of counts)
    lose("dropped", `tools[*].${key}`, `not sent, of ${count} ${count === 1 ? "tool" : "tools"}`, "no field for it")
}

/** A type of Anthropic's own that the client does not run itself. */
const isServerTool = (tool: JsonObject): boolean => {
  const type = nonEmpty(tool["type"])
  return type !== undefined && type !== "custom" && clientTool(type) === undefined
}

const decodeTool = (tool: unknown, path: string, report: Report): ReadonlyArray<Tool> => {
  if (!isObject(tool)) {
    report.fault(path, "must be an object")
    return []
  }
  const type = nonEmpty(tool["type"])
  const client = type === undefined ? undefined : clientTool(type)
  if (client !== undefined) {
    report.lose("replaced", path, `${client.name} became a function with a schema`, "the type implies one")
    return [{ type: "function", strict: false, ...client, at: path }]
  }
  const name = nonEmpty(tool["name"])
  if (type !== undefined && isServerTool(tool)) {
    const { type: _type, name: _name, cache_control: _mark, ...options } = tool
    const kind = undated(type)
    return [{ type: "server", kind, name: name ?? kind, options, at: path }]
  }
  if (name === undefined) {
    report.fault(`${path}.name`, "must be a string")
    return []
  }
  const description = withExamples(tool, path, report)
  return [
    {
      type: "function",
      name,
      ...(description === undefined ? {} : { description }),
      schema: tool["input_schema"],
      strict: tool["strict"] === true,
      at: path
    }
  ]
}

const decodeTools = (value: unknown, report: Report): ReadonlyArray<Tool> => {
  const tools = asArray(value)
  lostToolKeys(tools, report)
  const seen = new Set<string>()
  return tools
    .flatMap((tool, i) => decodeTool(tool, `tools[${i}]`, report))
    .filter((tool) => {
      if (seen.has(tool.name)) report.lose("dropped", tool.at ?? "tools", "not sent", "another tool has the same name")
      return !seen.has(tool.name) && seen.add(tool.name)
    })
}

const decodeChoice = (choice: unknown, tools: ReadonlyArray<Tool>, report: Report): ToolChoice | undefined => {
  const type = isObject(choice) ? choice["type"] : choice
  if (type === "auto" || type === "any" || type === "none") return { type }
  if (!isObject(choice)) return undefined
  if (type !== "tool") {
    report.lose("downgraded", "tool_choice", "became auto", "this kind of choice is not known")
    return { type: "auto" }
  }
  const name = nonEmpty(choice["name"])
  if (name === undefined) report.fault("tool_choice.name", "must be a string")
  else if (!tools.some((tool) => tool.name === name))
    report.fault("tool_choice.name", `names "${name}", which is not in tools`)
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

const decodeReasoning = (body: JsonObject, { lose }: Report): ReasoningRequest => {
  const asked = isObject(body["thinking"]) ? body["thinking"] : {}
  const type = asString(asked["type"]) ?? ""
  const mode = modes[type] ?? "default"
  if (mode === "default" && type !== "") lose("dropped", "thinking", "not sent", "this kind of thinking is not known")
  if (type === "between_tools") lose("downgraded", "thinking", "became adaptive", "no other protocol has this kind")
  // of a kind that is not known nothing else can be understood
  const thinking = mode === "default" ? {} : asked
  const output = isObject(body["output_config"]) ? body["output_config"] : {}
  const { effort } = output
  if (effort !== undefined && effort !== null && !isEffort(effort))
    lose("dropped", "output_config.effort", "not sent", "this effort is not known")
  const budget = thinking["budget_tokens"]
  const display = nonEmpty(thinking["display"])
  return {
    mode,
    ...(isEffort(effort) ? { effort } : {}),
    ...(typeof budget === "number" && budget > 0 ? { budgetTokens: budget } : {}),
    ...(display === undefined ? {} : { display })
  }
}

const outputKeys = ["effort", "format"]

const outputSchema = (body: JsonObject, report: Report): { readonly outputSchema?: unknown } => {
  const output = isObject(body["output_config"]) ? body["output_config"] : {}
  lostKeys(output, outputKeys, "output_config", report)
  const format = output["format"] ?? body["output_format"]
  if (format === undefined || format === null) return {}
  if (isObject(format) && format["type"] === "json_schema" && format["schema"] !== undefined)
    return { outputSchema: format["schema"] }
  report.lose("dropped", "output_config.format", "not sent", "this kind of format is not known")
  return {}
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
  report: Report,
  kind: "integer" | { readonly max: number }
): { readonly [key in K]?: number } => {
  const value = body[from]
  if (value === undefined || value === null) return {}
  const fits =
    typeof value === "number" && value >= 0 && (kind === "integer" ? Number.isSafeInteger(value) : value <= kind.max)
  if (fits) return { [to]: value } as { readonly [key in K]?: number } // TS widens computed keys
  report.fault(from, kind === "integer" ? "must be an integer of at least 0" : `must be a number from 0 to ${kind.max}`)
  return {}
}

/** What the neutral form holds, each from its own field. `metadata` says who asks, not what. */
const fields = [
  "model",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "max_tokens",
  "stream",
  "stop_sequences",
  "temperature",
  "top_p",
  "top_k",
  "thinking",
  "output_config",
  "output_format",
  "metadata",
  "speed"
]

/** Reads a request body. The Left is the client's 400 and names the place. */
export const decodeRequest = (body: unknown): Either.Either<Conversation, GatewayError> => {
  const faults: Array<string> = []
  const log = lossLog()
  const report: Report = {
    fault: (path, message) => {
      faults.push(`${path}: ${message}`)
    },
    lose: log.lose
  }
  if (!isObject(body)) return refuse("the request body must be a JSON object")
  if (isDeeperThan(maxNesting, body)) return refuse(`the request body is nested deeper than ${maxNesting} levels`)
  if (nonEmpty(body["model"]) === undefined) report.fault("model", "must be a string")
  lostKeys(body, fields, "", report)
  if (isObject(body["metadata"]))
    report.lose("dropped", "metadata", "not sent but for the session", "it identifies the account")
  const tools = decodeTools(body["tools"], report)
  const choice = decodeChoice(body["tool_choice"], tools, report)
  const messages = arrange(rawMessages(body["messages"], report), log.lose)
  if (faults.length === 0 && messages.length === 0) report.fault("messages", "must hold some content")
  const conversation: Conversation = {
    model: asString(body["model"]) ?? "",
    system: systemText(body["system"], report),
    messages,
    tools,
    ...(choice === undefined ? {} : { toolChoice: choice }),
    parallelCalls: !(isObject(body["tool_choice"]) && body["tool_choice"]["disable_parallel_tool_use"] === true),
    ...decodeNumber(body, "max_tokens", "maxTokens", report, "integer"),
    stream: body["stream"] === true,
    stopSequences: asArray(body["stop_sequences"])
      .filter((stop) => nonEmpty(stop) !== undefined)
      .map(String),
    ...decodeNumber(body, "temperature", "temperature", report, { max: 2 }),
    ...decodeNumber(body, "top_p", "topP", report, { max: 1 }),
    ...decodeNumber(body, "top_k", "topK", report, "integer"),
    reasoning: decodeReasoning(body, report),
    ...outputSchema(body, report),
    ...sessionId(body["metadata"]),
    fast: body["speed"] === "fast",
    losses: log.losses()
  }
  const [first] = faults
  return first === undefined ? Either.right(conversation) : refuse(first)
}

const refuse = (message: string) => Either.left(gatewayError("invalid_request_error", message))
