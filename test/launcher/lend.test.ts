import { describe, expect, it } from "@effect/vitest"
import { Redacted } from "effect"
import { lentName } from "../../src/launcher/lend.ts"

const token = Redacted.make("token-of-the-install")

describe("the name under which a session lends its variables", () => {
  it("is the same for the same variables, in whatever order, and another one for others", () => {
    const name = lentName({ KEY: "a", PLACE: "b" }, token)
    expect(lentName({ PLACE: "b", KEY: "a" }, token)).toBe(name)
    for (const other of [{}, { KEY: "a" }, { KEY: "b", PLACE: "a" }, { KEY: "a", PLACE: "b", MORE: "" }]) {
      expect(lentName(other, token)).not.toBe(name)
    }
    expect(name).toMatch(/^[0-9a-f]{32}$/)
  })

  it("cannot be told from the variables without the client token", () => {
    expect(lentName({ KEY: "a" }, token)).not.toBe(lentName({ KEY: "a" }, Redacted.make("another")))
  })
})
