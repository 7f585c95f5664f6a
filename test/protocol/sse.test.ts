import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { maxRecordLength, sseParser } from "../../src/protocol/sse.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

type SseRecord = readonly [event: string, data: string]

const parse = (pieces: ReadonlyArray<string>): ReadonlyArray<SseRecord> => {
  const records: Array<SseRecord> = []
  const parser = sseParser(
    (event, data) => records.push([event, data]),
    () => records.push(["too large", ""])
  )
  pieces.forEach(parser.push)
  parser.end()
  return records
}

test("a record is its event name and its data lines joined", () => {
  expect(parse(["event: ping\ndata: a\ndata:b\n\n"])).toEqual([["ping", "a\nb"]])
})

test("LF, CRLF and CR end lines alike", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    expect(parse([["data: a", "", "data: b", "", ""].join(end)])).toEqual([
      ["", "a"],
      ["", "b"]
    ])
  }
})

test("comments, ids and retry times are passed over without losing what follows", () => {
  expect(parse([": OPENROUTER PROCESSING\n\nretry: 5\nid: 1\ndata: a\n\n"])).toEqual([["", "a"]])
})

test("a record without its blank line is dispatched at the end", () => {
  expect(parse(["data: a"])).toEqual([["", "a"]])
  expect(parse(["data: a\n"])).toEqual([["", "a"]])
})

test("whole objects without an empty line between them are records, a long one over several lines is one", () => {
  expect(parse(['data: {"a":1}\ndata: {"b":{}}\ndata: [DONE]\n'])).toEqual([
    ["", '{"a":1}'],
    ["", '{"b":{}}'],
    ["", "[DONE]"]
  ])
  expect(parse(['event: a\ndata: {"n":1}\nevent: b\ndata: {"n":2}\nerror: {"m":3}\n'])).toEqual([
    ["a", '{"n":1}'],
    ["b", '{"n":2}'],
    ["error", '{"m":3}']
  ])
  expect(parse(['event: x\ndata: {"a":\ndata: {"b":1}}\n\n'])).toEqual([["x", '{"a":\n{"b":1}}']])
  expect(parse(["data: [1]\ndata: {}\n\n"])).toEqual([["", "[1]\n{}"]])
})

test("an event name does not leak into the next record", () => {
  expect(parse(["event: x\n\ndata: a\n\n"])).toEqual([["", "a"]])
})

test("a field named error is a failure, and a bare JSON line is data", () => {
  expect(parse(['error: {"m":1}\n\n{"error":2}\n\n'])).toEqual([
    ["error", '{"m":1}'],
    ["", '{"error":2}']
  ])
})

test("a record that never ends is refused instead of filling the memory", () => {
  const piece = "x".repeat(maxRecordLength / 4)
  expect(parse(["data: ", piece, piece, piece, piece, piece])).toContainEqual(["too large", ""])
})

const line = fc.stringMatching(/^[ -~é😀]{0,12}$/u)
const record = fc.record({ event: line, data: fc.array(line, { minLength: 1, maxLength: 3 }) })

test("framing does not depend on line ends, comments or how the text is cut", async () => {
  await holds(
    fc.property(
      fc.array(record, { maxLength: 5 }),
      fc.infiniteStream(fc.constantFrom("\n", "\r\n", "\r")),
      fc.infiniteStream(fc.boolean()),
      fc.array(fc.nat(400), { maxLength: 30 }),
      (records, ends, comments, cuts) => {
        const end = () => ends.next().value ?? "\n"
        let text = ""
        for (const { data, event } of records) {
          if (comments.next().value === true) text += `: comment${end()}`
          text += `event: ${event}${end()}${data.map((value) => `data: ${value}${end()}`).join("")}`
          // a CR line end right before an LF one would read as one CRLF
          text += text.endsWith("\r") ? "\r" : end()
        }
        const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
        const pieces = at.map((cut, i) => text.slice(at[i - 1] ?? 0, cut)).concat(text.slice(at.at(-1) ?? 0))
        const expected = records.map(({ data, event }) => [event, data.join("\n")]).filter(([, value]) => value !== "")
        expect(parse(pieces)).toEqual(expected)
        expect(parse(text.split(""))).toEqual(expected)
      }
    ),
    { numRuns: runs }
  )
})
