/** Answers in a few words: chunks in, what the client is told out. Every stream is judged by the grammar on the way. */
import { Either } from "effect"
import { expect } from "vitest"
import { genericPolicy, type Policy } from "../../src/protocol/policy.ts"
import type { TurnContext } from "../../src/protocol/context.ts"
import type { GatewayError } from "../../src/protocol/errors.ts"
import { makeNameMap } from "../../src/protocol/names.ts"
import { turnStream, wholeAnswer } from "../../src/protocol/translate.ts"
import { streamViolations } from "../../src/testing/anthropicGrammar.ts"
import { accumulateSse, messageViolations } from "../../src/testing/anthropicMessage.ts"
import { isJsonObject, type Json, type JsonObject } from "../../src/testing/json.ts"

export const contextOf = (over: Partial<TurnContext> = {}): TurnContext => ({
  model: "claude-test[1m]",
  names: makeNameMap(["Read", "Bash"]),
  seenIds: new Set(),
  stopSequences: [],
  enforceStop: [],
  estimate: 40,
  thinkTags: false,
  provider: "acme",
  secrets: [],
  kind: "generic",
  upstreamModel: "acme-1",
  protocol: "chat",
  reasoningExtra: false,
  citations: "none",
  ...over
})

export const policyOf = (over: Partial<Policy>): Policy => ({ ...genericPolicy, ...over })

/** One record of an upstream stream; a string stands for itself. */
export type Chunk = JsonObject | string

/** A chunk of the first choice. */
export const delta = (value: JsonObject, finish: string | null = null, more: JsonObject = {}): JsonObject => ({
  choices: [{ index: 0, delta: value, finish_reason: finish }],
  ...more
})
export const say = (content: string): JsonObject => delta({ content })
export const finish = (word: string): JsonObject => delta({}, word)
export const done = "[DONE]"

/** A `tool_calls` delta; `args` as they are, absent keys absent. */
export const callDelta = (call: {
  readonly index?: number
  readonly id?: Json
  readonly name?: Json
  readonly args?: Json
}): JsonObject => {
  const { index, id, name, args } = call
  const fn = { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) }
  return { ...(index === undefined ? {} : { index }), ...(id === undefined ? {} : { id }), function: fn }
}
export const calls = (...list: ReadonlyArray<Parameters<typeof callDelta>[0]>): JsonObject =>
  delta({ tool_calls: list.map(callDelta) })

export const sse = (chunks: ReadonlyArray<Chunk>): string =>
  chunks.map((chunk) => `data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`).join("")

/** What the client ends up with. */
export interface Told {
  /** One line per block: `text: …`, `thinking: …`, `redacted`, or a call's name and input. */
  readonly content: ReadonlyArray<string>
  /** The stop reason, `error <type>` after a commit, or `http <status> <type>` before one. */
  readonly end: string
  readonly message: JsonObject
  readonly usage: JsonObject
  readonly failure: GatewayError | undefined
  readonly sse: string
}

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})

const line = (block: JsonObject): string => {
  switch (block["type"]) {
    case "text":
      return `text: ${String(block["text"])}`
    case "thinking":
      return `thinking: ${String(block["thinking"])}`
    case "tool_use":
      return `${String(block["name"])} ${JSON.stringify(block["input"])}`
    default:
      return String(block["type"])
  }
}

const lines = (content: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(content) ? content.map((block) => line(objectOf(block))) : []

const told = (text: string, failure: GatewayError | undefined): Told => {
  const { complete, error, message } = accumulateSse(text)
  if (text !== "") expect(streamViolations(text)).toEqual([])
  const end = complete
    ? String(message?.["stop_reason"])
    : text === ""
      ? `http ${failure?.status} ${failure?.type}`
      : `error ${String(error?.["type"])}`
  const body = message ?? {}
  return { content: lines(body["content"]), end, message: body, usage: objectOf(body["usage"]), failure, sse: text }
}

/** A body as it comes from the network, in one piece, to its clean end. */
export const readText = (body: string, context = contextOf()): Told => {
  const turn = turnStream(context)
  const text = turn.push(new TextEncoder().encode(body)) + turn.end()
  return told(text, turn.failure())
}

export const read = (chunks: ReadonlyArray<Chunk>, context = contextOf()): Told => readText(sse(chunks), context)

/** A whole body, whatever it is. */
export const readWholeText = (body: string, context = contextOf()): Told =>
  Either.match(wholeAnswer(context, body), {
    onLeft: (failure) => told("", failure),
    onRight: (answer) => {
      const message = objectOf(JSON.parse(JSON.stringify(answer.message)))
      expect(messageViolations(message)).toEqual([])
      return {
        content: lines(message["content"]),
        end: String(message["stop_reason"]),
        message,
        usage: objectOf(message["usage"]),
        failure: undefined,
        sse: ""
      }
    }
  })

/** A whole JSON body. */
export const readWhole = (body: Json, context = contextOf()): Told => readWholeText(JSON.stringify(body), context)

/** A completion of one message. */
export const completion = (message: JsonObject, finishReason: string | null = "stop", more: JsonObject = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finishReason, ...more }]
})
