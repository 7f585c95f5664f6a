/**
 * Answers of a Chat Completions server as what they mean: a list of steps, usage and an end. `chatRender.ts` writes a
 * script down in the many ways real servers do; `chatMeaning.ts` says what a client must get from it.
 */
import { FastCheck as fc } from "effect"
import { type Json, jsonObject, oneOf, seldom } from "./json.ts"
import { callId, plainId, text } from "./text.ts"

/** Visible text. */
export interface TextStep {
  readonly type: "text"
  readonly text: string
}

/** Reasoning text. */
export interface ReasoningStep {
  readonly type: "reasoning"
  readonly text: string
}

/** One tool call. */
export interface CallStep {
  readonly type: "call"
  /** The name as the provider writes it. */
  readonly name: string
  /** The provider's id; "" when it gives none. */
  readonly id: string
  /** The arguments as the provider writes them: JSON text of an object, or something worse. */
  readonly args: string
}

/** At most one, after all text. */
export interface RefusalStep {
  readonly type: "refusal"
  readonly text: string
}

/** One thing that the model does. */
export type ScriptStep = TextStep | ReasoningStep | CallStep | RefusalStep

/** Consistent counters: cached + written <= prompt, reasoning <= completion. */
export interface ScriptUsage {
  readonly prompt: number
  readonly completion: number
  readonly cached: number
  readonly written: number
  readonly reasoning: number
}

/** How the provider ends the turn. */
export type ScriptEnd =
  /** A finish reason in the provider's words; `matched` is a stop sequence or token that the provider names. */
  | { readonly type: "finish"; readonly reason: string; readonly matched?: string | number }
  /** `[DONE]` without any finish reason. */
  | { readonly type: "done" }
  /** The connection ends with nothing said. */
  | { readonly type: "cut" }
  /** An error object in the middle of the stream. */
  | { readonly type: "error"; readonly error: Json }

/** One answer of a provider. */
export interface TurnScript {
  readonly steps: ReadonlyArray<ScriptStep>
  readonly usage: ScriptUsage | undefined
  readonly end: ScriptEnd
}

/** Finish words by what they mean; any other word is an ordinary end. */
export const finishWords = {
  stop: ["stop", "eos", "end_turn", "complete", "some_future_word"],
  calls: ["tool_calls", "function_call", "tool_use"],
  length: ["length", "max_tokens"],
  filter: ["content_filter", "sensitive"],
  failure: ["error", "network_error", "abort", "insufficient_system_resource"]
} as const

const textStep: fc.Arbitrary<ScriptStep> = text.map((value) => ({ type: "text", text: value }))
const reasoningStep: fc.Arbitrary<ScriptStep> = text.map((value) => ({ type: "reasoning", text: value }))
const refusalStep: fc.Arbitrary<ScriptStep> = text.map((value) => ({ type: "refusal", text: value }))

/** Arguments that decide the call's input alone, however they are cut: an object, or not the beginning of one. */
export const decidedArguments: fc.Arbitrary<string> = oneOf(
  { weight: 8, arbitrary: jsonObject.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: jsonObject.map((value) => ` ${JSON.stringify(value, undefined, 1)}\n`) },
  { weight: 1, arbitrary: fc.constantFrom("", "null", "[]", "[1]", "7", '"word"', "not json", "true") },
  { weight: 1, arbitrary: jsonObject.map((value) => JSON.stringify(JSON.stringify(value))) }
)

/** Arguments that begin like an object and never become one. */
export const ruinedArguments: fc.Arbitrary<string> = oneOf(
  // Cut before the end: any proper prefix that has the opening brace.
  jsonObject
    .map((value) => JSON.stringify({ first: "value", ...value }))
    .chain((json) => fc.integer({ min: 1, max: json.length - 1 }).map((end) => json.slice(0, end))),
  fc.constantFrom('{"a":1', '{"a":', "{", '{"a":1}}', '{"a":1} x', '{"a":1,}x', "{'a':1}", '{"command":"rm -rf /tmp/x')
)

