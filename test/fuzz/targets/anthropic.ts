/** Answers in Anthropic's own words: read as turn events, and handed on byte for byte. */
import { turnEncoder } from "../../../src/protocol/anthropic/turnEncoder.ts"
import { renderEvent } from "../../../src/protocol/anthropic/render.ts"
import { anthropicTurnDecoder } from "../../../src/protocol/anthropic/turnDecoder.ts"
import { chatFold, chatTurnEncoder } from "../../../src/protocol/chat/turnEncoder.ts"
import { gatewayError } from "../../../src/protocol/errors.ts"
import { sseParser } from "../../../src/protocol/sse.ts"
import type { TurnEvent } from "../../../src/protocol/turn.ts"
import { joined, type Piece } from "../../../src/gateway/Piece.ts"
import { passTurn, type PassTurn } from "../../../src/gateway/passTurn.ts"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import type { Dice } from "../../../src/testing/json.ts"
import { say, type Wrong } from "../../../src/testing/judge.ts"
import type { FuzzTarget } from "../engine.ts"
import { anthropicAnswers } from "../material.ts"
import { chunked, spoiltStream } from "../mutate.ts"
import {
  eventWrongs,
  growthWrongs,
  honestyWrongs,
  lossWrongs,
  type Outcome,
  parse,
  payloads,
  streamWrongs,
  vendorWrongs
} from "../oracles.ts"
import { plain } from "./contexts.ts"

const about = { provider: "acme", model: "acme-1", now: 0 }

const read = (text: string): ReadonlyArray<TurnEvent> => {
  const events: Array<TurnEvent> = []
  const decoder = anthropicTurnDecoder(about, (event) => events.push(event))
  const whole = parse(text)
  if (whole === undefined) {
    const parser = sseParser(decoder.record, () => {})
    parser.push(text)
    parser.end()
  } else decoder.whole(whole)
  decoder.end()
  return events
}

/** The events as a client of this gateway would get them. */
const written = (events: ReadonlyArray<TurnEvent>): Outcome => {
  let sse = ""
  const encoder = turnEncoder(
    plain,
    (event) => {
      sse += renderEvent(event)
    },
    () => true
  )
  events.forEach(encoder.sink)
  return { sse, failure: encoder.failure() }
}

/** Chat clients may get them too. */
const chatWrongs = (events: ReadonlyArray<TurnEvent>): Wrong => {
  const answer = { id: "chatcmpl-1", model: "m", created: 0 }
  let sse = ""
  const encode = chatTurnEncoder(answer, (text) => {
    sse += text
  })
  const fold = chatFold(answer)
  for (const event of events) {
    encode(event)
    fold.sink(event)
  }
  return payloads(sse)
    .filter(({ data }) => data !== "[DONE]" && parse(data) === undefined)
    .map(({ data }) => `not JSON: ${data}`)
}

const anthropic: FuzzTarget = {
  name: "anthropic",
  cases: 500,
  make: spoiltStream(anthropicAnswers),
  judge: async (input, random) => {
    const text = new TextDecoder().decode(input)
    const events = read(text)
    const outcome = written(events)
    const cut = text.slice(0, random.roll(text.length + 1))
    const wrong = [
      ...eventWrongs(events),
      ...streamWrongs(outcome),
      ...growthWrongs(input.length, outcome.sse.length),
      ...lossWrongs("anthropic", text, outcome.sse),
      ...honestyWrongs("anthropic", text, outcome.sse),
      ...honestyWrongs("anthropic", cut, written(read(cut)).sse),
      ...chatWrongs(events)
    ]
    return wrong.length === 0 && random.roll(24) === 0 ? vendorWrongs(outcome) : wrong
  }
}

const bytesOf = (pieces: ReadonlyArray<Piece>): string => Buffer.from(joined(pieces)).toString("latin1")

