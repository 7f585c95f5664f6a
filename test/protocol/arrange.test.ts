/** The order every protocol can live with: N6, N7, N10, N11 on plain blocks. */
import { describe, expect, test } from "vitest"
import { arrange, interrupted, type Block, type RawMessage } from "../../src/protocol/arrange.ts"

const text = (value: string): Block => ({ type: "text", text: value })
const call = (id: string): Block => ({ type: "call", id, name: "Read", input: {} })
const answer = (callId: string, value = "ok"): Block => ({
  type: "result",
  callId,
  parts: value === "" ? [] : [{ type: "text", text: value }],
  isError: false
})
const say = (role: RawMessage["role"], ...blocks: ReadonlyArray<Block>): RawMessage => ({ role, blocks })

/** One line per message: role, results by id, the rest by text or call id. */
const outline = (...raw: ReadonlyArray<RawMessage>): ReadonlyArray<string> =>
  arrange(raw).map((message) => {
    const results = message.role === "user" ? message.results.map((one) => `<${one.callId}>`) : []
    const parts = message.parts.map((part) =>
      part.type === "text" ? part.text : part.type === "call" ? `(${part.id})` : part.type
    )
    return [message.role, ...results, ...parts].join(" ")
  })

describe("N6, N7 runs and blanks", () => {
  test.each<[string, ReadonlyArray<RawMessage>, ReadonlyArray<string>]>([
    [
      "runs of one role are merged",
      [say("user", text("a")), say("user", text("b")), say("assistant", text("c")), say("assistant", text("d"))],
      ["user a b", "assistant c d"]
    ],
    ["also system text", [say("system", text("a")), say("system", text("b"))], ["system a b"]],
    [
      "blank text is dropped, and with it the message that held nothing else",
      [say("user", text("a")), say("assistant", text(" ")), say("user", text(""), text("b"))],
      ["user a b"]
    ],
    [
      "what stood between may have been nothing",
      [say("system", text("a")), say("user", answer("z", "")), say("system", text("b"))],
      ["system a b"]
    ],
    ["nothing is left of nothing", [say("user"), say("assistant", text(""))], []],
    [
      "system between two user turns keeps them apart",
      [say("user", text("a")), say("system", text("s")), say("user", text("b"))],
      ["user a", "system s", "user b"]
    ]
  ])("%s", (_rule, raw, expected) => {
    expect(outline(...raw)).toEqual(expected)
  })
})

describe("N10, N11 calls and results", () => {
  test.each<[string, ReadonlyArray<RawMessage>, ReadonlyArray<string>]>([
    [
      "results come first, in the order in which they stand",
      [say("assistant", call("a"), call("b")), say("user", text("x"), answer("b"), text("y"), answer("a"))],
      ["assistant (a) (b)", "user <b> <a> x y"]
    ],
    [
      "a missing result is made up, behind the others",
      [say("assistant", call("a"), call("b")), say("user", answer("b"), text("x"))],
      ["assistant (a) (b)", "user <b> <a> x"]
    ],
    ["also when nothing follows", [say("assistant", call("a"))], ["assistant (a)", "user <a>"]],
    [
      "also when the assistant goes on",
      [say("assistant", call("a")), say("user", text("x")), say("assistant", text("y"))],
      ["assistant (a)", "user <a> x", "assistant y"]
    ],
    [
      "results are found behind system text and in a second user message",
      [
        say("assistant", call("a"), call("b")),
        say("user", answer("a")),
        say("system", text("s")),
        say("user", answer("b"), text("x"))
      ],
      ["assistant (a) (b)", "user <a> <b>", "system s", "user x"]
    ],
    [
      "a result belongs to the calls right before it only",
      [say("assistant", call("a")), say("user", answer("a")), say("assistant", text("x")), say("user", answer("a"))],
      ["assistant (a)", "user <a>", "assistant x", "user [result of unknown tool call a] ok"]
    ],
    [
      "a result without any call is text",
      [say("user", answer("z"), text("x"))],
      ["user [result of unknown tool call z] ok x"]
    ],
    ["an empty or blank one disappears", [say("user", answer("z", ""), answer("y", " \n"), text("x"))], ["user x"]],
    [
      "one id for two calls: they are told apart, and so are their results",
      [say("assistant", call("a"), call("a")), say("user", answer("a", "1"), answer("a", "2"))],
      ["assistant (a) (a-2)", "user <a> <a-2>"]
    ],
    [
      "calls of a merged run are answered together",
      [say("assistant", call("a")), say("assistant", call("b")), say("user", answer("a"), answer("b"))],
      ["assistant (a) (b)", "user <a> <b>"]
    ]
  ])("%s", (_rule, raw, expected) => {
    expect(outline(...raw)).toEqual(expected)
  })

  test("the made-up result says so", () => {
    expect(arrange([say("assistant", call("a"))]).at(-1)).toEqual({
      role: "user",
      results: [{ callId: "a", parts: [{ type: "text", text: interrupted }], isError: false }],
      parts: []
    })
  })
})

test("very many messages behind one call are only many", () => {
  const many = Array.from({ length: 150_000 }, (_, i) => say(i % 2 === 0 ? "system" : "user", text("x")))
  expect(arrange([say("assistant", call("a")), ...many])).toHaveLength(150_002)
})

describe("N12 server tools", () => {
  const use: Block = { type: "server-tool", id: "s", name: "web_search", input: { query: "q" } }
  const found = (id: string, content: unknown): Block => ({ type: "server-result", id, name: "web_search", content })

  test("a use takes up its result wherever it stands", () => {
    const [message] = arrange([say("assistant", use, text("x"), found("s", [1]))])
    expect(message?.parts).toEqual([{ ...use, result: [1] }, text("x")])
  })

  test("a result without a use stands for itself", () => {
    const [message] = arrange([say("assistant", found("other", [1]), use)])
    expect(message?.parts).toEqual([
      { type: "server-tool", id: "other", name: "web_search", input: {}, result: [1] },
      use
    ])
  })
})

test("N15: only the end of a prefill is trimmed, not of text that a call follows", () => {
  expect(outline(say("user", text("q")), say("assistant", text("a \n")))).toEqual(["user q", "assistant a"])
  expect(outline(say("assistant", text("a ")), say("user", text("q ")))).toEqual(["assistant a ", "user q "])
})

test("the messages are not changed", () => {
  const raw = [say("assistant", call("a"), call("a")), say("user", text(""), answer("a")), say("user", text("x"))]
  const before = JSON.stringify(raw)
  arrange(raw)
  expect(JSON.stringify(raw)).toBe(before)
})
