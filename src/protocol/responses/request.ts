/** Conversation → Responses request (wire specification §4.5; §3.3 for the ChatGPT backend, as policy). */
import { Either } from "effect"
import type { Conversation } from "../conversation.ts"
import {
  cacheKey,
  effortPath,
  effortWord,
  closeEncoding,
  openEncoding,
  sampling,
  tokenLimit,
  wantedEffort,
  type Encoder
} from "../encoding.ts"
import type { GatewayError } from "../errors.ts"
import { outputFormat, type OutputFormat } from "../outputFormat.ts"
import type { Encoded, Target } from "../target.ts"
import { searches, webSearchOf, type WebSearch } from "../webSearch.ts"
import { inputOf } from "./input.ts"
import { toolFields } from "./tools.ts"
import type { ResponsesRequest } from "./wire.ts"

/** A Responses request and what its answer needs. */
export type ResponsesExchange = Encoded<ResponsesRequest>

/** Nothing for models that are not known to reason: they refuse the field. */
const reasoning = ({ reasoning: asked }: Conversation, encoder: Encoder): Pick<ResponsesRequest, "reasoning"> => {
  const wanted = wantedEffort(asked)
  if (encoder.policy.efforts.length === 0) {
    if (wanted !== undefined) encoder.lose("dropped", effortPath(asked), "not sent", "the model is not known to reason")
    return {}
  }
  const effort = effortWord(asked, encoder)
  if (effort === undefined && asked.mode === "default") return {}
  const shown = asked.mode !== "off" && asked.display !== "omitted"
  const fields = { ...(effort === undefined ? {} : { effort }), ...(shown ? { summary: "auto" as const } : {}) }
  return Object.keys(fields).length === 0 ? {} : { reasoning: fields }
}

/** This wire has no `top_k`. */
const samplingFields = (conversation: Conversation, encoder: Encoder) => {
  const { policy } = encoder
  const known = policy.sampling.filter((key) => key !== "top_k")
  return sampling(conversation, { ...encoder, policy: { ...policy, sampling: known } })
}

const textFormat = ({ json }: OutputFormat): Pick<ResponsesRequest, "text"> => {
  if (json === undefined) return {}
  return { text: { format: json === "any" ? { type: "json_object" } : { type: "json_schema", ...json } } }
}

/** What the service holds back unless it is asked for. */
const include = (encoder: Encoder, search: WebSearch | undefined): Pick<ResponsesRequest, "include"> => {
  const wanted = [
    ...(encoder.policy.encryptedReasoning ? ["reasoning.encrypted_content"] : []),
    ...(search === undefined ? [] : ["web_search_call.action.sources"])
  ]
  return wanted.length === 0 ? {} : { include: wanted }
}

/** What the provider's own search cannot be told. */
const noteSearch = (search: WebSearch | undefined, { lose }: Encoder) => {
  if (search === undefined) return
  const why = "the provider's search does not know it"
  if (search.blocked.length > 0) lose("dropped", `${search.path}.blocked_domains`, "not sent", why)
  if (search.maxUses !== undefined) lose("dropped", `${search.path}.max_uses`, "not sent", why)
}

const encode = (conversation: Conversation, target: Target, wanted: WebSearch | undefined): ResponsesExchange => {
  const { model, policy } = target
  const encoding = openEncoding("responses", conversation, target, 0)
  const { encoder } = encoding
  const search = searches("responses", policy) ? wanted : undefined
  noteSearch(search, encoder)
  const format = outputFormat(conversation.outputSchema, encoder)
  const { input, instructions } = inputOf(conversation, encoder, format.instruction)
  const maxTokens = tokenLimit(conversation, target, encoder.lose)
  const body: ResponsesRequest = {
    model,
    ...(instructions !== "" || policy.alwaysFields.includes("instructions") ? { instructions } : {}),
    input,
    ...toolFields(conversation, search, encoder),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...samplingFields(conversation, encoder),
    ...reasoning(conversation, encoder),
    ...textFormat(format),
    ...(conversation.stream || policy.forceStream ? { stream: true } : {}),
    store: false,
    ...include(encoder, search),
    ...(conversation.fast && policy.priorityTier ? { service_tier: "priority" } : {}),
    ...cacheKey(conversation, policy),
    ...policy.extraBody
  }
  return closeEncoding(body, conversation, encoding, maxTokens)
}

/** Encodes a normalised conversation for one provider. The Left is the client's 400. */
export const encodeRequest = (
  conversation: Conversation,
  target: Target
): Either.Either<ResponsesExchange, GatewayError> =>
  Either.map(webSearchOf(conversation), (search) => encode(conversation, target, search))
