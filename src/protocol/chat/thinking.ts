/** How a Chat provider is asked to think: an effort, a switch, both coupled, or nothing (wire specification §4.9.1). */
import type { ReasoningRequest } from "../conversation.ts"
import { effortPath, effortWord, wantedEffort, type Encoder } from "../encoding.ts"
import type { JsonObject } from "../json.ts"
import type { Policy } from "../policy.ts"

type Switch = Policy["thinkingSwitch"]

/** The field that switches thinking on or off. */
const switches: { readonly [kind in Exclude<Switch, "none">]: (on: boolean, extra: JsonObject) => JsonObject } = {
  thinking: (on, extra) => ({ thinking: on ? { type: "enabled", ...extra } : { type: "disabled" } }),
  "thinking-adaptive": (on, extra) => ({ thinking: on ? { type: "adaptive", ...extra } : { type: "disabled" } }),
  enable_thinking: (on) => ({ enable_thinking: on }),
  // chat templates read one name or the other and ignore what they do not know
  chat_template_kwargs: (on) => ({ chat_template_kwargs: { enable_thinking: on, thinking: on } })
}

/** OpenRouter's object: a budget of tokens where the client gave one, else an effort. */
const reasoningObject = (reasoning: ReasoningRequest, maxTokens: number | undefined, encoder: Encoder): JsonObject => {
  const { budgetTokens, effort, mode } = reasoning
  const { efforts } = encoder.policy
  // a model that always reasons lists no "none" and refuses to be switched off
  if (mode === "off" && efforts.includes("none")) return { reasoning: { enabled: false } }
  const fits = budgetTokens !== undefined && budgetTokens < (maxTokens ?? Infinity)
  if (mode === "on" && effort === undefined && fits) return { reasoning: { max_tokens: budgetTokens } }
  const word = effortWord(reasoning, encoder)
  return word === undefined ? {} : { reasoning: { effort: word } }
}

const effortField = (reasoning: ReasoningRequest, maxTokens: number | undefined, encoder: Encoder): JsonObject => {
  const { effort, efforts } = encoder.policy
  if (effort === "none" || efforts.length === 0) return {}
  if (effort === "reasoning") return reasoningObject(reasoning, maxTokens, encoder)
  const word = effortWord(reasoning, encoder)
  return word === undefined ? {} : { reasoning_effort: word }
}

/**
 * The fields for what the client wants; nothing when it leaves the choice to the provider. `streamed`: the provider is
 * asked for a stream. `maxTokens`: the limit on the answer, which a budget has to stay below.
 */
export const thinkingFields = (
  reasoning: ReasoningRequest,
  streamed: boolean,
  maxTokens: number | undefined,
  encoder: Encoder
): JsonObject => {
  const { lose, policy } = encoder
  const { thinkingExtra, thinkingSwitch: kind } = policy
  const wanted = wantedEffort(reasoning)
  // Qwen refuses a whole answer with thinking, which some of its models do unless they are told not to [§4.14].
  if (kind === "enable_thinking" && !streamed) {
    if (wanted !== undefined && wanted !== "none")
      lose("dropped", effortPath(reasoning), "thinking is off", "the provider only thinks in streams")
    return switches[kind](false, {})
  }
  if (wanted === undefined) {
    // what stands beside the type (GLM: keep earlier reasoning) is lost unless the switch is said
    const said = reasoning.mode === "adaptive" && kind !== "none" && Object.keys(thinkingExtra).length > 0
    return said ? switches[kind](true, thinkingExtra) : {}
  }
  if (kind === "none") {
    const fields = effortField(reasoning, maxTokens, encoder)
    if (Object.keys(fields).length === 0)
      lose("dropped", effortPath(reasoning), "not sent", "the provider or model cannot be told how much to think")
    return fields
  }
  // an effort beside a switch that says off is refused [DeepSeek: "thinking cannot be disabled with effort"]
  if (wanted === "none") return switches[kind](false, {})
  const fields = effortField(reasoning, maxTokens, encoder)
  const { budgetTokens, effort } = reasoning
  if (Object.keys(fields).length === 0 && (effort !== undefined || budgetTokens !== undefined))
    lose(
      "dropped",
      effortPath(reasoning),
      "thinking is only switched on",
      "the provider cannot be told how much to think"
    )
  return { ...switches[kind](true, thinkingExtra), ...fields }
}
