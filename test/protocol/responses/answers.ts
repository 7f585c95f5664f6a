/** Responses answers in a few words: records of a stream, whole bodies, and the context in which they are read. */
import type { TurnContext } from "../../../src/protocol/context.ts"
import { unseal } from "../../../src/protocol/reasoning.ts"
import { isJsonObject, type Json, type JsonObject } from "../../../src/testing/json.ts"
import { contextOf, read, readText, readWhole, type Chunk, type Told } from "../turns.ts"

export const responses = (over: Partial<TurnContext> = {}): TurnContext =>
  contextOf({ protocol: "responses", kind: "openai", upstreamModel: "gpt-x", ...over })

/** One record; `type` without its `response.` in front. */
export const on = (type: string, fields: JsonObject = {}): JsonObject => ({ type: `response.${type}`, ...fields })

export const added = (index: number, item: JsonObject): JsonObject =>
  on("output_item.added", { output_index: index, item })
export const itemDone = (index: number, item: JsonObject): JsonObject =>
  on("output_item.done", { output_index: index, item })

export const message = (id: string, ...parts: ReadonlyArray<string | JsonObject>): JsonObject => ({
  type: "message",
  id,
  status: "completed",
  role: "assistant",
  content: parts.map((part) => (typeof part === "string" ? { type: "output_text", text: part, annotations: [] } : part))
})
export const call = (callId: string, name: string, args: Json, id = `fc_${callId}`): JsonObject => ({
  type: "function_call",
  id,
  call_id: callId,
  name,
  arguments: args,
  status: "completed"
})
export const reasoning = (id: string, summary: ReadonlyArray<string>, encrypted?: string): JsonObject => ({
  type: "reasoning",
  id,
  summary: summary.map((text) => ({ type: "summary_text", text })),
  ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
  status: "completed"
})

export const textDelta = (index: number, delta: string, more: JsonObject = {}): JsonObject =>
  on("output_text.delta", { output_index: index, content_index: 0, delta, ...more })
export const argsDelta = (index: number, delta: string): JsonObject =>
  on("function_call_arguments.delta", { output_index: index, delta })
export const summaryDelta = (index: number, delta: string, part = 0): JsonObject =>
  on("reasoning_summary_text.delta", { output_index: index, summary_index: part, delta })

export const body = (output: ReadonlyArray<Json>, more: JsonObject = {}): JsonObject => ({
  id: "resp_1",
  object: "response",
  status: "completed",
  error: null,
  output,
  ...more
})
export const completed = (output: ReadonlyArray<Json> = [], more: JsonObject = {}): JsonObject =>
  on("completed", { response: body(output, more) })
export const incomplete = (reason: string, output: ReadonlyArray<Json> = []): JsonObject =>
  on("incomplete", { response: body(output, { status: "incomplete", incomplete_details: { reason } }) })

export const stream = (records: ReadonlyArray<Chunk>, context = responses()): Told => read(records, context)
export const streamText = (text: string, context = responses()): Told => readText(text, context)
export const whole = (output: ReadonlyArray<Json>, more: JsonObject = {}, context = responses()): Told =>
  readWhole(body(output, more), context)

const text = (value: unknown): string => (typeof value === "string" ? value : "")

/** The payloads of all envelopes in a message, in order. */
export const payloads = ({ message: told }: Told): ReadonlyArray<unknown> => {
  const { content } = told
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : []
  return blocks.flatMap((block) => {
    const sealed = block["type"] === "thinking" ? block["signature"] : block["data"]
    const replay = unseal(text(sealed))
    return replay === undefined ? [] : [replay.payload]
  })
}
