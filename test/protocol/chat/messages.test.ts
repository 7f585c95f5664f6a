/** Conversations as Chat messages (§4.2.2, N5, N12, N15), and every value of the policy for them. */
import { describe, expect, test } from "vitest"
import type { Policy as WholePolicy } from "../../../src/protocol/policy.ts"
import { seal, type Replay } from "../../../src/protocol/reasoning.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { assistant, bodyOf, result, system, text, use, user } from "../requests.ts"

type Policy = Partial<WholePolicy>

const sent = (messages: ReadonlyArray<Json>, policy: Policy = {}, body: JsonObject = {}) =>
  bodyOf({ ...body, messages }, policy)["messages"]

const call = (id: string, name = "Read", args = "{}") => ({ id, type: "function", function: { name, arguments: args } })
const tool = (id: string, content: Json = "ok") => ({ role: "tool", tool_call_id: id, content })

const png = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }
const pngPart = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }
const linked = { type: "image", source: { type: "url", url: "https://x/y.png" } }
const pdf = { type: "document", title: "T", source: { type: "base64", media_type: "application/pdf", data: "AAAA" } }
const pdfPart = { type: "file", file: { filename: "T", file_data: "data:application/pdf;base64,AAAA" } }

describe("[4.2.1 system] [4.2.1 messages] the leading system text", () => {
  test("segments are joined by a blank line into one string, in the first message", () => {
    expect(sent([user("q")], {}, { system: [text("a"), text("b")] })).toEqual([
      { role: "system", content: "a\n\nb" },
      { role: "user", content: "q" }
    ])
  })

  test("its role is developer for OpenAI's reasoning models", () => {
    expect(sent([user("q")], { systemRole: "developer" }, { system: "a" })).toMatchObject([{ role: "developer" }, {}])
  })

  test("N4: no system message when nothing is left", () => {
    expect(sent([user("q")], {}, { system: [text(" ")] })).toEqual([{ role: "user", content: "q" }])
  })
})

describe("N5 systemPlacement", () => {
  const talk = [user("a"), system([text("x"), text("y")]), assistant("b"), system("z"), user("c")]
  test.each<[WholePolicy["systemPlacement"], ReadonlyArray<JsonObject>]>([
    [
      "inline",
      [
        { role: "system", content: "head" },
        { role: "user", content: "a" },
        { role: "system", content: "x\n\ny" },
        { role: "assistant", content: "b" },
        { role: "system", content: "z" },
        { role: "user", content: "c" }
      ]
    ],
    [
      "reminder",
      [
        { role: "system", content: "head" },
        { role: "user", content: "a\n<system-reminder>\nx\n\ny\n</system-reminder>" },
        { role: "assistant", content: "b" },
        { role: "user", content: "<system-reminder>\nz\n</system-reminder>\nc" }
      ]
    ],
    [
      "hoist",
      [
        { role: "system", content: "head\n\nx\n\ny\n\nz" },
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
        { role: "user", content: "c" }
      ]
    ]
  ])("%s", (systemPlacement, expected) => {
    expect(sent(talk, { systemPlacement }, { system: "head" })).toEqual(expected)
  })

  test("N6: messages that hoisting leaves side by side are one", () => {
    const history = [user("q"), assistant("a"), system("x"), assistant("b"), user("c"), system("y"), user("d")]
    expect(sent(history, { systemPlacement: "hoist" })).toEqual([
      { role: "system", content: "x\n\ny" },
      { role: "user", content: "q" },
      { role: "assistant", content: "ab" },
      { role: "user", content: "c\nd" }
    ])
  })

  test("inline uses the system role of the provider", () => {
    const policy: Policy = { systemPlacement: "inline", systemRole: "developer" }
    expect(sent([user("a"), system("x")], policy)).toMatchObject([{}, { role: "developer", content: "x" }])
  })

  test.each<WholePolicy["systemPlacement"]>(["inline", "reminder", "hoist"])(
    "%s never stands between calls and their results",
    (systemPlacement) => {
      const messages = sent([assistant(use("a")), system("note"), user(result("a"), text("go"))], { systemPlacement })
      const roles = (Array.isArray(messages) ? messages : []).map((message: JsonObject) => message["role"])
      expect(roles[roles.indexOf("assistant") + 1]).toBe("tool")
      expect(JSON.stringify(messages)).toContain("note")
    }
  )
})

