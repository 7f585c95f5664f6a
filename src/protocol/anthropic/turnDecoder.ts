/** Anthropic answers → TurnEvents, streamed (one record at a time) or whole. */
import type { Usage } from "../../domain/Usage.ts"
import { endedEarly, fromErrorObject, type About } from "../errors.ts"
import { asArray, asCount, asString, isObject, nonEmpty, parseJson, type JsonObject } from "../json.ts"
import { unseal } from "../reasoning.ts"
import type { Finish, TurnSink } from "../turn.ts"

export interface AnthropicTurnDecoder {
  readonly record: (event: string, data: string) => void
  readonly whole: (message: unknown) => void
  /** The body ended; without `message_stop` before, the turn failed. */
  readonly end: () => void
}

const finishes: { readonly [reason: string]: Finish["reason"] } = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "calls",
  refusal: "filter"
}

/** Later counters replace earlier ones; what a record leaves out (or nulls) stays as it was. */
export const mergeUsage = (known: Usage, wire: JsonObject): Usage => {
  const details = wire["output_tokens_details"]
  const reasoning = (isObject(details) ? asCount(details["thinking_tokens"]) : undefined) ?? known.reasoningTokens
  return {
    inputTokens: asCount(wire["input_tokens"]) ?? known.inputTokens,
    cacheReadTokens: asCount(wire["cache_read_input_tokens"]) ?? known.cacheReadTokens,
    cacheWriteTokens: asCount(wire["cache_creation_input_tokens"]) ?? known.cacheWriteTokens,
    outputTokens: asCount(wire["output_tokens"]) ?? known.outputTokens,
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning })
  }
}

const finishOf = (holder: JsonObject): Finish => {
  const sequence = nonEmpty(holder["stop_sequence"])
  const reason = finishes[asString(holder["stop_reason"]) ?? ""] ?? "stop"
  return { reason, ...(sequence === undefined ? {} : { sequence }) }
}

export const anthropicTurnDecoder = (about: About, sink: TurnSink): AnthropicTurnDecoder => {
  let over = false
  let usage: Usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }
  let finish: Finish = { reason: "stop" }

  const reportUsage = (wire: unknown) => {
    if (!isObject(wire)) return
    usage = mergeUsage(usage, wire)
    sink({ type: "usage", usage })
  }

  const sealed = (envelope: unknown) => {
    const replay = typeof envelope === "string" ? unseal(envelope) : undefined
    if (replay !== undefined) sink({ type: "reasoning-seal", replay })
  }

  /** The start of a block, or all of it when the message is whole. */
  const block = (index: number, value: unknown) => {
    if (!isObject(value)) return
    switch (value["type"]) {
      case "text":
        return sink({ type: "text", text: asString(value["text"]) ?? "" })
      case "thinking":
        sink({ type: "reasoning", text: asString(value["thinking"]) ?? "" })
        return sealed(value["signature"])
      case "redacted_thinking":
        return sealed(value["data"])
      case "tool_use": {
        const id = nonEmpty(value["id"])
        const name = asString(value["name"]) ?? ""
        sink({ type: "call-start", key: index, name, ...(id === undefined ? {} : { id }) })
        const input = value["input"]
        if (isObject(input) && Object.keys(input).length > 0) {
          sink({ type: "call-args", key: index, json: JSON.stringify(input) })
        }
      }
    }
  }

  const delta = (index: number, value: unknown) => {
    if (!isObject(value)) return
    switch (value["type"]) {
      case "text_delta":
        return sink({ type: "text", text: asString(value["text"]) ?? "" })
      case "thinking_delta":
        return sink({ type: "reasoning", text: asString(value["thinking"]) ?? "" })
      case "signature_delta":
        return sealed(value["signature"])
      case "input_json_delta":
        return sink({ type: "call-args", key: index, json: asString(value["partial_json"]) ?? "" })
    }
  }

  const stop = () => {
    over = true
    sink({ type: "stop", finish })
  }

  const fail = (value: unknown) => {
    over = true
    sink({ type: "fail", error: fromErrorObject(value, about) })
  }

  const event = (value: JsonObject) => {
    const index = typeof value["index"] === "number" ? value["index"] : 0
    switch (value["type"]) {
      case "message_start":
        sink({ type: "start" })
        return reportUsage(isObject(value["message"]) ? value["message"]["usage"] : undefined)
      case "content_block_start":
        return block(index, value["content_block"])
      case "content_block_delta":
        return delta(index, value["delta"])
      case "message_delta":
        if (isObject(value["delta"])) finish = finishOf(value["delta"])
        return reportUsage(value["usage"])
      case "message_stop":
        return stop()
      case "error":
        return fail(value)
    }
  }

  return {
    record: (_name, data) => {
      if (over) return
      const value = parseJson(data)
      if (isObject(value)) event(value)
    },
    whole: (message) => {
      if (over) return
      if (!isObject(message) || message["type"] !== "message") return fail(message)
      sink({ type: "start" })
      asArray(message["content"]).forEach((value, i) => block(i, value))
      reportUsage(message["usage"])
      finish = finishOf(message)
      stop()
    },
    end: () => {
      if (over) return
      over = true
      sink({ type: "fail", error: endedEarly(about.provider) })
    }
  }
}
