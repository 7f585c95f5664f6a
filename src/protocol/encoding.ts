/** What requests for both OpenAI protocols share: names, ids, limits, effort, and the context of the answer. */
import { sha256 } from "@noble/hashes/sha2"
import { bytesToHex } from "@noble/hashes/utils"
import type { TurnContext } from "./context.ts"
import type { AssistantPart, CallPart, Conversation, FunctionTool, ReasoningRequest, UserPart } from "./conversation.ts"
import { estimateTokens } from "./estimate.ts"
import { makeIdMap } from "./ids.ts"
import type { JsonObject } from "./json.ts"
import { adaptSchema } from "./jsonSchema.ts"
import { lossLog, type LossLog, type LossSink } from "./loss.ts"
import { makeNameMap, type NameMap } from "./names.ts"
import type { Policy, Protocol } from "./policy.ts"
import { optionalTexts } from "./prune.ts"
import { requestHeaders } from "./requestHeaders.ts"
import type { Encoded, Target } from "./target.ts"
import type { TurnEvent } from "./turn.ts"
import { noSearch, searches, searchQuery } from "./webSearch.ts"

/** What all parts of a request are encoded with. */
export interface Encoder {
  readonly protocol: Protocol
  readonly policy: Policy
  readonly model: string
  readonly names: NameMap
  readonly id: (id: string) => string
  readonly lose: LossSink
}

export interface Encoding {
  readonly encoder: Encoder
  readonly context: TurnContext
  readonly log: LossLog
}

const callsOf = (conversation: Conversation): ReadonlyArray<CallPart> =>
  conversation.messages.flatMap((message) =>
    message.role === "assistant" ? message.parts.filter((part) => part.type === "call") : []
  )

const marksIn = (parts: ReadonlyArray<UserPart | AssistantPart>): number => {
  let marks = 0
  for (const part of parts) if ("cache" in part && part.cache !== undefined) marks++
  return marks
}

/** Cache marks that have no place in the request. An answer's text is one string, whoever takes marks elsewhere. */
const lostMarks = ({ messages, system }: Conversation, taken: boolean): number => {
  let marks = taken ? 0 : marksIn(system)
  for (const message of messages) {
    if (message.role === "assistant" || !taken) marks += marksIn(message.parts)
    if (message.role === "user" && !taken) for (const { parts } of message.results) marks += marksIn(parts)
  }
  return marks
}

/** Responses takes ids of up to 64 characters whatever the server. */
const responsesId = /^[a-zA-Z0-9_-]{1,64}$/

/** Makes the tables of one request. `maxStop` says how many stop sequences the protocol can carry. */
export const openEncoding = (
  protocol: Protocol,
  conversation: Conversation,
  target: Target,
  maxStop: number
): Encoding => {
  const { model, policy } = target
  const calls = callsOf(conversation)
  const log = lossLog(conversation.losses)
  const tools = conversation.tools.flatMap((entry) => (entry.type === "function" ? [entry.name] : []))
  const names = makeNameMap(
    calls.map((call) => call.name),
    { pattern: policy.namePattern, tools }
  )
  conversation.tools.forEach((tool, i) => {
    if (tool.type === "function" && names.up(tool.name) !== tool.name)
      log.lose(
        "renamed",
        `${tool.at ?? `tools[${i}]`}.name`,
        "the tool's name was shortened",
        "the provider's limit on names"
      )
  })
  const marks = lostMarks(conversation, protocol === "chat" && policy.cacheMarks === "parts")
  if (marks > 0)
    log.lose("dropped", "cache_control", `${marks} cache marks are not sent`, "the provider takes none or needs none")
  if (conversation.fast && !policy.priorityTier)
    log.lose("dropped", "speed", "not sent", "the provider has no faster tier to ask for")
  const stops = conversation.stopSequences
  if (stops.length > maxStop)
    log.lose(
      "enforced",
      "stop_sequences",
      `${stops.length - maxStop} are found here`,
      "the provider does not take them"
    )
  const asksSearch = conversation.tools.some((tool) => tool.type === "server" && tool.kind === "web_search")
  const idPattern = protocol === "responses" ? responsesId : policy.idPattern
  const context: TurnContext = {
    model: conversation.model,
    names,
    seenIds: new Set(calls.map((call) => call.id)),
    stopSequences: stops,
    enforceStop: stops.slice(maxStop),
    estimate: estimateTokens(conversation),
    thinkTags: policy.thinkTags,
    provider: target.provider ?? policy.kind,
    secrets: target.secrets ?? [],
    kind: policy.kind,
    upstreamModel: model,
    protocol,
    reasoningExtra: policy.reasoningExtra,
    citations: policy.citations,
    ...(policy.pruneEmptyArguments ? { optionalTexts: optionalTexts(conversation.tools) } : {}),
    ...(asksSearch && searches(protocol, policy) ? { search: searchQuery(conversation) } : {})
  }
  const encoder = {
    protocol,
    policy,
    model,
    names,
    id: makeIdMap(idPattern),
    lose: log.lose
  }
  return { encoder, context, log }
}

