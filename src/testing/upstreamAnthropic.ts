/**
 * Renders Anthropic answers for a scripted upstream, from the same turns as `ChatScript` (wire specification §1.3, §1.4).
 * Identifiers are fixed.
 */
import { unfoldMessage } from "./anthropicMessage.ts"
import { isJsonObject, type Json, type JsonObject } from "./json.ts"
import type { ChatTurn, ChatUsage } from "./upstreamChat.ts"
import { respond, stream, type Script } from "./upstreamScript.ts"

/** A turn by its meaning: what a model says, in this order. */
export interface AnthropicTurn extends Omit<ChatTurn, "finish" | "details" | "pieces"> {
  /** The signature of the reasoning; without it the reasoning counts as unsigned. */
  readonly signature?: string
  /** By default `tool_use` with calls and `end_turn` without. */
  readonly stop?: string
}

const defaultUsage: ChatUsage = { prompt: 120, completion: 12, cached: 20 }

const wireUsage = ({ cached = 0, completion, prompt }: ChatUsage): JsonObject => ({
  input_tokens: prompt - cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: cached,
  output_tokens: completion
})

const inputOf = (args: string): Json => {
  const value: Json = JSON.parse(args)
  return value
}

/** The message that the turn makes. Arguments of calls must be JSON here. */
export const message = (turn: AnthropicTurn): JsonObject => ({
  id: "msg_01scripted00000000000000",
  type: "message",
  role: "assistant",
  model: "scripted-model",
  content: [
    ...(turn.reasoning === undefined
      ? []
      : [{ type: "thinking", thinking: turn.reasoning, signature: turn.signature ?? "" }]),
    ...(turn.text === undefined ? [] : [{ type: "text", text: turn.text }]),
    ...(turn.calls ?? []).map(({ args, id, name }) => ({ type: "tool_use", id, name, input: inputOf(args) }))
  ],
  stop_reason: turn.stop ?? ((turn.calls ?? []).length > 0 ? "tool_use" : "end_turn"),
  stop_sequence: null,
  usage: wireUsage(turn.usage === undefined || turn.usage === false ? defaultUsage : turn.usage)
})

/** All records of a streamed turn. */
export const records = (turn: AnthropicTurn): ReadonlyArray<string> => unfoldMessage(message(turn)).split(/(?<=\n\n)/)

/** The turn as a streamed answer, one write per record. */
export const streamed = (turn: AnthropicTurn, headers: { readonly [name: string]: string } = {}): Script =>
  stream(records(turn), headers)

/** The turn as one JSON body. */
export const whole = (turn: AnthropicTurn): Script => respond(200, message(turn))

/** The turn in the form the request asked for (`stream: true` or not). */
export const answer = (request: { readonly body: unknown }, turn: AnthropicTurn): Script =>
  isJsonObject(request.body) && request.body["stream"] === true ? streamed(turn) : whole(turn)

/** An error body in Anthropic's shape. */
export const error = (
  status: number,
  type: string,
  text: string,
  headers: { readonly [name: string]: string } = {}
): Script => respond(status, { type: "error", error: { type, message: text }, request_id: "req_scripted" }, headers)
