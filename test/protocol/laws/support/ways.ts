/** The protocols an Anthropic request goes up in, so that a law can be stated once for all of them. */
import { Either } from "effect"
import { decodeRequest } from "../../../../src/protocol/anthropic/request.ts"
import { encodeFor } from "../../../../src/protocol/encode.ts"
import type { GatewayError } from "../../../../src/protocol/errors.ts"
import type { Policy, Protocol } from "../../../../src/protocol/policy.ts"
import type { Encoded } from "../../../../src/protocol/target.ts"
import { chatBodyViolations, pairingViolations } from "../../../../src/testing/chatBody.ts"
import { isJsonObject, type Json, type JsonObject } from "../../../../src/testing/json.ts"
import { outputPairingViolations, responsesBodyViolations } from "../../../../src/testing/responsesBody.ts"
import { upstreamModel } from "./exchange.ts"

export interface Way {
  readonly protocol: Protocol
  readonly toString: () => string
  /** Ids that the provider takes. */
  readonly idPattern: (policy: Policy) => RegExp
  /** What a strict server would find wrong. */
  readonly violations: (body: unknown, policy: Policy) => ReadonlyArray<string>
  readonly pairing: (sent: ReadonlyArray<JsonObject>) => ReadonlyArray<string>
  /** What the conversation became, in order, as it goes over the wire. */
  readonly sent: (body: JsonObject) => ReadonlyArray<JsonObject>
  /** Each of them as a Chat message, so that what stands where can be asked in one language. */
  readonly message: (sent: JsonObject, policy: Policy) => JsonObject
}

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

const chat: Way = {
  protocol: "chat",
  toString: () => "Chat",
  idPattern: (policy) => policy.idPattern,
  violations: chatBodyViolations,
  pairing: pairingViolations,
  sent: (body) => list(body["messages"]),
  message: (sent) => sent
}

const part = (value: JsonObject): JsonObject => {
  switch (value["type"]) {
    case "input_image":
      return { type: "image_url", image_url: { url: value["image_url"] ?? "" } }
    case "input_file":
      return { type: "file", file: { filename: value["filename"] ?? value["file_url"] ?? "" } }
    default:
      return { type: "text", text: value["text"] ?? "" }
  }
}

const content = (value: Json | undefined): Json => (typeof value === "string" ? value : list(value).map(part))

const responses: Way = {
  protocol: "responses",
  toString: () => "Responses",
  idPattern: () => /^[a-zA-Z0-9_-]{1,64}$/,
  violations: responsesBodyViolations,
  pairing: outputPairingViolations,
  sent: (body) => {
    const { instructions = "" } = body
    return [...(instructions === "" ? [] : [{ instructions }]), ...list(body["input"])]
  },
  message: (item, policy) => {
    const { arguments: args = "", call_id: id = "", name = "", role = "" } = item
    switch (item["type"]) {
      case undefined:
        return { role: policy.systemRole, content: item["instructions"] ?? "" }
      case "message":
        return { role: role === "developer" ? policy.systemRole : role, content: content(item["content"]) }
      case "function_call":
        return { role: "assistant", content: null, tool_calls: [{ id, function: { name, arguments: args } }] }
      case "function_call_output":
        return { role: "tool", tool_call_id: id, content: content(item["output"]) }
      default:
        return { role: "assistant", content: null }
    }
  }
}

export const ways: ReadonlyArray<Way> = [chat, responses]

/** Anthropic body → request of a provider, both steps. */
export const goUp = (way: Way, body: unknown, policy: Policy): Either.Either<Encoded, GatewayError> =>
  decodeRequest(body).pipe(
    Either.flatMap((conversation) => encodeFor(way.protocol, conversation, { model: upstreamModel, policy }))
  )

/** The request of a body that has to be accepted; a refusal fails the test with its reason. */
export const wentUp = (way: Way, body: unknown, policy: Policy): Encoded =>
  Either.getOrThrowWith(goUp(way, body, policy), (error) => new Error(`refused: ${error.status} ${error.message}`))

/** The body as it goes over the wire. */
export const wireBody = (encoded: Encoded): JsonObject => JSON.parse(JSON.stringify(encoded.body))

export const sentOver = (way: Way, encoded: Encoded): ReadonlyArray<JsonObject> => way.sent(wireBody(encoded))

export const messagesOver = (way: Way, encoded: Encoded, policy: Policy): ReadonlyArray<JsonObject> =>
  sentOver(way, encoded).map((sent) => way.message(sent, policy))
