/** What an answer of Anthropic Messages adds up to, streamed or whole. Pure, and lenient: it is what a test looks at. */
import { asArray, asString, isObject, type JsonObject, parseJson } from "../../protocol/json.ts"
import { sseParser } from "../../protocol/sse.ts"

export interface HeardCall {
  readonly name: string
  /** Undefined where the arguments are no JSON. */
  readonly input: unknown
}

export interface Heard {
  /** It has the form of a message. */
  readonly isMessage: boolean
  readonly calls: ReadonlyArray<HeardCall>
  readonly text: string
  /** It thought, whether that can be read or not. */
  readonly thought: boolean
  readonly stop: string | undefined
  /** An error came instead, or in the middle. */
  readonly broke: boolean
}

const nothing: Heard = { isMessage: false, calls: [], text: "", thought: false, stop: undefined, broke: false }

const thoughts = new Set(["thinking", "redacted_thinking"])

interface Block {
  readonly type: string
  readonly name: string
  readonly input: unknown
  text: string
  json: string
}

const blockOf = (value: unknown): Block => {
  const block: JsonObject = isObject(value) ? value : {}
  return {
    type: asString(block["type"]) ?? "",
    name: asString(block["name"]) ?? "",
    input: block["input"],
    text: asString(block["text"]) ?? "",
    json: ""
  }
}

const summed = (blocks: Iterable<Block>): Pick<Heard, "calls" | "text" | "thought"> => {
  const all = [...blocks]
  return {
    calls: all
      .filter(({ type }) => type === "tool_use")
      .map(({ input, json, name }) => ({ name, input: json === "" ? input : parseJson(json) })),
    text: all.map(({ text }) => text).join(""),
    thought: all.some(({ type }) => thoughts.has(type))
  }
}

/** A message, or an error, as one JSON body. */
const whole = (body: JsonObject): Heard => ({
  ...nothing,
  ...summed(asArray(body["content"]).map(blockOf)),
  isMessage: Array.isArray(body["content"]),
  stop: asString(body["stop_reason"]),
  broke: isObject(body["error"])
})

const streamed = (text: string): Heard => {
  const blocks = new Map<unknown, Block>()
  let heard = nothing
  const take = (event: JsonObject) => {
    const delta: JsonObject = isObject(event["delta"]) ? event["delta"] : {}
    switch (event["type"]) {
      case "message_start":
        heard = { ...heard, isMessage: true }
        return
      case "content_block_start":
        blocks.set(event["index"], blockOf(event["content_block"]))
        return
      case "content_block_delta": {
        const block = blocks.get(event["index"])
        if (block === undefined) return
        block.text += asString(delta["text"]) ?? ""
        block.json += asString(delta["partial_json"]) ?? ""
        return
      }
      case "message_delta":
        heard = { ...heard, stop: asString(delta["stop_reason"]) ?? heard.stop }
        return
      case "error":
        heard = { ...heard, broke: true }
        return
      default:
    }
  }
  const parser = sseParser(
    (_, data) => {
      const event = parseJson(data)
      if (isObject(event)) take(event)
    },
    () => {}
  )
  parser.push(text)
  parser.end()
  return { ...heard, ...summed(blocks.values()) }
}

/** The body of an answer, as a client gets it. */
export const heardIn = (text: string): Heard => {
  const body = parseJson(text)
  return isObject(body) ? whole(body) : streamed(text)
}
