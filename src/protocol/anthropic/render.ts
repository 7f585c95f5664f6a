/** Anthropic events as SSE text, and folded into the whole message. */
import { isDeeperThan, isObject, maxNesting, parseJson, type JsonObject } from "../json.ts"
import { sseRecord } from "../sse.ts"
import type { WireBlock, WireEvent, WireMessage, WireSink } from "./wire.ts"

/** An event as an SSE record, with the empty line that ends it. */
export const renderEvent = (event: WireEvent): string => sseRecord(event.type, JSON.stringify(event))

/** A ping, ready to send. */
export const pingRecord: string = renderEvent({ type: "ping" })

/** Builds the message that a reader of the stream would end up with. */
export interface MessageFold {
  readonly sink: WireSink
  /** The message; undefined before `message_stop`. */
  readonly message: () => WireMessage | undefined
}

/** Folds the events of one answer into its Message. */
export const messageFold = (): MessageFold => {
  let head: WireMessage | undefined
  let complete = false
  const blocks: Array<WireBlock> = []
  let args = ""

  const grow = (at: number, change: (block: WireBlock) => WireBlock) => {
    const block = blocks[at]
    if (block !== undefined) blocks[at] = change(block)
  }

  const input = (): JsonObject => {
    const value = parseJson(args)
    return isObject(value) && !isDeeperThan(maxNesting, value) ? value : {}
  }

  const sink: WireSink = (event) => {
    switch (event.type) {
      case "message_start":
        head = event.message
        return
      case "content_block_start":
        blocks.push(event.content_block)
        args = ""
        return
      case "content_block_delta": {
        const delta = event.delta
        if (delta.type === "input_json_delta") args += delta.partial_json
        else {
          grow(event.index, (block) =>
            block.type === "text" && delta.type === "text_delta"
              ? { ...block, text: block.text + delta.text }
              : block.type === "thinking" && delta.type === "thinking_delta"
                ? { ...block, thinking: block.thinking + delta.thinking }
                : block.type === "thinking" && delta.type === "signature_delta"
                  ? { ...block, signature: delta.signature }
                  : block
          )
        }
        return
      }
      case "content_block_stop":
        return grow(event.index, (block) =>
          block.type === "tool_use" || block.type === "server_tool_use" ? { ...block, input: input() } : block
        )
      case "message_delta":
        if (head !== undefined) head = { ...head, ...event.delta, usage: event.usage }
        return
      case "message_stop":
        complete = true
        return
      default:
        return
    }
  }

  return { sink, message: () => (complete && head !== undefined ? { ...head, content: blocks } : undefined) }
}
