/** What holds for every answer, whatever bytes it was made of. */
import { readAnthropicSse, prefixViolations, streamViolations } from "../../src/testing/anthropicGrammar.ts"
import { accumulateSse } from "../../src/testing/anthropicMessage.ts"
import { isJsonObject, type JsonObject } from "../../src/testing/json.ts"
import { say, type Wrong } from "../../src/testing/judge.ts"
import type { GatewayError } from "../../src/protocol/errors.ts"
import { statusOf } from "../../src/protocol/gatewayError.ts"
import { unseal } from "../../src/protocol/reasoning.ts"
import type { TurnEvent } from "../../src/protocol/turn.ts"
import { readWithBetaSdk, readWithSdk, type SdkVerdict } from "../protocol/laws/support/sdk.ts"

/** The JSON in a text; undefined when it is none. */
export const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The first few of many sentences. */
const few = (all: Wrong): Wrong => all.slice(0, 3)

/** An error that a client can do something with. */
export const errorWrongs = ({ message, retryAfter, status, type }: GatewayError): Wrong => [
  ...say(Object.hasOwn(statusOf, type), `error type ${type}`),
  ...say(Number.isInteger(status) && status >= 400 && status < 600, `status ${status}`),
  ...say(message.trim() !== "" && message.length < 3000, `a message of ${message.length} characters`),
  ...say(!/\p{Surrogate}/u.test(message), "half a character in the message"),
  ...say(retryAfter === undefined || (Number.isSafeInteger(retryAfter) && retryAfter >= 1), `retry-after ${retryAfter}`)
]

/** What one reading of an answer came to. */
export interface Outcome {
  readonly sse: string
  readonly failure: GatewayError | undefined
}

/** L12: an HTTP error with nothing sent, or a legal stream that ends as the turn did. */
export const streamWrongs = ({ failure, sse }: Outcome): Wrong => {
  const wrong = failure === undefined ? [] : errorWrongs(failure)
  if (sse === "") return [...wrong, ...say(failure !== undefined, "nothing was sent, and no failure is known")]
  const { complete, error } = accumulateSse(sse)
  return [
    ...wrong,
    ...few(streamViolations(sse)),
    ...say(complete === (failure === undefined), `complete: ${complete}, failure: ${failure?.message}`),
    ...say(error?.["message"] === failure?.message, "the error event says something else than the failure")
  ]
}

/** L24: what was sent so far can still become a legal stream. */
export const prefixWrongs = (pieces: ReadonlyArray<string>, at: number): Wrong =>
  few(prefixViolations(pieces.slice(0, at).join("")))

/** Bytes out for each byte in, and for none: the shortest deltas cost the most. */
const growth = 64
const base = 16_384

/** Whether what came out is in proportion to what went in. */
export const growthWrongs = (input: number, output: number): Wrong =>
  say(output <= growth * input + base, `${output} characters out of ${input} bytes`)

/** Whose records they are. */
type Wire = "chat" | "responses" | "anthropic"

interface Payload {
  readonly event: string
  readonly data: string
}

/** What begins a record of its own behind a whole object, also without an empty line between them. */
const begins = /^(?:\{|\[DONE\])/

/**
 * The payloads of a stream (decoded, so without its byte order mark) as a simple reader finds them: every `data` line, joined
 * up to the next empty line.
 */
export const payloads = (text: string): ReadonlyArray<Payload> => {
  const out: Array<Payload> = []
  let event = ""
  /** The name that held when the data began. */
  let first = ""
  let data: Array<string> = []
  const flush = () => {
    if (data.length > 0) out.push({ event, data: data.join("\n") })
    event = ""
    data = []
  }
  const add = (value: string) => {
    const [only = ""] = data
    if (data.length === 1 && begins.test(value) && isJsonObject(parse(only))) {
      out.push({ event: first, data: only })
      data = []
    }
    if (data.length === 0) first = event
    data.push(value)
  }
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === "") flush()
    else if (line.startsWith("{")) add(line)
    else {
      const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      // older llama.cpp servers write a failure as a field of this name
      if (name === "event") event = value
      if (name === "error") event = name
      if (name === "data" || name === "error") add(value)
    }
  }
  flush()
  return out
}

const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

const isFinish = (value: unknown): boolean =>
  isJsonObject(value) &&
  list(value["choices"]).some((choice) => isJsonObject(choice) && typeof choice["finish_reason"] === "string")

const terminalTypes = ["response.completed", "response.incomplete"]

