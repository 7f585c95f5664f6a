/** Conversation → Anthropic Messages request: for tests that turn a translation around, and for library users. */
import type {
  AssistantPart,
  CacheMark,
  Conversation,
  Message,
  ReasoningRequest,
  TextPart,
  Tool,
  UserPart
} from "../conversation.ts"
import type { JsonObject } from "../json.ts"
import { seal } from "../reasoning.ts"

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
