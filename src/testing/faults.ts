/**
 * The ways in which providers fail, each as the script of one answer, in the three protocols and for streams and whole
 * answers. Delays are short: who tests with them sets deadlines that are a little longer than a `pace`, and a good deal
 * shorter than patience. Pure data; `FaultyUpstream` plays it.
 */
import { isJsonObject } from "./json.ts"
import { records as anthropicRecords, whole as anthropicWhole, error as anthropicError } from "./upstreamAnthropic.ts"
import {
  type ChatCall,
  error as openaiError,
  record as chatRecord,
  records as chatRecords,
  text as chatText,
  whole as chatWhole
} from "./upstreamChat.ts"
import {
  failed,
  records as responsesRecords,
  text as responsesText,
  whole as responsesWhole
} from "./upstreamResponses.ts"
import {
  abort,
  destroy,
  forever,
  inPieces,
  pause,
  reset,
  respond,
  type Script,
  silence,
  stall,
  type Step,
  stream,
  write
} from "./upstreamScript.ts"

/** Which protocol the provider speaks. */
export type FaultyWire = "chat" | "responses" | "anthropic"

/** What a provider says when it is well. */
export interface FaultyTurn {
  readonly text: string
  readonly reasoning?: string
  /** Arguments are JSON objects. */
  readonly calls?: ReadonlyArray<ChatCall>
  /** In how many records the text comes; 3 by default. */
  readonly pieces?: number
}

/** How an answer is asked for. */
export interface FaultyAsk {
  readonly wire: FaultyWire
  readonly stream: boolean
}

type Headers = { readonly [name: string]: string }

interface Speech {
  readonly records: (turn: FaultyTurn) => ReadonlyArray<string>
  readonly whole: (turn: FaultyTurn) => Script
  readonly error: (status: number, text: string, headers?: Headers) => Script
  /** A record that says that the answer failed. */
  readonly failure: string
  /** A record with a little more text, after the first records of a text. */
  readonly more: string
}

const anthropicTypes: { readonly [status: number]: string } = {
  401: "authentication_error",
  429: "rate_limit_error",
  529: "overloaded_error"
}

const speeches: { readonly [wire in FaultyWire]: Speech } = {
  chat: {
    records: chatRecords,
    whole: chatWhole,
    error: (status, text, headers = {}) => openaiError(status, text, { type: "server_error", headers }),
    failure: chatRecord({ error: { message: "the provider failed", type: "server_error", code: 500 } }),
    more: chatText("more ")
  },
  responses: {
    records: responsesRecords,
    whole: responsesWhole,
    error: (status, text, headers = {}) => openaiError(status, text, { type: "server_error", headers }),
    failure: failed("the provider failed"),
    more: responsesText("more ")
  },
  anthropic: {
    records: anthropicRecords,
    whole: anthropicWhole,
    error: (status, text, headers = {}) => anthropicError(status, anthropicTypes[status] ?? "api_error", text, headers),
    failure: `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: "api_error", message: "the provider failed" } })}\n\n`,
    more: `event: content_block_delta\ndata: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "more " } })}\n\n`
  }
}

/** The plainest answer; the characters outside of ASCII are where bytes are spoilt. */
export const plainTurn: FaultyTurn = { text: "An answer with an 你好 in it, to its very end." }
/** An answer with reasoning before it. */
export const thoughtfulTurn: FaultyTurn = { reasoning: "Let me think.", text: "After some thought: 你好, to its end." }
/** An answer that calls two tools. */
export const callingTurn: FaultyTurn = {
  text: "I will look into 你好.",
  calls: [
    { id: "call_1", name: "Read", args: '{"file_path":"/tmp/a","limit":3}', pieces: 3 },
    { id: "call_2", name: "Bash", args: '{"command":"ls"}' }
  ]
}

/** In characters: more than any reader of records should hold. */
export const hugeText = 34 * 1024 * 1024
const hugeMark = "a-huge-text"

/** What well and overlong answers say, their calls as JSON. */
const saidBy = ({ calls = [], text }: FaultyTurn): string =>
  JSON.stringify([text, ...calls.map(({ args, name }) => [name, JSON.parse(args)])])

const said = new Set([plainTurn, thoughtfulTurn, callingTurn].map(saidBy))
const unspoilt = new Set([...said].map((text) => text.replaceAll("你", "\ufffd")))

/** Whether a message holds exactly what one of the answers here says; characters whose bytes were spoilt may be replaced. */
export const isSaid = (content: unknown): boolean => {
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : []
  const text = blocks.map((block) => (block["type"] === "text" ? String(block["text"]) : "")).join("")
  if (text.length === hugeText) return true
  const calls = blocks.flatMap((block) => (block["type"] === "tool_use" ? [[block["name"], block["input"]]] : []))
  const all = JSON.stringify([text, ...calls])
  return said.has(all) || unspoilt.has(all.replace(/\ufffd+/g, "\ufffd"))
}

/** A pause within an answer, short but long enough to make an answer of several pieces. */
const pace = "2 millis"

const fine = ({ stream: streams, wire }: FaultyAsk, turn: FaultyTurn): Script =>
  streams ? stream(speeches[wire].records(turn)) : speeches[wire].whole(turn)

const isWrite = (step: Step): step is Extract<Step, { readonly type: "write" }> => step.type === "write"

/** The body of an answer as one. */
const bytesOf = ({ steps }: Script): Uint8Array => {
  const all = steps.filter(isWrite).flatMap(({ bytes }) => [...bytes])
  return Uint8Array.from(all)
}

/** The first half of an answer: of a stream whole records, and then a half one. */
const half = (ask: FaultyAsk, then: ReadonlyArray<Step>): Script => {
  const script = fine(ask, plainTurn)
  const bytes = bytesOf(script)
  return { ...script, steps: [write(bytes.subarray(0, Math.floor(bytes.length * 0.6))), ...then] }
}

