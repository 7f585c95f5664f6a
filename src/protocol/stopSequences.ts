/** Stop sequences that the provider was not told about, enforced on the text of the answer. */
import { openEnd } from "./text.ts"
import type { Finish, TurnEvent, TurnSink } from "./turn.ts"

/**
 * A sink that ends the turn before the first of `sequences` in the visible text. The longest end of the text that
 * could become one is held back; text is never retracted. Calls that have begun are heard out first: half a call would
 * cost the turn.
 */
export const stopSequences = (sequences: ReadonlyArray<string>, next: TurnSink): TurnSink => {
  if (sequences.length === 0) return next
  let held = ""
  let over = false
  /** The sequence that was found while calls were open: nothing but the rest of those calls is told any more. */
  let found: string | undefined
  const open = new Set<number>()

  /** The sequence that is complete first, and of those that end together the longest: no later text can change that. */
  const first = (): { readonly at: number; readonly sequence: string } | undefined =>
    sequences
      .map((sequence) => ({ at: held.indexOf(sequence), sequence }))
      .filter(({ at }) => at !== -1)
      .sort((a, b) => a.at + a.sequence.length - (b.at + b.sequence.length) || a.at - b.at)[0]

  const pass = (text: string) => {
    if (text !== "") next({ type: "text", text })
  }

  const stop = (finish: Finish) => {
    over = true
    next({ type: "stop", finish })
  }

  /** What still counts once a sequence was found. */
  const hearOut = (event: TurnEvent, sequence: string) => {
    switch (event.type) {
      case "stop":
        return stop({ ...event.finish, sequence })
      case "call-args":
      case "call-end":
        if (!open.has(event.key)) return
        next(event)
        if (event.type === "call-end") open.delete(event.key)
        return open.size === 0 ? stop({ reason: "stop", sequence }) : undefined
      case "usage":
      case "fail":
        return next(event)
      default:
        return
    }
  }

  return (event) => {
    if (over) return
    if (found !== undefined) return hearOut(event, found)
    if (event.type === "call-start") open.add(event.key)
    else if (event.type === "call-end") open.delete(event.key)
    if (event.type !== "text") {
      if (event.type !== "start" && event.type !== "usage") {
        const rest = held
        held = ""
        pass(rest)
      }
      return next(event)
    }
    held += event.text
    const match = first()
    if (match !== undefined) {
      pass(held.slice(0, match.at))
      if (open.size === 0) return stop({ reason: "stop", sequence: match.sequence })
      held = ""
      found = match.sequence
      return
    }
    const keep = openEnd(held, sequences)
    pass(held.slice(0, held.length - keep))
    held = held.slice(held.length - keep)
  }
}
