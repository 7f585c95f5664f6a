/** Conversations as Chat requests: top-level fields and tools (§4.2.1, §4.2.3), and every value of the policy for them. */
import { describe, expect, test } from "vitest"
import type { Policy as WholePolicy } from "../../../src/protocol/policy.ts"
import type { JsonObject } from "../../../src/testing/json.ts"
import { bodyOf, exchangeOf, functionsIn, text } from "../requests.ts"

type Policy = Partial<WholePolicy>

const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  input_schema: { type: "object", properties: {} },
  ...more
})
const search = { type: "web_search_20250305", name: "web_search", max_uses: 8 }

/** What the client sends, for which policy, and the fields that go out (undefined: the key is absent). */
interface Row {
  readonly rule: string
  readonly body?: JsonObject
  readonly policy?: Policy
  readonly sent: JsonObject | { readonly [key: string]: unknown }
}

const expectSent = ({ body = {}, policy = {}, sent }: Row) => {
  const actual = bodyOf(body, policy)
  expect(Object.fromEntries(Object.keys(sent).map((key) => [key, actual[key]]))).toEqual(sent)
}

describe("§4.2.1 top-level fields", () => {
  test.each<Row>([
    { rule: "[4.2.1 model] the provider's own name", body: { model: "claude-x[1m]" }, sent: { model: "acme-1" } },
    {
      rule: "[4.2.1 max_tokens] as the policy spells it",
      body: { max_tokens: 77 },
      sent: { max_tokens: 77, max_completion_tokens: undefined }
    },
    {
      rule: "[4.2.1 max_tokens] or max_completion_tokens, never both",
      body: { max_tokens: 77 },
      policy: { maxTokensField: "max_completion_tokens" },
      sent: { max_tokens: undefined, max_completion_tokens: 77 }
    },
    {
      rule: "[4.2.1 stream] asks for usage",
      body: { stream: true },
      sent: { stream: true, stream_options: { include_usage: true } }
    },
    {
      rule: "[4.2.1 stream] unless the server refuses stream_options",
      body: { stream: true },
      policy: { streamUsage: false },
      sent: { stream: true, stream_options: undefined }
    },
    {
      rule: "[4.2.1 stream] both omitted when false",
      body: { stream: false },
      sent: { stream: undefined, stream_options: undefined }
    },
    {
      rule: "[4.2.1 temperature] [4.2.1 top_p] pass unchanged",
      body: { temperature: 1, top_p: 0.5, top_k: 7 },
      sent: { temperature: 1, top_p: 0.5, top_k: undefined }
    },
    {
      rule: "[4.2.1 top_k] where the policy has it",
      body: { temperature: 0, top_k: 7 },
      policy: { sampling: ["temperature", "top_k"] },
      sent: { temperature: 0, top_k: 7 }
    },
    {
      rule: "[4.2.1 temperature] [4.2.1 top_p] [4.2.1 top_k] not for models that refuse it",
      body: { temperature: 1, top_p: 0.5, top_k: 7 },
      policy: { sampling: [] },
      sent: { temperature: undefined, top_p: undefined, top_k: undefined }
    },
    {
      rule: "[4.2.1 service_tier] speed fast is a priority tier where there is one",
      body: { speed: "fast" },
      policy: { priorityTier: true },
      sent: { service_tier: "priority" }
    },
    {
      rule: "[4.2.1 service_tier] and nothing elsewhere",
      body: { speed: "fast", service_tier: "auto" },
      sent: { service_tier: undefined, speed: undefined }
    },
    {
      rule: "[4.2.1 metadata.user_id] is dropped",
      body: { metadata: { user_id: '{"session_id":"s1"}' } },
      sent: { metadata: undefined, user: undefined, safety_identifier: undefined, prompt_cache_key: undefined }
    },
    {
      rule: "[4.2.1 metadata.user_id] its session feeds the cache key",
      body: { metadata: { user_id: '{"session_id":"s1","account_uuid":"a"}' } },
      policy: { cacheKey: true },
      sent: { metadata: undefined, user: undefined, prompt_cache_key: "s1" }
    }
  ])("$rule", (given) => expectSent(given))

  test("[4.2.1 max_tokens] is capped by the profile's limit", () => {
    const limited = (body: JsonObject) => exchangeOf(body, {}, { maxTokens: 100 }).body.max_tokens
    expect(limited({ max_tokens: 128_000 })).toBe(100)
    expect(limited({ max_tokens: 50 })).toBe(50)
  })

  test("[4.2.1 first-party fields] [4.2.1 unknown] what only Anthropic knows is not sent", () => {
    const known = ["model", "messages", "max_tokens"]
    const body = {
      container: "c",
      context_management: { edits: [] },
      mcp_servers: [{ name: "x" }],
      inference_geo: "eu",
      diagnostics: {},
      thread: {},
      fallbacks: [],
      compaction: {},
      safeguards: { cwd: "/home/user" },
      betas: ["x"],
      thinking: { type: "adaptive" },
      output_config: { task_budget: {} },
      novelty: 1
    }
    expect(Object.keys(bodyOf(body)).sort()).toEqual(known.sort())
  })
})

