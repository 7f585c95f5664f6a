/** Tool calls in Chat streams: every way of numbering, naming and cutting them of §2.3.3, by the rules of §4.4.7. */
import { describe, expect, test } from "vitest"
import { makeNameMap } from "../../../src/protocol/names.ts"
import type { JsonObject } from "../../../src/testing/json.ts"
import {
  callDelta,
  calls,
  type Chunk,
  contextOf,
  delta,
  done,
  finish,
  read,
  readText,
  say,
  type Told
} from "../turns.ts"

const idsOf = (answer: Told): ReadonlyArray<unknown> => {
  const content = answer.message["content"]
  return Array.isArray(content) ? content.map((block: JsonObject) => block["id"]) : []
}

const end = [finish("tool_calls"), done]

describe("[4.4.7] keys: the call a delta belongs to", () => {
  const rows: ReadonlyArray<{ readonly rule: string; readonly chunks: ReadonlyArray<Chunk> }> = [
    {
      rule: "the normal form: index, id and name first, then arguments by index",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: "" }),
        calls({ index: 0, args: '{"n"' }),
        calls({ index: 0, args: ":1}" }),
        calls({ index: 1, id: "b", name: "Bash", args: "" }),
        calls({ index: 1, args: '{"n":2}' })
      ]
    },
    {
      rule: "interleaved indices",
      chunks: [
        calls({ index: 0, id: "a", name: "Read" }, { index: 1, id: "b", name: "Bash" }),
        calls({ index: 1, args: '{"n"' }, { index: 0, args: '{"n":' }),
        calls({ index: 0, args: "1}" }, { index: 1, args: ":2}" })
      ]
    },
    {
      rule: "indices that start at 1 and have gaps",
      chunks: [
        calls({ index: 1, id: "a", name: "Read", args: '{"n":1}' }),
        calls({ index: 7, id: "b", name: "Bash", args: '{"n":2}' })
      ]
    },
    {
      rule: "a relay that sends index 0 for every call is told apart by id",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: '{"n":' }),
        calls({ index: 0, args: "1}" }),
        calls({ index: 0, id: "b", name: "Bash", args: '{"n":' }),
        calls({ index: 0, args: "2}" })
      ]
    },
    {
      rule: "… also when the ids alternate",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: '{"n":' }),
        calls({ index: 0, id: "b", name: "Bash", args: '{"n":' }),
        calls({ index: 0, id: "a", args: "1}" }),
        calls({ index: 0, id: "b", args: "2}" })
      ]
    },
    {
      rule: "… and without ids by a different name after arguments",
      chunks: [calls({ index: 0, name: "Read", args: '{"n":1}' }), calls({ index: 0, name: "Bash", args: '{"n":2}' })]
    },
    {
      rule: "without an index a new id is a new call and a known id its own",
      chunks: [
        calls({ id: "a", name: "Read", args: '{"n":' }),
        calls({ id: "a", args: "1}" }),
        calls({ id: "b", name: "Bash", args: '{"n":2}' })
      ]
    },
    {
      rule: "without index and id a name opens a call and anything else belongs to the latest",
      chunks: [
        calls({ name: "Read", args: '{"n":' }),
        calls({ args: "1}" }),
        calls({ name: "Bash", args: '{"n":' }),
        calls({ args: "2}" })
      ]
    },
    {
      rule: "whole calls in one chunk (xAI, Mistral, Ollama)",
      chunks: [
        calls(
          { index: 0, id: "a", name: "Read", args: '{"n":1}' },
          { index: 1, id: "b", name: "Bash", args: '{"n":2}' }
        )
      ]
    },
    {
      rule: "a name repeated on every delta",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: '{"n":' }),
        calls({ index: 0, id: "a", name: "Read", args: "1}" }),
        calls({ index: 1, id: "b", name: "Bash", args: '{"n":' }),
        calls({ index: 1, id: "b", name: "Bash", args: "2}" })
      ]
    },
    {
      rule: 'name and id null or "" later',
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: '{"n":' }),
        calls({ index: 0, id: null, name: null, args: "1}" }),
        calls({ index: 1, id: "b", name: "Bash", args: '{"n":' }),
        calls({ index: 1, id: "", name: "", args: "2}" })
      ]
    },
    {
      rule: "arguments before the name",
      chunks: [
        calls({ index: 0, args: '{"n":' }),
        calls({ index: 0, id: "a", name: "Read", args: "1}" }),
        calls({ index: 1, id: "b", args: '{"n":2}' }),
        calls({ index: 1, name: "Bash" })
      ]
    },
    {
      rule: "arguments as an object",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: { n: 1 } }),
        calls({ index: 1, id: "b", name: "Bash", args: { n: 2 } })
      ]
    },
    {
      rule: "arguments null at first",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: null }),
        calls({ index: 0, args: '{"n":1}' }),
        calls({ index: 1, id: "b", name: "Bash", args: null }),
        calls({ index: 1, args: '{"n":2}' })
      ]
    },
    {
      rule: "every call opened with {} and the arguments behind it, the braces in pieces",
      chunks: [
        calls({ index: 0, id: "a", name: "Read", args: "{" }),
        calls({ index: 0, args: "}" }),
        calls({ index: 0, args: '{"n":1}' }),
        calls({ index: 1, id: "b", name: "Bash", args: "{}" }),
        calls({ index: 1, args: '{"n":2}' })
      ]
    },
    {
      rule: "calls of two choices, numbered alike (Copilot)",
      chunks: [
        {
          choices: [
            { index: 0, delta: { tool_calls: [callDelta({ index: 0, id: "a", name: "Read", args: '{"n":1}' })] } }
          ]
        },
        {
          choices: [
            { index: 1, delta: { tool_calls: [callDelta({ index: 0, id: "b", name: "Bash", args: '{"n":2}' })] } }
          ]
        }
      ]
    }
  ]

  test.each(rows)("$rule", ({ chunks }) => {
    expect(read([...chunks, ...end])).toMatchObject({ content: ['Read {"n":1}', 'Bash {"n":2}'], end: "tool_use" })
  })

  test("an unseen index is a new call even when its id is in use: the second id is made unique", () => {
    const answer = read([
      calls({ index: 0, id: "a", name: "Read", args: '{"n":1}' }),
      calls({ index: 1, id: "a", name: "Read", args: '{"n":2}' }),
      ...end
    ])
    expect(answer.content).toEqual(['Read {"n":1}', 'Read {"n":2}'])
    expect(idsOf(answer)).toEqual(["a", expect.stringMatching(/^toolu_[0-9A-Za-z]{24}$/)])
  })

  test("function_call deltas are one call", () => {
    const part = (value: JsonObject) => delta({ function_call: value })
    const answer = read([
      part({ name: "Read" }),
      part({ arguments: '{"n"' }),
      part({ arguments: ":1}" }),
      finish("function_call")
    ])
    expect(answer).toMatchObject({ content: ['Read {"n":1}'], end: "tool_use" })
    expect(idsOf(answer)).toEqual([expect.stringMatching(/^toolu_/)])
  })
})

