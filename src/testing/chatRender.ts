/** Writes a script down as the chunks of a Chat Completions stream, or as a whole body, in one of many styles. */
import { FastCheck as fc } from "effect"
import { callDeltas, callMode, type CallMode, fitting, pieces, plainCalls, wholeCall } from "./chatCalls.ts"
import { type CallStep, finishWords, type ScriptUsage, type TurnScript } from "./chatScript.ts"
import { dice, type Dice, type Json, type JsonObject, seed } from "./json.ts"
import { riffle } from "./riffle.ts"
import { doneMark, type StreamRecord } from "./sseBytes.ts"

/** How one server writes its answers. */
export interface ChatStyle {
  /** Decides where texts are cut, what shares a chunk and who takes turns; 0 is the plainest. */
  readonly seed: number
  readonly opening: "role" | "role-empty" | "role-null" | "azure" | "none" | "twice"
  readonly reasoning: "reasoning_content" | "reasoning" | "thinking" | "both" | "details" | "details-and-text"
  /** `content` on chunks without text. */
  readonly filler: "absent" | "null" | "empty"
  readonly calls: CallMode
  /** Neighbouring deltas may share a chunk. */
  readonly grouped: boolean
  readonly finish: "own" | "with-last" | "twice"
  readonly usageAt: "final" | "finish" | "every" | "choice"
  readonly usageWords: "openai" | "deepseek" | "kimi" | "anthropic" | "xai" | "total"
  /** `usage: null` on the chunks that have none. */
  readonly usageNull: boolean
  /** Fields that mean nothing to us. */
  readonly extras: boolean
  /** `[DONE]` after a finish reason; an end of type `done` always has it. */
  readonly done: boolean
  /** An error end as OpenRouter, most others, llama.cpp or an `error` event write it. */
  readonly error: "choices" | "plain" | "field" | "event"
  /** Whole body: `content` as a list of parts. */
  readonly parts: boolean
}

/** Any style. */
export const chatStyle: fc.Arbitrary<ChatStyle> = fc.record({
  seed,
  opening: fc.constantFrom("role", "role-empty", "role-null", "azure", "none", "twice"),
  reasoning: fc.constantFrom("reasoning_content", "reasoning", "thinking", "both", "details", "details-and-text"),
  filler: fc.constantFrom("absent", "null", "empty"),
  calls: callMode,
  grouped: fc.boolean(),
  finish: fc.constantFrom("own", "with-last", "twice"),
  usageAt: fc.constantFrom("final", "finish", "every", "choice"),
  usageWords: fc.constantFrom("openai", "deepseek", "kimi", "anthropic", "xai", "total"),
  usageNull: fc.boolean(),
  extras: fc.boolean(),
  done: fc.boolean(),
  error: fc.constantFrom("choices", "plain", "field", "event"),
  parts: fc.boolean()
})

/** What OpenAI itself sends. */
export const plainStyle: ChatStyle = {
  seed: 0,
  opening: "role",
  reasoning: "reasoning_content",
  filler: "absent",
  calls: plainCalls,
  grouped: false,
  finish: "own",
  usageAt: "final",
  usageWords: "openai",
  usageNull: false,
  extras: false,
  done: true,
  error: "plain",
  parts: false
}

const usageJson = (usage: ScriptUsage, words: ChatStyle["usageWords"]): JsonObject => {
  const { prompt, completion, cached, written, reasoning } = usage
  const total = prompt + completion
  const head = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total }
  const details: JsonObject = reasoning > 0 ? { completion_tokens_details: { reasoning_tokens: reasoning } } : {}
  const writes: JsonObject = written > 0 ? { prompt_tokens_details: { cache_write_tokens: written } } : {}
  switch (words) {
    case "openai":
      return {
        ...head,
        prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: reasoning }
      }
    case "deepseek":
      return {
        ...head,
        prompt_cache_hit_tokens: cached,
        prompt_cache_miss_tokens: prompt - cached,
        ...writes,
        ...details
      }
    case "kimi":
      return { ...head, cached_tokens: cached, ...writes, ...details }
    case "anthropic":
      return { ...head, cache_read_input_tokens: cached, cache_creation_input_tokens: written, ...details }
    case "xai":
      // completion_tokens without reasoning tokens; only the total tells.
      return {
        ...head,
        completion_tokens: completion - reasoning,
        prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        completion_tokens_details: { reasoning_tokens: reasoning }
      }
    case "total":
      return {
        prompt_tokens: prompt,
        total_tokens: total,
        prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written }
      }
  }
}

/** A part of one step: what goes into `delta`. */
interface Op {
  readonly lane: number
  readonly call: boolean
  readonly delta: JsonObject
}

/** OpenRouter's form: fragments of one item share its index. */
const reasoningDetails = (text: string): JsonObject => ({
  reasoning_details: [{ type: "reasoning.text", text, format: "anthropic-claude-v1", index: 0 }]
})