describe("[4.2.2 text] [4.2.2 tool_use] assistant messages", () => {
  test.each<[string, ReadonlyArray<Json>, JsonObject]>([
    ["texts that nothing separated are concatenated", [text("a"), text("b")], { content: "ab" }],
    [
      "with another kind of block between them, by a newline pair",
      [text("a"), use("x"), text("b")],
      { content: "a\n\nb", tool_calls: [call("x")] }
    ],
    ["no text beside calls is null", [use("x")], { content: null, tool_calls: [call("x")] }],
    [
      "text and calls share one message, calls in block order, arguments with the client's key order",
      [text("a"), use("x", "Read", { z: 1, a: [2] }), use("y", "Bash")],
      { content: "a", tool_calls: [call("x", "Read", '{"z":1,"a":[2]}'), call("y", "Bash")] }
    ]
  ])("%s", (_rule, content, expected) => {
    expect(sent([user("q"), assistant(...content)])).toMatchObject([
      {},
      { role: "assistant", ...expected },
      ...results(content)
    ])
  })

  /** What answers the calls of a history that ends with them. */
  const results = (content: ReadonlyArray<Json>) =>
    content.filter((block) => JSON.stringify(block).includes("tool_use")).map(() => ({ role: "tool" }))

  test('emptyContent "string": "" for servers that refuse null', () => {
    expect(sent([assistant(use("x")), user(result("x"))], { emptyContent: "string" })).toMatchObject([
      { content: "" },
      {}
    ])
  })

  test("§4.8: ids go up by one rule for calls and results", () => {
    const odd = "cdx_ZnVuY3Rpb25zLlJlYWQ6MA"
    const long = `toolu_${"x".repeat(60)}`
    const messages = sent([assistant(use(odd), use(long)), user(result(long), result(odd))])
    expect(messages).toMatchObject([
      { tool_calls: [{ id: "functions.Read:0" }, { id: expect.stringMatching(/^call_[0-9a-f]{32}$/) }] },
      { tool_call_id: expect.stringMatching(/^call_[0-9a-f]{32}$/) },
      { tool_call_id: "functions.Read:0" }
    ])
  })
})

