/** Anthropic answers → TurnEvents, streamed (one record at a time) or whole. */
import type { Usage } from "../../domain/Usage.ts"
import { endedEarly, fromErrorObject, gatewayError, type About, type GatewayError } from "../errors.ts"
import {
  asArray,
  asCount,
  asString,
  isDeeperThan,
  isObject,
  maxNesting,
  nonEmpty,
  parseJson,
  type JsonObject
} from "../json.ts"
import { isKeepAlive } from "../keepAlive.ts"
import { unseal } from "../reasoning.ts"
import type { Finish, TurnEvent, TurnSink } from "../turn.ts"

/** Takes an answer by SSE records (`record`, then `end`) or in one piece (`whole`). */
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

/** Reads one answer and tells `sink` its turn events; whatever comes, the turn ends with one `stop` or `fail`. */
export const anthropicTurnDecoder = (about: About, sink: TurnSink): AnthropicTurnDecoder => {
  let over = false
  let started = false
  let usage: Usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }
  let finish: Finish = { reason: "stop" }

  const keys = new Set<number>()
  let nextKey = 0
  /** The call whose arguments come under an index. */
  const calls = new Map<number, number>()

  /** A number that no call has. */
  const freshKey = (): number => {
    while (keys.has(nextKey)) nextKey += 1
    return nextKey
  }

  const start = () => {
    if (started) return
    started = true
    sink({ type: "start" })
  }
  const emit = (event: TurnEvent) => {
    start()
    sink(event)
  }

  const reportUsage = (wire: unknown) => {
    if (!isObject(wire)) return
    usage = mergeUsage(usage, wire)
    sink({ type: "usage", usage })
  }

  const sealed = (envelope: unknown) => {
    const replay = typeof envelope === "string" ? unseal(envelope) : undefined
    if (replay !== undefined) emit({ type: "reasoning-seal", replay })
  }

  /** A call that has no name is no call, as in every other protocol. */
  const call = (index: number, value: JsonObject) => {
    const id = nonEmpty(value["id"])
    const name = nonEmpty(value["name"])
    if (name === undefined) return
    const key = keys.has(index) ? freshKey() : index
    keys.add(key)
    calls.set(index, key)
    emit({ type: "call-start", key, name, ...(id === undefined ? {} : { id }) })
    const input = value["input"]
    if (isObject(input) && Object.keys(input).length > 0) args(index, JSON.stringify(input))
  }

  const args = (index: number, json: string) => {
    const key = calls.get(index)
    if (key !== undefined) sink({ type: "call-args", key, json })
  }

  /** The start of a block, or all of it when the message is whole. */
  const block = (index: number, value: unknown) => {
    // a second block under an index takes it over
    calls.delete(index)
    if (!isObject(value)) return
    switch (value["type"]) {
      case "text":
        return emit({ type: "text", text: asString(value["text"]) ?? "" })
      case "thinking":
        emit({ type: "reasoning", text: asString(value["thinking"]) ?? "" })
        return sealed(value["signature"])
      case "redacted_thinking":
        return sealed(value["data"])
      case "tool_use":
        return call(index, value)
    }
  }

  const delta = (index: number, value: unknown) => {
    if (!isObject(value)) return
    switch (value["type"]) {
      case "text_delta":
        return emit({ type: "text", text: asString(value["text"]) ?? "" })
      case "thinking_delta":
        return emit({ type: "reasoning", text: asString(value["thinking"]) ?? "" })
      case "signature_delta":
        return sealed(value["signature"])
      case "input_json_delta":
        return args(index, asString(value["partial_json"]) ?? "")
    }
  }

  const stop = () => {
    emit({ type: "stop", finish })
    over = true
  }

  const failWith = (error: GatewayError) => {
    over = true
    sink({ type: "fail", error })
  }
  const fail = (value: unknown) => failWith(fromErrorObject(value, about))
  const unreadable = () =>
    failWith(gatewayError("api_error", `${about.provider}: unreadable record in the answer`, { status: 502 }))

  const event = (value: JsonObject) => {
    const index = typeof value["index"] === "number" ? value["index"] : 0
    switch (value["type"]) {
      case "message_start":
        start()
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
      const text = data.trim()
      const value = parseJson(text)
      if (isDeeperThan(maxNesting, value)) return unreadable()
      if (isObject(value)) return event(value)
      // what cannot be read may have been a part of the answer
      if (value === undefined && !isKeepAlive(text)) unreadable()
    },
    whole: (message) => {
      if (over) return
      if (isDeeperThan(maxNesting, message)) return unreadable()
      if (!isObject(message) || message["type"] !== "message") return fail(message)
      start()
      asArray(message["content"]).forEach((value, i) => block(i, value))
      reportUsage(message["usage"])
      finish = finishOf(message)
      stop()
    },
    end: () => {
      if (!over) failWith(endedEarly(about.provider))
    }
  }
}
