/** Anthropic requests as Responses requests, in a few words. */
import { Either } from "effect"
import type { GatewayError } from "../../../src/protocol/errors.ts"
import type { Loss } from "../../../src/protocol/loss.ts"
import { genericPolicy, type Policy } from "../../../src/protocol/policy.ts"
import { seal, type Replay } from "../../../src/protocol/reasoning.ts"
import { encodeRequest, type ResponsesExchange } from "../../../src/protocol/responses/request.ts"
import type { Target } from "../../../src/protocol/target.ts"
import { responsesBodyViolations } from "../../../src/testing/responsesBody.ts"
import { isJsonObject, type Json, type JsonObject } from "../../../src/testing/json.ts"
import { read } from "../requests.ts"

export const model = "acme-1"

/** What OpenAI's own service takes of a model that reasons. */
export const openaiPolicy: Policy = {
  ...genericPolicy,
  kind: "openai",
  systemRole: "developer",
  systemPlacement: "inline",
  minTokens: 16,
  sampling: [],
  strictTools: true,
  resultMedia: "inline-parts",
  pdf: "file",
  efforts: ["low", "medium", "high", "xhigh"],
  webSearch: "hosted",
  cacheKey: true,
  priorityTier: true
}

const encoded = (
  body: JsonObject,
  policy: Partial<Policy>,
  target: Partial<Target>
): Either.Either<ResponsesExchange, GatewayError> =>
  encodeRequest(read({ max_tokens: 100, ...body }), { model, policy: { ...openaiPolicy, ...policy }, ...target })

export const exchangeOf = (
  body: JsonObject,
  policy: Partial<Policy> = {},
  target: Partial<Target> = {}
): ResponsesExchange => Either.getOrThrowWith(encoded(body, policy, target), (error) => new Error(error.message))

/** The client's 400. */
export const refusalOf = (body: JsonObject, policy: Partial<Policy> = {}): GatewayError | undefined =>
  Either.getOrUndefined(Either.flip(encoded(body, policy, {})))

/** The body as it goes over the wire; fails when a strict server of the policy would not take it. */
export const sentOf = (body: JsonObject, policy: Partial<Policy> = {}, target: Partial<Target> = {}): JsonObject => {
  const sent: JsonObject = JSON.parse(JSON.stringify(exchangeOf(body, policy, target).body))
  const wrong = responsesBodyViolations(sent, { ...openaiPolicy, ...policy })
  if (wrong.length > 0) throw new Error(wrong.join("\n"))
  return sent
}

/** The items that become of the client's messages. */
export const itemsOf = (messages: ReadonlyArray<Json>, policy: Partial<Policy> = {}): ReadonlyArray<JsonObject> => {
  const { input } = sentOf({ messages }, policy)
  return Array.isArray(input) ? input.filter(isJsonObject) : []
}

export const lossesOf = (body: JsonObject, policy: Partial<Policy> = {}): ReadonlyArray<Loss> =>
  exchangeOf(body, policy).losses

const author: Omit<Replay, "payload"> = { provider: "openai", model, protocol: "responses" }

/** A thinking block as an answer of the Responses decoder leaves it in the history. */
export const thought = (item: JsonObject, thinking = "hm", by: Partial<Replay> = {}): JsonObject => ({
  type: "thinking",
  thinking,
  signature: seal({ ...author, payload: { item }, ...by })
})

/** The same without text that the client may show. */
export const hiddenThought = (item: JsonObject, by: Partial<Replay> = {}): JsonObject => ({
  type: "redacted_thinking",
  data: seal({ ...author, payload: { item }, ...by })
})

export const reasoningItem = (id: string, encrypted = `sealed-${id}`): JsonObject => ({
  id,
  type: "reasoning",
  summary: [{ type: "summary_text", text: "hm" }],
  encrypted_content: encrypted
})

export const said = (role: string, ...parts: ReadonlyArray<string | JsonObject>): JsonObject => ({
  type: "message",
  role,
  content: parts.map((part) =>
    typeof part === "string" ? { type: role === "assistant" ? "output_text" : "input_text", text: part } : part
  )
})

export const called = (id: string, name = "Read", args = "{}"): JsonObject => ({
  type: "function_call",
  call_id: id,
  name,
  arguments: args
})

export const answered = (id: string, output: Json = "ok"): JsonObject => ({
  type: "function_call_output",
  call_id: id,
  output
})
