/** Conversation → Chat Completions request (wire specification §4.2). */
import { Either } from "effect"
import type { Conversation, Tool } from "../conversation.ts"
import { effortWord, localAnswer, openEncoding, sampling, tokenLimit, toolSchema, type Encoder } from "../encoding.ts"
import type { GatewayError } from "../errors.ts"
import type { Encoded, Target } from "../target.ts"
import { messages } from "./messages.ts"
import { outputFormat } from "./outputFormat.ts"
import type { ChatRequest, ChatTool, ChatToolChoice } from "./wire.ts"

export { decodeRequest } from "./requestDecoder.ts"

/** A Chat request and what its answer needs. */
export type ChatExchange = Encoded<ChatRequest>

const tool = (entry: Tool, encoder: Encoder): ReadonlyArray<ChatTool> => {
  if (entry.type === "server") {
    encoder.lose(
      "dropped",
      entry.at ?? "tools",
      `${entry.kind} is not sent`,
      "the provider has no such tool of its own"
    )
    return []
  }
  const { policy } = encoder
  if (entry.strict && !policy.strictTools)
    encoder.lose("downgraded", `${entry.at ?? "tools"}.strict`, "not sent", "the provider promises no strict schemas")
  return [
    {
      type: "function",
      function: {
        name: encoder.names.up(entry.name),
        ...(entry.description === undefined ? {} : { description: entry.description }),
        parameters: toolSchema(entry, encoder),
        ...(entry.strict && policy.strictTools ? { strict: true } : {})
      }
    }
  ]
}

/** The tools to show: where a choice cannot be told, showing fewer says it. */
const shown = (conversation: Conversation, { lose, policy }: Encoder): ReadonlyArray<Tool> => {
  const { toolChoice: choice, tools } = conversation
  if (choice?.type === "none" && policy.toolChoice === "none") {
    lose("downgraded", "tool_choice", "the tools are not sent", "the provider takes no tool_choice")
    return []
  }
  if (choice?.type !== "tool" || policy.toolChoice === "full") return tools
  const named = tools.filter((entry) => entry.type === "function" && entry.name === choice.name)
  if (named.length === 0) return tools
  lose("downgraded", "tool_choice", "only the named tool is sent", "the provider cannot be told to use one")
  return named
}

const toolChoice = (conversation: Conversation, { lose, names, policy }: Encoder): { tool_choice?: ChatToolChoice } => {
  const choice = conversation.toolChoice
  if (choice === undefined) return {}
  if (policy.toolChoice === "none") {
    if (choice.type === "any") lose("downgraded", "tool_choice", "not sent", "the provider takes no tool_choice")
    return {}
  }
  switch (choice.type) {
    case "auto":
    case "none":
      return { tool_choice: choice.type }
    case "any":
      return { tool_choice: "required" }
    case "tool":
      if (!conversation.tools.some((entry) => entry.type === "function" && entry.name === choice.name)) return {}
      return policy.toolChoice === "words"
        ? { tool_choice: "required" }
        : { tool_choice: { type: "function", function: { name: names.up(choice.name) } } }
  }
}

const toolFields = (conversation: Conversation, encoder: Encoder) => {
  const { lose, policy } = encoder
  const tools = shown(conversation, encoder).flatMap((entry) => tool(entry, encoder))
  if (tools.length === 0) return {}
  if (!conversation.parallelCalls && !policy.parallelFlag)
    lose("dropped", "tool_choice.disable_parallel_tool_use", "not sent", "the provider does not take it")
  return {
    tools,
    ...toolChoice(conversation, encoder),
    ...(!conversation.parallelCalls && policy.parallelFlag ? { parallel_tool_calls: false as const } : {})
  }
}

/** Encodes a normalised conversation for one provider. */
export const encodeRequest = (
  conversation: Conversation,
  target: Target
): Either.Either<ChatExchange, GatewayError> => {
  const { model, policy } = target
  const { context, encoder, log } = openEncoding("chat", conversation, target, policy.maxStop)
  const format = outputFormat(conversation.outputSchema, policy)
  const stops = conversation.stopSequences
  const effort = policy.effort === "none" ? undefined : effortWord(conversation.reasoning, encoder)
  const maxTokens = tokenLimit(conversation, target, encoder.lose)
  const body: ChatRequest = {
    model,
    messages: messages(conversation, encoder, format.instruction),
    ...(maxTokens === undefined ? {} : { [policy.maxTokensField]: maxTokens }),
    ...(conversation.stream ? { stream: true } : {}),
    ...(conversation.stream && policy.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(stops.length > 0 && policy.maxStop > 0 ? { stop: stops.slice(0, policy.maxStop) } : {}),
    ...sampling(conversation, encoder),
    ...toolFields(conversation, encoder),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...format.field,
    ...(conversation.fast && policy.priorityTier ? { service_tier: "priority" } : {}),
    ...(conversation.sessionId !== undefined && policy.cacheKey ? { prompt_cache_key: conversation.sessionId } : {}),
    ...policy.extraBody
  }
  const local = localAnswer(conversation, policy)
  return Either.right({
    body,
    headers: {},
    context,
    losses: log.losses(),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(local === undefined ? {} : { local })
  })
}