describe("[4.2.1 stop_sequences] as many as the provider takes", () => {
  const stops = ["a", "b", "c", "d", "e", "f"]
  test.each<[number, ReadonlyArray<string>, ReadonlyArray<string> | undefined, ReadonlyArray<string>]>([
    [4, ["a", "b"], ["a", "b"], []],
    [4, stops, ["a", "b", "c", "d"], ["e", "f"]],
    [1, stops, ["a"], ["b", "c", "d", "e", "f"]],
    [0, ["a"], undefined, ["a"]],
    [4, [], undefined, []]
  ])("a provider that takes %i of %j is sent %j, %j is enforced here", (maxStop, asked, sent, enforced) => {
    const { body, context } = exchangeOf({ stop_sequences: asked }, { maxStop })
    expect(body.stop).toEqual(sent)
    expect(context.enforceStop).toEqual(enforced)
    expect(context.stopSequences).toEqual(asked)
  })
})

describe("[4.2.1 tool_choice] what must be used", () => {
  const tools = [tool("a.b"), search]
  const row = (rule: string, choice: JsonObject, sent: unknown, policy: Policy = {}): Row => ({
    rule,
    body: { tools, tool_choice: choice },
    policy,
    sent: { tool_choice: sent }
  })
  test.each<Row>([
    row("auto is auto", { type: "auto" }, "auto"),
    row("any is required", { type: "any" }, "required"),
    row("none is none", { type: "none" }, "none"),
    row(
      "tool is the function, by its mapped name",
      { type: "tool", name: "a.b" },
      { type: "function", function: { name: expect.stringMatching(/^a_b_[0-9a-f]{8}$/) } }
    ),
    row("a server tool that is not sent cannot be forced", { type: "tool", name: "web_search" }, undefined),
    row("words: a word stays", { type: "none" }, "none", { toolChoice: "words" }),
    row("words: a forced tool is required", { type: "tool", name: "a.b" }, "required", { toolChoice: "words" }),
    row("none: the field is left out", { type: "auto" }, undefined, { toolChoice: "none" }),
    row("none: a forced tool is left out", { type: "tool", name: "a.b" }, undefined, { toolChoice: "none" }),
    {
      rule: "no tools, no choice",
      body: { tools: [search, search], tool_choice: { type: "any" } },
      sent: { tools: undefined, tool_choice: undefined }
    },
    { rule: "absent stays absent", body: { tools }, sent: { tool_choice: undefined } }
  ])("$rule", (given) => expectSent(given))

  test("a demand for a tool that is not sent has a record, also where none can be told", () => {
    const choice = { type: "tool", name: "web_search" }
    const { body, losses } = exchangeOf({ tools: [search, tool("a")], tool_choice: choice }, { toolChoice: "none" })
    expect(body.tools).toHaveLength(1)
    expect(losses.map(({ path }) => path)).toContain("tool_choice")
  })

  test("a provider that cannot be told `none` is not shown the tools", () => {
    expect(bodyOf({ tools, tool_choice: { type: "none" } }, { toolChoice: "none" })).not.toHaveProperty("tools")
    expect(bodyOf({ tools, tool_choice: { type: "none" } })).toHaveProperty("tools")
  })

  test.each<WholePolicy["toolChoice"]>(["words", "none"])(
    "a provider that cannot be told which tool (%s) is shown only that one",
    (toolChoice) => {
      const both = [tool("a"), tool("b")]
      const exchange = exchangeOf({ tools: both, tool_choice: { type: "tool", name: "b" } }, { toolChoice })
      expect(functionsIn(exchange).map(({ name }) => name)).toEqual(["b"])
      expect(exchange.losses.map(({ kind, path }) => [kind, path])).toEqual([["downgraded", "tool_choice"]])
    }
  )

  const single = { type: "auto", disable_parallel_tool_use: true }
  test.each<Row>([
    {
      rule: "[4.2.1 disable_parallel_tool_use] is parallel_tool_calls:false",
      body: { tools, tool_choice: single },
      sent: { parallel_tool_calls: false }
    },
    {
      rule: "[4.2.1 disable_parallel_tool_use] only with tools",
      body: { tool_choice: single },
      sent: { parallel_tool_calls: undefined }
    },
    {
      rule: "[4.2.1 disable_parallel_tool_use] only where the server takes it",
      body: { tools, tool_choice: single },
      policy: { parallelFlag: false },
      sent: { parallel_tool_calls: undefined }
    },
    {
      rule: "[4.2.1 disable_parallel_tool_use] false is omitted",
      body: { tools, tool_choice: { ...single, disable_parallel_tool_use: false } },
      sent: { parallel_tool_calls: undefined }
    }
  ])("$rule", (given) => expectSent(given))
})

