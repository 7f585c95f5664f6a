/** What a turn costs: token counts times list prices. */
import type { Usage } from "./Usage.ts"

/** US dollars per million tokens; no price is negative. */
export interface Price {
  /** The part of the prompt that no cache knew. */
  readonly input: number
  /** The answer, reasoning included. */
  readonly output: number
  /** The part of the prompt that was read from the provider's cache; absent: it costs what `input` costs. */
  readonly cached?: number
  /** The part of the prompt that was written to the provider's cache; absent: it costs what `input` costs. */
  readonly write?: number
}

const million = 1_000_000

/**
 * US dollars for a turn, or for the sum of several. Not rounded: a turn costs fractions of a cent, and rounding each
 * would spoil the sum; who prints the number rounds it. What is computed is exact to about 15 digits.
 */
export const costOf = (usage: Usage, price: Price): number =>
  (usage.inputTokens * price.input +
    usage.cacheReadTokens * (price.cached ?? price.input) +
    usage.cacheWriteTokens * (price.write ?? price.input) +
    usage.outputTokens * price.output) /
  million
