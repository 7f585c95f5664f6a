/** Stop sequences that the provider was not told about, enforced on the text of the answer. */
import { openEnd } from "./text.ts"
import type { TurnSink } from "./turn.ts"

/**
 * A sink that ends the turn before the first of `sequences` in the visible text. The longest end of the text that
 * could become one is held back; text is never retracted.
 */
export const stopSequences = (sequences: ReadonlyArray<string>, next: TurnSink): TurnSink => {
  if (sequences.length === 0) return next
  let held = ""
  let over = false

  const first = (): { readonly at: number; readonly sequence: string } | undefined => {
    let best: { readonly at: number; readonly sequence: string } | undefined
    for (const sequence of sequences) {
      const at = held.indexOf(sequence)
      if (at !== -1 && (best === undefined || at < best.at)) best = { at, sequence }
    }
    return best
  }

  const pass = (text: string) => {
    if (text !== "") next({ type: "text", text })
  }

  return (event) => {
    if (over) return
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
      over = true
      return next({ type: "stop", finish: { reason: "stop", sequence: match.sequence } })
    }
    const keep = openEnd(held, sequences)
    pass(held.slice(0, held.length - keep))
    held = held.slice(held.length - keep)
  }
}
