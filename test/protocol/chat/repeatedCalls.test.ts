/** Arguments that begin anew behind others under the same number: repeated, restated with more, or those of another call. */
import { describe, expect, test } from "vitest"
import type { JsonObject } from "../../../src/testing/json.ts"
import { type callDelta, calls, type Chunk, done, finish, read } from "../turns.ts"

type Delta = Parameters<typeof callDelta>[0]

const told = (...chunks: ReadonlyArray<Chunk>) => read([...chunks, finish("tool_calls"), done])
const idsOf = (answer: ReturnType<typeof told>): ReadonlyArray<unknown> => {
  const content = answer.message["content"]
  return Array.isArray(content) ? content.map((block: JsonObject) => block["id"]) : []
}

const first = calls({ index: 0, id: "a", name: "Read", args: '{"path":"x"}' })

describe("another object under the number of a call that is complete", () => {
  test.each<[string, Delta]>([
    ["with nothing else, as relays of Gemini send it", { index: 0, name: "", args: '{"path":"y"}' }],
    ["with an empty id and the same name, as Gemini itself", { index: 0, id: "", name: "Read", args: '{"path":"y"}' }],
    ["with the same id", { index: 0, id: "a", name: "Read", args: ' {"path":"y"}' }],
    ["without a number", { args: '{"path":"y"}' }]
  ])("%s, is another call", (_how, second) => {
    const opening = second.index === undefined ? calls({ id: "a", name: "Read", args: '{"path":"x"}' }) : first
    const answer = told(opening, calls(second))
    expect(answer).toMatchObject({ content: ['Read {"path":"x"}', 'Read {"path":"y"}'], end: "tool_use" })
    expect(new Set(idsOf(answer)).size).toBe(2)
    expect(idsOf(answer)[0]).toBe("a")
  })

  test("of three each stands for itself", () => {
    const answer = told(first, calls({ index: 0, args: '{"path":"y"}' }), calls({ index: 0, args: '{"path":"z"}' }))
    expect(answer.content).toEqual(['Read {"path":"x"}', 'Read {"path":"y"}', 'Read {"path":"z"}'])
  })
})

describe("the same arguments again", () => {
  test("are one call, whether they came in pieces or not", () => {
    const again = calls({ index: 0, id: "a", name: "Read", args: '{"path":"x"}' })
    expect(told(first, again, again)).toMatchObject({ content: ['Read {"path":"x"}'], end: "tool_use" })
    const pieces = [calls({ index: 0, id: "a", name: "Read", args: '{"pa' }), calls({ index: 0, args: 'th":"x"}' })]
    expect(told(...pieces, calls({ index: 0, args: '{"path":"x"}\n' })).content).toEqual(['Read {"path":"x"}'])
  })

  const spaced = '{ "path" : "x", "lines": [1, 2] }'
  test.each<[string, ReadonlyArray<string>]>([
    ["spaced otherwise", ['{"path":"x","lines":[1,2]}', spaced]],
    ["spaced otherwise, behind all but their end", ['{"path":"x","lin', 'es":[1', spaced]],
    ["spaced otherwise, behind the middle of a text", ['{"path":"a b', '{ "path": "a b\\u00e9" }']],
    ["behind a cut escape", ['{"path":"a\\', '{"path": "a\\"b"}']],
    ["with other escapes", ['{"path":"\u00e9"}', '{"path":"\\u00e9"}']],
    ["in another order", ['{"path":"x","n":1}', '{"n":1,"path":"x"}']]
  ])("%s, are one call", (_how, [head = "", ...more]) => {
    const answers = [{}, { id: "a", name: "Read" }].map((again) =>
      told(
        calls({ index: 0, id: "a", name: "Read", args: head }),
        ...more.map((args) => calls({ index: 0, args, ...again }))
      )
    )
    for (const answer of answers) {
      expect(answer).toMatchObject({ content: [expect.stringMatching(/^Read \{.*\}$/)], end: "tool_use" })
      const args = JSON.parse(String(answer.content[0]).slice("Read ".length))
      expect(args).toEqual(JSON.parse(more.at(-1) ?? ""))
    }
  })

  test("with more each time are told once", () => {
    const answer = told(
      calls({ index: 0, id: "a", name: "Read", args: '{"path":"/a' }),
      calls({ index: 0, id: "a", name: "Read", args: '{"path":"/a/b' }),
      calls({ index: 0, id: "a", name: "Read", args: '{"path":"/a/b.ts"}' }),
      calls({ index: 0, id: "a", name: "Read", args: '{"path":"/a/b.ts"}' })
    )
    expect(answer).toMatchObject({ content: ['Read {"path":"/a/b.ts"}'], end: "tool_use" })
  })
})

describe("an object in the middle of arguments", () => {
  test("is a part of them, also where it begins as they do", () => {
    const answer = told(
      calls({ index: 0, id: "a", name: "Read", args: '{"a":' }),
      calls({ index: 0, args: '{"a":{"a":1}' }),
      calls({ index: 0, args: "}" }),
      calls({ index: 0, args: "}" })
    )
    expect(answer.content).toEqual(['Read {"a":{"a":{"a":1}}}'])
  })

  test("behind a complete one, and in pieces itself, fails the turn and runs nothing twice", () => {
    const answer = told(first, calls({ index: 0, args: '{"pa' }), calls({ index: 0, args: 'th":"x"}' }))
    expect(answer.end).toBe("error api_error")
  })

  test("behind the empty one with which some relays open is the arguments", () => {
    const answer = told(
      calls({ index: 0, id: "a", name: "Read", args: "{}" }),
      calls({ index: 0, args: '{"path":"x"}' })
    )
    expect(answer.content).toEqual(['Read {"path":"x"}'])
  })
})