const reasoningDelta = (text: string, field: ChatStyle["reasoning"]): JsonObject => {
  switch (field) {
    case "both":
      return { reasoning: text, reasoning_content: text }
    case "details":
      return reasoningDetails(text)
    case "details-and-text":
      return { reasoning: text, ...reasoningDetails(text) }
    default:
      return { [field]: text }
  }
}

const lanes = (
  script: TurnScript,
  style: ChatStyle,
  mode: CallMode,
  random: Dice
): ReadonlyArray<ReadonlyArray<Op>> => {
  let ordinal = 0
  return script.steps.map((step, lane) => {
    const op = (delta: JsonObject): Op => ({ lane, call: step.type === "call", delta })
    switch (step.type) {
      case "text":
        return pieces(step.text, random).map((content) => op({ content }))
      case "reasoning":
        return pieces(step.text, random).map((text) => op(reasoningDelta(text, style.reasoning)))
      case "refusal":
        return pieces(step.text, random).map((refusal) => op({ refusal }))
      case "call":
        return callDeltas(step, ordinal++, mode, random).map((delta) =>
          op(mode.key === "legacy" ? { function_call: delta } : { tool_calls: [delta] })
        )
    }
  })
}

/** One order of all ops; calls take turns only where the mode says so. */
const ordered = (all: ReadonlyArray<ReadonlyArray<Op>>, mode: CallMode, random: Dice): ReadonlyArray<Op> =>
  mode.interleaved ? riffle(all, random) : all.flat()

const entries = (delta: JsonObject): ReadonlyArray<Json> => {
  const list = delta["tool_calls"]
  return Array.isArray(list) ? list : []
}

/** Whether two neighbouring ops may share a chunk: no field twice, and several calls only as several entries. */
const canJoin = (left: Op, right: Op, used: ReadonlySet<number>): boolean => {
  const shared = Object.keys(right.delta).filter((key) => Object.hasOwn(left.delta, key))
  return shared.length === 0 || (shared.length === 1 && shared[0] === "tool_calls" && !used.has(right.lane))
}

const group = (ops: ReadonlyArray<Op>, style: ChatStyle, random: Dice): ReadonlyArray<JsonObject> => {
  const out: Array<Op> = []
  let used = new Set<number>()
  for (const op of ops) {
    const last = out.at(-1)
    if (style.grouped && last !== undefined && random.roll(2) === 1 && canJoin(last, op, used)) {
      const calls = [...entries(last.delta), ...entries(op.delta)]
      used.add(op.lane)
      out[out.length - 1] = {
        ...op,
        delta: { ...last.delta, ...op.delta, ...(calls.length > 0 ? { tool_calls: calls } : {}) }
      }
    } else {
      used = new Set([op.lane])
      out.push(op)
    }
  }
  return out.map(({ delta }) => delta)
}

const fillers: { readonly [filler in ChatStyle["filler"]]: JsonObject } = {
  absent: {},
  null: { content: null },
  empty: { content: "" }
}

const openings: { readonly [opening in ChatStyle["opening"]]: ReadonlyArray<JsonObject> } = {
  role: [{ role: "assistant", content: "" }],
  "role-empty": [{ role: "assistant" }],
  "role-null": [{ role: "assistant", content: null, refusal: null, tool_calls: null }],
  azure: [{ role: "assistant", content: "" }],
  none: [],
  twice: [
    { role: "assistant", content: "" },
    { role: "assistant", content: "" }
  ]
}

const isFailure = (script: TurnScript): boolean =>
  script.end.type === "finish" &&
  finishWords.failure.some((word) => script.end.type === "finish" && word === script.end.reason)

const matched = (script: TurnScript): JsonObject =>
  script.end.type === "finish" && script.end.matched !== undefined ? { stop_reason: script.end.matched } : {}

const errorRecord = (error: Json, style: ChatStyle): StreamRecord => {
  const choices: JsonObject = { choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }] }
  switch (style.error) {
    case "choices":
      return { data: { error, ...choices }, terminal: false }
    case "plain":
      return { data: { error }, terminal: false }
    case "field":
      return { data: error, field: "error", terminal: false }
    case "event":
      return { data: { error }, event: "error", terminal: false }
  }
}

/** A chunk before usage is put on it. */
interface Draft {
  readonly delta: JsonObject
  readonly finish: string | null
}

const drafts = (script: TurnScript, style: ChatStyle): ReadonlyArray<Draft> => {
  const random = dice(style.seed)
  const mode = callModeOf(script, style)
  const deltas = group(ordered(lanes(script, style, mode, random), mode, random), style, random)
  const body: ReadonlyArray<Draft> = [...openings[style.opening], ...deltas].map((delta) => ({ delta, finish: null }))
  if (script.end.type !== "finish") return body
  const { reason } = script.end
  const last = body.at(-1)
  const end: Draft = { delta: {}, finish: reason }
  if (style.finish === "with-last" && last !== undefined) return [...body.slice(0, -1), { ...last, finish: reason }]
  return style.finish === "twice" ? [...body, end, end] : [...body, end]
}

