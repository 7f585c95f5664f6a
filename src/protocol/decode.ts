/** Upstream answers → TurnEvents, by protocol: one decoder for streams and whole bodies. */
import { chatTurnDecoder } from "./chat/turnDecoder.ts"
import { responsesTurnDecoder } from "./responses/turnDecoder.ts"
import type { TurnContext } from "./context.ts"
import type { About } from "./errors.ts"
import type { Protocol } from "./policy.ts"
import type { TurnDecoder, TurnSink } from "./turn.ts"

type MakeDecoder = (context: TurnContext, about: About, sink: TurnSink) => TurnDecoder

const decoders: { readonly [protocol in Protocol]: MakeDecoder } = {
  chat: chatTurnDecoder,
  responses: responsesTurnDecoder
}

/** The decoder for the protocol that the context names. */
export const turnDecoder: MakeDecoder = (context, about, sink) => decoders[context.protocol](context, about, sink)
