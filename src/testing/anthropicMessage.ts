/** What a client ends up with after reading an Anthropic stream, and a judge of whole Messages. */
import { type AnthropicEvent, readAnthropicSse, streamViolations } from "./anthropicGrammar.ts"
import { isJsonObject, type Json, type JsonObject } from "./json.ts"

/** The outcome of a stream as a client sees it. */
export interface Accumulated {
  /** The message as far as it came; undefined before `message_start`. */
  readonly message: JsonObject | undefined
  /** `message_stop` was read. */
  readonly complete: boolean
  /** The `error` object of an `error` event. */
  readonly error: JsonObject | undefined
}

const parseInput = (json: string): Json => {
  if (json === "") return {}
  try {
    const value: Json = JSON.parse(json)
    return value
  } catch {
    // Kept apart from every parsed value: nobody may take a cut call for a whole one.
    return { "(incomplete)": json }
  }
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "")

interface Open {
  block: JsonObject
  json: string
}

const applyDelta = (open: Open, delta: JsonObject): void => {
  const { block } = open
  if (delta["type"] === "text_delta") open.block = { ...block, text: text(block["text"]) + text(delta["text"]) }
  if (delta["type"] === "thinking_delta")
    open.block = { ...block, thinking: text(block["thinking"]) + text(delta["thinking"]) }
  if (delta["type"] === "signature_delta") open.block = { ...block, signature: text(delta["signature"]) }
  if (delta["type"] === "input_json_delta") open.json += text(delta["partial_json"])
}

const close = ({ block, json }: Open): JsonObject =>
  block["type"] === "tool_use" || block["type"] === "server_tool_use" ? { ...block, input: parseInput(json) } : block

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})

/** Folds the events of a legal stream (`streamViolations` is empty) into the message that the client keeps. */
export const accumulate = (events: ReadonlyArray<AnthropicEvent>): Accumulated => {
  let message: JsonObject | undefined
  let open: Open | undefined
  let complete = false
  let error: JsonObject | undefined
  const blocks: Array<JsonObject> = []
  for (const event of events) {
    if (event.type === "message_start") message = objectOf(event["message"])
    else if (event.type === "content_block_start") open = { block: objectOf(event["content_block"]), json: "" }
    else if (event.type === "content_block_delta" && open !== undefined) applyDelta(open, objectOf(event["delta"]))
    else if (event.type === "content_block_stop" && open !== undefined) {
      blocks.push(close(open))
      open = undefined
    } else if (event.type === "message_delta") {
      message = {
        ...message,
        ...objectOf(event["delta"]),
        usage: { ...objectOf(message?.["usage"]), ...objectOf(event["usage"]) }
      }
    } else if (event.type === "message_stop") complete = true
    else if (event.type === "error") error = objectOf(event["error"])
  }
  if (open !== undefined) blocks.push(close(open))
  return { message: message === undefined ? undefined : { ...message, content: blocks }, complete, error }
}

/** Reads SSE text and folds it. */
export const accumulateSse = (sse: string): Accumulated => accumulate(readAnthropicSse(sse).events)

const event = (type: string, rest: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`

/** The deltas that rebuild a block from its empty start. */
const unfold = (block: JsonObject): readonly [start: JsonObject, deltas: ReadonlyArray<JsonObject>] => {
  switch (block["type"]) {
    case "text":
      return [{ ...block, text: "" }, [{ type: "text_delta", text: block["text"] ?? null }]]
    case "thinking": {
      const { thinking = null, signature } = block
      return [
        { ...block, thinking: "", signature: "" },
        [
          ...(thinking === "" ? [] : [{ type: "thinking_delta", thinking }]),
          ...(signature === undefined || signature === "" ? [] : [{ type: "signature_delta", signature }])
        ]
      ]
    }
    case "tool_use":
    case "server_tool_use":
      return [
        { ...block, input: {} },
        [{ type: "input_json_delta", partial_json: JSON.stringify(block["input"] ?? null) }]
      ]
    default:
      return [block, []]
  }
}

/** A whole Message as the stream that would have carried it. */
export const unfoldMessage = (message: JsonObject): string => {
  const { content, stop_reason = null, stop_sequence = null, usage = null, ...head } = message
  const { stop_details, ...rest } = head
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : []
  return [
    event("message_start", { message: { ...rest, content: [], stop_reason: null, stop_sequence: null, usage } }),
    ...blocks.flatMap((block, index) => {
      const [start, deltas] = unfold(block)
      return [
        event("content_block_start", { index, content_block: start }),
        ...deltas.map((delta) => event("content_block_delta", { index, delta })),
        event("content_block_stop", { index })
      ]
    }),
    event("message_delta", {
      delta: { stop_reason, stop_sequence, ...(stop_details === undefined ? {} : { stop_details }) },
      usage
    }),
    event("message_stop", {})
  ].join("")
}

/** Deviations of a whole Message: those of the stream that would have carried it. */
export const messageViolations = (message: JsonObject): ReadonlyArray<string> => {
  const content = message["content"]
  if (!Array.isArray(content) || !content.every(isJsonObject)) return ["content is not an array of blocks"]
  const calls = content.filter((block) => block["type"] === "tool_use" || block["type"] === "server_tool_use")
  return [
    ...calls.filter((call) => !isJsonObject(call["input"])).map(() => "the input of a call is no object"),
    ...streamViolations(unfoldMessage(message))
  ]
}