/** What may be steered from outside. */
export interface ScriptOptions {
  /** Names of calls; by default the tools of `scriptTools`. */
  readonly name?: fc.Arbitrary<string>
  readonly id?: fc.Arbitrary<string>
  readonly args?: fc.Arbitrary<string>
  readonly end?: fc.Arbitrary<ScriptEnd>
}

/** Tool names inside every provider's pattern; requests that a script answers offer them as tools. */
export const scriptTools = ["Read", "Bash", "mcp__srv__find", "web_search", "ReadMore", "a"] as const

const usage: fc.Arbitrary<ScriptUsage | undefined> = fc.option(
  fc
    .record({
      fresh: fc.integer({ min: 1, max: 100_000 }),
      cached: fc.nat(5000),
      written: fc.nat(50),
      visible: fc.integer({ min: 1, max: 1000 }),
      reasoning: fc.nat(1000)
    })
    .map(({ fresh, cached, written, visible, reasoning }) => ({
      prompt: fresh + cached + written,
      completion: visible + reasoning,
      cached,
      written,
      reasoning
    })),
  { nil: undefined, freq: 4 }
)

const finish = (words: ReadonlyArray<string>): fc.Arbitrary<ScriptEnd> =>
  fc.constantFrom(...words).map((reason) => ({ type: "finish", reason }))

/** Ends that make a Message. */
export const goodEnd: fc.Arbitrary<ScriptEnd> = oneOf(
  { weight: 4, arbitrary: finish(["stop", "tool_calls"]) },
  { weight: 2, arbitrary: finish(finishWords.stop) },
  { weight: 1, arbitrary: finish(finishWords.calls) },
  { weight: 1, arbitrary: finish(finishWords.length) },
  { weight: 1, arbitrary: finish(finishWords.filter) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("STOP", "\n\n", "", 2, 0).map((matched) => ({ type: "finish", reason: "stop", matched }))
  },
  { weight: 1, arbitrary: fc.constant<ScriptEnd>({ type: "done" }) }
)

/** Stop sequences that requests of scripts ask for; `goodEnd` names the first two as matched. */
export const scriptStops = ["STOP", "\n\n"] as const

/** Ends that must become an error. */
export const badEnd: fc.Arbitrary<ScriptEnd> = oneOf<ScriptEnd>(
  finish(finishWords.failure),
  fc.constant<ScriptEnd>({ type: "cut" }),
  fc
    .constantFrom<Json>(
      { message: "upstream exploded", type: "server_error", code: null },
      { message: "slow down", type: "rate_limit_error", code: 429 },
      { message: "Provider returned error", code: 502, metadata: { raw: "boom", provider_name: "p" } },
      { code: 500 },
      "plain text"
    )
    .map((error) => ({ type: "error", error }))
)

const call = (options: ScriptOptions): fc.Arbitrary<ScriptStep> =>
  fc.record({
    type: fc.constant<"call">("call"),
    name: options.name ?? fc.constantFrom(...scriptTools),
    id:
      options.id ??
      oneOf(
        { weight: 3, arbitrary: plainId },
        { weight: 2, arbitrary: callId },
        { weight: 1, arbitrary: fc.constantFrom("", "x") }
      ),
    args: options.args ?? decidedArguments
  })

/** A turn with its steps in any order. */
export const turnScript = (options: ScriptOptions = {}): fc.Arbitrary<TurnScript> =>
  fc
    .record({
      steps: fc.array(
        oneOf(
          { weight: 4, arbitrary: textStep },
          { weight: 2, arbitrary: reasoningStep },
          { weight: 4, arbitrary: call(options) }
        ),
        { maxLength: 5 }
      ),
      refusal: seldom(refusalStep, 6),
      usage,
      end: options.end ?? goodEnd
    })
    .map(({ steps, refusal, usage: counters, end }) => ({
      steps: refusal === undefined ? steps : [...steps, refusal],
      usage: counters,
      end
    }))

const rank = (step: ScriptStep): number => ["reasoning", "text", "call", "refusal"].indexOf(step.type)

/** The same turn in the order that a whole Chat body implies: reasoning, text, calls, refusal. */
export const inBodyOrder = (script: TurnScript): TurnScript => ({
  ...script,
  steps: [...script.steps].sort((a, b) => rank(a) - rank(b))
})
