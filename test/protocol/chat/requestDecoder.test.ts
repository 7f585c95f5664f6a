/** Chat requests as conversations: the way back, for Chat clients and for round trips. */
import { Either } from "effect"
import { describe, expect, test } from "vitest"
import { decodeRequest } from "../../../src/protocol/chat/requestDecoder.ts"
import type { Conversation } from "../../../src/protocol/conversation.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"

const decode = (body: JsonObject): Conversation =>
  Either.getOrThrowWith(
    decodeRequest({ model: "m", messages: [{ role: "user", content: "q" }], ...body }),
    (error) => new Error(error.message)
  )
const messagesOf = (...messages: ReadonlyArray<Json>) => decode({ messages }).messages
const text = (value: string) => ({ type: "text", text: value })
const call = (id: string, args: Json = "{}") => ({ id, type: "function", function: { name: "Read", arguments: args } })

describe("messages", () => {
  test("leading system and developer messages are the system text, later ones keep their place", () => {
    const { messages, system } = decode({
      messages: [
        { role: "system", content: "a" },
        { role: "developer", content: [text("b"), text(" ")] },
        { role: "user", content: "q" },
        { role: "developer", content: "c" }
      ]
    })
    expect(system).toEqual([text("a"), text("b")])
    expect(messages).toEqual([
      { role: "user", results: [], parts: [text("q")] },
      { role: "system", parts: [text("c")] }
    ])
  })

  test("calls and their results are paired", () => {
    expect(
      messagesOf(
        { role: "assistant", content: "a", tool_calls: [call("x", '{"n":1}'), call("y", "")] },
        { role: "tool", tool_call_id: "y", content: "" },
        { role: "tool", tool_call_id: "x", content: [text("ok"), text("")] },
        { role: "user", content: "go" }
      )
    ).toEqual([
      {
        role: "assistant",
        parts: [
          text("a"),
          { type: "call", id: "x", name: "Read", input: { n: 1 } },
          { type: "call", id: "y", name: "Read", input: {} }
        ]
      },
      {
        role: "user",
        results: [
          { callId: "y", parts: [], isError: false },
          { callId: "x", parts: [text("ok")], isError: false }
        ],
        parts: [text("go")]
      }
    ])
  })

  test.each<[string, JsonObject, JsonObject]>([
    [
      "a data URL is bytes",
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      { type: "image", source: { type: "base64", mediaType: "image/png", data: "AAAA" } }
    ],
    [
      "any other URL is a URL",
      { type: "image_url", image_url: { url: "https://x/y.png" } },
      { type: "image", source: { type: "url", url: "https://x/y.png" } }
    ],
    [
      "a URL as a string",
      { type: "image_url", image_url: "https://x/y.png" },
      { type: "image", source: { type: "url", url: "https://x/y.png" } }
    ],
    [
      "a file is a document",
      { type: "file", file: { filename: "T", file_data: "data:application/pdf;base64,AAAA" } },
      { type: "document", source: { type: "base64", mediaType: "application/pdf", data: "AAAA" }, title: "T" }
    ],
    [
      "an unknown part is described, not lost",
      { type: "input_audio", input_audio: { data: "A" } },
      text('[input_audio] {"type":"input_audio","input_audio":{"data":"A"}}')
    ]
  ])("%s", (_rule, part, expected) => {
    expect(messagesOf({ role: "user", content: [part] })).toEqual([{ role: "user", results: [], parts: [expected] }])
  })

  test.each<[Json, string]>([
    [[], "the request body must be a JSON object"],
    [{ model: "m" }, "messages: must hold some content"],
    [{ messages: [{ role: "user", content: "q" }] }, "model: must be a string"],
    [{ model: "m", messages: ["x"] }, "messages[0]: must be an object"],
    [{ model: "m", messages: [{ role: "robot" }] }, "messages[0].role: must be a message role"],
    [{ model: "m", messages: [{ role: "user", content: [5] }] }, "messages[0].content[0]: must be a content part"],
    [{ model: "m", messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id: must be a string"],
    [
      { model: "m", messages: [{ role: "assistant", tool_calls: [call("x", "[1]")] }] },
      "messages[0].tool_calls[0].function.arguments: must be a JSON object as a string"
    ],
    [
      { model: "m", messages: [{ role: "assistant", tool_calls: [{ id: "x" }] }] },
      "messages[0].tool_calls[0].function.name: must be a string"
    ],
    [
      { model: "m", messages: [{ role: "user", content: "q" }], tools: [{}] },
      "tools[0].function.name: must be a string"
    ]
  ])("%j is refused: %s", (body, message) => {
    expect(Either.flip(decodeRequest(body)).pipe(Either.getOrThrow)).toMatchObject({ status: 400, message })
  })
})

describe("fields", () => {
  test("a whole request is read", () => {
    const schema = { type: "object" }
    expect(
      decode({
        max_completion_tokens: 9,
        max_tokens: 8,
        stream: true,
        stop: "END",
        temperature: 2,
        top_p: 0.5,
        top_k: 3,
        tools: [{ type: "function", function: { name: "Read", description: "d", parameters: schema, strict: true } }],
        tool_choice: { type: "function", function: { name: "Read" } },
        parallel_tool_calls: false,
        reasoning_effort: "minimal",
        response_format: { type: "json_schema", json_schema: { name: "output", schema } },
        service_tier: "priority",
        prompt_cache_key: "s1"
      })
    ).toMatchObject({
      maxTokens: 9,
      stream: true,
      stopSequences: ["END"],
      temperature: 2,
      topP: 0.5,
      topK: 3,
      tools: [{ type: "function", name: "Read", description: "d", schema, strict: true }],
      toolChoice: { type: "tool", name: "Read" },
      parallelCalls: false,
      reasoning: { mode: "default", effort: "low" },
      outputSchema: schema,
      fast: true,
      sessionId: "s1"
    })
  })

  test.each<[Json, Json]>([
    ["auto", { type: "auto" }],
    ["none", { type: "none" }],
    ["required", { type: "any" }]
  ])("tool_choice %s", (choice, expected) => {
    expect(decode({ tool_choice: choice }).toolChoice).toEqual(expected)
  })

  test("reasoning_effort none is off", () => {
    expect(decode({ reasoning_effort: "none" }).reasoning).toEqual({ mode: "off" })
  })

  test("what is absent stays absent", () => {
    expect(decode({ stop: [], max_tokens: 7, temperature: -1, top_p: "x" })).toEqual({
      losses: [],
      model: "m",
      system: [],
      messages: [{ role: "user", results: [], parts: [text("q")] }],
      tools: [],
      parallelCalls: true,
      maxTokens: 7,
      stream: false,
      stopSequences: [],
      reasoning: { mode: "default" },
      fast: false
    })
  })
})
