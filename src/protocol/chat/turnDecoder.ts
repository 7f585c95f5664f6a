/**
 * Chat Completions answers → TurnEvents. One decoder for streams and whole bodies: a whole body is one chunk whose
 * deltas are complete (wire specification §4.3, §4.4).
 */
import { distinctSources, foundSource, sourcesText, type Source } from "../citations.ts"
import type { TurnContext } from "../context.ts"
import { endedEarly, fromErrorObject, gatewayError, type About, type GatewayError } from "../errors.ts"
import { asArray, asString, isDeeperThan, isObject, maxNesting, nonEmpty, parseJson, type JsonObject } from "../json.ts"
import { isKeepAlive } from "../keepAlive.ts"
import type { Finish, TurnDecoder, TurnSink } from "../turn.ts"
import { answerContent } from "./answerContent.ts"
import { callTracker } from "./callTracker.ts"
import { brokenFinish, hasError, isFailure, meaningOf } from "./outcome.ts"
import {
  mergeDetails,
  reasoningField,
  reasoningFields,
  reasoningText,
  type ChatReplay,
  type ReasoningField
} from "./reasoning.ts"
import { fromChatUsage } from "./usage.ts"
import { bodySources, citedSources } from "./webSearch.ts"

export const chatTurnDecoder = (context: TurnContext, about: About, sink: TurnSink): TurnDecoder => {
  let over = false
  let started = false
  let output = false
  let finish: Finish | undefined
  let failedWord: string | undefined
  let field: ReasoningField | undefined
  let details: ReadonlyArray<JsonObject> = []
  let opaque: string | undefined
  let textChoice: number | undefined
  /** How many records with choices have come, and whether each of them had its own number in place of the choice's. */
  let records = 0
  let counted = true
  /** Choices that came in deltas, and what kinds of content they brought. */
  const streamed = new Set<number>()
  let reasoned = false
  let called = false
  let cited: ReadonlyArray<Source> = []
  const listed = context.search !== undefined || context.citations === "text"
  const calls = callTracker(
    context.names,
    (event) => {
      sealReasoning()
      output = true
      sink(event)
    },
    (payload) => {
      sealReasoning()
      seal(payload)
    }
  )

  const fail = (error: GatewayError) => {
    over = true
    sink({ type: "fail", error })
  }
  const unreadable = () =>
    fail(gatewayError("api_error", `${context.provider}: unreadable record in the answer`, { status: 502 }))

  const seal = (payload: ChatReplay) =>
    sink({
      type: "reasoning-seal",
      replay: { provider: context.kind, model: context.upstreamModel, protocol: "chat", payload }
    })

  const sealReasoning = () => {
    if (details.length === 0 && opaque === undefined) return
    const payload = { ...(details.length === 0 ? {} : { details }), ...(opaque === undefined ? {} : { opaque }) }
    details = []
    opaque = undefined
    seal(payload)
  }

  const reason = (text: string) => {
    if (text === "") return
    output = true
    reasoned = true
    calls.interrupt()
    sink({ type: "reasoning", text })
  }

  const content = (choice: number, value: unknown) => {
    for (const part of answerContent(value)) {
      if (part.kind === "reasoning") {
        reason(part.text)
        continue
      }
      // several choices with text are alternatives of one answer; the first is the answer. Some servers count their records
      // there. [microsoft/Foundry-Local#263; huggingface/text-generation-inference#1648]
      textChoice ??= choice
      if (textChoice !== choice && !counted) continue
      sealReasoning()
      output = true
      calls.interrupt()
      sink({ type: part.kind, text: part.text })
    }
  }

  /** Providers repeat their list of sources with every chunk. */
  const cite = (sources: ReadonlyArray<Source>) => {
    if (sources.length > 0 && listed) cited = distinctSources([...cited, ...sources])
  }

  /** What a search found comes as the search itself; other sources are listed, where they are wanted, in the text. */
  const tellSources = () => {
    if (cited.length === 0) return
    const { citations, search } = context
    if (search !== undefined) {
      const result = cited.map(foundSource)
      sink({ type: "server-tool", name: "web_search", input: { query: search }, result })
    } else if (citations === "text") sink({ type: "sources", text: sourcesText(cited) })
    cited = []
  }

  const delta = (choice: number, value: JsonObject, whole: boolean) => {
    cite(citedSources(value))
    field = reasoningField(value, field)
    if (field !== undefined) reason(reasoningText(value, field))
    for (const item of asArray(value["reasoning_details"])) {
      reasoned = true
      details = mergeDetails(details, item)
    }
    opaque = nonEmpty(value["reasoning_opaque"]) ?? opaque
    content(choice, value["content"])
    const list = asArray(value["tool_calls"])
    list.forEach((call, position) => calls.delta(choice, whole && isObject(call) ? { ...call, index: position } : call))
    called ||= list.length > 0 || isObject(value["function_call"])
    if (value["function_call"] !== undefined) calls.legacy(value["function_call"])
    const refusal = nonEmpty(value["refusal"])
    if (refusal !== undefined) content(choice, [{ refusal }])
  }

  /** MiniMax ends its streams with the whole message: of what the deltas have said it says nothing new. */
  const untold = (message: JsonObject): JsonObject => {
    const told = new Set([
      ...(textChoice === undefined ? [] : ["content", "refusal"]),
      ...(reasoned ? [...reasoningFields, "reasoning_opaque"] : []),
      ...(called ? ["tool_calls", "function_call"] : [])
    ])
    return Object.fromEntries(Object.entries(message).filter(([key]) => !told.has(key)))
  }

  const tell = (choice: JsonObject, index: number, whole: boolean) => {
    const value = choice[whole ? "message" : "delta"]
    if (isObject(value)) {
      streamed.add(index)
      return delta(index, value, whole)
    }
    const other = choice[whole ? "delta" : "message"]
    if (isObject(other)) return delta(index, streamed.has(index) ? untold(other) : other, whole || streamed.has(index))
    if (typeof choice["text"] === "string") content(index, choice["text"])
  }

  const finishWith = (choice: JsonObject) => {
    const word = nonEmpty(choice["finish_reason"])
    if (word !== undefined) {
      const meaning = meaningOf(word)
      if (meaning === "failed") failedWord = word
      else if (finish === undefined || (finish.reason === "stop" && meaning !== "stop")) {
        finish = { ...finish, reason: meaning }
      }
    }
    const sequence = asString(choice["stop_reason"]) ?? asString(choice["matched_stop"])
    if (finish !== undefined && sequence !== undefined && context.stopSequences.includes(sequence)) {
      finish = { ...finish, sequence }
    }
  }

  const usage = (value: unknown) => {
    const known = fromChatUsage(value, context.reasoningExtra)
    if (known !== undefined) sink({ type: "usage", usage: known })
  }

  const chunk = (body: JsonObject, whole: boolean) => {
    if (over) return
    if (isFailure(body)) return fail(fromErrorObject(body, about))
    const choices = asArray(body["choices"]).filter(isObject)
    // OpenRouter, when the provider behind it failed while it answered, and Groq, when it stopped too early
    const broken = [...choices, body["x_groq"]].filter(isObject).find(hasError)
    if (broken !== undefined && !output) return fail(fromErrorObject({ error: broken["error"] }, about))
    for (const choice of choices) finishWith(choice)
    if (failedWord !== undefined && !output) return fail(brokenFinish(failedWord, context.provider))
    if (choices.length > 0 && !started) {
      started = true
      sink({ type: "start" })
    }
    // before the content, behind which an enforced stop sequence may end the turn
    for (const holder of [...choices, body["x_groq"], body]) if (isObject(holder)) usage(holder["usage"])
    if (listed) cite(bodySources(body))
    if (choices.length > 0) {
      counted &&= choices.length === 1 && choices[0]?.["index"] === records
      records += 1
    }
    choices.forEach((choice, position) => {
      const index = typeof choice["index"] === "number" ? choice["index"] : position
      tell(choice, index, whole)
    })
    if (broken !== undefined) fail(fromErrorObject({ error: broken["error"] }, about))
    else if (failedWord !== undefined) fail(brokenFinish(failedWord, context.provider))
  }

  const stop = (why: Finish) => {
    calls.finish()
    sealReasoning()
    tellSources()
    over = true
    sink({ type: "stop", finish: why })
  }

  /** `[DONE]`, or the end of a whole body: the provider says that nothing is missing. */
  const done = () => {
    if (over) return
    if (finish !== undefined) return stop(finish)
    calls.finish()
    if (output) return stop({ reason: "stop" })
    fail(gatewayError("api_error", `${context.provider}: the provider sent an empty response`, { status: 502 }))
  }

  const end = (failure?: GatewayError) => {
    if (over) return
    // once the provider has named its finish reason nothing that matters can be missing
    if (finish !== undefined) return stop(finish)
    fail(failure ?? endedEarly(context.provider))
  }

  return {
    record: (event, data) => {
      if (over) return
      const text = data.trim()
      if (text === "[DONE]") return done()
      const value = parseJson(text)
      if (event === "error") return fail(fromErrorObject(value === undefined ? text : value, about))
      if (isDeeperThan(maxNesting, value)) return unreadable()
      if (isObject(value)) return chunk(value, false)
      if (Array.isArray(value) && value.length > 0) return fail(fromErrorObject(value, about))
      if (value === undefined && finish === undefined && !isKeepAlive(text)) unreadable()
    },
    whole: (body) => {
      if (isDeeperThan(maxNesting, body)) return unreadable()
      if (!isObject(body)) return fail(fromErrorObject(body, about))
      chunk(body, true)
      done()
    },
    end,
    settled: () => finish !== undefined && !over
  }
}