/** The first records of a stream, and then something else; a whole answer gets a half of it. */
const broken = (ask: FaultyAsk, then: (speech: Speech) => ReadonlyArray<string | Step>): Script => {
  const speech = speeches[ask.wire]
  const records = speech.records(plainTurn)
  return stream([...records.slice(0, Math.ceil(records.length / 2)), ...then(speech)])
}

/** The body with the last byte of a character taken out. */
const spoilt = (bytes: Uint8Array): Uint8Array => {
  const at = bytes.findIndex((byte, index) => byte === 0xe4 && bytes[index + 1] === 0xbd && bytes[index + 2] === 0xa0)
  return Uint8Array.from([...bytes.subarray(0, at + 2), ...bytes.subarray(at + 3)])
}

/** Only the record that is too long is long: it is put in when the rest is written already. */
const huge = (ask: FaultyAsk): Script => {
  const script = fine(ask, { text: hugeMark, pieces: 1 })
  const text = new TextDecoder().decode(bytesOf(script))
  const [before = "", ...after] = text.split(hugeMark)
  const long = new Uint8Array(hugeText).fill(0x78)
  // Responses says a text several times: one is enough, and the others are what makes the body end
  const [first, ...others] = after.map((part) => write(part))
  return { ...script, steps: [write(before), write(long), ...(first === undefined ? [] : [first]), ...others] }
}

/** The JSON of a record in the middle is cut, and the stream goes on. */
const truncatedJson = (ask: FaultyAsk): Script => {
  if (!ask.stream) return half(ask, [])
  const records = speeches[ask.wire].records(plainTurn)
  const middle = Math.floor(records.length / 2)
  return stream(records.map((record, at) => (at === middle ? `${record.slice(0, record.length - 9)}\n\n` : record)))
}

const endless = (ask: FaultyAsk): Script =>
  ask.stream
    ? broken(ask, ({ more }) => [forever(more, pace)])
    : { ...half(ask, [forever(" ", pace)]), headers: { "content-type": "application/json" } }

const page = "<!doctype html><html><body><h1>Welcome</h1></body></html>"

const status =
  (code: number, text: string, headers: Headers = {}) =>
  ({ wire }: FaultyAsk): Script =>
    speeches[wire].error(code, text, headers)

/** Every fault by its name. */
export const faults = {
  fine: (ask: FaultyAsk) => fine(ask, plainTurn),
  thoughts: (ask: FaultyAsk) => fine(ask, thoughtfulTurn),
  "tool calls": (ask: FaultyAsk) => fine(ask, callingTurn),
  "reset before headers": (): Script => ({ ...reset, steps: [abort] }),
  "closed before headers": (): Script => reset,
  "reset after headers": (ask: FaultyAsk): Script => ({ ...fine(ask, plainTurn), steps: [pause(pace), abort] }),
  "reset in the content": (ask: FaultyAsk) => half(ask, [pause(pace), abort]),
  "closed in the content": (ask: FaultyAsk) => half(ask, [pause(pace), destroy]),
  "ended in the content": (ask: FaultyAsk) => half(ask, []),
  "silent before headers": (): Script => silence,
  "silent after headers": (ask: FaultyAsk): Script => ({ ...fine(ask, plainTurn), steps: [stall] }),
  "silent in the content": (ask: FaultyAsk) => half(ask, [stall]),
  dribble: (ask: FaultyAsk): Script => {
    const script = fine(ask, plainTurn)
    return { ...script, steps: inPieces(bytesOf(script), 24).flatMap((piece) => [piece, pause(pace)]) }
  },
  "truncated JSON": truncatedJson,
  "error in the stream": (ask: FaultyAsk): Script =>
    ask.stream ? broken(ask, ({ failure }) => [failure]) : status(500, "the provider failed")(ask),
  "200 with an error": (ask: FaultyAsk): Script => ({ ...status(500, "the provider failed")(ask), status: 200 }),
  "200 with a page": (): Script => respond(200, page, { "content-type": "text/html" }),
  "502 with a page": (): Script => respond(502, page, { "content-type": "text/html" }),
  "401": status(401, "no such key"),
  "429": status(429, "slower"),
  "429 with retry-after": status(429, "slower", { "retry-after": "1" }),
  "500": status(500, "it broke"),
  "503": status(503, "back soon"),
  "529": status(529, "too many"),
  endless,
  "huge record": huge,
  "spoilt UTF-8": (ask: FaultyAsk): Script => {
    const script = fine(ask, plainTurn)
    return { ...script, steps: [write(spoilt(bytesOf(script)))] }
  }
} satisfies { readonly [name: string]: (ask: FaultyAsk) => Script }

/** Names one of `faults`. */
export type FaultName = keyof typeof faults

/** Whether a text names a fault. */
export const isFault = (name: string): name is FaultName => Object.hasOwn(faults, name)

/** All names, in the order of the table. */
export const faultNames: ReadonlyArray<FaultName> = Object.keys(faults).filter(isFault)

/** How often each comes in a drawn mix, 10 unless it stands here: mostly answers, and seldom what costs much. */
const weights: { readonly [name in FaultName]?: number } = {
  fine: 200,
  thoughts: 60,
  "tool calls": 60,
  "huge record": 1
}

/** One fault, by a number from 0 to 1. */
export const drawFault = (chance: number, names: ReadonlyArray<FaultName> = faultNames): FaultName => {
  const weightOf = (name: FaultName) => weights[name] ?? 10
  let left = chance * names.reduce((sum, name) => sum + weightOf(name), 0)
  return names.find((name) => (left -= weightOf(name)) < 0) ?? "fine"
}
