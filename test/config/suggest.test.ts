import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { nearest } from "../../src/config/suggest.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const known = ["proxy_port", "proxy_host", "profiles", "priority", "enabled"]

describe("the word that was probably meant", () => {
  it("is the nearest known one", () => {
    assert.strictEqual(nearest("proxy_prot", known), "proxy_port")
    assert.strictEqual(nearest("proxyHost", known), "proxy_host")
    assert.strictEqual(nearest("profile", known), "profiles")
    assert.strictEqual(nearest("ENABLE", known), "enabled")
  })

  it("is none when no known one is near", () => {
    assert.isUndefined(nearest("moon", known))
    assert.isUndefined(nearest("", known))
    assert.isUndefined(nearest("enabled", []))
    assert.isUndefined(nearest("x".repeat(10_000), known))
  })

  it("is found after any one mistake in a word of three letters or more", async () => {
    const mistake = fc.record({
      kind: fc.constantFrom("drop", "add", "change", "swap"),
      at: fc.nat(),
      to: fc.constantFrom("q", "z")
    })
    await holds(
      fc.property(fc.constantFrom("proxyport", "timeouts", "rag"), mistake, (word, { at, kind, to }) => {
        const place = at % (word.length - 1)
        const [before, here, after] = [word.slice(0, place), word.charAt(place), word.slice(place + 1)]
        const written =
          kind === "drop"
            ? before + after
            : kind === "add"
              ? before + to + here + after
              : kind === "change"
                ? before + to + after
                : before + after.charAt(0) + here + after.slice(1)
        assert.strictEqual(nearest(written, ["somethingelse", word]), word)
      }),
      { numRuns: runs }
    )
  })
})
