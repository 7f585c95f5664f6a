/** Conversation → Chat Completions request (wire specification §4.2). */
import { Either } from "effect"
import type { TurnContext } from "../context.ts"
import { merge } from "../arrange.ts"
import type {
  AssistantMessage,
  Conversation,
  Message,
  ReasoningRequest,
  SystemMessage,
  Tool,
  UserMessage
} from "../conversation.ts"
import type { GatewayError } from "../errors.ts"
import { estimateTokens } from "../estimate.ts"
import { upId } from "../ids.ts"
import { adaptSchema } from "../jsonSchema.ts"
import { makeNameMap, type NameMap } from "../names.ts"
import type { TurnEvent } from "../turn.ts"
import { serverTool, text, toolResult, userPart } from "./content.ts"
import { outputFormat } from "./outputFormat.ts"
import type { ChatPolicy } from "./policy.ts"
import { readReplay } from "./reasoning.ts"
import type { ChatMessage, ChatPart, ChatRequest, ChatTool, ChatToolChoice } from "./wire.ts"

export { decodeRequest } from "./requestDecoder.ts"

/** For whom the request is encoded. */
export interface ChatTarget {
  /** The provider's own model name. */
  readonly model: string
  readonly policy: ChatPolicy
  /** How error messages name the provider; the policy's kind unless given. */
  readonly provider?: string
  /** Upper limit for the answer's tokens, whatever the client asks for. */
  readonly maxTokens?: number
}

export interface ChatExchange {
  readonly body: ChatRequest
  readonly context: TurnContext
  /** The answer when no provider is needed: the body must not be sent then. */
  readonly local?: ReadonlyArray<TurnEvent>
}

/** Upstream messages under construction: user content stays a list of parts so that neighbours can be merged. */
type Draft =
  | Exclude<ChatMessage, { readonly role: "user" }>
  | { readonly role: "user"; readonly parts: Array<ChatPart> }

interface Encoder {
  readonly policy: ChatPolicy
  readonly model: string
  readonly names: NameMap
  readonly id: (id: string) => string
}

const assistant = (message: AssistantMessage, encoder: Encoder): ReadonlyArray<Draft> => {
  const { policy } = encoder
  let content = ""
  let reasoning = ""
  let gap = false
  const details: Array<unknown> = []
  const say = (piece: string) => {
    content += gap && content !== "" ? `\n\n${piece}` : piece
    gap = false
  }
  const calls = message.parts.flatMap((part) => {
    if (part.type === "text") {
      say(part.text)
      return []
    }
    gap = true
    if (part.type === "call") {
      const fn = { name: encoder.names.up(part.name), arguments: JSON.stringify(part.input) }
      return [{ id: encoder.id(part.id), type: "function" as const, function: fn }]
    }
    if (part.type === "server-tool") {
      say(serverTool(part))
      gap = true
    } else {
      reasoning += part.text
      // opaque details are only understood by the model that wrote them
      const own = part.replay.provider === policy.kind && part.replay.model === encoder.model
      if (own) details.push(...(readReplay(part.replay.payload).details ?? []))
    }
    return []
  })
  const replay = replayed(policy, reasoning, details, calls.length > 0)
  if (content === "" && calls.length === 0 && Object.keys(replay).length === 0) return []
  const empty = calls.length > 0 && policy.emptyContent === "null" ? null : ""
  return [
    {
      role: "assistant",
      content: content === "" ? empty : content,
      ...replay,
      ...(calls.length === 0 ? {} : { tool_calls: calls })
    }
  ]
}

const replayed = (
  policy: ChatPolicy,
  reasoning: string,
  details: ReadonlyArray<unknown>,
  hasCalls: boolean
): { readonly [field: string]: string | ReadonlyArray<unknown> } => {
  const field = policy.reasoningReplay
  if (field === "none") return {}
  if (field === "reasoning_details") return details.length === 0 ? {} : { [field]: details }
  const known = reasoning !== "" ? reasoning : hasCalls ? policy.reasoningFallback : undefined
  return known === undefined ? {} : { [field]: known }
}