/** The call mode that a rendering really uses. */
export const callModeOf = (script: TurnScript, style: ChatStyle): CallMode =>
  fitting(
    style.calls,
    script.steps.filter((step): step is CallStep => step.type === "call")
  )

const growing = (usage: ScriptUsage, at: number, of: number): ScriptUsage =>
  at >= of ? usage : { ...usage, completion: Math.floor((usage.completion * at) / of), reasoning: 0 }

/** The records of a stream. */
export const renderChatStream = (script: TurnScript, style: ChatStyle): ReadonlyArray<StreamRecord> => {
  const { end, usage } = script
  const head: JsonObject = {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "upstream-model",
    ...(style.extras ? { system_fingerprint: "fp", service_tier: "default", obfuscation: "xx" } : {})
  }
  const list = drafts(script, style)
  const finishAt = list.findIndex((draft) => draft.finish !== null)
  const placed =
    usage === undefined || end.type === "cut" || end.type === "error"
      ? "none"
      : finishAt < 0 && style.usageAt !== "every"
        ? "final"
        : style.usageAt
  const numbers = (at: number): Json | undefined => {
    if (usage === undefined) return undefined
    if (placed === "every") return usageJson(growing(usage, at + 1, list.length), style.usageWords)
    return at === finishAt && placed !== "none" && placed !== "final" ? usageJson(usage, style.usageWords) : undefined
  }
  const chunks = list.map(({ delta, finish }, at): StreamRecord => {
    const found = numbers(at)
    const inChoice = placed === "choice" && found !== undefined
    const filler = Object.hasOwn(delta, "content") ? {} : fillers[style.filler]
    const choice: JsonObject = {
      index: 0,
      delta: { ...filler, ...delta },
      finish_reason: finish,
      ...(style.extras ? { logprobs: null, content_filter_results: {} } : {}),
      ...(finish === null ? {} : matched(script)),
      ...(inChoice && found !== undefined ? { usage: found } : {})
    }
    const outside: JsonObject =
      found !== undefined && !inChoice ? { usage: found } : style.usageNull && !inChoice ? { usage: null } : {}
    return { data: { ...head, choices: [choice], ...outside }, terminal: at === finishAt && !isFailure(script) }
  })
  const azure: ReadonlyArray<StreamRecord> =
    style.opening === "azure" ? [{ data: { ...head, choices: [], prompt_filter_results: [] }, terminal: false }] : []
  const final: ReadonlyArray<StreamRecord> =
    usage !== undefined && placed === "final"
      ? [{ data: { ...head, choices: [], usage: usageJson(usage, style.usageWords) }, terminal: false }]
      : []
  const failure = end.type === "error" ? [errorRecord(end.error, style)] : []
  const withDone = end.type === "done" || (end.type === "finish" && style.done) || (end.type === "error" && style.done)
  const done: ReadonlyArray<StreamRecord> = withDone ? [{ data: doneMark, terminal: end.type === "done" }] : []
  return [...azure, ...chunks, ...final, ...failure, ...done]
}

const joined = (script: TurnScript, type: "text" | "reasoning" | "refusal"): string =>
  script.steps.map((step) => (step.type === type ? step.text : "")).join("")

/** The whole body with the same meaning; the order between texts and calls cannot be expressed in it. */
export const renderChatBody = (script: TurnScript, style: ChatStyle): JsonObject => {
  const mode = callModeOf(script, style)
  const calls = script.steps
    .filter((step): step is CallStep => step.type === "call")
    .map((call) => wholeCall(call, mode))
  const [text, reasoning, refusal] = [joined(script, "text"), joined(script, "reasoning"), joined(script, "refusal")]
  const content: Json =
    text === "" ? (fillers[style.filler]["content"] ?? null) : style.parts ? [{ type: "text", text }] : text
  const [only] = calls
  const toolCalls: JsonObject =
    only === undefined
      ? {}
      : mode.key === "legacy"
        ? { function_call: only["function"] ?? null }
        : { tool_calls: calls }
  const { end, usage } = script
  const choice: JsonObject = {
    index: 0,
    message: {
      role: "assistant",
      content,
      ...(reasoning === "" ? {} : reasoningDelta(reasoning, style.reasoning)),
      ...toolCalls,
      ...(refusal === "" ? {} : { refusal })
    },
    finish_reason: end.type === "finish" ? end.reason : null,
    ...matched(script)
  }
  const inChoice = usage !== undefined && style.usageAt === "choice"
  const numbers: JsonObject = usage === undefined ? {} : { usage: usageJson(usage, style.usageWords) }
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "upstream-model",
    choices: [inChoice ? { ...choice, ...numbers } : choice],
    ...(inChoice ? {} : numbers)
  }
}