/** The tool's parameters as far as the provider takes JSON Schema. */
export const toolSchema = (tool: FunctionTool, { lose, policy }: Encoder): JsonObject =>
  adaptSchema(tool.schema, policy.schemaLevel, (path, what) =>
    lose("weakened", `${tool.at ?? "tools"}.input_schema${path}`, what, "the provider does not take it")
  )

const ladder = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

/** The effort the client means, in the words of the ladder; undefined leaves it to the provider. */
export const wantedEffort = (reasoning: ReasoningRequest): string | undefined => {
  if (reasoning.mode === "off") return "none"
  if (reasoning.effort !== undefined) return reasoning.effort
  if (reasoning.mode !== "on") return undefined
  const budget = reasoning.budgetTokens ?? Infinity
  return budget < 4_000 ? "low" : budget < 16_000 ? "medium" : "high"
}

/** The place of what the client said about thinking. */
export const effortPath = ({ effort, mode }: ReasoningRequest): string =>
  mode === "off" || effort === undefined ? "thinking" : "output_config.effort"

/** The effort word to send: the wanted one, else the nearest lower one the provider knows, else its lowest. */
export const effortWord = (reasoning: ReasoningRequest, { lose, policy }: Encoder): string | undefined => {
  const wanted = wantedEffort(reasoning)
  if (wanted === undefined || policy.efforts.length === 0) return undefined
  // a configuration may list them in any order
  const known = ladder.filter((candidate) => policy.efforts.some((word) => word === candidate))
  const word = known.findLast((candidate) => ladder.indexOf(candidate) <= ladder.indexOf(wanted)) ?? known[0]
  if (word !== wanted && word !== undefined) {
    lose("clamped", effortPath(reasoning), `${wanted} became ${word}`, `the model's efforts are ${known.join(", ")}`)
  }
  if (reasoning.mode === "on" && reasoning.effort === undefined && reasoning.budgetTokens !== undefined)
    lose("replaced", "thinking.budget_tokens", `the budget became the effort ${word}`, "the provider takes no budget")
  return word
}

/** The limit on the answer's tokens; undefined when nobody sets one. */
export const tokenLimit = (conversation: Conversation, target: Target, lose: LossSink): number | undefined => {
  const asked = conversation.maxTokens
  const { maxTokens: cap, policy } = target
  const capped = cap === undefined ? asked : Math.min(asked ?? Infinity, cap)
  const limit = capped === undefined ? undefined : Math.max(capped, policy.minTokens)
  if (asked !== undefined && limit !== undefined && limit !== asked)
    lose(
      "clamped",
      "max_tokens",
      `${asked} became ${limit}`,
      limit < asked ? "the profile's or model's limit" : "the provider's least"
    )
  return limit
}

/** The sampling parameters that the provider takes. */
export const sampling = (conversation: Conversation, { lose, policy }: Encoder) => {
  const values = { temperature: conversation.temperature, top_p: conversation.topP, top_k: conversation.topK }
  const sent: { temperature?: number; top_p?: number; top_k?: number } = {}
  for (const key of ["temperature", "top_p", "top_k"] as const) {
    const value = values[key]
    if (value === undefined) continue
    if (policy.sampling.includes(key)) sent[key] = value
    else lose("dropped", key, "not sent", "the provider or model does not take it")
  }
  return sent
}

/** What `prompt_cache_key` holds at most. */
const maxCacheKey = 64

/** The session as the key of the provider's prompt cache; one that is too long is hashed. */
export const cacheKey = ({ sessionId }: Conversation, policy: Policy): { readonly prompt_cache_key?: string } => {
  if (sessionId === undefined || !policy.cacheKey) return {}
  const fits = sessionId.length <= maxCacheKey
  return { prompt_cache_key: fits ? sessionId : bytesToHex(sha256(new TextEncoder().encode(sessionId))) }
}

/**
 * Requests that need no provider: a cache warm-up (N16), and a side request that exists only to use a server tool the
 * provider does not have (§4.10).
 */
const localAnswer = (
  conversation: Conversation,
  { policy, protocol }: Encoder
): ReadonlyArray<TurnEvent> | undefined => {
  if (conversation.maxTokens === 0) return [{ type: "start" }, { type: "stop", finish: { reason: "length" } }]
  if (searches(protocol, policy)) return undefined
  const only = conversation.tools.length > 0 && conversation.tools.every((entry) => entry.type === "server")
  if (!only || !conversation.tools.some((entry) => entry.type === "server" && entry.kind === "web_search"))
    return undefined
  return noSearch(conversation)
}

/** The request with all that goes with it. */
export const closeEncoding = <Body extends object>(
  body: Body,
  conversation: Conversation,
  { context, encoder, log }: Encoding,
  maxTokens: number | undefined
): Encoded<Body> => {
  const local = localAnswer(conversation, encoder)
  return {
    body,
    headers: requestHeaders(conversation, encoder.policy),
    context,
    losses: log.losses(),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(local === undefined ? {} : { local })
  }
}