const user = (message: UserMessage, callNames: ReadonlyMap<string, string>, encoder: Encoder): ReadonlyArray<Draft> => {
  const media: Array<ChatPart> = []
  const tools = message.results.map((result): Draft => {
    const id = encoder.id(result.callId)
    const call = `the call ${id} of ${callNames.get(result.callId) ?? "a tool"}`
    const encoded = toolResult(result, call, encoder.policy)
    media.push(...encoded.media)
    return { role: "tool", tool_call_id: id, content: encoded.content }
  })
  const parts = [...media, ...message.parts.map((part) => userPart(part, encoder.policy))]
  return parts.length === 0 ? tools : [...tools, { role: "user", parts }]
}

const reminder = (content: string) => text(`<system-reminder>\n${content}\n</system-reminder>`)

const finished = (draft: Draft): ChatMessage => {
  if (draft.role !== "user") return draft
  const texts = draft.parts.flatMap((part) => (part.type === "text" ? [part.text] : []))
  return { role: "user", content: texts.length === draft.parts.length ? texts.join("\n") : draft.parts }
}

const systemText = (message: SystemMessage): string => message.parts.map((part) => part.text).join("\n\n")

/** The leading system text, and the messages behind it. */
interface Placed {
  readonly head: ReadonlyArray<string>
  readonly list: ReadonlyArray<Message>
}

/** N5: hoisted system text leaves messages of one role side by side. */
const placed = (conversation: Conversation, policy: ChatPolicy): Placed => {
  const head = conversation.system.map((part) => part.text)
  const list = conversation.messages
  if (policy.systemPlacement !== "hoist") return { head, list }
  const between = list.flatMap((message) => (message.role === "system" ? [systemText(message)] : []))
  return { head: [...head, ...between], list: merge(list.filter((message) => message.role !== "system")) }
}

const messages = (
  conversation: Conversation,
  encoder: Encoder,
  instruction: string | undefined
): ReadonlyArray<ChatMessage> => {
  const { policy } = encoder
  const { head, list } = placed(conversation, policy)
  const drafts: Array<Draft> = []
  const push = (draft: Draft) => {
    const last = drafts.at(-1)
    if (draft.role !== "user" || last?.role !== "user") drafts.push(draft)
    else for (const part of draft.parts) last.parts.push(part)
  }
  const callNames = new Map<string, string>()
  for (const message of list) {
    if (message.role === "assistant") {
      for (const part of message.parts) if (part.type === "call") callNames.set(part.id, encoder.names.up(part.name))
      assistant(message, encoder).forEach(push)
    } else if (message.role === "user") user(message, callNames, encoder).forEach(push)
    else {
      const content = systemText(message)
      push(
        policy.systemPlacement === "inline"
          ? { role: policy.systemRole, content }
          : { role: "user", parts: [reminder(content)] }
      )
    }
  }
  if (policy.prefill === "note" && drafts.at(-1)?.role === "assistant") {
    push({ role: "user", parts: [text("Continue your last message exactly where it stopped; do not repeat it.")] })
  }
  const leading = instruction === undefined ? head : [...head, instruction]
  const system: ReadonlyArray<ChatMessage> =
    leading.length === 0 ? [] : [{ role: policy.systemRole, content: leading.join("\n\n") }]
  return [...system, ...drafts.map(finished)]
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

const allNames = (conversation: Conversation): ReadonlyArray<string> => [
  ...conversation.tools.flatMap((entry) => (entry.type === "function" ? [entry.name] : [])),
  ...conversation.messages.flatMap((message) =>
    message.role === "assistant" ? message.parts.flatMap((part) => (part.type === "call" ? [part.name] : [])) : []
  )
]

/** Encodes a normalised conversation for one provider. */
export const encodeRequest = (
  conversation: Conversation,
  target: ChatTarget
): Either.Either<ChatExchange, GatewayError> => {
  const { model, policy } = target
  const names = makeNameMap(allNames(conversation), {
    pattern: policy.namePattern,
    tools: conversation.tools.map((entry) => entry.name)
  })
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
    seenIds: new Set(
      conversation.messages.flatMap((message) =>
        message.role === "assistant" ? message.parts.flatMap((part) => (part.type === "call" ? [part.id] : [])) : []
      )
    ),
    stopSequences: stops,
    enforceStop: stops.slice(policy.maxStop),
    estimate: estimateTokens(conversation),
    thinkTags: policy.thinkTags,
    provider: target.provider ?? policy.kind,
    kind: policy.kind,
    upstreamModel: model,
    protocol: "chat",
    reasoningExtra: policy.reasoningExtra
  }
  return Either.right({ body, context, ...localAnswer(conversation) })
}
