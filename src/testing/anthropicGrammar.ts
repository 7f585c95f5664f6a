/**
 * A strict judge of Anthropic event streams (wire specification §1.6), independent of the code that writes them. It
 * reads SSE text by itself and lists every deviation; an empty list means that the stream is legal.
 *
 * Stricter than the wire where a client would suffer: LF only, exactly one `event:` and one `data:` line per record,
 * no unknown keys, no empty blocks, every counter present.
 */
import { isJsonObject, type JsonObject } from "./json.ts"

/** One record of the stream: the parsed `data`, whose `type` equals the `event` line. */
export interface AnthropicEvent extends JsonObject {
  readonly type: string
}

/** SSE text taken apart. */
export interface AnthropicReading {
  readonly events: ReadonlyArray<AnthropicEvent>
  /** What is wrong with the framing. */
  readonly violations: ReadonlyArray<string>
}

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const hasType = (value: unknown): value is AnthropicEvent => isJsonObject(value) && typeof value["type"] === "string"

/** Splits SSE text into events. Text after the last blank line is a violation: a client would lose it. */
export const readAnthropicSse = (sse: string): AnthropicReading => {
  const events: Array<AnthropicEvent> = []
  const violations: Array<string> = []
  const records = sse.split("\n\n")
  if (records.pop() !== "") violations.push("the last record has no blank line")
  for (const record of records) {
    const lines = record.split("\n")
    const [head = "", data = ""] = lines
    if (lines.length !== 2 || !head.startsWith("event: ") || !data.startsWith("data: ")) {
      violations.push(`not an event line and a data line: ${JSON.stringify(record)}`)
      continue
    }
    if (record.includes("\r")) violations.push(`a carriage return inside a line: ${JSON.stringify(record)}`)
    if (/\p{Surrogate}/u.test(record))
      violations.push(`half a character, which UTF-8 cannot carry: ${JSON.stringify(record)}`)
    const value = parse(data.slice(6))
    if (!hasType(value)) violations.push(`data is not a JSON object with a type: ${data}`)
    else if (value.type !== head.slice(7)) violations.push(`event line ${head} but type ${value.type}`)
    else events.push(value)
  }
  return { events, violations }
}

const errorTypes = new Set([
  "invalid_request_error",
  "authentication_error",
  "billing_error",
  "permission_error",
  "not_found_error",
  "conflict_error",
  "request_too_large",
  "rate_limit_error",
  "api_error",
  "timeout_error",
  "overloaded_error"
])

const stopReasons = new Set(["end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal"])

const toolResult = /_tool_result$/

/** Keys that must be there and keys that may. */
const keys = (
  value: JsonObject,
  must: ReadonlyArray<string>,
  may: ReadonlyArray<string> = []
): ReadonlyArray<string> => [
  ...must.filter((key) => !Object.hasOwn(value, key)).map((key) => `${key} is missing`),
  ...Object.keys(value)
    .filter((key) => !must.includes(key) && !may.includes(key))
    .map((key) => `unexpected key ${key}`)
]

const counter = (value: unknown): boolean => typeof value === "number" && Number.isSafeInteger(value) && value >= 0

/** A usage object: the four counters always present, integers, never negative. */
const usageViolations = (usage: unknown): ReadonlyArray<string> => {
  if (!isJsonObject(usage)) return ["usage is not an object"]
  const must = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]
  const may = ["output_tokens_details", "server_tool_use", "cache_creation", "service_tier", "inference_geo", "speed"]
  const details = usage["output_tokens_details"]
  return [
    ...keys(usage, must, may),
    ...must
      .filter((key) => Object.hasOwn(usage, key) && !counter(usage[key]))
      .map((key) => `usage.${key} is no counter`),
    ...(details === undefined || details === null || (isJsonObject(details) && counter(details["thinking_tokens"]))
      ? []
      : ["output_tokens_details has no thinking_tokens"])
  ]
}

/** How a turn ended, in a Message or in `message_delta`. */
const stopViolations = (value: JsonObject, hasCalls: boolean): ReadonlyArray<string> => {
  const { stop_reason: reason, stop_sequence: sequence, stop_details: details } = value
  const wrong: Array<string> = []
  if (typeof reason !== "string" || !stopReasons.has(reason)) wrong.push(`stop_reason ${JSON.stringify(reason)}`)
  const named = typeof sequence === "string" && sequence !== ""
  if (named !== (reason === "stop_sequence") || (!named && sequence !== null)) {
    wrong.push(`stop_sequence ${JSON.stringify(sequence)} with stop_reason ${JSON.stringify(reason)}`)
  }
  if (reason === "tool_use" && !hasCalls) wrong.push("stop_reason tool_use without a call")
  const refused = isJsonObject(details) && details["type"] === "refusal" && Object.hasOwn(details, "explanation")
  if (details !== undefined && details !== null && !(refused && reason === "refusal")) wrong.push("stop_details")
  return wrong
}

