/** Chat Completions usage objects, in all their dialects, as our partition (wire specification §4.12). */
import type { Usage } from "../../domain/Usage.ts"
import { asCount, isObject, type JsonObject } from "../json.ts"

const details = (usage: JsonObject, key: string): JsonObject => {
  const value = usage[key]
  return isObject(value) ? value : {}
}

/**
 * `reasoningExtra` says that the provider counts reasoning tokens beside `completion_tokens`; otherwise that is only
 * concluded when `total_tokens` adds up that way. Undefined when the object holds no usable count at all, or nothing but
 * zeros: what was asked for is never nothing, and servers send them before they have counted, or because they do not count.
 */
export const fromChatUsage = (usage: unknown, reasoningExtra: boolean): Usage | undefined => {
  if (!isObject(usage)) return undefined
  const prompt = asCount(usage["prompt_tokens"])
  const completion = asCount(usage["completion_tokens"])
  const total = asCount(usage["total_tokens"])
  if ([prompt, completion, total].every((count) => count === undefined || count === 0)) return undefined
  const inside = details(usage, "prompt_tokens_details")
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
  const reasoning = asCount(details(usage, "completion_tokens_details")["reasoning_tokens"])
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