describe("[4.2.2 reasoning] reasoningReplay", () => {
  const replay = (over: Partial<Replay> = {}): Replay => ({
    provider: "generic",
    model: "acme-1",
    protocol: "chat",
    payload: { details: [{ type: "reasoning.encrypted", data: "e" }] },
    ...over
  })
  const thought = (over: Partial<Replay> = {}) => ({ type: "thinking", thinking: "hm", signature: seal(replay(over)) })
  const turn = (over: Partial<Replay> = {}) => [
    user("q"),
    assistant(thought(over), text("a"), use("x")),
    user(result("x"))
  ]

  test.each<[string, Policy, Partial<Replay>, JsonObject]>([
    ["none", {}, {}, {}],
    ["reasoning_content", { reasoningReplay: "reasoning_content" }, {}, { reasoning_content: "hm" }],
    ["reasoning", { reasoningReplay: "reasoning" }, {}, { reasoning: "hm" }],
    [
      "reasoning_details, verbatim",
      { reasoningReplay: "reasoning_details" },
      {},
      { reasoning_details: [{ type: "reasoning.encrypted", data: "e" }] }
    ],
    ["another model's details are not replayed", { reasoningReplay: "reasoning_details" }, { model: "other" }, {}],
    ["another provider's neither", { reasoningReplay: "reasoning_details" }, { provider: "other" }, {}],
    [
      "plain text may be",
      { reasoningReplay: "reasoning_content" },
      { provider: "other", model: "other" },
      { reasoning_content: "hm" }
    ]
  ])("%s", (_rule, policy, over, expected) => {
    const messages = sent(turn(over), policy)
    const said = { role: "assistant", content: "a", tool_calls: [call("x")], ...expected }
    expect(messages).toEqual([{ role: "user", content: "q" }, said, tool("x")])
  })

  test.each<WholePolicy["reasoningReplay"]>(["none", "reasoning_content", "reasoning", "reasoning_details"])(
    "%s: thinking never becomes visible text",
    (reasoningReplay) => {
      const messages = sent(turn(), { reasoningReplay })
      expect(messages).toMatchObject([{}, { content: "a" }, {}])
    }
  )

  test("a provider that demands reasoning on all that the model said gets the fallback when it is not known any more", () => {
    const policy: Policy = { reasoningReplay: "reasoning_content", reasoningFallback: "" }
    const history = [user("q"), assistant(use("x")), user(result("x")), assistant("done"), user("more")]
    expect(sent(history, policy)).toEqual([
      { role: "user", content: "q" },
      { role: "assistant", content: null, reasoning_content: "", tool_calls: [call("x")] },
      tool("x"),
      // DeepSeek refuses the conversation without it here too
      { role: "assistant", content: "done", reasoning_content: "" },
      { role: "user", content: "more" }
    ])
    // and nothing is said where nothing was
    expect(sent([user("q"), assistant({ type: "thinking", thinking: "hm", signature: "theirs" })], policy)).toEqual([
      { role: "user", content: "q" }
    ])
  })

  test("reasoning alone is a message with empty content, where it is replayed", () => {
    const history = [user("q"), assistant(thought()), user("more")]
    expect(sent(history, { reasoningReplay: "reasoning_content" })).toMatchObject([
      {},
      { role: "assistant", content: "", reasoning_content: "hm" },
      {}
    ])
    expect(sent(history)).toEqual([{ role: "user", content: "q\nmore" }])
  })
})

describe("[4.2.2 user text] user messages", () => {
  test.each<[string, ReadonlyArray<Json>, Json, Policy?]>([
    ["only text is one string, blocks joined with a newline", [text("a"), text("b")], "a\nb"],
    [
      "one part that is no text makes it a list, in order",
      [text("a"), png, text("b")],
      [text("a"), pngPart, text("b")]
    ],
    ["[4.2.2 image] an image by url", [linked], [{ type: "image_url", image_url: { url: "https://x/y.png" } }]],
    [
      "[4.2.2 image] imageUrls data-only: the url as text",
      [linked],
      "[image at https://x/y.png]",
      { imageUrls: "data-only" }
    ],
    [
      "[4.2.2 image] vision false: a placeholder, never an error",
      [text("a"), png],
      "a\n[image omitted: this model cannot read images]",
      { vision: false }
    ],
    [
      "[4.2.2 document] a document of text has its title and context above",
      [{ type: "document", title: "T", context: "C", source: { type: "text", data: "d" } }],
      "T\nC\nd"
    ],
    ["[4.2.2 document] a PDF is a file where the provider takes one", [pdf], [pdfPart], { pdf: "file" }],
    ["its context stands beside it", [{ ...pdf, context: "C" }], [text("C"), pdfPart], { pdf: "file" }],
    [
      "without a title it is document.pdf",
      [{ ...pdf, title: null }],
      [{ type: "file", file: { ...pdfPart.file, filename: "document.pdf" } }],
      { pdf: "file" }
    ],
    [
      "[4.2.2 document] a document that is no PDF is never sent as one",
      [{ type: "document", source: { type: "base64", media_type: "application/zip", data: "AAAA" } }],
      "[document omitted: this provider cannot read application/zip]",
      { pdf: "file" }
    ],
    ["else a placeholder", [pdf], "T\n[document omitted: this provider cannot read application/pdf]"],
    [
      "[4.2.2 document] a document by url is told by its url",
      [{ type: "document", source: { type: "url", url: "https://x/y.pdf" } }],
      "[document at https://x/y.pdf]"
    ]
  ])("%s", (_rule, content, expected, policy) => {
    expect(sent([user(...content)], policy)).toEqual([{ role: "user", content: expected }])
  })
})

