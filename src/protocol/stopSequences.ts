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

  /** The sequence that is complete first, and of those that end together the longest: no later text can change that. */
  const first = (): { readonly at: number; readonly sequence: string } | undefined =>
    sequences
      .map((sequence) => ({ at: held.indexOf(sequence), sequence }))
      .filter(({ at }) => at !== -1)
      .sort((a, b) => a.at + a.sequence.length - (b.at + b.sequence.length) || a.at - b.at)[0]

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
