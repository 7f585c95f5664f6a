/** Answers that need no provider, as the same text a translated answer would be. */
import { messageFold, renderEvent } from "../protocol/anthropic/render.ts"
import { turnEncoder } from "../protocol/anthropic/turnEncoder.ts"
import type { WireSink } from "../protocol/anthropic/wire.ts"
import type { TurnContext } from "../protocol/context.ts"
import { zeroUsage } from "../domain/Usage.ts"
import type { TurnEvent } from "../protocol/turn.ts"

const play = (context: TurnContext, events: ReadonlyArray<TurnEvent>, emit: WireSink): void => {
  const { sink } = turnEncoder(context, emit, () => false)
  // Nothing was spent, and the encoder would report its estimate of the prompt.
  sink({ type: "usage", usage: zeroUsage })
  events.forEach(sink)
}

/** The answer as SSE text. */
export const localStream = (context: TurnContext, events: ReadonlyArray<TurnEvent>): string => {
  let out = ""
  play(context, events, (event) => {
    out += renderEvent(event)
  })
  return out
}

/** The answer as the JSON of a Message. */
export const localWhole = (context: TurnContext, events: ReadonlyArray<TurnEvent>): string => {
  const fold = messageFold()
  play(context, events, fold.sink)
  return JSON.stringify(fold.message())
}