describe("[4.4.7] ids and names", () => {
  test("the first non-empty id wins", () => {
    const answer = read([calls({ index: 0, id: "", name: "Read", args: "{}" }), ...end])
    expect(idsOf(answer)).toEqual([expect.stringMatching(/^toolu_/)])
    expect(idsOf(read([calls({ index: 0, id: "" }), calls({ index: 0, id: "a", name: "Read" }), ...end]))).toEqual([
      "a"
    ])
  })

  test("the block does not wait for the id once the name is known: it is generated, and a later one is not news", () => {
    const answer = read([
      calls({ index: 0, name: "Read", args: '{"n":' }),
      calls({ index: 0, id: "late", args: "1}" }),
      ...end
    ])
    expect(answer.content).toEqual(['Read {"n":1}'])
    expect(idsOf(answer)).toEqual([expect.stringMatching(/^toolu_/)])
  })

  test("a call that never got a name is dropped, and the others are kept", () => {
    const answer = read([calls({ index: 0, id: "a", args: '{"n":1}' }), say("hi"), ...end])
    expect(answer).toMatchObject({ content: ["text: hi"], end: "end_turn" })
  })

  test("calls keep the order of their first deltas, whichever is named first", () => {
    const answer = read([
      calls({ index: 0, id: "a" }, { index: 1, id: "b" }, { index: 2 }),
      calls({ index: 1, name: "Bash", args: '{"n":2}' }),
      calls({ index: 0, name: "Read", args: '{"n":1}' }),
      ...end
    ])
    expect(answer.content).toEqual(['Read {"n":1}', 'Bash {"n":2}'])
    expect(idsOf(answer)).toEqual(["a", "b"])
  })

  test("a known name that has to wait is not taken for a fragment", () => {
    const answer = read([
      calls({ index: 0 }),
      calls({ index: 1, name: "Read" }),
      calls({ index: 1, name: "Bash" }),
      ...end
    ])
    expect(answer.content).toEqual(["Read {}", "Bash {}"])
  })

  const long = contextOf({ names: makeNameMap(["mcp__server__search"]) })
  test.each<[string, ReadonlyArray<string>, string]>([
    ["fragments that make a known name are joined", ["mcp__", "server", "__search"], "mcp__server__search {}"],
    ["equal repeats are ignored", ["other", "other"], "other {}"],
    ["of fragments that make no known name the first is the name", ["foo", "bar"], "foo {}"]
  ])("%s", (_rule, names, shown) => {
    expect(read([...names.map((name) => calls({ index: 0, id: "a", name })), ...end], long).content).toEqual([shown])
  })

  test("a shortened name is given back as the client wrote it", () => {
    const name = `mcp__${"server".repeat(15)}__tool`
    const names = makeNameMap([name])
    expect(names.up(name)).not.toBe(name)
    const answer = read([calls({ index: 0, id: "a", name: names.up(name), args: "{}" }), ...end], contextOf({ names }))
    expect(answer.content).toEqual([`${name} {}`])
  })
})

