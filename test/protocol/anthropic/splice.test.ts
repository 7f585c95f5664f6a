import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { modelEdits, survey, thinkingOff } from "../../../src/protocol/anthropic/splice.ts"
import { withEdits } from "../../../src/protocol/jsonEdits.ts"
import { dice, type Dice, seed } from "../../../src/testing/json.ts"
import { memberText, space, stringText, valueText } from "../../support/jsonText.ts"
import { runs } from "../../support/runs.ts"
import { holds } from "../../support/holds.ts"

const utf8 = new TextEncoder()
const bytesOf = (text: string) => utf8.encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)

const read = (bytes: Uint8Array) => Either.getOrThrow(survey(bytes))

/** The request asking for another model. */
const spliced = (bytes: Uint8Array, model: string) => withEdits(bytes, modelEdits(bytes, read(bytes), model))

const names = ["claude-sonnet-4-5", 'm"\\\n日本😀', "", "claudex-p__m"] as const

/** A request in pieces: those with an odd index are the values of the top-level `model` members. */
const piecesOf = (random: Dice): ReadonlyArray<string> => {
  const members = Array.from({ length: random.roll(5) }, (_, at): ReadonlyArray<string> => {
    const separator = at === 0 ? "" : ","
    if (random.roll(2) === 1) {
      const key = random.pick(["messages", "stream", "metadata", "max_tokens", "models", "", "Model"])
      return [`${separator}${space(random)}${memberText(key, valueText(random, 3), random)}${space(random)}`]
    }
    const [before] = [`${separator}${space(random)}${memberText("model", "", random)}`]
    return [before, stringText(random.pick(names), random), space(random)]
  })
  const front = random.pick(["", "", "\ufeff"]) + space(random)
  const pieces: Array<string> = [`${front}{${space(random)}`]
  for (const [before = "", value, after] of members) {
    pieces.push(`${pieces.pop() ?? ""}${before}`)
    if (value !== undefined) pieces.push(value, after ?? "")
  }
  pieces.push(`${pieces.pop() ?? ""}}${space(random)}`)
  return pieces
}

const requestPieces = seed.map((given) => piecesOf(dice(given)))
const model = fc.oneof(fc.constantFrom(...names), fc.string({ unit: "grapheme" }))

describe("a request that asks for another model", () => {
  it("is the same byte for byte in everything but the model's value, in all of several", async () => {
    await holds(
      fc.property(requestPieces, model, (pieces, wanted) => {
        const before = bytesOf(pieces.join(""))
        const after = textOf(spliced(before, wanted))
        const expected = pieces.map((piece, at) =>
          at % 2 === 1 && JSON.parse(piece) !== wanted ? JSON.stringify(wanted) : piece
        )
        expect(after).toBe(expected.join(""))
      }),
      { numRuns: runs * 2 }
    )
  })

  it("reads as before save for the model", async () => {
    await holds(
      fc.property(requestPieces, model, (pieces, wanted) => {
        const before = JSON.parse(pieces.join("").replace(/^\ufeff/, ""))
        const after = JSON.parse(textOf(spliced(bytesOf(pieces.join("")), wanted)).replace(/^\ufeff/, ""))
        expect(after).toEqual(Object.hasOwn(before, "model") ? { ...before, model: wanted } : before)
        expect(read(bytesOf(pieces.join(""))).model).toBe(before.model)
        expect(read(bytesOf(pieces.join(""))).stream).toBe(before.stream === true)
      }),
      { numRuns: runs }
    )
  })

  it("is the very same bytes when it asks for that model already", () => {
    const bytes = bytesOf(' {"model" : "m\\u0061x" , "max_tokens":1e400}')
    expect(spliced(bytes, "max")).toBe(bytes)
  })

  it("keeps numbers that no program can hold, and what the model's name needs as escapes", () => {
    const sent = '{"n":123456789012345678901234567890,"mod\\u0065l":"a","x":[-0, 1.0]}'
    expect(textOf(spliced(bytesOf(sent), 'b"\n'))).toBe(
      '{"n":123456789012345678901234567890,"mod\\u0065l":"b\\"\\n","x":[-0, 1.0]}'
    )
  })

  it("changes no model further inside, and none that is no name", () => {
    const sent = '{"metadata":{"model":"a"},"model":7,"messages":[{"model":"a"}]}'
    expect(textOf(spliced(bytesOf(sent), "b"))).toBe(sent)
    expect(read(bytesOf(sent)).model).toBe(undefined)
  })
})

describe("a body that is no request", () => {
  it("is told with the place where it stops being JSON", () => {
    expect(survey(bytesOf('{"a":1,}'))).toEqual(Either.left(7))
    expect(survey(bytesOf('{"a":1} x'))).toEqual(Either.left(8))
    expect(survey(bytesOf('{"a":"'))).toEqual(Either.left(6))
    expect(survey(bytesOf("[1]"))).toEqual(Either.left(0))
    expect(survey(bytesOf(""))).toEqual(Either.left(0))
  })

  it("of any bytes is taken or refused", async () => {
    await holds(
      fc.property(fc.uint8Array(), fc.nat(3), (bytes, closing) => {
        const whole = Uint8Array.from([0x7b, ...bytes, ...Array.from({ length: closing }, () => 0x7d)])
        const place = Either.match(survey(whole), { onLeft: (at) => at, onRight: () => 0 })
        expect(place).toBeLessThanOrEqual(whole.length)
      }),
      { numRuns: runs }
    )
  })
})

describe("a request that has to be answered without thinking", () => {
  const off = (text: string) => {
    const bytes = bytesOf(text)
    const paths: Array<string> = []
    const edits = thinkingOff(bytes, read(bytes), (_, path) => void paths.push(path))
    return { text: textOf(withEdits(bytes, edits)), paths }
  }

  it("says so wherever it spoke of thinking, and clears none; all else stays as it is", () => {
    expect(off('{ "thinking" : {"type":"enabled","budget_tokens":9e3} , "n":1.0}')).toEqual({
      text: '{ "thinking" : {"type":"disabled"} , "n":1.0}',
      paths: ["thinking"]
    })
    expect(off('{"thinking":7,"thinking":{"typ\\u0065":"enabled"}}').text).toBe(
      '{"thinking":{"type":"disabled"},"thinking":{"type":"disabled"}}'
    )
    const clearing = '{"type":"clear_thinking_20251015","keep":"all"}'
    const kept = '{ "type":"clear_tool_uses_20250919" }'
    expect(off(`{"context_management":{"edits":[${clearing}, ${kept}]},"thinking":{"type":"enabled"}}`)).toEqual({
      text: `{"context_management":{"edits":[${kept}]},"thinking":{"type":"disabled"}}`,
      paths: ["thinking", "context_management.edits"]
    })
  })

  it.each([
    '{"thinking":{"type":"adaptive"}}',
    '{"thinking":{"type":"disabled"}}',
    '{"thinking":{"type":"enabled"},"thinking":null}',
    '{"context_management":{"edits":[{"type":"clear_thinking_20251015"}]}}',
    "{}"
  ])("and stays %s where nothing demands thinking", (text) => {
    expect(off(text)).toEqual({ text, paths: [] })
  })

  it("is read leniently", () => {
    for (const odd of ["7", "[]", "null", '{"edits":7}', '{"edits":[7,null,{"type":7}]}'])
      expect(off(`{"thinking":{"type":"enabled"},"context_management":${odd}}`).text).toBe(
        `{"thinking":{"type":"disabled"},"context_management":${odd}}`
      )
  })
})
