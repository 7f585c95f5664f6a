import { FastCheck as fc } from "effect"
import { expect, it } from "vitest"
import { makeMemoryBudget } from "../../src/gateway/MemoryBudget.ts"
import { runs } from "../support/runs.ts"

const most = 100

it("holds no more than it may unless one body is alone, and gives everything back", () => {
  const step = fc.record({
    who: fc.nat(5),
    does: fc.constantFrom("hold" as const, "hold" as const, "release" as const),
    bytes: fc.nat(150)
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const budget = makeMemoryBudget()
      const shares = Array.from({ length: 6 }, () => ({ share: budget.open(), bytes: 0, isOver: false }))
      const total = () => shares.reduce((sum, { bytes }) => sum + bytes, 0)
      for (const { bytes, does, who } of steps) {
        const one = shares[who]
        if (one === undefined) continue
        const others = total() - one.bytes
        const fits = !one.isOver && (bytes <= one.bytes || others === 0 || others + bytes <= most)
        if (does === "release") {
          one.share.release()
          one.isOver = true
          one.bytes = 0
        }
        const held = does === "hold" && one.share.hold(bytes, most)
        if (held) one.bytes = bytes
        expect([held, budget.held()]).toEqual([does === "hold" && fits, total()])
      }
      for (const { share } of shares) share.release()
      expect(budget.held()).toBe(0)
    }),
    { numRuns: runs }
  )
})