test("a message of very many blocks is only long", () => {
  const many = Array.from({ length: 150_000 }, () => text("x"))
  const long = { role: "user", content: many }
  const xs = many.map(() => "x").join("\n")
  const content = `${xs}\n<system-reminder>\ns\n</system-reminder>\n${xs}`
  expect(sent([long, system("s"), long])).toEqual([{ role: "user", content }])
})

describe("N12 server tools of the history are text, never calls", () => {
  const used = (name: string, input: Json) => ({ type: "server_tool_use", id: "s", name, input })
  const answered = (name: string, content: Json) => ({ type: `${name}_tool_result`, tool_use_id: "s", content })
  const hit = (url: string, title: string) => ({ type: "web_search_result", url, title, encrypted_content: "e" })

  test.each<[string, ReadonlyArray<Json>, string]>([
    [
      "a web search is its query and `title — url` lines",
      [
        used("web_search", { query: "q" }),
        answered("web_search", [hit("https://x", "X"), hit("https://y", "Y")]),
        text("So")
      ],
      "[web search: q]\nX — https://x\nY — https://y\n\nSo"
    ],
    [
      "a failed one too",
      [
        used("web_search", { query: "q" }),
        answered("web_search", { type: "web_search_tool_result_error", error_code: "unavailable" })
      ],
      '[web search: q]\n{"type":"web_search_tool_result_error","error_code":"unavailable"}'
    ],
    ["one without a result", [text("a"), used("web_search", { query: "q" })], "a\n\n[web search: q]"],
    [
      "hits without a title, or that are none",
      [used("web_search", { query: "q" }), answered("web_search", [{ url: "https://x" }, { title: "no url" }, "x"])],
      "[web search: q]\nhttps://x — https://x"
    ],
    ["one without a query", [used("web_search", { q: "x" })], '[web_search] {"q":"x"}'],
    [
      "another tool with a query",
      [used("tool_search_tool_bm25", { query: "x" })],
      '[tool_search_tool_bm25] {"query":"x"}'
    ],
    [
      "other server tools are compact text of input and output",
      [used("bash_code_execution", { command: "ls" }), answered("bash_code_execution", { stdout: "x" })],
      '[bash_code_execution] {"command":"ls"}\n{"stdout":"x"}'
    ]
  ])("%s", (_rule, blocks, content) => {
    expect(sent([user("a"), assistant(...blocks), user("b")])).toEqual([
      { role: "user", content: "a" },
      { role: "assistant", content },
      { role: "user", content: "b" }
    ])
  })
})

describe("N15 prefill", () => {
  const talk = [user("a"), assistant("The answer: ")]
  test("pass: it stays last", () => {
    expect(sent(talk)).toEqual([
      { role: "user", content: "a" },
      { role: "assistant", content: "The answer:" }
    ])
  })

  test("note: a user text asks to go on", () => {
    expect(sent(talk, { prefill: "note" })).toEqual([
      { role: "user", content: "a" },
      { role: "assistant", content: "The answer:" },
      { role: "user", content: expect.stringContaining("Continue") }
    ])
    expect(sent([user("a")], { prefill: "note" })).toEqual([{ role: "user", content: "a" }])
  })

  test.each(["partial", "prefix"] as const)("%s: the flag stands on the begun answer, and on no other", (prefill) => {
    const earlier = [user("q"), assistant("done")]
    expect(sent([...earlier, ...talk], { prefill })).toEqual([
      { role: "user", content: "q" },
      { role: "assistant", content: "done" },
      { role: "user", content: "a" },
      { role: "assistant", content: "The answer:", [prefill]: true }
    ])
    expect(JSON.stringify(sent(earlier.slice(0, 1), { prefill }))).not.toContain(prefill)
  })

  test("continue_final_message: the request says that the last message goes on", () => {
    const flags = { continue_final_message: true, add_generation_prompt: false }
    expect(bodyOf({ messages: talk }, { prefill: "continue_final_message" })).toMatchObject(flags)
    const plain = bodyOf({ messages: [user("a")] }, { prefill: "continue_final_message" })
    expect(Object.keys(plain)).not.toContain("continue_final_message")
  })
})
