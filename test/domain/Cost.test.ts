/** What turns cost. */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { costOf, type Price } from "../../src/domain/Cost.ts"
import { type Usage, zeroUsage } from "../../src/domain/Usage.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const count = fc.nat(10_000_000)
const usage: fc.Arbitrary<Usage> = fc.record({
  inputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  outputTokens: count
})

/** Prices as vendors write them: dollars with up to six digits behind the point. */
const dollars = fc.nat(200_000_000).map((micro) => micro / 1_000_000)
const price: fc.Arbitrary<Price> = fc.record(
  { input: dollars, output: dollars, cached: dollars, write: dollars },
  { requiredKeys: ["input", "output"] }
)

const counters = ["inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens"] as const

const sum = (left: Usage, right: Usage): Usage => ({
  inputTokens: left.inputTokens + right.inputTokens,
  cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
  cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
  outputTokens: left.outputTokens + right.outputTokens
})

/** Equal as far as numbers of 53 bits go. */
const near = (left: number, right: number): boolean => Math.abs(left - right) <= left * 1e-12

describe("the cost of turns", () => {
  it("is the sum of what each costs", async () => {
    const law = fc.property(usage, usage, price, (left, right, at) =>
      near(costOf(sum(left, right), at), costOf(left, at) + costOf(right, at))
    )
    await holds(law, { numRuns: runs })
  })

  it("never falls when a counter rises", async () => {
    const law = fc.property(
      usage,
      price,
      fc.constantFrom(...counters),
      count,
      (less, at, counter, more) => costOf({ ...less, [counter]: less[counter] + more }, at) >= costOf(less, at)
    )
    await holds(law, { numRuns: runs })
  })

  it("is nothing for nothing, and never less", async () => {
    const law = fc.property(usage, price, (any, at) => costOf(zeroUsage, at) === 0 && costOf(any, at) >= 0)
    await holds(law, { numRuns: runs })
  })

  it("does not depend on how the prompt is split where caches have no price of their own", async () => {
    const law = fc.property(usage, dollars, dollars, (any, input, output) => {
      const prompt = any.inputTokens + any.cacheReadTokens + any.cacheWriteTokens
      const fresh = { ...zeroUsage, inputTokens: prompt, outputTokens: any.outputTokens }
      return near(costOf(fresh, { input, output }), costOf(any, { input, output }))
    })
    await holds(law, { numRuns: runs })
  })

  it("takes prices per million tokens, reasoning as a part of the output", () => {
    const million = { ...zeroUsage, inputTokens: 1_000_000 }
    expect(costOf(million, { input: 2, output: 10 })).toBe(2)
    const turn = {
      inputTokens: 1_000,
      cacheReadTokens: 50_000,
      cacheWriteTokens: 2_000,
      outputTokens: 500,
      reasoningTokens: 400
    }
    expect(costOf(turn, { input: 2, cached: 0.2, write: 2.5, output: 10 })).toBeCloseTo(0.022, 12)
  })
})
