/** Conversation → Chat Completions request (wire specification §4.2). */
import { Either } from "effect"
import type { Conversation, Tool } from "../conversation.ts"
import { cacheKey, closeEncoding, openEncoding, sampling, tokenLimit, toolSchema, type Encoder } from "../encoding.ts"
import type { GatewayError } from "../errors.ts"
import type { JsonObject } from "../json.ts"
import { isStrict, offer, type Choice } from "../offer.ts"
import { outputFormat, type OutputFormat } from "../outputFormat.ts"
import type { Encoded, Target } from "../target.ts"
import { webSearchOf, type WebSearch } from "../webSearch.ts"
import { messages } from "./messages.ts"
import { thinkingFields } from "./thinking.ts"
import { searchFields, type SearchFields } from "./webSearch.ts"
import type { ChatRequest, ChatTool, ChatToolChoice } from "./wire.ts"

export { decodeRequest } from "./requestDecoder.ts"

/** A Chat request and what its answer needs. */
export type ChatExchange = Encoded<ChatRequest>

const tool = (entry: Tool, search: SearchFields, encoder: Encoder): ReadonlyArray<ChatTool> => {
  if (entry.type === "server") return search.tool === undefined ? [] : [search.tool]
  const parameters = toolSchema(entry, encoder)
  return [
    {
      type: "function",
      function: {
        name: encoder.names.up(entry.name),
        ...(entry.description === undefined ? {} : { description: entry.description }),
        parameters,
        ...(isStrict(entry, parameters, encoder) ? { strict: true } : {})
      }
    }
  ]
}

const toolChoice = (choice: Choice | undefined, { lose, names }: Encoder): { tool_choice?: ChatToolChoice } => {
  if (choice === undefined) return {}
  if (typeof choice === "string") return { tool_choice: choice }
  if (choice.type === "function")
    return { tool_choice: { type: "function", function: { name: names.up(choice.name) } } }
  lose("downgraded", "tool_choice", "not sent", "a search of the provider's own cannot be demanded")
  return {}
}

const toolFields = (conversation: Conversation, wanted: WebSearch | undefined, encoder: Encoder) => {
  const offered = offer(conversation, encoder)
  const search = offered.tools.some((entry) => entry.type === "server") ? searchFields(wanted, encoder) : { fields: {} }
  const tools = offered.tools.flatMap((entry) => tool(entry, search, encoder))
  if (tools.length === 0) return search.fields
  return {
    tools,
    ...search.fields,
    ...toolChoice(offered.choice, encoder),
    ...(offered.parallel === undefined ? {} : { parallel_tool_calls: offered.parallel })
  }
}

const responseFormat = ({ json }: OutputFormat): { response_format?: JsonObject } => {
  if (json === undefined) return {}
  return {
    response_format: json === "any" ? { type: "json_object" } : { type: "json_schema", json_schema: json }
  }
}

const encode = (conversation: Conversation, target: Target, search: WebSearch | undefined): ChatExchange => {
  const { model, policy } = target
  const encoding = openEncoding("chat", conversation, target, policy.maxStop)
  const { encoder } = encoding
  const format = outputFormat(conversation.outputSchema, encoder)
  const stops = conversation.stopSequences
  const stream = conversation.stream || policy.forceStream
  const maxTokens = tokenLimit(conversation, target, encoder.lose)
  const body: ChatRequest = {
    model,
    messages: messages(conversation, encoder, format.instruction),
    ...(maxTokens === undefined ? {} : { [policy.maxTokensField]: maxTokens }),
    ...(stream ? { stream } : {}),
    ...(stream && policy.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(stops.length > 0 && policy.maxStop > 0 ? { stop: stops.slice(0, policy.maxStop) } : {}),
    ...sampling(conversation, encoder),
    ...toolFields(conversation, search, encoder),
    ...thinkingFields(conversation.reasoning, stream, maxTokens, encoder),
    ...responseFormat(format),
    ...(conversation.fast && policy.priorityTier ? { service_tier: "priority" } : {}),
    ...cacheKey(conversation, policy),
    ...(policy.prefill === "continue_final_message" && conversation.messages.at(-1)?.role === "assistant"
      ? { continue_final_message: true, add_generation_prompt: false }
      : {}),
    ...policy.extraBody
  }
  return closeEncoding(body, conversation, encoding, maxTokens)
}

/** Encodes a normalised conversation for one provider. The Left is the client's 400. */
export const encodeRequest = (conversation: Conversation, target: Target): Either.Either<ChatExchange, GatewayError> =>
  Either.map(webSearchOf(conversation), (search) => encode(conversation, target, search))
