/** Anthropic requests in a few words. */
import { Either } from "effect"
import { decodeRequest } from "../../src/protocol/anthropic/request.ts"
import { genericPolicy, type Policy } from "../../src/protocol/policy.ts"
import { encodeRequest, type ChatExchange } from "../../src/protocol/chat/request.ts"
import type { Conversation, Located, Message } from "../../src/protocol/conversation.ts"
import type { Target } from "../../src/protocol/target.ts"
import type { Json, JsonObject } from "../../src/testing/json.ts"

export const hello: ReadonlyArray<Json> = [{ role: "user", content: "hello" }]

/** The request as it was read, with the places of its parts and its losses. */
export const read = (body: JsonObject): Conversation =>
  Either.getOrThrowWith(
    decodeRequest({ model: "m", max_tokens: 9, messages: hello, ...body }),
    (error) => new Error(error.message)
  )

/** `at` is optional wherever it stands. */
const placeless = <A extends object>(part: A): A => {
  const { at: _at, ...rest } = part as A & Located // a part without a place is one, too
  return rest as typeof rest & A // what was left out is optional
}

const placelessMessage = (message: Message): Message => {
  switch (message.role) {
    case "user": {
      const results = message.results.map((one) => ({ ...placeless(one), parts: one.parts.map(placeless) }))
      return { ...message, results, parts: message.parts.map(placeless) }
    }
    case "assistant":
      return { ...message, parts: message.parts.map(placeless) }
    case "system":
      return placeless(message)
  }
}

/** What a conversation says, wherever it was read: without places and losses. */
export const meaningOf = (conversation: Conversation): Conversation => ({
  ...conversation,
  losses: [],
  tools: conversation.tools.map(placeless),
  messages: conversation.messages.map(placelessMessage)
})

export const decode = (body: JsonObject): Conversation => meaningOf(read(body))
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
    encodeRequest(read(body), { model: "acme-1", policy: { ...genericPolicy, ...policy }, ...target }),
    (error) => new Error(error.message)
  )

/** The functions among the tools that a Chat request offers. */
export const functionsIn = ({ body }: ChatExchange) =>
  (body.tools ?? []).flatMap((tool) => (tool.type === "function" ? [tool.function] : []))

/** The upstream body as it goes over the wire. */
export const bodyOf = (body: JsonObject, policy: Partial<Policy> = {}): JsonObject => {
  const wire: JsonObject = JSON.parse(JSON.stringify(exchangeOf(body, policy).body))
  return wire
}