describe("[4.4.7] serialisation", () => {
  const open = calls({ index: 0, id: "a", name: "Read", args: '{"n":' })
  const rest = calls({ index: 0, args: "1}" })
  const thought = (reasoning: string) => delta({ reasoning_content: reasoning })

  test("only the first unfinished call is live; the others follow it whole", () => {
    const answer = read([
      open,
      calls({ index: 1, id: "b", name: "Bash", args: '{"n":' }),
      calls({ index: 1, args: "2}" }),
      rest,
      ...end
    ])
    expect(answer.content).toEqual(['Read {"n":1}', 'Bash {"n":2}'])
  })

  test.each<[string, Chunk, boolean]>([
    ["a known name, before any argument", calls({ index: 0, id: "a", name: "Read" }), true],
    ["an unknown name with its first argument", calls({ index: 0, id: "a", name: "Other", args: "{" }), true],
    ["an unknown name that may still grow", calls({ index: 0, id: "a", name: "Other" }), false],
    ["arguments without a name", calls({ index: 0, id: "a", args: "{" }), false]
  ])("the block starts when the name is known: %s", (_what, chunk, started) => {
    expect(read([chunk]).sse.includes("content_block_start")).toBe(started)
  })

  test("the live call is forwarded as it comes", () => {
    expect(read([open]).sse).toContain('"partial_json":"{\\"n\\":"')
  })

  test("text behind complete arguments closes the call", () => {
    expect(read([open, rest, say("hi"), ...end]).content).toEqual(['Read {"n":1}', "text: hi"])
  })

  test("text and reasoning that arrive while arguments are open wait for the call, nothing is lost or cut", () => {
    const answer = read([open, say("a"), thought("r"), thought("s"), say("b"), say("c"), rest, ...end])
    expect(answer).toMatchObject({ content: ['Read {"n":1}', "text: a", "thinking: rs", "text: bc"], end: "tool_use" })
  })

  test("text that waits at the end of a cut turn is told too", () => {
    expect(read([open, say("a"), finish("length")])).toMatchObject({ end: "max_tokens" })
    expect(read([open, say("a"), finish("length")]).content[1]).toBe("text: a")
  })

  test("white space behind a closed call is nothing", () => {
    const answer = read([open, rest, say("hi"), calls({ index: 0, args: " \n" }), ...end])
    expect(answer).toMatchObject({ content: ['Read {"n":1}', "text: hi"], end: "tool_use" })
  })

  test("anything else behind a closed call fails the turn", () => {
    const answer = read([open, rest, say("hi"), calls({ index: 0, args: '{"m":2}' }), ...end])
    expect(answer.end).toBe("error api_error")
    expect(answer.failure?.message).toContain("Read")
  })

  test("two hundred calls keep their order and their arguments", () => {
    const many = Array.from({ length: 200 }, (_, n) => n)
    const answer = read([
      ...many.map((n) => calls({ index: n, id: `c${n}`, name: "Read", args: `{"n":` })),
      ...many.toReversed().map((n) => calls({ index: n, args: `${n}}` })),
      ...end
    ])
    expect(answer.content).toEqual(many.map((n) => `Read {"n":${n}}`))
    expect(idsOf(answer)).toEqual(many.map((n) => `c${n}`))
  })
})

