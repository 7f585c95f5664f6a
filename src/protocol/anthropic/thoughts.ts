/** The reasoning of an answer that calls tools, as the client was told it: taken down while the answer passes. */
import { isObject, parseJson, type JsonObject } from "../json.ts"
import type { WireBlock, WireSink } from "./wire.ts"

/** One block of reasoning: its visible text, and the envelope that the client replays with it. */
export interface Thought {
  readonly text: string
  readonly envelope: string
}

/** A turn's reasoning and the first of its calls, which a client always sends back. */
export interface Thoughts {
  readonly call: { readonly id: string; readonly name: string; readonly input: JsonObject }
  readonly blocks: ReadonlyArray<Thought>
}

/** A sink that passes everything on and tells the thoughts of a turn that ended well, if it thought and called. */
export const thoughtTap = (next: WireSink, tell: (thoughts: Thoughts) => void): WireSink => {
  const blocks: Array<Thought> = []
  let open: WireBlock["type"] | undefined
  let text = ""
  let envelope = ""
  let call: { readonly id: string; readonly name: string } | undefined
  let args = ""
  /** Index of the first call's block. */
  let at = -1

  const input = (): JsonObject => {
    const value = parseJson(args)
    return isObject(value) ? value : {}
  }

  return (event) => {
    switch (event.type) {
      case "content_block_start": {
        const block = event.content_block
        open = block.type
        text = envelope = ""
        if (block.type === "redacted_thinking") envelope = block.data
        if (block.type === "tool_use" && call === undefined) {
          call = { id: block.id, name: block.name }
          at = event.index
        }
        break
      }
      case "content_block_delta": {
        const { delta, index } = event
        if (delta.type === "thinking_delta") text += delta.thinking
        else if (delta.type === "signature_delta") envelope = delta.signature
        else if (delta.type === "input_json_delta" && index === at) args += delta.partial_json
        break
      }
      case "content_block_stop":
        if (open === "thinking" || open === "redacted_thinking") blocks.push({ text, envelope })
        break
      case "message_stop":
        if (call !== undefined && blocks.length > 0) tell({ call: { ...call, input: input() }, blocks })
        break
      default:
        break
    }
    next(event)
  }
}