/** Where a client that reads records stands: behind an empty line, or in the middle of one. */
const atRecord = (passed: string): boolean => /(?:\n\n|\r\n\r\n)$/.test(`\n\n${passed}`)

const broken = gatewayError("api_error", "acme broke off")

const refused = gatewayError("overloaded_error", "acme refused")

/** Turns that pass a stream on; one without its last record is `broken`, one that begins with a failure `refused`. */
const streaming = (): PassTurn => {
  const turn = passTurn("acme")
  turn.begin({ unfinished: () => broken, failed: () => refused })
  return turn
}

/** The end of a body that just ends: silence behind the last record, the truth about every other. */
const endWrongs = (turn: PassTurn, text: string, passed: string, words: string): Wrong => {
  const failed = turn.failure() !== undefined
  // far behind its last record nobody looks for it
  const short = text.length < 16 * 1024
  const rest = text.slice(passed.length)
  return [
    ...say(passed === "" || rest === "", "a stream that had begun was held"),
    ...say(
      failed ? words === "" || (passed !== "" && atRecord(text)) : words === rest,
      "words inside of a record, or other bytes than came"
    ),
    ...say(failed || /message_stop|error/.test(text), "a clean end without a last record"),
    ...say(turn.failure() !== refused || (passed === "" && /error/.test(text)), "a beginning without a failure is one"),
    ...say(!(turn.failure() === broken && short && accumulateSse(text).complete), "a complete message is a failure")
  ]
}

/** A stream that passes, and breaks somewhere: pings and words only between records, and every byte as it came. */
const passWrongs = (input: Uint8Array, random: Dice): Wrong => {
  const turn = streaming()
  const chunks = chunked(input, random)
  const kept = chunks.slice(0, random.roll(chunks.length + 1))
  const wrong: Array<string> = []
  let passed = ""
  for (const chunk of kept) {
    passed += bytesOf([turn.push(chunk)])
    const ping = bytesOf([turn.ping()])
    if (ping !== "" && (passed === "" || !atRecord(passed)))
      wrong.push("a ping inside of a record, or before the first")
  }
  const failed = turn.failure()
  if (passed !== "" && passed !== bytesOf(kept)) wrong.push("other bytes than came")
  if ((passed === "") !== (turn.phase() === "waiting" || failed === refused || kept.length === 0))
    wrong.push("held, or not")
  const words = bytesOf([turn.abort(broken)])
  const last = turn.lastWords?.(broken) ?? ""
  if (words !== "" && !atRecord(passed)) wrong.push("an error inside of a record")
  if ((words === "") === (last === "")) wrong.push("the break is told twice, or never")
  return [
    ...wrong,
    ...say(
      turn.phase() === "done" &&
        (turn.failure() === (failed ?? broken) || (passed === "" && turn.failure() === refused)),
      "not over"
    )
  ]
}

const pass: FuzzTarget = {
  name: "pass",
  cases: 500,
  make: spoiltStream(anthropicAnswers),
  judge: (input, random) => {
    const whole = passTurn("acme")
    whole.begin(undefined)
    const pieces = streaming()
    const held = [...chunked(input, random).map(whole.push), whole.end()]
    const same = bytesOf([input])
    const passed = bytesOf(chunked(input, random).map(pieces.push))
    const words = bytesOf([pieces.end()])
    const once = streaming()
    once.push(input)
    once.end()
    return [
      ...say(bytesOf(held) === same, "other bytes than came"),
      // of a longer stream only the beginning and the end are read, as far as the chunks there reach
      ...say(
        input.length > 16 * 1024 ||
          pieces.failure() === refused ||
          JSON.stringify(once.usage()) === JSON.stringify(pieces.usage()),
        "another cut of the bytes, another usage"
      ),
      ...say(whole.failure() === undefined, "a clean end is a failure"),
      ...endWrongs(pieces, same, passed, words),
      ...passWrongs(input, random)
    ]
  }
}

export const anthropicTargets: ReadonlyArray<FuzzTarget> = [anthropic, pass]
