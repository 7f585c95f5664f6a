/** Responses requests as conversations, for Responses clients (§3.1). */
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { encodeRequest } from "../../../src/protocol/responses/request.ts"
import { decodeRequest } from "../../../src/protocol/responses/requestDecoder.ts"
import type { Policy } from "../../../src/protocol/policy.ts"
import { anthropicRequest } from "../../../src/testing/anthropicRequests.ts"
import { isJsonObject, type Json, type JsonObject } from "../../../src/testing/json.ts"
import { runs } from "../../support/runs.ts"
import { policies, upstreamModel } from "../laws/support/exchange.ts"
import { ways, wentUp, wireBody } from "../laws/support/ways.ts"
import { meaningOf } from "../requests.ts"
import { answered, called, model, openaiPolicy, reasoningItem, said } from "./requests.ts"
import { holds } from "../../support/holds.ts"

const author = { provider: "openai", model }

const decode = (body: JsonObject) =>
  Either.getOrThrowWith(
    decodeRequest({ model: "m", input: "hello", ...body }, author),
    (error) => new Error(error.message)
  )

const meaning = (body: JsonObject) => meaningOf(decode(body))

const faultOf = (body: Json): string =>
  Either.match(decodeRequest(body), { onLeft: ({ message }) => message, onRight: () => "none" })

