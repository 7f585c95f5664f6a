/** Anthropic requests as conversations: the steps N1-N16 of §4.1, as far as no provider has a say in them. */
import { Either } from "effect"
import { describe, expect, test } from "vitest"
import { decodeRequest } from "../../../src/protocol/anthropic/request.ts"
import { seal, type Replay } from "../../../src/protocol/reasoning.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { assistant, decode, hello, messagesOf, result, system, text, use, user } from "../requests.ts"

describe("N1 validate: otherwise 400, naming the place", () => {
  const withMessages = (...messages: ReadonlyArray<Json>): JsonObject => ({ model: "m", messages })
  test.each<[string, Json, string]>([
    ["the body is an object", [], "the request body must be a JSON object"],
    ["model is a string", { messages: hello }, "model: must be a string"],
    ["messages is an array", { model: "m" }, "messages: must be a non-empty array"],
    ["messages is not empty", withMessages(), "messages: must be a non-empty array"],
    [
      "roles are user, assistant, system",
      withMessages({ role: "tool", content: "x" }),
      'messages[0].role: must be "user", "assistant" or "system"'
    ],
    [
      "content is a string or blocks",
      withMessages({ role: "user", content: 5 }),
      "messages[0].content: must be a string or an array of content blocks"
    ],
    ["text is a string", withMessages(user({ type: "text" })), "messages[0].content[0].text: must be a string"],
    ["a block is an object", withMessages(user(5)), "messages[0].content[0]: must be a content block"],
    [
      "an image has an address",
      withMessages(user({ type: "image", source: { type: "url", url: "" } })),
      "messages[0].content[0].source: must be a base64, url or file source"
    ],
    [
      "tool_use has an id",
      withMessages(assistant({ type: "tool_use", name: "a", input: {} })),
      "messages[0].content[0].id: must be a string"
    ],
    [
      "tool_use has a name",
      withMessages(user("a"), assistant({ type: "tool_use", id: "a", input: {} })),
      "messages[1].content[0].name: must be a string"
    ],
    [
      "tool_use in a user turn too",
      withMessages(user({ type: "tool_use", name: "a" })),
      "messages[0].content[0].id: must be a string"
    ],
    [
      "tool_use.input is an object",
      withMessages(assistant(use("a", "b", [1]))),
      "messages[0].content[0].input: must be an object"
    ],
    [
      "tool_use.input as text is an object",
      withMessages(assistant(use("a", "b", "[1]"))),
      "messages[0].content[0].input: must be an object"
    ],
    [
      "tool_result has a tool_use_id",
      withMessages(user({ type: "tool_result", content: "x" })),
      "messages[0].content[0].tool_use_id: must be a string"
    ],
    [
      "an image has a source",
      withMessages(user({ type: "image" })),
      "messages[0].content[0].source: must be a base64, url or file source"
    ],
    [
      "a document has a source",
      withMessages(user(result("a", [{ type: "document" }]))),
      "messages[0].content[0].content[0].source: must be a base64, text, content, url or file source"
    ],
    [
      "tool_choice tool has a name",
      { model: "m", messages: hello, tool_choice: { type: "tool" } },
      "tool_choice.name: must be a string"
    ],
    [
      "tool_choice names a tool of the list (§4.2.1)",
      { model: "m", messages: hello, tool_choice: { type: "tool", name: "x" } },
      'tool_choice.name: names "x", which is not in tools'
    ],
    [
      "a tool has a name",
      { model: "m", messages: hello, tools: [{ input_schema: {} }] },
      "tools[0].name: must be a string"
    ],
    ["a tool is an object", { model: "m", messages: hello, tools: ["x"] }, "tools[0]: must be an object"],
    [
      "max_tokens can be counted",
      { model: "m", messages: hello, max_tokens: 1e308 },
      "max_tokens: must be an integer of at least 0"
    ],
    [
      "max_tokens is an integer",
      { model: "m", messages: hello, max_tokens: "9" },
      "max_tokens: must be an integer of at least 0"
    ],
    [
      "temperature is a number",
      { model: "m", messages: hello, temperature: "hot" },
      "temperature: must be a number from 0 to 2"
    ]
  ])("%s", (_rule, body, message) => {
    expect(Either.flip(decodeRequest(body)).pipe(Either.getOrThrow)).toMatchObject({
      status: 400,
      type: "invalid_request_error",
      message
    })
  })

  test.each<[string, Json, JsonObject]>([
    ["null is {}", null, {}],
    ["a JSON string of an object is that object", '{"b":1,"a":2}', { b: 1, a: 2 }],
    ["an object is itself, in its key order", { z: 1, a: { y: 1, b: 2 } }, { z: 1, a: { y: 1, b: 2 } }]
  ])("tool_use.input: %s", (_rule, input, expected) => {
    const [call] = messagesOf(assistant(use("a", "b", input)))
    expect(call).toMatchObject({ parts: [{ type: "call", id: "a", name: "b" }] })
    expect(JSON.stringify(call)).toContain(`"input":${JSON.stringify(expected)}`)
  })

  test("an absent tool_use.input is {}", () => {
    const [call] = messagesOf(assistant({ type: "tool_use", id: "a", name: "b" }))
    expect(call).toMatchObject({ parts: [{ input: {} }] })
  })

  const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`
  test.each<[string, Json, string]>([
    [
      "anywhere",
      user({ type: "novelty", value: JSON.parse(deep) }),
      "the request body is nested deeper than 500 levels"
    ],
    [
      "inside arguments as text",
      assistant(use("a", "b", deep)),
      "messages[0].content[0].input: is nested deeper than 500 levels"
    ]
  ])("nesting without end is refused %s", (_where, message, expected) => {
    const refused = decodeRequest({ model: "m", messages: [message] })
    expect(Either.flip(refused).pipe(Either.getOrThrow)).toMatchObject({ status: 400, message: expected })
  })

  test("unknown fields, betas and first-party features are no reason to refuse", () => {
    const extra = { safeguards: {}, container: "x", mcp_servers: [{}], context_management: { edits: [] }, betas: ["x"] }
    expect(
      decode({ ...extra, metadata: null, thinking: 5, output_config: [], tool_choice: "weird" }).messages
    ).toHaveLength(1)
  })
})

describe("N2 strings to blocks", () => {
  test("string content and string system are one text part", () => {
    const { messages, system: head } = decode({ system: "be brief" })
    expect(head).toEqual([text("be brief")])
    expect(messages).toEqual([{ role: "user", results: [], parts: [text("hello")] }])
  })
})

describe("N3 attribution header", () => {
  const line = "x-anthropic-billing-header: cc_version=2.1; cc_entrypoint=cli;"
  test.each<[string, Json, ReadonlyArray<string>]>([
    ["a block of its own in front is removed", [text(line), text("You are")], ["You are"]],
    ["text after that line in the same block stays", [text(`${line}\nYou are`)], ["You are"]],
    ["blank lines before it change nothing", [text(`\n\n${line}\nYou are`)], ["You are"]],
    ["a string system too", `${line}\nYou are`, ["You are"]],
    ["the same words later in the prompt stay", [text("You are"), text(line)], ["You are", line]],
    ["the same words later in a block stay", [text(`You are\n${line}`)], [`You are\n${line}`]],
    ["words that only begin alike stay", [text("x-anthropic-billing: no")], ["x-anthropic-billing: no"]]
  ])("%s", (_rule, head, texts) => {
    expect(decode({ system: head }).system.map((part) => part.text)).toEqual(texts)
  })

  test("it is nothing special in a message", () => {
    expect(messagesOf(user(text(line)))).toMatchObject([{ parts: [text(line)] }])
  })
})

test.each<[Json]>([[""], ["  \n"], [[text(""), text(" ")]], [[]], [null]])("N4: system %j leaves nothing", (head) => {
  expect(decode({ system: head }).system).toEqual([])
})

describe("N5 system text between turns", () => {
  test("it keeps its place, as a string or as blocks", () => {
    expect(
      messagesOf(user("a"), system("cwd is /"), assistant("b"), system([text("x"), text("y")]), user("c"))
    ).toMatchObject([
      { role: "user" },
      { role: "system", parts: [text("cwd is /")] },
      { role: "assistant" },
      { role: "system", parts: [text("x"), text("y")] },
      { role: "user" }
    ])
  })

  test("it never stands between a call and its result: it is moved after the results", () => {
    expect(messagesOf(assistant(use("a")), system("note"), user(result("a"), text("go on")))).toMatchObject([
      { role: "assistant" },
      { role: "user", results: [{ callId: "a" }], parts: [] },
      { role: "system", parts: [text("note")] },
      { role: "user", results: [], parts: [text("go on")] }
    ])
  })
})

test("N6: runs of one role are merged by concatenating their blocks", () => {
  expect(messagesOf(user("a"), user("b"), assistant("c"), assistant(use("x")), user(result("x")), user("d"))).toEqual([
    { role: "user", results: [], parts: [text("a"), text("b")] },
    { role: "assistant", parts: [text("c"), { type: "call", id: "x", name: "Read", input: {} }] },
    { role: "user", results: [{ callId: "x", parts: [text("ok")], isError: false }], parts: [text("d")] }
  ])
})

describe("N7 empty text", () => {
  test("empty text blocks are dropped, and messages that had nothing else", () => {
    expect(messagesOf(user(text(""), text("a")), assistant(text("")), user("b"), system(""))).toEqual([
      { role: "user", results: [], parts: [text("a"), text("b")] }
    ])
  })

  test("when nothing at all is left the request is refused", () => {
    const refused = decodeRequest({ model: "m", messages: [user(text("")), assistant(text(" "))] })
    expect(Either.flip(refused).pipe(Either.getOrThrow)).toMatchObject({
      status: 400,
      message: "messages: must hold some content"
    })
  })
})

test("N8: cache marks are kept as hints; citations, caller, transformations and toolset_name go", () => {
  const mark = { cache_control: { type: "ephemeral", ttl: "1h" } }
  const marked = { ...text("a"), ...mark, citations: [] }
  expect(decode({ system: [marked] }).system).toEqual([{ ...text("a"), cache: { ttl: "1h" } }])
  const image = { type: "image", source: { type: "url", url: "https://x/y.png" }, transformations: [1] }
  expect(messagesOf(user({ ...image, cache_control: { type: "ephemeral" } }))).toMatchObject([
    { parts: [{ type: "image", source: image.source, cache: {} }] }
  ])
  expect(messagesOf(assistant({ ...use("a"), caller: "c", toolset_name: "t", ...mark }))[0]).toEqual({
    role: "assistant",
    parts: [{ type: "call", id: "a", name: "Read", input: {} }]
  })
})

describe("N9 reasoning", () => {
  const replay: Replay = { provider: "p", model: "m", protocol: "chat", payload: { x: 1 } }

  test("own envelopes are opened, of thinking and of redacted_thinking", () => {
    const thinking = { type: "thinking", thinking: "hm", signature: seal(replay) }
    const redacted = { type: "redacted_thinking", data: seal(replay) }
    expect(messagesOf(assistant(thinking, redacted, text("a")))[0]).toEqual({
      role: "assistant",
      parts: [{ type: "reasoning", text: "hm", replay }, { type: "reasoning", text: "", replay }, text("a")]
    })
  })

  test.each<[string, JsonObject]>([
    ["thinking", { type: "thinking", thinking: "secret", signature: "EqQBCgIYAhIM" }],
    ["thinking without a signature", { type: "thinking", thinking: "secret", signature: "" }],
    ["redacted_thinking", { type: "redacted_thinking", data: "secret" }],
    ["an envelope that was damaged", { type: "thinking", thinking: "secret", signature: `${seal(replay)}A` }]
  ])("foreign %s is dropped and never becomes text", (_what, block) => {
    expect(messagesOf(user("q"), assistant(block, text("a")))[1]).toEqual({ role: "assistant", parts: [text("a")] })
    expect(JSON.stringify(messagesOf(user("q", block)))).not.toContain("secret")
  })
})

describe("N12-N14 what no other provider has becomes text, or waits for the encoder", () => {
  test("N12: a server tool and its result are one part, never a call", () => {
    const hits = [{ type: "web_search_result", url: "https://x", title: "X" }]
    const [message] = messagesOf(
      assistant(
        { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "q" } },
        { type: "web_search_tool_result", tool_use_id: "s1", content: hits },
        text("found")
      )
    )
    expect(message).toEqual({
      role: "assistant",
      parts: [{ type: "server-tool", id: "s1", name: "web_search", input: { query: "q" }, result: hits }, text("found")]
    })
  })

  test("N12: a result without its use is kept", () => {
    const orphan = { type: "bash_code_execution_tool_result", tool_use_id: "s1", content: { stdout: "1" } }
    expect(messagesOf(assistant(orphan))[0]).toMatchObject({
      parts: [{ type: "server-tool", name: "bash_code_execution", result: { stdout: "1" } }]
    })
  })

  test.each<[string, JsonObject]>([
    ["container_upload", { type: "container_upload", file_id: "f1" }],
    ["an image by file id", { type: "image", source: { type: "file", file_id: "f1" } }],
    ["a document by file id", { type: "document", source: { type: "file", file_id: "f1" } }]
  ])("N13: %s is a placeholder that names the file", (_what, block) => {
    const placeholder = text("[attached file f1 is not available to this provider]")
    expect(messagesOf(user(block))).toMatchObject([{ parts: [placeholder] }])
    expect(messagesOf(assistant(use("a")), user(result("a", [block])))[1]).toMatchObject({
      results: [{ parts: [placeholder] }]
    })
  })

  test("N14: tool references are told by name, deferred tools are sent in full", () => {
    const references = [{ type: "tool_reference", tool_name: "WebFetch" }, text("Tool loaded.")]
    expect(messagesOf(assistant(use("a")), user(result("a", references)))[1]).toMatchObject({
      results: [{ parts: [{ text: expect.stringContaining("WebFetch") }, text("Tool loaded.")] }]
    })
    const change = (type: string) => ({ type, tool: { type: "tool_reference", name: "mcp__a__b" } })
    expect(messagesOf(user(change("tool_addition"), change("tool_removal")))).toMatchObject([
      { parts: [text("Tool now available: mcp__a__b"), text("Tool no longer available: mcp__a__b")] }
    ])
    const tool = { name: "Later", description: "d", input_schema: { type: "object" }, defer_loading: true }
    expect(decode({ tools: [tool] }).tools).toEqual([
      { type: "function", name: "Later", description: "d", schema: { type: "object" }, strict: false }
    ])
  })

  test.each<[string, JsonObject, ReadonlyArray<JsonObject>]>([
    [
      "[4.2.2 search_result] its title, source and text",
      { type: "search_result", source: "https://s", title: "T", content: [text("body")] },
      [text("T\nhttps://s"), text("body")]
    ],
    [
      "a document of blocks is inlined",
      { type: "document", title: "T", context: "C", source: { type: "content", content: [text("a"), text("b")] } },
      [text("T\nC"), text("a"), text("b")]
    ],
    [
      "a document of text keeps its title",
      { type: "document", title: "T", source: { type: "text", media_type: "text/plain", data: "d" } },
      [{ type: "document", source: { type: "text", text: "d" }, title: "T" }]
    ],
    [
      "an image without a media type is taken for a PNG",
      { type: "image", source: { type: "base64", media_type: "", data: "A" } },
      [{ type: "image", source: { type: "base64", mediaType: "image/png", data: "A" } }]
    ],
    [
      "a document without a media type is taken for a PDF",
      { type: "document", source: { type: "base64", data: "A" } },
      [{ type: "document", source: { type: "base64", mediaType: "application/pdf", data: "A" } }]
    ],
    ["an unknown kind is described, not lost", { type: "novelty", x: 1 }, [text('[novelty] {"x":1}')]]
  ])("%s", (_rule, block, parts) => {
    expect(messagesOf(user(block))).toEqual([{ role: "user", results: [], parts }])
  })
})

describe("N10 results", () => {
  const parts = (content: Json, more: JsonObject = {}) =>
    messagesOf(assistant(use("a")), user(result("a", content, more)))[1]

  test.each<[string, Json, ReadonlyArray<JsonObject>]>([
    ["a string", "x", [text("x")]],
    ["null", null, []],
    ['""', "", []],
    ["[]", [], []],
    ["empty texts", [text("")], []],
    ["a JSON object that is no list of blocks", { a: 1 }, [text('{"a":1}')]],
    ["strings in the list", ["x", text("y")], [text("x"), text("y")]]
  ])("content: %s", (_what, content, expected) => {
    expect(parts(content)).toMatchObject({ results: [{ callId: "a", parts: expected, isError: false }] })
  })

  test("is_error survives; false and absent are the same", () => {
    expect(parts("x", { is_error: true })).toMatchObject({ results: [{ isError: true }] })
    expect(parts("x", { is_error: false })).toEqual(parts("x"))
  })
})

test("N15: white space behind a prefill is trimmed", () => {
  expect(messagesOf(user("a"), assistant("The answer is \n"))[1]).toEqual({
    role: "assistant",
    parts: [text("The answer is")]
  })
})

test("N16: max_tokens 0 is kept, so that the encoder can answer by itself", () => {
  expect(decode({ max_tokens: 0 }).maxTokens).toBe(0)
})

test("the request is not changed by reading it", () => {
  const body = {
    model: "m",
    system: [text("x-anthropic-billing-header: a\nb")],
    messages: [assistant(use("a")), user(result("a"), text(""))]
  }
  const before = JSON.stringify(body)
  decodeRequest(body)
  expect(JSON.stringify(body)).toBe(before)
})