/** Where the automaton stands. */
interface State {
  phase: "before" | "open" | "delta" | "over"
  next: number
  block: { type: string; bytes: string; sealed: boolean } | undefined
  cutCall: boolean
  calls: number
  readonly ids: Set<string>
}

const messageStart = (event: AnthropicEvent): ReadonlyArray<string> => {
  const message = event["message"]
  if (!isJsonObject(message)) return ["message_start without a message"]
  const { id, content, model } = message
  return [
    ...keys(event, ["type", "message"]),
    ...keys(
      message,
      ["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"],
      ["stop_details", "container"]
    ),
    ...(typeof id === "string" && /^msg_[0-9A-Za-z]{24}$/.test(id) ? [] : [`message id ${JSON.stringify(id)}`]),
    ...(message["type"] === "message" && message["role"] === "assistant" ? [] : ["message type or role"]),
    ...(typeof model === "string" ? [] : ["model is no string"]),
    ...(Array.isArray(content) && content.length === 0 ? [] : ["content is not an empty array"]),
    ...(message["stop_reason"] === null && message["stop_sequence"] === null ? [] : ["stop reason before the end"]),
    ...usageViolations(message["usage"])
  ]
}

const blockStart = (state: State, event: AnthropicEvent): ReadonlyArray<string> => {
  const block = event["content_block"]
  if (!hasType(block)) return ["content_block_start without a block"]
  const wrong = [...keys(event, ["type", "index", "content_block"])]
  if (event["index"] !== state.next) wrong.push(`index ${JSON.stringify(event["index"])}, expected ${state.next}`)
  if (state.block !== undefined) wrong.push("a block starts while another is open")
  state.next += 1
  state.block = { type: block.type, bytes: "", sealed: false }
  switch (block.type) {
    case "text":
      return [
        ...wrong,
        ...keys(block, ["type", "text"], ["citations"]),
        ...(block["text"] === "" ? [] : ["text not empty at start"])
      ]
    case "thinking":
      return [
        ...wrong,
        ...keys(block, ["type", "thinking", "signature"]),
        ...(block["thinking"] === "" && block["signature"] === "" ? [] : ["thinking not empty at start"])
      ]
    case "redacted_thinking":
      return [
        ...wrong,
        ...keys(block, ["type", "data"]),
        ...(typeof block["data"] === "string" && block["data"] !== "" ? [] : ["redacted_thinking without data"])
      ]
    case "tool_use":
    case "server_tool_use": {
      const { id, name, input } = block
      wrong.push(...keys(block, ["type", "id", "name", "input"]))
      if (typeof id !== "string" || !/^[a-zA-Z0-9_-]+$/.test(id)) wrong.push(`call id ${JSON.stringify(id)}`)
      else if (state.ids.has(id)) wrong.push(`call id ${id} twice`)
      else state.ids.add(id)
      if (typeof name !== "string" || name === "") wrong.push("call without a name")
      if (!isJsonObject(input) || Object.keys(input).length > 0) wrong.push("input not {} at start")
      if (block.type === "tool_use") state.calls += 1
      return wrong
    }
    default:
      return toolResult.test(block.type)
        ? [...wrong, ...keys(block, ["type", "tool_use_id", "content"])]
        : [...wrong, `unknown block type ${block.type}`]
  }
}

/** Which field of which delta belongs to which block. */
const deltas: { readonly [type: string]: { readonly field: string; readonly blocks: ReadonlyArray<string> } } = {
  text_delta: { field: "text", blocks: ["text"] },
  input_json_delta: { field: "partial_json", blocks: ["tool_use", "server_tool_use"] },
  thinking_delta: { field: "thinking", blocks: ["thinking"] },
  signature_delta: { field: "signature", blocks: ["thinking"] }
}

const blockDelta = (state: State, event: AnthropicEvent): ReadonlyArray<string> => {
  const { delta } = event
  if (!hasType(delta)) return ["content_block_delta without a delta"]
  const wrong = [...keys(event, ["type", "index", "delta"])]
  const { block } = state
  if (block === undefined) return [...wrong, "a delta outside of a block"]
  if (event["index"] !== state.next - 1) wrong.push(`delta for index ${JSON.stringify(event["index"])}`)
  if (delta.type === "citations_delta" && block.type === "text") return [...wrong, ...keys(delta, ["type", "citation"])]
  const kind = deltas[delta.type]
  if (kind === undefined || !kind.blocks.includes(block.type))
    return [...wrong, `${delta.type} in a ${block.type} block`]
  const value = delta[kind.field]
  if (typeof value !== "string") return [...wrong, `${delta.type} without ${kind.field}`]
  if (block.sealed) wrong.push("a delta after the signature")
  if (delta.type === "signature_delta") {
    block.sealed = true
    if (value === "") wrong.push("an empty signature")
  } else block.bytes += value
  return [...wrong, ...keys(delta, ["type", kind.field])]
}

