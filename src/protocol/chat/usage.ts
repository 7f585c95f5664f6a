/** Usage objects of the OpenAI protocols, in all their dialects, as our partition (wire specification §4.12). */
import type { Usage } from "../../domain/Usage.ts"
import { asCount, isObject, type JsonObject } from "../json.ts"

const details = (usage: JsonObject, ...keys: ReadonlyArray<string>): JsonObject =>
  keys.map((key) => usage[key]).find(isObject) ?? {}

/** A count under the name of either protocol: some servers use the other one's, and some send zeros under their own. */
const count = (usage: JsonObject, ...keys: ReadonlyArray<string>): number | undefined => {
  const counts = keys.flatMap((key) => asCount(usage[key]) ?? [])
  return counts.find((one) => one > 0) ?? counts[0]
}

/**
 * The usage of an answer of Chat Completions or Responses. `reasoningExtra` says that the provider counts reasoning tokens beside `completion_tokens`; otherwise that is only
 * concluded when `total_tokens` adds up that way. Undefined when the object holds no usable count at all, or nothing but
 * zeros: what was asked for is never nothing, and servers send them before they have counted, or because they do not count.
 */
export const fromChatUsage = (usage: unknown, reasoningExtra: boolean): Usage | undefined => {
  if (!isObject(usage)) return undefined
  const prompt = count(usage, "prompt_tokens", "input_tokens")
  const completion = count(usage, "completion_tokens", "output_tokens")
  const total = asCount(usage["total_tokens"])
  if ([prompt, completion, total].every((one) => one === undefined || one === 0)) return undefined
  const inside = details(usage, "prompt_tokens_details", "input_tokens_details")
  const cached =
    asCount(inside["cached_tokens"]) ??
    asCount(usage["prompt_cache_hit_tokens"]) ??
    asCount(usage["cached_tokens"]) ??
    asCount(usage["cache_read_input_tokens"]) ??
    0
  const written =
    asCount(inside["cache_write_tokens"]) ??
    asCount(inside["cache_creation_tokens"]) ??
    asCount(usage["cache_creation_input_tokens"]) ??
    0
  const whole = prompt ?? Math.max(0, (total ?? 0) - (completion ?? 0))
  const fresh = whole - cached - written
  const reasoning = asCount(details(usage, "completion_tokens_details", "output_tokens_details")["reasoning_tokens"])
  const output = completion ?? Math.max(0, (total ?? 0) - whole)
  const beside =
    reasoning !== undefined &&
    reasoning > 0 &&
    (reasoningExtra || (completion !== undefined && prompt !== undefined && total === prompt + completion + reasoning))
  return {
    // a provider whose prompt count leaves the cache out shows itself by a negative difference
    inputTokens: fresh >= 0 ? fresh : whole,
    cacheReadTokens: cached,
    cacheWriteTokens: written,
    outputTokens: beside ? output + reasoning : output,
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning })
  }
}

/** The reverse, for a Chat client. */
export const toChatUsage = (usage: Usage): JsonObject => {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens },
    ...(usage.reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: usage.reasoningTokens } })
  }
}