const isTerminal: {
  readonly [protocol in "chat" | "responses" | "anthropic"]: (event: string, data: unknown) => boolean
} = {
  chat: (_, value) => isFinish(value),
  responses: (event, value) =>
    isJsonObject(value) &&
    (terminalTypes.includes(event) || terminalTypes.includes(String(value["type"])) || Array.isArray(value["output"])),
  anthropic: (_, value) => isJsonObject(value) && value["type"] === "message_stop"
}

/** Whether the provider may have said by this record that the answer is whole. */
const ends =
  (wire: Wire) =>
  ({ data, event }: Payload): boolean =>
    (data.trim() === "[DONE]" && wire !== "anthropic") || isTerminal[wire](event, parse(data.trim()))

/** Whether a body holds anything by which the provider may have said that the answer is whole. */
const saysItsEnd = (wire: Wire, body: string): boolean =>
  // a document that can be read was not cut
  parse(body) !== undefined || payloads(body).some(ends(wire))

/** L13: a message is complete only when the provider said so. Not for answers whose stop sequences are enforced here. */
export const honestyWrongs = (wire: Wire, body: string, sse: string): Wrong =>
  say(!accumulateSse(sse).complete || saysItsEnd(wire, body), "a complete message, and the provider never said so")

const keepAlive = /^[\s:.]*(?:ping|keep[-_ ]?alive|heartbeat|openrouter processing)?[\s:.]*$/i

/** What cannot be read may have been a part of the answer: a message with a hole in it is never complete. */
export const lossWrongs = (wire: Wire, body: string, sse: string): Wrong => {
  const records = payloads(body)
  const end = records.findIndex(ends(wire))
  const lost = records.slice(0, end).some(({ data }) => parse(data.trim()) === undefined && !keepAlive.test(data))
  const complete = parse(body) === undefined && accumulateSse(sse).complete
  return say(!(lost && complete), "a complete message, although a record of it could not be read")
}

/** The grammar that turn decoders keep (src/protocol/turn.ts). */
export const eventWrongs = (events: ReadonlyArray<TurnEvent>): Wrong => {
  const wrong: Array<string> = []
  const calls = new Set<number>()
  let started = false
  let over = false
  for (const event of events) {
    if (over) wrong.push(`${event.type} after the end`)
    if (!started && !["start", "usage", "fail"].includes(event.type)) wrong.push(`${event.type} before the start`)
    if (event.type === "start") started = true
    if (event.type === "stop" || event.type === "fail") over = true
    if (event.type === "call-start") {
      if (calls.has(event.key)) wrong.push(`call ${event.key} starts twice`)
      if (event.name === "") wrong.push("a call without a name")
      calls.add(event.key)
    }
    if ((event.type === "call-args" || event.type === "call-end") && !calls.has(event.key)) {
      wrong.push(`${event.type} of a call that did not start`)
    }
  }
  if (!over) wrong.push("the turn has no end")
  return few(wrong)
}

const ids = /"(?:msg|toolu|srvtoolu)_[0-9A-Za-z]{24}"/g
const envelopes = /cdx1\.[A-Za-z0-9_-]+/g

/** A stream without what is random in it, in envelopes too. */
export const comparable = (sse: string): string =>
  sse.replace(envelopes, (text) => JSON.stringify(unseal(text))).replace(ids, '"*"')

/** The vendor's client comes to the same end; arguments cut at the token limit are the one thing that it completes. */
const verdictWrongs = (verdict: SdkVerdict, { failure, sse }: Outcome): Wrong => {
  const { complete, message } = accumulateSse(sse)
  if (!complete) {
    const body = verdict.type === "api-error" && isJsonObject(verdict.body) ? verdict.body["error"] : undefined
    return say(isJsonObject(body) && body["type"] === failure?.type, `the vendor's client: ${JSON.stringify(verdict)}`)
  }
  if (verdict.type !== "message") return [`the vendor's client: ${JSON.stringify(verdict)}`]
  const same = JSON.stringify(verdict.message["content"]) === JSON.stringify(message?.["content"])
  return say(same || message?.["stop_reason"] === "max_tokens", "the vendor's client reads another message")
}

/** What the vendor's accumulators, the plain one and Claude Code's, make of a stream that is not empty. */
export const vendorWrongs = async (outcome: Outcome): Promise<Wrong> =>
  outcome.sse === ""
    ? []
    : [
        ...verdictWrongs(await readWithSdk(outcome.sse), outcome),
        ...verdictWrongs(await readWithBetaSdk(outcome.sse), outcome)
      ]

/** The events of a stream, whether they are legal or not. */
export const eventsIn = (sse: string): ReadonlyArray<JsonObject> => readAnthropicSse(sse).events
