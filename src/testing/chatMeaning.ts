/**
 * What a client must get from a script, by the tables of the wire specification (§4.3, §4.4, §4.12) and without any
 * streaming: the oracle that the translator is measured against.
 */
import { finishWords, type ScriptUsage, type TurnScript } from "./chatScript.ts"
import { isJsonObject, type Json, type JsonObject } from "./json.ts"

/** A call as the client gets it. */
export interface MeantCall {
  readonly name: string
  /** The provider's own id; "" when it gave none. */
  readonly id: string
  readonly input: JsonObject
}

/** What a client must get from one turn, by kind of content. */
export interface Meaning {
  readonly outcome: "message" | "error"
  /** All visible text in order, refusal included. */
  readonly text: string
  readonly thinking: string
  readonly calls: ReadonlyArray<MeantCall>
  readonly refusal: string
  readonly stopReason: string
  readonly stopSequence: string | null
  /** The usage object's counters; undefined when the provider reported none. */
  readonly usage: JsonObject | undefined
}

/** What the request knows. */
export interface MeaningContext {
  /** Provider name → client name. */
  readonly down: (name: string) => string
  readonly stopSequences: ReadonlyArray<string>
  readonly thinkTags: boolean
}

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** The input that argument text stands for: the object, an object encoded twice, else nothing at all. */
export const meantInput = (args: string): JsonObject => {
  const once = parse(args)
  if (isJsonObject(once)) return once
  const twice = typeof once === "string" ? parse(once) : undefined
  return isJsonObject(twice) ? twice : {}
}

const includes = (words: ReadonlyArray<string>, word: string): boolean => words.includes(word)

/** The stop reason by precedence; undefined is a failure. */
export const meantStop = (
  finish: string | undefined,
  hasCalls: boolean,
  refused: boolean,
  matched: string | number | undefined,
  stopSequences: ReadonlyArray<string>
): { readonly reason: string; readonly sequence: string | null } | undefined => {
  const word = finish ?? "stop"
  const plain = (reason: string) => ({ reason, sequence: null })
  if (includes(finishWords.failure, word)) return undefined
  if (includes(finishWords.length, word)) return plain("max_tokens")
  if (includes(finishWords.filter, word) || refused) return plain("refusal")
  if (hasCalls) return plain("tool_use")
  if (typeof matched === "string" && stopSequences.includes(matched))
    return { reason: "stop_sequence", sequence: matched }
  return plain("end_turn")
}

/** The client's counters for consistent provider counters. */
export const meantUsage = ({ prompt, completion, cached, written }: ScriptUsage): JsonObject => ({
  input_tokens: prompt - cached - written,
  cache_read_input_tokens: cached,
  cache_creation_input_tokens: written,
  output_tokens: completion
})

const opened = /^\s*<(think|thinking)>/

/** Splits text that opens with reasoning between tags. */
export const meantTags = (text: string): { readonly thinking: string; readonly text: string } => {
  const found = opened.exec(text)
  if (found === null) return { thinking: "", text }
  const inside = text.slice(found[0].length)
  const close = inside.indexOf(`</${found[1]}>`)
  return close < 0
    ? { thinking: inside, text: "" }
    : { thinking: inside.slice(0, close), text: inside.slice(close + `</${found[1]}>`.length).replace(/^[\r\n]+/, "") }
}

const joined = (script: TurnScript, types: ReadonlyArray<string>): string =>
  script.steps.map((step) => (step.type !== "call" && types.includes(step.type) ? step.text : "")).join("")

/** Whether any step carries something for the client. */
export const hasOutput = (script: TurnScript): boolean => script.steps.length > 0

/** The meaning of a turn by the tables of the wire specification. */
export const meaning = (script: TurnScript, context: MeaningContext): Meaning => {
  const { end } = script
  const calls = script.steps.flatMap((step): ReadonlyArray<MeantCall> =>
    step.type === "call" ? [{ name: context.down(step.name), id: step.id, input: meantInput(step.args) }] : []
  )
  const refusal = joined(script, ["refusal"])
  const reasoning = joined(script, ["reasoning"])
  const visible = joined(script, ["text"])
  const split = context.thinkTags && reasoning === "" ? meantTags(visible) : { thinking: reasoning, text: visible }
  const finish = end.type === "finish" ? end.reason : undefined
  const matched = end.type === "finish" ? end.matched : undefined
  const stop = meantStop(finish, calls.length > 0, refusal !== "", matched, context.stopSequences)
  const ended = end.type === "finish" || (end.type === "done" && hasOutput(script))
  return {
    outcome: ended && stop !== undefined ? "message" : "error",
    text: split.text + refusal,
    thinking: split.thinking,
    calls,
    refusal,
    stopReason: stop?.reason ?? "",
    stopSequence: stop?.sequence ?? null,
    usage: script.usage === undefined ? undefined : meantUsage(script.usage)
  }
}

/** The parts of a client's message that `Meaning` speaks of. */
export interface Heard {
  readonly text: string
  readonly thinking: string
  readonly calls: ReadonlyArray<MeantCall>
  readonly stopReason: Json | undefined
  readonly stopSequence: Json | undefined
}

const string = (value: Json | undefined): string => (typeof value === "string" ? value : "")

/** Reads a client's message by kind of block: texts joined, thinking joined, calls in order. */
export const heard = (message: JsonObject): Heard => {
  const content = message["content"]
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : []
  return {
    text: blocks.map((block) => (block["type"] === "text" ? string(block["text"]) : "")).join(""),
    thinking: blocks.map((block) => (block["type"] === "thinking" ? string(block["thinking"]) : "")).join(""),
    calls: blocks.flatMap((block): ReadonlyArray<MeantCall> => {
      const input = block["input"]
      return block["type"] === "tool_use"
        ? [{ name: string(block["name"]), id: string(block["id"]), input: isJsonObject(input) ? input : {} }]
        : []
    }),
    stopReason: message["stop_reason"],
    stopSequence: message["stop_sequence"]
  }
}
