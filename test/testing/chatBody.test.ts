import { describe, expect, it } from "@effect/vitest"
import { type Policy, genericPolicy } from "../../src/protocol/policy.ts"
import { chatBodyViolations } from "../../src/testing/chatBody.ts"
import type { Json, JsonObject } from "../../src/testing/json.ts"

const call = { id: "call_1", type: "function", function: { name: "Read", arguments: '{"a":1}' } }
const user = { role: "user", content: "hi" }
const caller = { role: "assistant", content: null, tool_calls: [call] }
const result = { role: "tool", tool_call_id: "call_1", content: "" }
const tool = { type: "function", function: { name: "Read", parameters: { type: "object", properties: {} } } }
const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }

const base = {
  model: "m",
  messages: [
    { role: "system", content: "be brief" },
    user,
    caller,
    result,
    { role: "user", content: [{ type: "text", text: "see" }, image] }
  ],
  max_tokens: 10,
  temperature: 0.5,
  top_p: 1,
  stop: ["a"],
  stream: true,
  stream_options: { include_usage: true },
  tools: [tool],
  tool_choice: { type: "function", function: { name: "Read" } },
  parallel_tool_calls: false,
  response_format: { type: "json_schema", json_schema: { name: "output", schema: {}, strict: false } }
}

const messages = (...list: ReadonlyArray<Json>): JsonObject => ({ ...base, messages: list })
const without = (value: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
const withCall = (changes: JsonObject): JsonObject =>
  messages(user, { ...caller, tool_calls: [{ ...call, ...changes }] }, result)
const withFunction = (changes: JsonObject): JsonObject => withCall({ function: { ...call.function, ...changes } })
const withTool = (changes: JsonObject): JsonObject => ({
  ...base,
  tools: [{ ...tool, function: { ...tool.function, ...changes } }]
})

const rich: Policy = {
  ...genericPolicy,
  systemRole: "developer",
  systemPlacement: "inline",
  maxTokensField: "max_completion_tokens",
  strictTools: true,
  pdf: "file",
  resultMedia: "inline-parts",
  reasoningReplay: "reasoning_content",
  effort: "reasoning_effort",
  efforts: ["low"],
  cacheKey: true
}

const legal: ReadonlyArray<readonly [string, JsonObject, Policy]> = [
  ["a full request", base, genericPolicy],
  ["the least", { model: "m", messages: [user] }, genericPolicy],
  [
    "results in another order than the calls",
    messages(
      user,
      { ...caller, tool_calls: [call, { ...call, id: "call_2" }] },
      { ...result, tool_call_id: "call_2" },
      result
    ),
    genericPolicy
  ],
  [
    "what only a rich server takes",
    {
      model: "m",
      max_completion_tokens: 1,
      reasoning_effort: "low",
      prompt_cache_key: "s",
      messages: [
        user,
        { ...caller, reasoning_content: "hm" },
        { ...result, content: [image] },
        { role: "developer", content: "mind" },
        {
          role: "user",
          content: [{ type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" } }]
        },
        { role: "assistant", content: "", reasoning_content: "so" }
      ],
      tools: [{ ...tool, function: { ...tool.function, strict: true, description: "reads" } }],
      tool_choice: "required"
    },
    rich
  ]
]

const illegal: { readonly [name: string]: Json } = {
  "a list": [],
  "no messages": without(base, "messages"),
  "an empty list of messages": messages(),
  "no model": without(base, "model"),
  "an empty model": { ...base, model: "" },
  "a model with the client's suffix": { ...base, model: "m[1m]" },
  "an unknown key": { ...base, thinking: {} },
  "both token limits": { ...base, max_completion_tokens: 5 },
  "a token limit of nothing": { ...base, max_tokens: 0 },
  "a broken token limit": { ...base, max_tokens: 1.5 },
  "a wild temperature": { ...base, temperature: 3 },
  "top_k on a server without it": { ...base, top_k: 4 },
  "no stop sequences": { ...base, stop: [] },
  "an empty stop sequence": { ...base, stop: [""] },
  "five stop sequences": { ...base, stop: ["a", "b", "c", "d", "e"] },
  "stream options without a stream": { ...base, stream: false },
  "a stream without usage": without(base, "stream_options"),
  "other stream options": { ...base, stream_options: { include_usage: false } },
  "no tools": { ...base, tools: [] },
  "a tool choice without tools": without(base, "tools"),
  "a tool choice of another tool": { ...base, tool_choice: { type: "function", function: { name: "Write" } } },
  "an unknown tool choice": { ...base, tool_choice: "any" },
  "the parallel flag without tools": { model: "m", messages: [user], parallel_tool_calls: false },
  "an effort": { ...base, reasoning_effort: "low" },
  "a cache key": { ...base, prompt_cache_key: "s" },
  "a schema without a name": { ...base, response_format: { type: "json_schema", json_schema: { schema: {} } } },
  "a schema that is no object": {
    ...base,
    response_format: { type: "json_schema", json_schema: { name: "output", schema: true } }
  },
  "an unknown format": { ...base, response_format: { type: "text" } },
  "two tools with one name": { ...base, tools: [tool, tool] },
  "a tool with a long name": withTool({ name: "x".repeat(65) }),
  "a tool with an odd name": withTool({ name: "a.b" }),
  "a tool with the client's keys": withTool({ input_schema: {} }),
  "a tool without parameters": { ...base, tools: [{ type: "function", function: { name: "Read" } }] },
  "parameters of no type": withTool({ parameters: { properties: {} } }),
  "parameters without properties": withTool({ parameters: { type: "object" } }),
  "parameters with a union at the root": withTool({ parameters: { type: "object", properties: {}, anyOf: [] } }),
  "a strict tool on a server without strict tools": withTool({ strict: true }),
  "a strange role": messages({ role: "function", content: "x" }),
  "a message that is text": messages("hi"),
  "an empty user message": messages({ role: "user", content: "" }),
  "a user message without content": messages({ role: "user" }),
  "no parts": messages({ role: "user", content: [] }),
  "an empty text part": messages({ role: "user", content: [{ type: "text", text: "" }, image] }),
  "parts although all is text": messages({ role: "user", content: [{ type: "text", text: "x" }] }),
  "an unknown part": messages({ role: "user", content: [{ type: "image", source: {} }] }),
  "an image url that is no url": messages({
    role: "user",
    content: [{ type: "image_url", image_url: { url: "data:image/png,x" } }]
  }),
  "a cache mark on a message": messages({ ...user, cache_control: {} }),
  "a file on a server without files": messages({
    role: "user",
    content: [{ type: "file", file: { filename: "a", file_data: "data:application/pdf;base64,A" } }]
  }),
  "an empty system message": messages({ role: "system", content: "" }, user),
  "system parts": messages({ role: "system", content: [{ type: "text", text: "x" }] }, user),
  "system text in the middle": messages(user, { role: "system", content: "x" }),
  "a developer message": messages({ role: "developer", content: "x" }, user),
  "two users in a row": messages(user, user),
  "two assistants in a row": messages(user, { role: "assistant", content: "a" }, { role: "assistant", content: "b" }),
  "an assistant with nothing": messages(user, { role: "assistant", content: null }),
  "an assistant without content": messages(user, { role: "assistant", tool_calls: [call] }, result),
  "an empty list of calls": messages(user, { role: "assistant", content: "x", tool_calls: [] }),
  "reasoning for a server that wants none": messages(user, { ...caller, reasoning_content: "x" }, result),
  "a call without a type": messages(user, { ...caller, tool_calls: [without(call, "type")] }, result),
  "a call with a long id": messages(
    user,
    { ...caller, tool_calls: [{ ...call, id: "x".repeat(41) }] },
    { ...result, tool_call_id: "x".repeat(41) }
  ),
  "a call with an odd name": withFunction({ name: "a b" }),
  "arguments that are an object": withFunction({ arguments: {} }),
  "arguments that are no JSON": withFunction({ arguments: "{" }),
  "arguments that are a list": withFunction({ arguments: "[]" }),
  "two calls with one id": messages(user, { ...caller, tool_calls: [call, call] }, result, result),
  "an unanswered call": messages(user, caller),
  "a call answered too late": messages(user, caller, user, result),
  "a call answered twice": messages(user, caller, result, result),
  "a result of no call": messages(user, result),
  "a result of another call": messages(user, caller, { ...result, tool_call_id: "call_2" }),
  "a result without content": messages(user, caller, { role: "tool", tool_call_id: "call_1" }),
  "a null result": messages(user, caller, { ...result, content: null }),
  "an image in a result": messages(user, caller, { ...result, content: [image] }),
  "an error flag on a result": messages(user, caller, { ...result, is_error: true })
}

describe("the judge of Chat requests", () => {
  it.each(legal)("accepts %s", (_, body, policy) => {
    expect(chatBodyViolations(body, policy)).toEqual([])
  })

  it.each(Object.entries(illegal))("rejects %s", (_, body) => {
    expect(chatBodyViolations(body, genericPolicy)).not.toEqual([])
  })

  it("rejects what disappears in JSON", () => {
    expect(chatBodyViolations({ ...base, temperature: Number.NaN }, genericPolicy)).not.toEqual([])
    expect(chatBodyViolations({ ...base, response_format: undefined }, genericPolicy)).toEqual([
      "body.response_format is no JSON value"
    ])
  })

  it("rejects what a poorer server does not take", () => {
    for (const change of [
      { sampling: [] },
      { toolChoice: "none" },
      { toolChoice: "words" },
      { parallelFlag: false },
      { vision: false },
      { streamUsage: false },
      { maxStop: 0 },
      { structuredOutput: "prompt" },
      { emptyContent: "string" },
      { maxTokensField: "max_completion_tokens" }
    ] satisfies ReadonlyArray<Partial<Policy>>) {
      expect(chatBodyViolations(base, { ...genericPolicy, ...change }), JSON.stringify(change)).not.toEqual([])
    }
  })
})
