/**
 * One exchange, protocol against protocol: whole answers and streams. Pure and synchronous; the gateway lifts it over
 * the network (one `push` per network chunk).
 */
import { Either } from "effect"
import { zeroUsage, type Usage } from "../domain/Usage.ts"
import { messageFold, pingRecord, renderEvent } from "./anthropic/render.ts"
import { turnEncoder } from "./anthropic/turnEncoder.ts"
import { thoughtTap, type Thoughts } from "./anthropic/thoughts.ts"
import type { WireMessage, WireSink } from "./anthropic/wire.ts"
import type { TurnContext } from "./context.ts"
import { endedEarly, type GatewayError } from "./errors.ts"
import { pruneEmpty } from "./prune.ts"
import { answerReader } from "./reader.ts"
import { stopSequences } from "./stopSequences.ts"
import { thinkTags } from "./thinkTags.ts"
import type { TurnEvent, TurnSink } from "./turn.ts"

/**
 * A streamed answer in progress. Every method returns Anthropic SSE text that is ready to be sent, always whole events,
 * possibly "".
 *
 * - `waiting`: nothing was decided, nothing may be sent; the client can still get a real HTTP status.
 * - `open`: `message_start` was produced.
 * - `settled`: the provider has named its finish reason; only usage may follow. If it stays silent now, `end()`.
 * - `done`: the last event was produced (`message_stop` or `error`), or `failure` is set. Stop reading.
 */
export interface TurnStream {
  readonly phase: () => "waiting" | "open" | "settled" | "done"
  /** Set once the turn failed. If no text was ever produced the client must get it as an HTTP error. */
  readonly failure: () => GatewayError | undefined
  /** The latest usage, or undefined while the provider has reported none. */
  readonly usage: () => Usage | undefined
  /** Upstream bytes as they came from the network, cut anywhere. */
  readonly push: (bytes: Uint8Array) => string
  /** Upstream's body ended cleanly. */
  readonly end: () => string
  /** Upstream's body broke, or a deadline passed: `error` says how. */
  readonly abort: (error: GatewayError) => string
  /** Commit to success although nothing was decided yet (`message_start` and a ping): the client must not wait longer. */
  readonly commit: () => string
  /** A ping, if the stream is open; "" otherwise. */
  readonly ping: () => string
  /** How many pieces of the answer have come; keep-alives are none. */
  readonly said: () => number
  /** A whole body came in place of a stream, and nothing is missing. Reads all of it: ask only in silence. */
  readonly isConcluded: () => boolean
}

/** A whole answer for the client: an Anthropic Message as JSON, or the error. */
export type WholeAnswer = Either.Either<
  { readonly message: WireMessage; readonly usage: Usage | undefined },
  GatewayError
>

/** What stands between every decoder and the Anthropic encoder. */
const filters = (context: TurnContext, next: TurnSink): TurnSink => {
  const { optionalTexts } = context
  const pruning = optionalTexts === undefined ? next : pruneEmpty(optionalTexts, next)
  const stopping = stopSequences(context.enforceStop, pruning)
  return context.thinkTags ? thinkTags(stopping) : stopping
}

/** Is told what a model thought before it called tools, as the client got it. */
export type Remember = (thoughts: Thoughts) => void

const remembering = (next: WireSink, remember: Remember | undefined): WireSink =>
  remember === undefined ? next : thoughtTap(next, remember)

/** Translates a provider's answer while it arrives. */
export const turnStream = (context: TurnContext, remember?: Remember): TurnStream => {
  let out = ""
  const write: WireSink = (event) => {
    out += renderEvent(event)
  }
  const encoder = turnEncoder(context, remembering(write, remember), () => !reader.isWhole())
  const filtered = filters(context, encoder.sink)
  let said = 0
  const reader = answerReader(context, (event) => {
    // some providers report their usage with every keep-alive
    if (event.type !== "usage") said += 1
    filtered(event)
  })
  const utf8 = new TextDecoder()

  const produced = (): string => {
    const text = out
    out = ""
    return text
  }

  const finish = (failure?: GatewayError): string => {
    if (encoder.ended()) return ""
    if (failure === undefined) reader.push(utf8.decode())
    reader.end(failure)
    return produced()
  }

  return {
    phase: () => (encoder.ended() ? "done" : !encoder.started() ? "waiting" : reader.settled() ? "settled" : "open"),
    failure: encoder.failure,
    usage: encoder.usage,
    push: (bytes) => {
      if (encoder.ended()) return ""
      reader.push(utf8.decode(bytes, { stream: true }))
      return produced()
    },
    end: () => finish(),
    abort: finish,
    commit: () => {
      encoder.commit()
      return produced()
    },
    ping: () => (encoder.started() && !encoder.ended() ? pingRecord : ""),
    said: () => said,
    isConcluded: reader.isWholeDocument
  }
}

/**
 * Whether a body that was to be a whole answer is one already: a complete document, or a stream that came in its place and
 * has said how it ends. Reads all of it.
 */
export const isWholeAnswer = (context: TurnContext, body: string): boolean => {
  let over = false
  const reader = answerReader(context, ({ type }) => {
    over ||= type === "stop" || type === "fail"
  })
  reader.push(body)
  return over || reader.settled() || reader.isWholeDocument()
}

/** Translates a whole body; a stream that came although none was asked for is folded. */
export const wholeAnswer = (context: TurnContext, body: string, remember?: Remember): WholeAnswer => {
  const fold = messageFold()
  const encoder = turnEncoder(context, remembering(fold.sink, remember), () => false)
  const reader = answerReader(context, filters(context, encoder.sink))
  reader.push(body)
  reader.end()
  const message = fold.message()
  return message === undefined
    ? Either.left(encoder.failure() ?? endedEarly(context.provider))
    : Either.right({ message, usage: encoder.usage() })
}

/** An answer of our own making, as a stream and as a message: for requests that need no provider. */
export const localAnswer = (
  context: TurnContext,
  events: ReadonlyArray<TurnEvent>
): { readonly stream: string; readonly answer: WholeAnswer } => {
  const fold = messageFold()
  let stream = ""
  const encoder = turnEncoder(
    context,
    (event) => {
      stream += renderEvent(event)
      fold.sink(event)
    },
    () => false
  )
  // nothing was spent, which is not the same as nothing being known
  encoder.sink({ type: "usage", usage: zeroUsage })
  events.forEach(encoder.sink)
  const message = fold.message()
  return {
    stream,
    answer:
      message === undefined
        ? Either.left(encoder.failure() ?? endedEarly(context.provider))
        : Either.right({ message, usage: zeroUsage })
  }
}