const blockStop = (state: State, event: AnthropicEvent): ReadonlyArray<string> => {
  const wrong = [...keys(event, ["type", "index"])]
  const { block } = state
  if (block === undefined) return [...wrong, "a stop outside of a block"]
  if (event["index"] !== state.next - 1) wrong.push(`stop for index ${JSON.stringify(event["index"])}`)
  state.block = undefined
  if (block.type === "text" && block.bytes === "") wrong.push("an empty text block")
  if (block.type === "thinking" && block.bytes === "" && !block.sealed) wrong.push("an empty thinking block")
  if (
    deltas["input_json_delta"]?.blocks.includes(block.type) &&
    block.bytes !== "" &&
    !isJsonObject(parse(block.bytes))
  ) {
    state.cutCall = true
  }
  return wrong
}

const messageDelta = (state: State, event: AnthropicEvent): ReadonlyArray<string> => {
  const { delta } = event
  if (!isJsonObject(delta)) return ["message_delta without a delta"]
  const wrong = [...keys(event, ["type", "delta", "usage"])]
  if (state.block !== undefined) wrong.push("message_delta while a block is open")
  state.phase = "delta"
  if (state.cutCall && delta["stop_reason"] !== "max_tokens")
    wrong.push("a call with incomplete arguments in a finished turn")
  return [
    ...wrong,
    ...keys(delta, ["stop_reason", "stop_sequence"], ["stop_details", "container"]),
    ...stopViolations(delta, state.calls > 0),
    ...usageViolations(event["usage"])
  ]
}

const errorEvent = (state: State, event: AnthropicEvent): ReadonlyArray<string> => {
  const { error } = event
  state.phase = "over"
  if (!isJsonObject(error)) return ["error event without an error"]
  const { type, message } = error
  return [
    ...keys(event, ["type", "error"], ["request_id"]),
    ...keys(error, ["type", "message"], ["details"]),
    ...(typeof type === "string" && errorTypes.has(type) ? [] : [`error type ${JSON.stringify(type)}`]),
    ...(typeof message === "string" && message !== "" ? [] : ["error without a message"])
  ]
}

const step = (state: State, event: AnthropicEvent): ReadonlyArray<string> => {
  if (state.phase === "over") return [`${event.type} after the end`]
  if (event.type === "error") return state.phase === "delta" ? ["error after message_delta"] : errorEvent(state, event)
  if (state.phase === "delta" && event.type !== "message_stop") return [`${event.type} after message_delta`]
  if (state.phase === "before" && event.type !== "message_start") return [`${event.type} before message_start`]
  switch (event.type) {
    case "message_start": {
      if (state.phase !== "before") return ["a second message_start"]
      state.phase = "open"
      return messageStart(event)
    }
    case "ping":
      return keys(event, ["type"])
    case "content_block_start":
      return blockStart(state, event)
    case "content_block_delta":
      return blockDelta(state, event)
    case "content_block_stop":
      return blockStop(state, event)
    case "message_delta":
      return messageDelta(state, event)
    case "message_stop": {
      const early = state.phase !== "delta"
      state.phase = "over"
      return [...keys(event, ["type"]), ...(early ? ["message_stop without message_delta"] : [])]
    }
    default:
      return [`unknown event ${event.type}`]
  }
}

const judge = (sse: string, complete: boolean): ReadonlyArray<string> => {
  const { events, violations } = readAnthropicSse(sse)
  const state: State = { phase: "before", next: 0, block: undefined, cutCall: false, calls: 0, ids: new Set() }
  const wrong = [...violations]
  events.forEach((event, at) => wrong.push(...step(state, event).map((text) => `event ${at} ${event.type}: ${text}`)))
  if (complete && state.phase !== "over") wrong.push("the stream does not end in message_stop or error")
  return wrong
}

/** Deviations of a whole stream, from `message_start` to `message_stop` or `error`. */
export const streamViolations = (sse: string): ReadonlyArray<string> => judge(sse, true)

/** Deviations of the beginning of a stream: whole events, extendable to a legal stream. */
export const prefixViolations = (sse: string): ReadonlyArray<string> => judge(sse, false)
