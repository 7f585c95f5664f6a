/** What providers of Chat take beside the common fields, by their policy: thinking, search, and what they always get. */
import type { Policy } from "../protocol/policy.ts"
import { isJsonObject } from "./json.ts"
import { keys, none, say, type Fields, type Wrong } from "./judge.ts"

const isFields = (value: unknown): value is Fields => isJsonObject(value)

const switchKeys: { readonly [kind in Policy["thinkingSwitch"]]: ReadonlyArray<string> } = {
  none: [],
  thinking: ["thinking"],
  "thinking-adaptive": ["thinking"],
  enable_thinking: ["enable_thinking"],
  chat_template_kwargs: ["chat_template_kwargs"]
}

const searchKeys: { readonly [kind in Policy["webSearch"]]: ReadonlyArray<string> } = {
  none: [],
  hosted: [],
  plugins: ["plugins"],
  web_search_tool: [],
  web_search_options: ["web_search_options"]
}

/** The top-level keys that only some providers know. */
export const ownKeys = (policy: Policy): ReadonlyArray<string> => [
  ...(policy.effort === "none" ? [] : [policy.effort]),
  ...switchKeys[policy.thinkingSwitch],
  ...searchKeys[policy.webSearch],
  ...(policy.prefill === "continue_final_message" ? ["continue_final_message", "add_generation_prompt"] : []),
  ...Object.keys(policy.extraBody)
]

const switchViolations = (body: Fields, { thinkingExtra, thinkingSwitch }: Policy): Wrong => {
  const [key] = switchKeys[thinkingSwitch]
  const value = key === undefined ? undefined : body[key]
  if (value === undefined) return none
  if (thinkingSwitch === "enable_thinking")
    return say(value === false || (value === true && body["stream"] === true), "enable_thinking")
  if (!isFields(value)) return [`${key} is no object`]
  if (thinkingSwitch === "chat_template_kwargs") return keys(value, ["enable_thinking", "thinking"])
  const on = thinkingSwitch === "thinking" ? "enabled" : "adaptive"
  return [
    ...keys(value, ["type"], Object.keys(thinkingExtra)),
    ...say(value["type"] === on || value["type"] === "disabled", `thinking type ${String(value["type"])}`)
  ]
}

const effortViolations = (body: Fields, { efforts, thinkingSwitch }: Policy): Wrong => {
  const knows = (word: unknown) => efforts.some((known) => known === word)
  const { reasoning, reasoning_effort: effort } = body
  if (effort !== undefined) {
    const { thinking } = body
    const off = thinkingSwitch !== "none" && isFields(thinking) && thinking["type"] === "disabled"
    return [...say(knows(effort), "reasoning_effort"), ...say(!off, "an effort beside a switch that is off")]
  }
  if (reasoning === undefined) return none
  if (!isFields(reasoning)) return ["reasoning is no object"]
  return [
    ...keys(reasoning, [], ["effort", "max_tokens", "enabled"]),
    ...say(Object.keys(reasoning).length === 1, "reasoning does not say one thing"),
    ...say(reasoning["effort"] === undefined || knows(reasoning["effort"]), "reasoning.effort")
  ]
}

const continuationViolations = (body: Fields): Wrong => {
  const { add_generation_prompt: prompt, continue_final_message: goesOn } = body
  return say(
    (goesOn === undefined && prompt === undefined) || (goesOn === true && prompt === false),
    "continue_final_message"
  )
}

/** What is wrong with the fields that only this provider knows. */
export const ownViolations = (body: Fields, policy: Policy): Wrong => [
  ...continuationViolations(body),
  ...switchViolations(body, policy),
  ...effortViolations(body, policy),
  ...Object.entries(policy.extraBody).flatMap(([key, value]) =>
    say(JSON.stringify(body[key]) === JSON.stringify(value), `${key} is not as it always is`)
  )
]

/** A tool that is the provider's own search. */
export const isSearchTool = (tool: Fields, policy: Policy): boolean =>
  policy.webSearch === "web_search_tool" && tool["type"] === "web_search" && isFields(tool["web_search"])

/** The key that says that the last message is to be continued. */
export const prefillKey = ({ prefill }: Policy): ReadonlyArray<string> =>
  prefill === "partial" || prefill === "prefix" ? [prefill] : []
