/** Anthropic requests in a few words. */
import { Either } from "effect"
import { decodeRequest } from "../../src/protocol/anthropic/request.ts"
import { genericPolicy, type Policy } from "../../src/protocol/policy.ts"
import { encodeRequest, type ChatExchange } from "../../src/protocol/chat/request.ts"
import type { Conversation } from "../../src/protocol/conversation.ts"
import type { Target } from "../../src/protocol/target.ts"
import type { Json, JsonObject } from "../../src/testing/json.ts"

export const hello: Json = [{ role: "user", content: "hello" }]

export const decode = (body: JsonObject): Conversation =>
  Either.getOrThrowWith(
    decodeRequest({ model: "m", max_tokens: 9, messages: hello, ...body }),
    (error) => new Error(error.message)
  )
export const messagesOf = (...messages: ReadonlyArray<Json>) => decode({ messages }).messages
export const user = (...content: ReadonlyArray<Json>): Json => ({ role: "user", content })
export const assistant = (...content: ReadonlyArray<Json>): Json => ({ role: "assistant", content })
export const system = (content: Json): Json => ({ role: "system", content })
export const text = (value: string) => ({ type: "text", text: value })
export const use = (id: string, name = "Read", input: Json = {}) => ({ type: "tool_use", id, name, input })
export const result = (id: string, content: Json = "ok", more: JsonObject = {}) => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  ...more
})

/** An Anthropic body as the Chat exchange of a policy. */
export const exchangeOf = (
  body: JsonObject,
  policy: Partial<Policy> = {},
  target: Partial<Target> = {}
): ChatExchange =>
  Either.getOrThrowWith(
    encodeRequest(decode(body), { model: "acme-1", policy: { ...genericPolicy, ...policy }, ...target }),
    (error) => new Error(error.message)
  )

/** The upstream body as it goes over the wire. */
export const bodyOf = (body: JsonObject, policy: Partial<Policy> = {}): JsonObject => {
  const wire: JsonObject = JSON.parse(JSON.stringify(exchangeOf(body, policy).body))
  return wire
}
