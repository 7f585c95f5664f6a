/**
 * Responses answers → TurnEvents (wire specification §4.6, §4.7). One decoder for streams and whole bodies: a whole
 * body is the final snapshot of a stream of which nothing else was seen.
 */
import type { TurnContext } from "../context.ts"
import { endedEarly, fromErrorObject, gatewayError, type About, type GatewayError } from "../errors.ts"
import { asArray, asString, isDeeperThan, isObject, maxNesting, nonEmpty, parseJson, type JsonObject } from "../json.ts"
import { isKeepAlive } from "../keepAlive.ts"
import type { Finish, TurnDecoder, TurnEvent, TurnSink } from "../turn.ts"
import { callReader } from "./calls.ts"
import { readSnapshot, type ItemReader } from "./itemReader.ts"
import { messageReader } from "./messages.ts"
import { isFailure, outcomeOf, usedUp } from "./outcome.ts"
import { reasoningReader } from "./reasoning.ts"
import { fromResponsesUsage } from "./usage.ts"
import { webSearchReader } from "./webSearch.ts"

export const responsesTurnDecoder = (context: TurnContext, about: About, sink: TurnSink): TurnDecoder => {
  let over = false
  let started = false

  const start = () => {
    if (started) return
    started = true
    sink({ type: "start" })
  }
  const emit = (event: TurnEvent) => {
    start()
    if (event.type !== "call-args" && event.type !== "call-end") reasoning.interrupt()
    sink(event)
  }
  const reasoning = reasoningReader(context, (event) => {
    start()
    sink(event)
  })
  const messages = messageReader(context.citations === "text", emit)
  const calls = callReader(context.names, emit)
  const readers: ReadonlyMap<string, ItemReader> = new Map<string, ItemReader>([
    ["reasoning", reasoning],
    ["message", messages],
    ["function_call", calls],
    ["custom_tool_call", calls],
    ["web_search_call", webSearchReader(messages.cited, reasoning.seal, emit)]
  ])

  const fail = (error: GatewayError) => {
    over = true
    sink({ type: "fail", error })
  }
  const unreadable = () =>
    fail(gatewayError("api_error", `${context.provider}: unreadable record in the answer`, { status: 502 }))

  /** Usage stands before the content: behind that, an enforced stop sequence may end the turn. */
  const usage = (response: JsonObject) => {
    const known = fromResponsesUsage(response["usage"])
    if (known !== undefined) sink({ type: "usage", usage: known })
  }

  const conclude = (response: JsonObject, ending: string | undefined) => {
    usage(response)
    const outcome = outcomeOf(response, ending, about)
    if ("error" in outcome) return fail(outcome.error)
    start()
    readSnapshot(asArray(response["output"]), readers)
    stop(outcome.finish.reason)
  }

  const stop = (reason: Finish["reason"]) => {
    calls.finish(reason === "length")
    messages.finish()
    over = true
    sink({ type: "stop", finish: { reason } })
  }

  /** `[DONE]` of a relay that lost the last event: an end only if every item has said that it is whole. */
  const done = () => {
    const items = [...new Set(readers.values())].flatMap((reader) => reader.finished())
    if (items.length > 0 && items.every((whole) => whole)) stop("stop")
  }

  /** An item that begins or ends; of a kind that is not known here it still says that the provider answers. */
  const item = (how: "added" | "done", record: JsonObject): void => {
    const value = record["item"]
    if (!isObject(value)) return
    start()
    readers.get(asString(value["type"]) ?? "")?.[how](record, value)
  }

  const part = (record: JsonObject): void => {
    const value = record["part"]
    if (isObject(value) && value["type"] === "reasoning_text") reasoning.partDone("content", record)
    else messages.partDone(record)
  }

  const end = (value: JsonObject, word: string): void =>
    conclude(isObject(value["response"]) ? value["response"] : value, word)

  /** A switch and not a table: a table of closures would be made anew for every answer, before its first byte. */
  const step = (type: string, value: JsonObject): void => {
    switch (type) {
      case "response.output_text.delta":
        return messages.delta("text", value)
      case "response.output_item.added":
        return item("added", value)
      case "response.output_item.done":
        return item("done", value)
      case "response.output_text.done":
        return messages.textDone("text", value)
      case "response.output_text.annotation.added":
        return messages.annotation(value)
      case "response.refusal.delta":
        return messages.delta("refusal", value)
      case "response.refusal.done":
        return messages.textDone("refusal", value)
      case "response.content_part.done":
        return part(value)
      case "response.function_call_arguments.delta":
        return calls.delta(false, value)
      case "response.function_call_arguments.done":
        return calls.argumentsDone(false, value)
      case "response.custom_tool_call_input.delta":
        return calls.delta(true, value)
      case "response.custom_tool_call_input.done":
        return calls.argumentsDone(true, value)
      case "response.reasoning_summary_part.added":
        return reasoning.partAdded(value)
      case "response.reasoning_summary_part.done":
        return reasoning.partDone("summary", value)
      case "response.reasoning_summary_text.delta":
        return reasoning.delta("summary", value)
      case "response.reasoning_summary_text.done":
        return reasoning.textDone("summary", value)
      case "response.reasoning_text.delta":
        return reasoning.delta("content", value)
      case "response.reasoning_text.done":
        return reasoning.textDone("content", value)
      case "response.done": // as the service says it over WebSockets; relays pass it on
        return end(value, "completed")
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
      case "response.cancelled":
        return end(value, type.slice("response.".length))
      case "codex.rate_limits": {
        const error = started ? undefined : usedUp(value, about)
        return error === undefined ? undefined : fail(error)
      }
    }
  }

  const record = (event: string, value: JsonObject) => {
    const type = nonEmpty(value["type"]) ?? nonEmpty(event)
    if (isFailure(type, value)) return fail(fromErrorObject(value, about))
    if (type === undefined && Array.isArray(value["output"])) return conclude(value, undefined)
    step(type ?? "", value)
  }

  return {
    record: (event, data) => {
      if (over) return
      const text = data.trim()
      if (text === "[DONE]") return done()
      const value = parseJson(text)
      if (event === "error") return fail(fromErrorObject(value === undefined ? text : value, about))
      if (isDeeperThan(maxNesting, value)) return unreadable()
      if (isObject(value)) return record(event, value)
      if (Array.isArray(value) && value.length > 0) return fail(fromErrorObject(value, about))
      if (value === undefined && !isKeepAlive(text)) unreadable()
    },
    whole: (body) => {
      if (over) return
      if (isDeeperThan(maxNesting, body)) return unreadable()
      if (!isObject(body)) return fail(fromErrorObject(body, about))
      if (Array.isArray(body["output"])) return conclude(body, undefined)
      record("", body)
      if (!over)
        fail(gatewayError("api_error", `${context.provider}: the provider sent an empty response`, { status: 502 }))
    },
    end: (failure) => {
      if (!over) fail(failure ?? endedEarly(context.provider))
    },
    // the event that ends the turn holds the usage: nothing follows it
    settled: () => false
  }
}
