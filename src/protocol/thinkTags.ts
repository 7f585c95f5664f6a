/**
 * Reasoning that a local model writes into its text between `<think>` tags (wire specification §4.9.3). Only a tag at
 * the very start of the turn's text counts: a tag further on is text, code about such tags must survive.
 */
import { openEnd } from "./text.ts"
import type { TurnSink } from "./turn.ts"

const tags: ReadonlyArray<{ readonly open: string; readonly close: string }> = [
  { open: "<think>", close: "</think>" },
  { open: "<thinking>", close: "</thinking>" },
  // MiniMax M3 [vllm-project/vllm#45687]
  { open: "<mm:think>", close: "</mm:think>" }
]

/** A sink that splits the tags off and passes everything else on unchanged. */
export const thinkTags = (next: TurnSink): TurnSink => {
  let phase: "start" | "inside" | "after" | "off" = "start"
  let close = ""
  /** Text that is not decided yet. */
  let held = ""

  const pass = (text: string) => {
    if (text !== "") next({ type: "text", text })
  }
  const reason = (text: string) => {
    if (text !== "") next({ type: "reasoning", text })
  }

  const step = (text: string): void => {
    switch (phase) {
      case "off":
        return pass(text)
      case "start": {
        held += text
        const lead = held.trimStart()
        const tag = tags.find(({ open }) => lead.startsWith(open))
        if (tag !== undefined) {
          phase = "inside"
          close = tag.close
          held = ""
          return step(lead.slice(tag.open.length))
        }
        if (lead === "" || tags.some(({ open }) => open.startsWith(lead))) return
        phase = "off"
        const all = held
        held = ""
        return pass(all)
      }
      case "inside": {
        held += text
        const at = held.indexOf(close)
        if (at !== -1) {
          reason(held.slice(0, at))
          const rest = held.slice(at + close.length)
          held = ""
          phase = "after"
          return step(rest)
        }
        const keep = openEnd(held, [close])
        reason(held.slice(0, held.length - keep))
        held = held.slice(held.length - keep)
        return
      }
      case "after": {
        const rest = text.replace(/^[\r\n]+/, "")
        if (rest === "") return
        phase = "off"
        return pass(rest)
      }
    }
  }

  const flush = () => {
    const rest = held
    held = ""
    if (phase === "inside") reason(rest)
    else pass(rest)
    phase = "off"
  }

  return (event) => {
    if (event.type === "text") return step(event.text)
    // anything but bookkeeping decides: the provider sends reasoning in a field of its own, or the text is over
    if (event.type !== "start" && event.type !== "usage") flush()
    next(event)
  }
}
