/** Answers of Chat and Responses servers, from bytes to what the client gets. */
import { Either } from "effect"
import type { TurnContext } from "../../../src/protocol/context.ts"
import { gatewayError } from "../../../src/protocol/errors.ts"
import { answerReader } from "../../../src/protocol/reader.ts"
import type { Protocol } from "../../../src/protocol/policy.ts"
import { turnStream, wholeAnswer } from "../../../src/protocol/translate.ts"
import type { TurnEvent } from "../../../src/protocol/turn.ts"
import { messageViolations } from "../../../src/testing/anthropicMessage.ts"
import { type Dice, isJsonObject } from "../../../src/testing/json.ts"
import { say, type Wrong } from "../../../src/testing/judge.ts"
import type { FuzzTarget } from "../engine.ts"
import { chatAnswers, responsesAnswers } from "../material.ts"
import { chunked, spoiltStream } from "../mutate.ts"
import {
  comparable,
  errorWrongs,
  eventWrongs,
  growthWrongs,
  honestyWrongs,
  lossWrongs,
  type Outcome,
  prefixWrongs,
  streamWrongs,
  vendorWrongs
} from "../oracles.ts"
import { contexts } from "./contexts.ts"

const play = (
  context: TurnContext,
  chunks: ReadonlyArray<Uint8Array>
): Outcome & { readonly pieces: ReadonlyArray<string> } => {
  const stream = turnStream(context)
  const pieces = chunks.map(stream.push)
  pieces.push(stream.end(), stream.end())
  return { pieces, sse: pieces.join(""), failure: stream.failure() }
}

/** As a gateway in a hurry plays it: with an early commitment and pings, to an end that is not the provider's. */
const hasten = (context: TurnContext, chunks: ReadonlyArray<Uint8Array>, random: Dice): Outcome => {
  const stream = turnStream(context)
  const commitAt = random.roll(chunks.length)
  let sse = ""
  chunks.slice(0, 1 + random.roll(chunks.length)).forEach((chunk, at) => {
    if (at === commitAt) sse += stream.commit()
    sse += stream.push(chunk)
    if (random.roll(8) === 0) sse += stream.ping()
  })
  sse += stream.abort(gatewayError("timeout_error", "acme stopped sending"))
  return { sse, failure: stream.failure() }
}

const told = (context: TurnContext, text: string): ReadonlyArray<TurnEvent> => {
  const events: Array<TurnEvent> = []
  const reader = answerReader(context, (event) => events.push(event))
  reader.push(text)
  reader.end()
  return events
}

const wholeWrongs = (context: TurnContext, text: string): Wrong =>
  Either.match(wholeAnswer(context, text), {
    onLeft: errorWrongs,
    onRight: ({ message }) => {
      const plainJson: unknown = JSON.parse(JSON.stringify(message))
      return isJsonObject(plainJson) ? messageViolations(plainJson).slice(0, 3) : ["no message"]
    }
  })

/** The vendor's client is slow: it reads one case in so many. */
const vendorEvery = 24

const answers = (protocol: Protocol, make: FuzzTarget["make"]): FuzzTarget => ({
  name: protocol,
  cases: 400,
  make,
  judge: async (input, random) => {
    const context = { ...random.pick(contexts), protocol }
    const text = new TextDecoder().decode(input)
    const whole = play(context, [input])
    const pieces = play(context, chunked(input, random))
    const cut = input.subarray(0, random.roll(input.length + 1))
    const early = play(context, [cut])
    const honest = (bytes: Uint8Array, { sse }: Outcome) => {
      const body = new TextDecoder().decode(bytes)
      return context.enforceStop.length > 0
        ? []
        : [...honestyWrongs(protocol, body, sse), ...lossWrongs(protocol, body, sse)]
    }
    const wrong = [
      ...streamWrongs(whole),
      ...say(comparable(whole.sse) === comparable(pieces.sse), "another cut of the bytes, another stream"),
      ...say(whole.failure?.message === pieces.failure?.message, "another cut of the bytes, another failure"),
      ...prefixWrongs(pieces.pieces, random.roll(pieces.pieces.length + 1)),
      ...growthWrongs(input.length, whole.sse.length),
      ...honest(input, whole),
      ...streamWrongs(early),
      ...honest(cut, early),
      ...streamWrongs(hasten(context, chunked(input, random), random)),
      ...eventWrongs(told(context, text)),
      ...wholeWrongs(context, text)
    ]
    return wrong.length === 0 && random.roll(vendorEvery) === 0 ? vendorWrongs(whole) : wrong
  }
})

export const answerTargets: ReadonlyArray<FuzzTarget> = [
  answers("chat", spoiltStream(chatAnswers)),
  answers("responses", spoiltStream(responsesAnswers))
]
