/**
 * Token counts of one turn, in the partition the Anthropic wire uses: the three input counters are disjoint,
 * `inputTokens + cacheReadTokens + cacheWriteTokens` is the whole prompt. `outputTokens` includes `reasoningTokens`.
 * All values are non-negative integers.
 */
export interface Usage {
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  /** The part of `outputTokens` spent on reasoning; absent when the provider did not say. */
  readonly reasoningTokens?: number
}

/** Nothing spent. */
export const zeroUsage: Usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }
