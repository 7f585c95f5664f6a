/** Conversation → Chat Completions request (wire specification §4.2). */
import { Either } from "effect"
import type { TurnContext } from "../context.ts"
import type { CallPart, Conversation, ReasoningRequest, Tool } from "../conversation.ts"
import type { GatewayError } from "../errors.ts"
import { estimateTokens } from "../estimate.ts"
import { upId } from "../ids.ts"
import { adaptSchema } from "../jsonSchema.ts"
import { makeNameMap } from "../names.ts"
import type { TurnEvent } from "../turn.ts"
import { messages, type Encoder } from "./messages.ts"
import { outputFormat } from "./outputFormat.ts"
import type { ChatPolicy } from "./policy.ts"
import type { ChatRequest, ChatTool, ChatToolChoice } from "./wire.ts"

export { decodeRequest } from "./requestDecoder.ts"

/** For whom the request is encoded. */
export interface ChatTarget {
  /** The provider's own model name. */
  readonly model: string
  readonly policy: ChatPolicy
  /** How error messages name the provider; the policy's kind unless given. */
  readonly provider?: string
  /** Credentials sent with the request, to be hidden in whatever the provider says. */
  readonly secrets?: ReadonlyArray<string>
  /** Upper limit for the answer's tokens, whatever the client asks for. */
  readonly maxTokens?: number
}

export interface ChatExchange {
  readonly body: ChatRequest
  readonly context: TurnContext
  /** The answer when no provider is needed: the body must not be sent then. */
  readonly local?: ReadonlyArray<TurnEvent>
}

const tool = (entry: Tool, encoder: Encoder): ReadonlyArray<ChatTool> => {
  if (entry.type === "server") return []
  const { policy } = encoder
  return [
    {
      type: "function",
      function: {
        name: encoder.names.up(entry.name),
        ...(entry.description === undefined ? {} : { description: entry.description }),
        parameters: adaptSchema(entry.schema, policy.schemaLevel),
        ...(entry.strict && policy.strictTools ? { strict: true } : {})
      }
    }
  ]
}

const toolChoice = (conversation: Conversation, encoder: Encoder): { readonly tool_choice?: ChatToolChoice } => {
  const choice = conversation.toolChoice
  if (choice === undefined || encoder.policy.toolChoice !== "full") return {}
  switch (choice.type) {
    case "auto":
    case "none":
      return { tool_choice: choice.type }
    case "any":
      return { tool_choice: "required" }
    case "tool":
      return conversation.tools.some((entry) => entry.type === "function" && entry.name === choice.name)
        ? { tool_choice: { type: "function", function: { name: encoder.names.up(choice.name) } } }
        : {}
  }
}

const toolFields = (conversation: Conversation, encoder: Encoder) => {
  const { policy } = encoder
  // a provider that cannot be told "none" must not be shown the tools
  const hidden = conversation.toolChoice?.type === "none" && policy.toolChoice !== "full"
  const tools = hidden ? [] : conversation.tools.flatMap((entry) => tool(entry, encoder))
  if (tools.length === 0) return {}
  return {
    tools,
    ...toolChoice(conversation, encoder),
    ...(!conversation.parallelCalls && policy.parallelFlag ? { parallel_tool_calls: false as const } : {})
  }
}

const ladder = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

/** The effort word to send: the wanted one, else the nearest lower one the provider knows, else its lowest. */
const effort = (reasoning: ReasoningRequest, policy: ChatPolicy): string | undefined => {
  if (policy.effort === "none") return undefined
  const budget = reasoning.budgetTokens ?? Infinity
  const wanted =
    reasoning.mode === "off"
      ? "none"
      : (reasoning.effort ??
        (reasoning.mode !== "on" ? undefined : budget < 4_000 ? "low" : budget < 16_000 ? "medium" : "high"))
  if (wanted === undefined) return undefined
  const known = policy.efforts.filter((word) => ladder.includes(word))
  return known.findLast((word) => ladder.indexOf(word) <= ladder.indexOf(wanted)) ?? known[0]
}

const tokenLimit = (conversation: Conversation, target: ChatTarget) => {
  const asked = conversation.maxTokens
  const limit = target.maxTokens === undefined ? asked : Math.min(asked ?? Infinity, target.maxTokens)
  return limit === undefined ? {} : { [target.policy.maxTokensField]: limit }
}

const sampling = (conversation: Conversation, policy: ChatPolicy) => {
  const values = { temperature: conversation.temperature, top_p: conversation.topP, top_k: conversation.topK }
  return Object.fromEntries(policy.sampling.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])))
}

const searchUnavailable =
  "Web search is not available: the provider behind this model offers none. Nothing was searched; answer from what is known and say so, or use another tool."

/** A side request that exists only to use a server tool cannot be served by a provider without it (§4.10). */
const localAnswer = (conversation: Conversation): { readonly local?: ReadonlyArray<TurnEvent> } => {
  if (conversation.maxTokens === 0) {
    return { local: [{ type: "start" }, { type: "stop", finish: { reason: "length" } }] }
  }
  const only = conversation.tools.length > 0 && conversation.tools.every((entry) => entry.type === "server")
  if (!only || !conversation.tools.some((entry) => entry.type === "server" && entry.kind === "web_search")) return {}
  return {
    local: [{ type: "start" }, { type: "text", text: searchUnavailable }, { type: "stop", finish: { reason: "stop" } }]
  }
}

const callsOf = (conversation: Conversation): ReadonlyArray<CallPart> =>
  conversation.messages.flatMap((message) =>
    message.role === "assistant" ? message.parts.filter((part) => part.type === "call") : []
  )

/** Encodes a normalised conversation for one provider. */
export const encodeRequest = (
  conversation: Conversation,
  target: ChatTarget
): Either.Either<ChatExchange, GatewayError> => {
  const { model, policy } = target
  const calls = callsOf(conversation)
  const names = makeNameMap(
    calls.map((call) => call.name),
    {
      pattern: policy.namePattern,
      tools: conversation.tools.flatMap((entry) => (entry.type === "function" ? [entry.name] : []))
    }
  )
  const encoder: Encoder = { policy, model, names, id: (id) => upId(id, policy.idPattern) }
  const format = outputFormat(conversation.outputSchema, policy)
  const stops = conversation.stopSequences
  const reasoningEffort = effort(conversation.reasoning, policy)
  const body: ChatRequest = {
    model,
    messages: messages(conversation, encoder, format.instruction),
    ...tokenLimit(conversation, target),
    ...(conversation.stream ? { stream: true } : {}),
    ...(conversation.stream && policy.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(stops.length > 0 && policy.maxStop > 0 ? { stop: stops.slice(0, policy.maxStop) } : {}),
    ...sampling(conversation, policy),
    ...toolFields(conversation, encoder),
    ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
    ...format.field,
    ...(conversation.fast && policy.priorityTier ? { service_tier: "priority" } : {}),
    ...(conversation.sessionId !== undefined && policy.cacheKey ? { prompt_cache_key: conversation.sessionId } : {})
  }
  const context: TurnContext = {
    model: conversation.model,
    names,
    seenIds: new Set(calls.map((call) => call.id)),
    stopSequences: stops,
    enforceStop: stops.slice(policy.maxStop),
    estimate: estimateTokens(conversation),
    thinkTags: policy.thinkTags,
    provider: target.provider ?? policy.kind,
    secrets: target.secrets ?? [],
    kind: policy.kind,
    upstreamModel: model,
    protocol: "chat",
    reasoningExtra: policy.reasoningExtra
  }
  return Either.right({ body, context, ...localAnswer(conversation) })
}
