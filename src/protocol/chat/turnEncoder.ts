/** TurnEvents → Chat Completions answers, for clients (and tests) that speak Chat: streamed chunks, or folded. */
import { zeroUsage, type Usage } from "../../domain/Usage.ts"
import type { GatewayError } from "../errors.ts"
import type { JsonObject } from "../json.ts"
import { sseData } from "../sse.ts"
import type { Finish, TurnSink } from "../turn.ts"
import type { ChatCall } from "./wire.ts"
import { toChatUsage } from "./usage.ts"

/** What every chunk of one answer carries. `created` in seconds since the epoch. */
export interface ChatAnswer {
  readonly id: string
  readonly model: string
  readonly created: number
}

const words: { readonly [reason in Finish["reason"]]: string } = {
  stop: "stop",
  length: "length",
  filter: "content_filter",
  calls: "tool_calls"
}

/** The error as an OpenAI client reads it. */
export const chatErrorBody = (error: GatewayError): JsonObject => ({
  error: { message: error.message, type: error.type, param: null, code: error.status }
})

/** Emits SSE text; usage goes into a last chunk without choices. A failed turn ends without `[DONE]`. */
export const chatTurnEncoder = (answer: ChatAnswer, emit: (sse: string) => void): TurnSink => {
  let usage: Usage | undefined
  const positions = new Map<number, number>()
  /** Calls without arguments so far: clients parse what they get, and "" is no JSON. */
  const bare = new Set<number>()

  const chunk = (choices: ReadonlyArray<JsonObject>, more: JsonObject = {}) =>
    emit(sseData(JSON.stringify({ ...answer, object: "chat.completion.chunk", choices, ...more })))
  const delta = (value: JsonObject, finish: string | null = null) =>
    chunk([{ index: 0, delta: value, finish_reason: finish }])
  const call = (key: number, value: JsonObject) => {
    const index = positions.get(key)
    if (index !== undefined) delta({ tool_calls: [{ index, ...value }] })
  }

  return (event) => {
    switch (event.type) {
      case "start":
        return delta({ role: "assistant", content: "" })
      case "text":
      case "sources":
        return delta({ content: event.text })
      case "reasoning":
        return delta({ reasoning_content: event.text })
      case "refusal":
        return delta({ refusal: event.text })
      case "call-start":
        positions.set(event.key, positions.size)
        bare.add(event.key)
        return call(event.key, {
          ...(event.id === undefined ? {} : { id: event.id }),
          type: "function",
          function: { name: event.name, arguments: "" }
        })
      case "call-args":
        bare.delete(event.key)
        return call(event.key, { function: { arguments: event.json } })
      case "usage":
        usage = event.usage
        return
      case "stop":
        for (const key of bare) call(key, { function: { arguments: "{}" } })
        delta({}, words[event.finish.reason])
        if (usage !== undefined) chunk([], { usage: toChatUsage(usage) })
        return emit("data: [DONE]\n\n")
      case "fail":
        return emit(sseData(JSON.stringify(chatErrorBody(event.error))))
      case "text-end":
      case "reasoning-seal":
      case "call-end":
      case "server-tool":
        return // this wire has no place for them
    }
  }
}

/** The whole completion of a turn that stopped, or its failure; undefined while the turn is not over. */
export interface ChatFold {
  readonly sink: TurnSink
  readonly completion: () => JsonObject | undefined
}

/** Folds turn events into a completion in one piece. */
export const chatFold = (answer: ChatAnswer): ChatFold => {
  let text = ""
  let reasoning = ""
  let refusal = ""
  let usage = zeroUsage
  const calls = new Map<number, { readonly id: string; readonly name: string; args: string }>()
  let completion: JsonObject | undefined

  const toolCalls = (): ReadonlyArray<ChatCall> =>
    [...calls.values()].map(({ id, name, args }) => ({
      id,
      type: "function",
      function: { name, arguments: args === "" ? "{}" : args }
    }))

  const sink: TurnSink = (event) => {
    switch (event.type) {
      case "text":
      case "sources":
        text += event.text
        return
      case "reasoning":
        reasoning += event.text
        return
      case "refusal":
        refusal += event.text
        return
      case "call-start":
        calls.set(event.key, { id: event.id ?? `call_${event.key}`, name: event.name, args: "" })
        return
      case "call-args": {
        const call = calls.get(event.key)
        if (call !== undefined) call.args += event.json
        return
      }
      case "usage":
        usage = event.usage
        return
      case "fail":
        completion = chatErrorBody(event.error)
        return
      case "stop": {
        const message = {
          role: "assistant",
          content: text === "" && calls.size > 0 ? null : text,
          refusal: refusal === "" ? null : refusal,
          ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
          ...(calls.size === 0 ? {} : { tool_calls: toolCalls() })
        }
        completion = {
          ...answer,
          object: "chat.completion",
          choices: [{ index: 0, message, finish_reason: words[event.finish.reason] }],
          usage: toChatUsage(usage)
        }
        return
      }
      default:
        return
    }
  }
  return { sink, completion: () => completion }
}
