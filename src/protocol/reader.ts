/**
 * The body of a provider's answer, whatever it turns out to be: an event stream, a JSON document although a stream was
 * asked for (or the other way round), an error, or somebody's HTML page (wire specification §4.4.1-2).
 */
import type { TurnContext } from "./context.ts"
import { endedEarly, fromErrorObject, gatewayError, type About, type GatewayError } from "./errors.ts"
import { parseJson } from "./json.ts"
import { maxRecordLength, sseParser } from "./sse.ts"
import { turnDecoder } from "./decode.ts"
import type { TurnSink } from "./turn.ts"

export interface AnswerReader {
  /** Decoded text, cut anywhere. */
  readonly push: (text: string) => void
  /** The body ended; `failure` says how it broke. */
  readonly end: (failure?: GatewayError) => void
  readonly settled: () => boolean
  /** The body is one JSON document: nothing is known before its end. */
  readonly isWhole: () => boolean
  /** Such a document, and complete as it stands. Reads all of it: ask seldom. */
  readonly isWholeDocument: () => boolean
}

/** Reads the answer in the protocol that the context names. */
export const answerReader = (context: TurnContext, sink: TurnSink): AnswerReader => {
  const about = aboutOf(context)
  const decoder = turnDecoder(context, about, sink)
  const tooLarge = () =>
    decoder.end(gatewayError("api_error", `${context.provider}: a record of the answer is too large`, { status: 502 }))
  const sse = sseParser(decoder.record, tooLarge)
  let mode: "unknown" | "sse" | "whole" = "unknown"
  let pieces: Array<string> = []
  let length = 0

  const collect = (text: string) => {
    pieces.push(text)
    length += text.length
    if (length > maxRecordLength) tooLarge()
  }

  const push = (text: string) => {
    if (mode === "sse") return sse.push(text)
    collect(text)
    if (mode === "whole") return
    const first = text.trimStart().charAt(0)
    if (first === "") return
    if (first === "{" || first === "[" || first === "<") {
      mode = "whole"
      return
    }
    mode = "sse"
    const head = pieces.join("")
    pieces = []
    sse.push(head)
  }

  const end = (failure?: GatewayError) => {
    if (mode === "sse") {
      if (failure === undefined) sse.end()
      return decoder.end(failure)
    }
    if (failure !== undefined || mode === "unknown") return decoder.end(failure)
    const text = pieces.join("")
    pieces = []
    const body = parseJson(text)
    if (body !== undefined) return decoder.whole(body)
    decoder.end(text.trimStart().startsWith("<") ? fromErrorObject(text, about) : endedEarly(context.provider))
  }

  return {
    push,
    end,
    settled: decoder.settled,
    isWhole: () => mode === "whole",
    isWholeDocument: () => mode === "whole" && parseJson(pieces.join("")) !== undefined
  }
}

/** What error messages about this exchange may name. */
export const aboutOf = (context: TurnContext): About => ({
  provider: context.provider,
  model: context.upstreamModel,
  estimate: context.estimate,
  secrets: context.secrets,
  now: Date.now()
})