describe("[4.4.8] closing a call", () => {
  const call = (...args: ReadonlyArray<string>) => [
    calls({ index: 0, id: "a", name: "Read" }),
    ...args.map((json) => calls({ index: 0, args: json }))
  ]

  test("empty arguments: no delta, the input is {}", () => {
    const answer = read([...call(), ...end])
    expect(answer).toMatchObject({ content: ["Read {}"], end: "tool_use" })
    expect(answer.sse).not.toContain("input_json_delta")
  })

  test("finish length leaves the arguments as they are, the stop reason tells", () => {
    const answer = read([...call('{"command":"rm -rf /ho'), finish("length"), done])
    expect(answer.end).toBe("max_tokens")
    expect(answer.sse).toContain("rm -rf /ho")
  })

  test.each<[string, ReadonlyArray<Chunk>]>([
    ["end of the body", []],
    ["[DONE] without a finish", [done]],
    ["a normal finish", [finish("tool_calls"), done]],
    ["finish stop", [finish("stop"), done]]
  ])("open arguments of which a part was shown fail the turn at: %s", (_what, tail) => {
    expect(read([...call('{"command":"rm -rf /ho'), ...tail]).end).toBe("error api_error")
  })

  test("arguments that stop being an object are not forwarded any further, and the turn fails", () => {
    const answer = read([...call('{"a":1', "}}", "more"), ...end])
    expect(answer.end).toBe("error api_error")
    expect(answer.sse).not.toContain("more")
  })

  test.each([
    ["text", "path=x"],
    ["an array", "[1]"],
    ["a string", '"x"'],
    ["two objects at once", '{"a":1}{"b":2}']
  ])("invalid arguments of which nothing was shown are {}: %s", (_what, json) => {
    expect(read([...call(json), ...end])).toMatchObject({ content: ["Read {}"], end: "tool_use" })
  })

  test("arguments encoded twice are decoded", () => {
    const twice = JSON.stringify('{"a":"é"}')
    expect(read([...call(twice.slice(0, 4), twice.slice(4)), ...end]).content).toEqual(['Read {"a":"é"}'])
  })

  test("a second call, not shown yet, that broke off is {}: it does not cost the turn", () => {
    const answer = read([
      calls({ index: 0, id: "a", name: "Read", args: '{"n":' }),
      calls({ index: 1, id: "b", name: "Bash", args: '{"command":"rm' }),
      calls({ index: 0, args: "1}" }),
      ...end
    ])
    expect(answer).toMatchObject({ content: ['Read {"n":1}', "Bash {}"], end: "tool_use" })
  })

  test("a JSON body that answers a streamed request never fails for broken arguments", () => {
    const body = JSON.stringify({
      choices: [
        { message: { tool_calls: [callDelta({ id: "a", name: "Read", args: '{"a":' })] }, finish_reason: "stop" }
      ]
    })
    expect(readText(body)).toMatchObject({ content: ["Read {}"], end: "tool_use" })
  })
})
