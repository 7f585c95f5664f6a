/** The protocols in which a provider can say the same turn, each in all the styles of its servers. */
import { FastCheck as fc } from "effect"
import type { Protocol } from "../../../../src/protocol/policy.ts"
import { chatStyle, renderChatBody, renderChatStream } from "../../../../src/testing/chatRender.ts"
import { scriptStops, type TurnScript } from "../../../../src/testing/chatScript.ts"
import type { Json } from "../../../../src/testing/json.ts"
import { renderResponsesBody, renderResponsesStream, sayable } from "../../../../src/testing/responsesRender.ts"
import { responsesStyle } from "../../../../src/testing/responsesStyle.ts"
import type { StreamRecord } from "../../../../src/testing/sseBytes.ts"

/** One turn, written down in one protocol and style. */
export interface Rendered {
  /** The turn as far as the protocol can say it. */
  readonly script: TurnScript
  readonly records: ReadonlyArray<StreamRecord>
  readonly body: Json
}

export interface Dialect {
  readonly protocol: Protocol
  /** What of `scriptStops` the provider keeps itself: asked to stop there, it names the sequence. */
  readonly stops: ReadonlyArray<string>
  readonly render: (turns: fc.Arbitrary<TurnScript>) => fc.Arbitrary<Rendered>
}

export const dialects: ReadonlyArray<Dialect> = [
  {
    protocol: "chat",
    stops: scriptStops,
    render: (turns) =>
      fc.tuple(turns, chatStyle).map(([script, style]) => ({
        script,
        records: renderChatStream(script, style),
        body: renderChatBody(script, style)
      }))
  },
  {
    protocol: "responses",
    stops: [],
    render: (turns) =>
      fc.tuple(turns, responsesStyle).map(([turn, style]) => {
        const script = sayable(turn)
        return { script, records: renderResponsesStream(script, style), body: renderResponsesBody(script, style) }
      })
  }
]
