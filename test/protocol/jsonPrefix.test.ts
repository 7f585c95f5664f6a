import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { isObject, parseJson } from "../../src/protocol/json.ts"
import { jsonPrefix } from "../../src/protocol/jsonPrefix.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const stateOf = (text: string) => jsonPrefix().push(text)

const objectText = fc
  .tuple(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { maxKeys: 4 }), fc.constantFrom(0, 2))
  .map(([value, indent]) => JSON.stringify(value, null, indent))

test("every proper prefix of an object is open, the object is complete", async () => {
  await holds(
    fc.property(objectText, (text) => {
      for (let cut = 0; cut < text.length; cut++) expect(stateOf(text.slice(0, cut))).toBe("open")
      expect(stateOf(`${text} \n`)).toBe("complete")
    }),
    { numRuns: runs }
  )
})

test("the verdict does not depend on how the text is cut", async () => {
  await holds(
    fc.property(objectText, fc.nat(), fc.nat(), (text, at, code) => {
      const cut = at % (text.length + 1)
      const changed = text.slice(0, cut) + String.fromCharCode(code % 128) + text.slice(cut)
      const piecewise = jsonPrefix()
      for (const c of changed.split("")) piecewise.push(c)
      expect(piecewise.state()).toBe(stateOf(changed))
    }),
    { numRuns: runs }
  )
})

test("complete means exactly what a JSON parser takes for an object", async () => {
  await holds(
    fc.property(
      objectText,
      fc.nat(),
      fc.boolean(),
      fc.constantFrom(...'{}[]",:\\ 0e1-.tn\n'.split("")),
      (text, at, replace, c) => {
        const cut = at % (text.length + 1)
        const changed = text.slice(0, cut) + c + text.slice(replace ? cut + 1 : cut)
        expect(stateOf(changed) === "complete").toBe(isObject(parseJson(changed)))
      }
    ),
    { numRuns: runs * 5 }
  )
})

test("what is not an object is broken from its first character", () => {
  for (const text of ["[", '"', "1", "null", "```json"]) expect(stateOf(text)).toBe("broken")
  expect(stateOf('{"a":1}{"a":1}')).toBe("broken")
  expect(stateOf('{"a":01}')).toBe("broken")
  expect(stateOf('{"a":"\u0001')).toBe("broken")
})
