import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { parseJson } from "../../src/protocol/json.ts"
import { elementsAt, membersAt, skipSpace, skipValue, stringAt, textStart } from "../../src/protocol/jsonSpans.ts"
import { jsonText } from "../support/jsonText.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const utf8 = new TextEncoder()

/** Whether the bytes are one JSON value and nothing else. */
const isJson = (text: string): boolean => {
  const bytes = utf8.encode(text)
  const end = skipValue(bytes, textStart(bytes))
  return end >= 0 && skipSpace(bytes, end) === bytes.length
}

test("a value ends where a JSON parser says, whatever its text looks like", async () => {
  await holds(
    fc.property(jsonText, (text) => {
      expect(parseJson(text), text).not.toBe(undefined)
      expect(isJson(text), text).toBe(true)
    }),
    { numRuns: runs }
  )
})

test("what is JSON and what is not is told apart as a JSON parser does, save far inside of long strings", async () => {
  await holds(
    fc.property(
      jsonText.filter((text) => !/"(?:[^"\\]|\\.){100}/.test(text)),
      fc.nat(),
      fc.boolean(),
      fc.constantFrom(...'{}[]",:\\/ 0e1-.tfnu\n\u0001é'),
      (text, place, replace, c) => {
        const cut = place % (text.length + 1)
        const changed = text.slice(0, cut) + c + text.slice(replace ? cut + 1 : cut)
        // a byte order mark is taken, as servers do
        expect(isJson(changed), changed).toBe(parseJson(changed.replace(/^\ufeff/, "")) !== undefined)
      }
    ),
    { numRuns: runs * 5 }
  )
})

test("the fault is where the text stops being the beginning of JSON", () => {
  const faultOf = (text: string) => ~skipValue(utf8.encode(text), 0)
  expect(faultOf("[1,]")).toBe(3)
  expect(faultOf('{"a":1,}')).toBe(7)
  expect(faultOf('{"a" 1}')).toBe(5)
  expect(faultOf('{"a":tru}')).toBe(8)
  expect(faultOf("[01]")).toBe(2)
  expect(faultOf("[1}")).toBe(2)
  expect(faultOf('["\\x"]')).toBe(3)
  expect(faultOf("")).toBe(0)
  expect(faultOf('{"a":"b')).toBe(7)
})

test("members and elements are found with their values, in order and as often as they occur", async () => {
  await holds(
    fc.property(fc.array(fc.tuple(fc.string({ unit: "binary" }), jsonText), { maxLength: 5 }), (entries) => {
      const text = `{ ${entries.map(([key, value]) => `${JSON.stringify(key)} :\n${value}`).join(" ,\t")} } `
      const bytes = utf8.encode(text)
      const { end, members } = membersAt(bytes, 0)
      expect(end).toBe(bytes.length - 1)
      const decoded = new TextDecoder("utf-8", { ignoreBOM: true })
      // a lone surrogate cannot be sent as it is
      expect(members.map(({ key }) => key)).toEqual(
        entries.map(([key]) => JSON.parse(decoded.decode(utf8.encode(JSON.stringify(key)))))
      )
      const valueOf = ({ from, to }: { from: number; to: number }) => decoded.decode(bytes.subarray(from, to))
      expect(members.map(({ value }) => valueOf(value))).toEqual(
        entries.map(([, value]) => decoded.decode(utf8.encode(value.trim())))
      )
    }),
    { numRuns: runs }
  )
  const list = utf8.encode('[ 1 , "a]" ,[2]]')
  expect(elementsAt(list, 0).map((span) => [span.from, span.to])).toEqual([
    [2, 3],
    [6, 10],
    [12, 15]
  ])
  expect(elementsAt(utf8.encode("{}"), 0)).toEqual([])
  expect(stringAt(list, { from: 6, to: 10 })).toBe("a]")
  expect(stringAt(list, { from: 2, to: 3 })).toBe(undefined)
})

test("a body of a million brackets, or of one string of quotes and backslashes, is no danger", () => {
  const deep = utf8.encode("[".repeat(1_000_000) + "]".repeat(1_000_000))
  expect(skipValue(deep, 0)).toBe(deep.length)
  expect(~skipValue(deep.subarray(0, 1_500_000), 0)).toBe(1_500_000)
  const long = utf8.encode(JSON.stringify('\\\\"\\'.repeat(300_000)))
  expect(skipValue(long, 0)).toBe(long.length)
  expect(~skipValue(long.subarray(0, long.length - 1), 0)).toBe(long.length - 1)
})