describe("§4.2.3 tools", () => {
  const functionsOf = (tools: ReadonlyArray<JsonObject>, policy: Policy = {}) =>
    exchangeOf({ tools }, policy).body.tools

  test("[4.2.1 tools] [4.2.3 custom] custom is a function; all other keys are dropped", () => {
    const extra = {
      cache_control: { type: "ephemeral" },
      eager_input_streaming: true,
      allowed_callers: ["x"],
      defer_loading: true
    }
    expect(functionsOf([tool("Read", { description: "reads", ...extra })])).toEqual([
      {
        type: "function",
        function: { name: "Read", description: "reads", parameters: { type: "object", properties: {} } }
      }
    ])
  })

  test("[4.2.3 custom] description is omitted when absent, a missing schema is an empty object schema", () => {
    expect(functionsOf([{ name: "Read" }])).toEqual([
      { type: "function", function: { name: "Read", parameters: { type: "object", properties: {} } } }
    ])
  })

  test.each<[boolean, boolean, boolean | undefined]>([
    [true, true, true],
    [true, false, undefined],
    [false, true, undefined]
  ])("[4.2.3 custom] strict %s on a provider that supports it (%s) is %s", (strict, strictTools, sent) => {
    const schema = { type: "object", properties: {}, additionalProperties: false }
    const exchange = exchangeOf({ tools: [tool("a", { strict, input_schema: schema })] }, { strictTools })
    expect(functionsIn(exchange)[0]?.strict).toBe(sent)
  })

  test("[4.2.3 custom] strict is not sent with a schema outside of the strict subset", () => {
    const exchange = exchangeOf({ tools: [tool("a", { strict: true })] }, { strictTools: true })
    expect(functionsIn(exchange)[0]?.strict).toBeUndefined()
  })

  test("[4.2.3 client tools] client tools are functions with their fixed names", () => {
    expect(functionsOf([{ type: "bash_20250124", name: "bash" }])).toMatchObject([
      { function: { name: "bash", parameters: { properties: { command: { type: "string" } } } } }
    ])
  })

  test("[4.2.3 server tools] server tools are dropped, never a function with empty parameters; the key goes when nothing is left", () => {
    const server = [
      "web_search_20250305",
      "web_fetch_20250910",
      "code_execution_20250522",
      "tool_search_tool_regex",
      "mcp_toolset"
    ]
    expect(functionsOf([...server.map((type) => ({ type, name: type })), tool("a")])).toHaveLength(1)
    expect(bodyOf({ tools: [{ type: "code_execution_20250522", name: "code_execution" }] })).not.toHaveProperty("tools")
  })

  test("[4.2.3 128 tools] more than 128 tools pass", () => {
    expect(functionsOf(Array.from({ length: 200 }, (_, n) => tool(`t${n}`)))).toHaveLength(200)
  })

  test("§4.8: one mapping serves tools, tool_choice and history", () => {
    const name = `mcp__${"long_server_name_".repeat(6)}__tool`
    const exchange = exchangeOf({
      tools: [tool(name)],
      tool_choice: { type: "tool", name },
      messages: [
        { role: "user", content: "q" },
        { role: "assistant", content: [{ type: "tool_use", id: "x", name, input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "x", content: "ok" }] }
      ]
    })
    const { body, context } = exchange
    const short = functionsIn(exchange)[0]?.name ?? ""
    expect(short).toMatch(/^[a-zA-Z0-9_-]{64}$/)
    expect(body.tool_choice).toEqual({ type: "function", function: { name: short } })
    expect(JSON.stringify(body.messages)).toContain(`"name":"${short}"`)
    expect(context.names.down(short)).toBe(name)
  })
})

