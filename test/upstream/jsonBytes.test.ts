import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { jsonBytes } from "../../src/upstream/jsonBytes.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const large = 2 * 1024 * 1024
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe("JSON as bytes", () => {
  it("is what JSON.stringify writes, with and without long strings", async () => {
    const long = fc.tuple(fc.constantFrom("A", "é", '"', "\\", " ~", "]"), fc.integer({ min: 65_000, max: 66_000 }))
    const value = fc.array(
      fc.oneof(
        fc.jsonValue(),
        long.map(([piece, count]) => piece.repeat(count))
      ),
      {
        maxLength: 4
      }
    )
    await holds(
      fc.property(value, fc.constantFrom(0, large), (given, hint) => {
        expect(text(jsonBytes(given, hint)) === JSON.stringify(given)).toBe(true)
      }),
      { numRuns: runs }
    )
  })

  it("keeps a long string in its place", () => {
    const data = "QUJD".repeat(100_000)
    const given = { a: "你好", image: { data, more: [data, "x"] }, z: 1 }
    expect(text(jsonBytes(given, large)) === JSON.stringify(given)).toBe(true)
  })
})
