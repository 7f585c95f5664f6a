/** Deltas under numbers and ids that do not tell which call, or which choice, they belong to. */
import { describe, expect, test } from "vitest"
import { callDelta, calls, type Chunk, done, finish, read, say } from "../turns.ts"

const told = (chunks: ReadonlyArray<Chunk>) => read([...chunks, finish("tool_calls"), done])

describe("the call that a misnumbered delta belongs to", () => {
  const rows: ReadonlyArray<{ readonly rule: string; readonly chunks: ReadonlyArray<Chunk> }> = [
    {
      rule: "every delta with an id of its own [BerriAI/litellm#28223]",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: "" }),
        calls({ index: 0, id: "b", args: '{"n"' }),
        calls({ index: 0, id: "c", args: ":1}" }),
        calls({ index: 1, id: "d", name: "Bash", args: '{"n"' }),
        calls({ index: 1, id: " ", args: ":2}" })
      ]
    },
    {
      rule: "every delta with a number of its own, names only at the beginning [agno-agi/agno#8879]",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: "" }),
        calls({ index: 1, args: '{"n"' }),
        calls({ index: 2, args: ":1}" }),
        calls({ index: 3, id: "b", name: "Bash", args: '{"n"' }),
        calls({ index: 4, args: ":2}" })
      ]
    },
    {
      rule: "the second call's end under the next number",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: '{"n":1}' }),
        calls({ index: 0, id: "b", name: "Bash", args: "" }),
        calls({ index: 1, args: '{"n":2}' })
      ]
    },
    {
      rule: "heads of calls of one number, without arguments yet",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: "" }),
        calls({ index: 0, id: "b", name: "Bash", args: "" }),
        calls({ index: 0, id: "a", args: '{"n":1}' }),
        calls({ index: 0, id: "b", args: '{"n":2}' })
      ]
    }
  ]

  test.each(rows)("$rule", ({ chunks }) => {
    expect(told(chunks)).toMatchObject({ content: ['Read {"n":1}', 'Bash {"n":2}'], end: "tool_use" })
  })

  test("two calls of one tool under one number are two, also before their arguments come", () => {
    const answer = told([
      calls({ index: 0, id: "a", name: "Read", args: "" }),
      calls({ index: 0, id: "b", name: "Read", args: "" }),
      calls({ index: 0, id: "a", args: '{"n":1}' }),
      calls({ index: 0, id: "b", args: '{"n":2}' })
    ])
    expect(answer.content).toEqual(['Read {"n":1}', 'Read {"n":2}'])
  })

  test("arguments that come before the name of their call are its own", () => {
    const answer = told([
      calls({ index: 0, id: "a", name: "Read", args: "" }),
      calls({ index: 0, id: "b", args: '{"n":2}' }),
      calls({ index: 0, id: "b", name: "Bash" })
    ])
    expect(answer.content).toEqual(["Read {}", 'Bash {"n":2}'])
  })

  test("arguments that complete no call are nobody's, and a cut call stays a failure", () => {
    expect(
      told([calls({ index: 0, id: "a", name: "Read", args: '{"n":1}' }), calls({ index: 1, args: "{}" })])
    ).toMatchObject({ content: ['Read {"n":1}'], end: "tool_use" })
    const cut = told([calls({ index: 0, id: "a", name: "Read", args: '{"n"' }), calls({ index: 1, args: ":" })])
    expect(cut.end).toBe("error api_error")
  })
})

describe("the choice that a misnumbered record belongs to", () => {
  const of = (index: number, call: Parameters<typeof callDelta>[0]) => ({
    choices: [{ index, delta: { tool_calls: [callDelta(call)] } }]
  })

  test("calls in choices of their own keep their arguments, though their numbers begin like those of records", () => {
    const both = ['Read {"n":1}', 'Bash {"n":2}']
    const [readHead, bashHead] = [
      { index: 0, id: "a", name: "Read" },
      { index: 0, id: "b", name: "Bash" }
    ]
    const [readRest, bashRest] = [
      { index: 0, args: '{"n":1}' },
      { index: 0, args: '{"n":2}' }
    ]
    expect(told([say("Hi"), of(1, readHead), of(2, bashHead), of(1, readRest), of(2, bashRest)])).toMatchObject({
      content: ["text: Hi", ...both],
      end: "tool_use"
    })
    expect(told([of(0, readHead), of(1, bashHead), of(0, readRest), of(1, bashRest)]).content).toEqual(both)
  })

  test("a call that is cut over records which are counted there is one", () => {
    const chunks = [
      of(0, { index: 0, id: "a", name: "Read" }),
      of(1, { index: 0, args: '{"n"' }),
      of(2, { index: 0, args: ":1}" })
    ]
    expect(told(chunks)).toMatchObject({ content: ['Read {"n":1}'], end: "tool_use" })
  })

  test("a number that counts the records is no other choice", () => {
    const deltas = [
      { role: "assistant" },
      { content: "Hel" },
      { content: "lo" },
      { tool_calls: [{ index: 0, id: "a", function: { name: "Read", arguments: "{}" } }] }
    ]
    const chunks = deltas.map((value, index) => ({ choices: [{ index, delta: value }] }))
    expect(read([...chunks, { choices: [{ index: 4, delta: {}, finish_reason: "stop" }] }, done])).toMatchObject({
      content: ["text: Hello", "Read {}"],
      end: "tool_use"
    })
  })
})