describe("answers without a provider", () => {
  test("N16: max_tokens 0 is a pre-warm, answered with an empty message that ended with max_tokens", () => {
    expect(exchangeOf({ max_tokens: 0 }).local).toEqual([
      { type: "start" },
      { type: "stop", finish: { reason: "length" } }
    ])
    expect(exchangeOf({ max_tokens: 1 }).local).toBeUndefined()
  })

  test("[4.10 none] a request whose only tool is web_search gets a search that failed, and words", () => {
    expect(exchangeOf({ tools: [search] }).local).toMatchObject([
      { type: "start" },
      {
        type: "server-tool",
        name: "web_search",
        input: { query: "hello" },
        result: { type: "web_search_tool_result_error", error_code: "unavailable" }
      },
      { type: "text", text: expect.stringContaining("Web search is not available") },
      { type: "stop", finish: { reason: "stop" } }
    ])
    expect(exchangeOf({ tools: [search, tool("a")] }).local).toBeUndefined()
    expect(exchangeOf({ tools: [tool("web_search")] }).local).toBeUndefined()
  })
})

describe("what the answer needs travels in the context", () => {
  test("echo model, ids of the history, who answers, and how", () => {
    const messages = [
      { role: "user", content: "q" },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "a", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1" }, text("go")] }
    ]
    const policy = { kind: "acme", thinkTags: false, reasoningExtra: true }
    const { context } = exchangeOf({ model: "claude-x[1m]", messages, tools: [tool("a")] }, policy, {
      provider: "work"
    })
    expect(context).toMatchObject({
      model: "claude-x[1m]",
      provider: "work",
      kind: "acme",
      upstreamModel: "acme-1",
      protocol: "chat",
      thinkTags: false,
      reasoningExtra: true
    })
    expect([...context.seenIds]).toEqual(["toolu_1"])
    expect(context.estimate).toBeGreaterThan(0)
    expect(context.names.knows("a")).toBe(true)
    expect(exchangeOf({}, policy).context.provider).toBe("acme")
  })
})
