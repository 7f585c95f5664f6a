import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { fillIn, isWellFormed, variablesIn } from "../../src/config/interpolation.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

describe("references to variables", () => {
  it("are replaced by values, which are not looked into again", () => {
    const environment = { HOST: "h", PATTERN: "$&${HOST}$1" }
    assert.deepStrictEqual(fillIn("http://${HOST}:80/${PATTERN}", environment), Either.right("http://h:80/$&${HOST}$1"))
  })

  it("name the first variable that is not set, or set to nothing", () => {
    assert.deepStrictEqual(fillIn("${A}${B}${C}", { A: "a", B: "" }), Either.left("B"))
  })

  it("do not reach what every object has", () => {
    assert.deepStrictEqual(fillIn("${constructor}", {}), Either.left("constructor"))
  })

  it("are well formed, or are noticed", () => {
    for (const text of ["", "$", "$A", "${A}", "$${", "$${A}", "a${_b1}c", "}"]) assert.isTrue(isWellFormed(text), text)
    for (const text of ["${", "${}", "${1}", "${A", "${A-b}", "${A:-b}", "$${${"])
      assert.isFalse(isWellFormed(text), text)
  })

  const piece = fc.oneof(
    fc.record({ variable: fc.constantFrom("A", "B_2", "_c") }),
    fc.record({ plain: fc.constantFrom("", "a", "$", "{", "}", "$A", "${", "://", " ", "é") })
  )
  it("can be written into any text, and every text can be written without one", async () => {
    await holds(
      fc.property(fc.array(piece), (pieces) => {
        const environment = { A: "1", B_2: "${A}", _c: "$$" }
        const written = pieces.map((part) => ("variable" in part ? `\${${part.variable}}` : part.plain))
        // an escape must not be made by chance, from a "$" and the reference after it
        const text = written.map((part) => (part === "${" ? "$${" : part)).join("\u0001")
        const expected = pieces
          .map((part) => ("variable" in part ? environment[part.variable as keyof typeof environment] : part.plain))
          .join("\u0001")
        assert.isTrue(isWellFormed(text))
        assert.deepStrictEqual(fillIn(text, environment), Either.right(expected))
        assert.deepStrictEqual(
          variablesIn(text),
          pieces.flatMap((part) => ("variable" in part ? [part.variable] : []))
        )
      }),
      { numRuns: runs }
    )
  })
})