describe("items", () => {
  it("a string is the user's word, instructions and leading system items are the system text", () => {
    expect(meaning({ instructions: "a", input: [said("developer", "b"), said("user", "c")] })).toMatchObject({
      system: [{ text: "a" }, { text: "b" }],
      messages: [{ role: "user", parts: [{ type: "text", text: "c" }] }]
    })
    expect(meaning({}).messages).toEqual([{ role: "user", results: [], parts: [{ type: "text", text: "hello" }] }])
  })

  it("calls and outputs are paired, custom ones as text in an object", () => {
    const custom = { type: "custom_tool_call", call_id: "b", name: "patch", input: "x" }
    const items = [said("user", "q"), called("a"), custom, answered("a", [{ type: "input_text", text: "ok" }])]
    const { messages } = meaning({
      input: [...items, { type: "custom_tool_call_output", call_id: "b", output: "done" }]
    })
    expect(messages.slice(1)).toEqual([
      {
        role: "assistant",
        parts: [
          { type: "call", id: "a", name: "Read", input: {} },
          { type: "call", id: "b", name: "patch", input: { input: "x" } }
        ]
      },
      {
        role: "user",
        results: [
          { callId: "a", parts: [{ type: "text", text: "ok" }], isError: false },
          { callId: "b", parts: [{ type: "text", text: "done" }], isError: false }
        ],
        parts: []
      }
    ])
  })

  it("images and files are read by data and by address", () => {
    const parts = [
      { type: "input_image", image_url: "data:image/png;base64,AAAA" },
      { type: "input_image", image_url: "https://example.com/a.png" },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" },
      { type: "input_file", file_url: "https://example.com/a.pdf" },
      { type: "input_file", file_id: "file-1" }
    ]
    const [message] = meaning({ input: [{ role: "user", content: parts }] }).messages
    expect(message?.parts).toEqual([
      { type: "image", source: { type: "base64", mediaType: "image/png", data: "AAAA" } },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      { type: "document", title: "a.pdf", source: { type: "base64", mediaType: "application/pdf", data: "AAAA" } },
      { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
      { type: "text", text: "[attached file file-1 is not available to this provider]" }
    ])
  })

  it("opaque items are kept for their author and dropped, on the record, when nobody knows who that is", () => {
    const search = {
      id: "ws_1",
      type: "web_search_call",
      status: "completed",
      action: { type: "search", query: "bern" }
    }
    const input = [said("user", "q"), { ...reasoningItem("rs_1"), status: "completed" }, search, said("assistant", "a")]
    const [, turn] = meaning({ input }).messages
    expect(turn?.parts).toMatchObject([
      { type: "reasoning", text: "hm", replay: { provider: "openai", payload: { item: reasoningItem("rs_1") } } },
      { type: "reasoning", text: "", replay: { payload: { item: search } } },
      { type: "server-tool", id: "ws_1", name: "web_search", input: { query: "bern" } },
      { type: "text", text: "a" }
    ])
    const anonymous = Either.getOrUndefined(decodeRequest({ model: "m", input }))
    expect(anonymous?.losses).toMatchObject([{ kind: "dropped", path: "input[1]" }])
    expect(anonymous?.messages[1]?.parts.map(({ type }) => type)).toEqual(["server-tool", "text"])
  })

  it("items of kinds that only their service knows are dropped, on the record", () => {
    const { losses, messages } = decode({ input: [{ type: "item_reference", id: "x" }, said("user", "q")] })
    expect(messages).toHaveLength(1)
    expect(losses).toMatchObject([{ kind: "dropped", path: "input[0]", what: "item_reference is not sent" }])
  })
})

describe("fields", () => {
  it.each<[string, JsonObject, object]>([
    [
      "limits and sampling",
      { max_output_tokens: 9, temperature: 1, top_p: 0.5 },
      { maxTokens: 9, temperature: 1, topP: 0.5 }
    ],
    [
      "reasoning that is shown",
      { reasoning: { effort: "high", summary: "auto" } },
      { reasoning: { mode: "adaptive", effort: "high" } }
    ],
    [
      "reasoning that is not",
      { reasoning: { effort: "low" } },
      { reasoning: { mode: "adaptive", effort: "low", display: "omitted" } }
    ],
    ["no reasoning", { reasoning: { effort: "none" } }, { reasoning: { mode: "off", display: "omitted" } }],
    [
      "a format",
      { text: { format: { type: "json_schema", name: "o", schema: { a: 1 } } } },
      { outputSchema: { a: 1 } }
    ],
    ["a session and the tier", { prompt_cache_key: "s", service_tier: "priority" }, { sessionId: "s", fast: true }],
    ["one call at a time", { parallel_tool_calls: false }, { parallelCalls: false }],
    ["a choice in words", { tool_choice: "required" }, { toolChoice: { type: "any" } }],
    [
      "a choice of a function",
      { tool_choice: { type: "function", name: "a" } },
      { toolChoice: { type: "tool", name: "a" } }
    ],
    [
      "a choice of the search",
      { tool_choice: { type: "web_search_preview" } },
      { toolChoice: { type: "tool", name: "web_search" } }
    ]
  ])("%s", (_, body, fields) => {
    expect(meaning(body)).toMatchObject(fields)
  })

  it("tools are functions, free text, or the provider's own", () => {
    const tools = [
      { type: "function", name: "a", description: "d", parameters: { type: "object" }, strict: true },
      { type: "custom", name: "patch" },
      { type: "web_search", filters: { allowed_domains: ["a.example"] } },
      { type: "code_interpreter" }
    ]
    expect(meaning({ tools }).tools).toEqual([
      { type: "function", name: "a", description: "d", schema: { type: "object" }, strict: true },
      { type: "function", name: "patch", schema: expect.objectContaining({ required: ["input"] }), strict: false },
      { type: "server", kind: "web_search", name: "web_search", options: { allowed_domains: ["a.example"] } },
      { type: "server", kind: "code_interpreter", name: "code_interpreter", options: {} }
    ])
  })

  it.each<[string, Json, string]>([
    ["no object", [], "the request body must be a JSON object"],
    ["no model", { input: "x" }, "model"],
    ["no input", { model: "m" }, "input"],
    [
      "an answer that would have to be stored",
      { model: "m", input: "x", previous_response_id: "resp_1" },
      "previous_response_id"
    ],
    ["an unknown role", { model: "m", input: [{ role: "tool", content: "x" }] }, "input[0].role"],
    ["an item of no kind", { model: "m", input: [{ type: 1 }] }, "input[0].type"],
    [
      "a call without an id",
      { model: "m", input: [{ type: "function_call", name: "a", arguments: "{}" }] },
      "input[0].call_id"
    ],
    [
      "a call without a name",
      { model: "m", input: [{ type: "function_call", call_id: "a", arguments: "{}" }] },
      "input[0].name"
    ],
    ["arguments that are no object", { model: "m", input: [called("a", "Read", "[")] }, "input[0].arguments"],
    [
      "an output without a call",
      { model: "m", input: [{ type: "function_call_output", output: "" }] },
      "input[0].call_id"
    ],
    ["a tool without a type", { model: "m", input: "x", tools: [{}] }, "tools[0].type"],
    ["a function without a name", { model: "m", input: "x", tools: [{ type: "function" }] }, "tools[0].name"]
  ])("%s is refused with its place", (_, body, place) => {
    expect(faultOf(body)).toContain(place)
  })
})

describe("Responses requests pass the hub unchanged", () => {
  const [, responses] = ways

  const again = (body: JsonObject, target: Policy): JsonObject =>
    Either.match(
      decodeRequest(body, { provider: target.kind, model: upstreamModel }).pipe(
        Either.flatMap((conversation) => encodeRequest(conversation, { model: upstreamModel, policy: target }))
      ),
      { onLeft: ({ message }): JsonObject => ({ message }), onRight: wireBody }
    )

  it("what was encoded for a server is the same after decoding and encoding it again", async () => {
    const target = fc.constantFrom(...policies, openaiPolicy)
    await holds(
      fc.property(anthropicRequest(), target, (request, policy) => {
        if (responses === undefined) return
        const body = wireBody(wentUp(responses, request, policy))
        const { input, text } = body
        const [first] = Array.isArray(input) ? input : []
        // A bare json_object says less than the schema it came from, which has become prompt text.
        fc.pre(!(isJsonObject(text) && isJsonObject(text["format"]) && text["format"]["type"] === "json_object"))
        // System text in first place and behind it is one thing to a Responses client.
        fc.pre(!(isJsonObject(first) && first["role"] === "developer"))
        expect(again(body, policy)).toEqual(body)
      }),
      { numRuns: runs }
    )
  })
})
