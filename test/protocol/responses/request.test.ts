/** Conversations as Responses requests: top-level fields and tools (§4.5, first table; §4.10). */
import { describe, expect, it } from "vitest"
import type { Policy } from "../../../src/protocol/policy.ts"
import type { JsonObject } from "../../../src/testing/json.ts"
import { exchangeOf, lossesOf, openaiPolicy, refusalOf, sentOf } from "./requests.ts"

const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  input_schema: { type: "object", properties: {} },
  ...more
})
const search = (more: JsonObject = {}): JsonObject => ({ type: "web_search_20250305", name: "web_search", ...more })
const closed = { type: "object", properties: {}, additionalProperties: false }

/** What the client sends, for which policy, and the fields that go out (undefined: the key is absent). */
interface Row {
  readonly rule: string
  readonly body?: JsonObject
  readonly policy?: Partial<Policy>
  readonly sent: { readonly [key: string]: unknown }
}

const sampled: Partial<Policy> = { sampling: ["temperature", "top_p", "top_k"] }
const words: Partial<Policy> = { structuredOutput: "prompt" }
const format = (schema: JsonObject) => ({ output_config: { format: { type: "json_schema", schema } } })
const metadata = (session: string) => ({ metadata: { user_id: JSON.stringify({ session_id: session }) } })
const long = "s".repeat(65)

describe("§4.5 top-level fields", () => {
  const rows: ReadonlyArray<Row> = [
    {
      rule: "[4.5 system] a string is the instructions",
      body: { system: "be brief" },
      sent: { instructions: "be brief" }
    },
    {
      rule: "[4.5 system] segments are joined by a blank line",
      body: {
        system: [
          { type: "text", text: "a" },
          { type: "text", text: "b" }
        ]
      },
      sent: { instructions: "a\n\nb" }
    },
    { rule: "[4.5 system] nothing is no instructions", body: { system: " " }, sent: { instructions: undefined } },
    {
      rule: "[4.5 system] a backend that wants them always gets the empty string",
      policy: { alwaysFields: ["instructions"] },
      sent: { instructions: "" }
    },
    { rule: "[4.5 max_tokens] is max_output_tokens", body: { max_tokens: 77 }, sent: { max_output_tokens: 77 } },
    {
      rule: "[4.5 max_tokens] is at least what OpenAI takes",
      body: { max_tokens: 1 },
      sent: { max_output_tokens: 16 }
    },
    { rule: "the model is the provider's own name", body: { model: "claude-x[1m]" }, sent: { model: "acme-1" } },
    {
      rule: "[4.5 temperature] temperature and top_p keep their names",
      body: { temperature: 1, top_p: 0.5 },
      policy: sampled,
      sent: { temperature: 1, top_p: 0.5 }
    },
    {
      rule: "[4.5 temperature] are dropped for models that reason",
      body: { temperature: 1, top_p: 0.5 },
      sent: { temperature: undefined, top_p: undefined }
    },
    { rule: "[4.5 top_k] is dropped", body: { top_k: 5 }, policy: sampled, sent: { top_k: undefined } },
    { rule: "[4.5 stop_sequences] have no field", body: { stop_sequences: ["x"] }, sent: { stop: undefined } },
    { rule: "[4.5 stream] passes", body: { stream: true }, sent: { stream: true } },
    { rule: "[4.5 stream] is omitted when false", body: { stream: false }, sent: { stream: undefined } },
    {
      rule: "[4.5 stream] a backend that only streams streams always",
      body: { stream: false },
      policy: { forceStream: true },
      sent: { stream: true }
    },
    {
      rule: "[4.5 session] the session is the cache key, not the account",
      body: metadata("s-1"),
      sent: { prompt_cache_key: "s-1", metadata: undefined, user: undefined }
    },
    {
      rule: "[4.5 session] 64 characters fit",
      body: metadata("s".repeat(64)),
      sent: { prompt_cache_key: "s".repeat(64) }
    },
    {
      rule: "[4.5 session] a longer one is hashed",
      body: metadata(long),
      sent: { prompt_cache_key: expect.stringMatching(/^[0-9a-f]{64}$/) }
    },
    {
      rule: "[4.5 session] only to who knows it",
      body: metadata("s-1"),
      policy: { cacheKey: false },
      sent: { prompt_cache_key: undefined }
    },
    {
      rule: "[4.5 always] store is false and encrypted reasoning asked for",
      sent: { store: false, include: ["reasoning.encrypted_content"] }
    },
    {
      rule: "[4.5 always] but not of models that refuse it",
      policy: { encryptedReasoning: false },
      sent: { store: false, include: undefined }
    },
    { rule: "speed fast is the priority tier", body: { speed: "fast" }, sent: { service_tier: "priority" } },
    {
      rule: "[4.5 output_config.format] is text.format, strict when the schema is",
      body: format(closed),
      sent: { text: { format: { type: "json_schema", name: "output", schema: closed, strict: true } } }
    },
    {
      rule: "[4.5 output_config.format] and not strict when it is open",
      body: format({ type: "object", properties: {} }),
      sent: { text: { format: { type: "json_schema", name: "output", schema: expect.anything(), strict: false } } }
    },
    {
      rule: "[4.5 output_config.format] is asked for in words of who promises none",
      body: { system: "s", ...format(closed) },
      policy: words,
      sent: { text: undefined, instructions: expect.stringMatching(/^s\n\nAnswer with one JSON value only/) }
    }
  ]

  it.each(rows.map((row) => [row.rule, row] as const))("%s", (_, { body = {}, policy = {}, sent }) => {
    const actual = sentOf(body, policy)
    expect(Object.fromEntries(Object.keys(sent).map((key) => [key, actual[key]]))).toEqual(sent)
  })

  it("[4.5 stop_sequences] are all enforced on the text, on the record", () => {
    const { context, losses } = exchangeOf({ stop_sequences: ["a", "b"] })
    expect(context.enforceStop).toEqual(["a", "b"])
    expect(losses).toContainEqual(expect.objectContaining({ kind: "enforced", path: "stop_sequences" }))
  })

  it("[4.5 session] the hash of a long session is the same every time, and of each its own", () => {
    const key = (session: string) => sentOf(metadata(session))["prompt_cache_key"]
    expect(key(long)).toBe(key(long))
    expect(key(long)).not.toBe(key(`${long}x`))
  })

  it("a provider that reads the session from a header gets it there", () => {
    expect(exchangeOf(metadata("s-1"), { sessionHeader: "session_id" }).headers).toEqual({ session_id: "s-1" })
    expect(exchangeOf(metadata("s\n1"), { sessionHeader: "session_id" }).headers).toEqual({})
    expect(exchangeOf({}, { sessionHeader: "session_id" }).headers).toEqual({})
  })

  it("[4.5 max_tokens] the limit goes along for those who judge the answer", () => {
    expect(exchangeOf({ max_tokens: 5 }).maxTokens).toBe(16)
    expect(exchangeOf({ max_tokens: 500 }, {}, { maxTokens: 100 }).maxTokens).toBe(100)
  })

  it("nothing of the client's own goes along", () => {
    const sent = sentOf({
      container: "c",
      context_management: { edits: [] },
      mcp_servers: [{ type: "url", name: "m", url: "https://example.com" }],
      inference_geo: "eu",
      betas: ["x"],
      unknown: 1
    })
    expect(Object.keys(sent).sort()).toEqual(["include", "input", "max_output_tokens", "model", "store"])
  })
})

describe("[4.5 thinking] reasoning", () => {
  const on = (budget_tokens: number) => ({ thinking: { type: "enabled", budget_tokens } })
  const adaptive = (more: JsonObject = {}) => ({ thinking: { type: "adaptive", ...more } })
  const effort = (word: string) => ({ output_config: { effort: word } })

  it.each<[string, JsonObject, Partial<Policy>, unknown]>([
    ["an effort goes with a summary", effort("low"), {}, { effort: "low", summary: "auto" }],
    ["a budget is an effort", on(4000), {}, { effort: "medium", summary: "auto" }],
    ["adaptive thinking leaves the effort to the provider", adaptive(), {}, { summary: "auto" }],
    ["adaptive with an effort", { ...adaptive(), ...effort("high") }, {}, { effort: "high", summary: "auto" }],
    [
      "display omitted asks for no summary",
      { ...adaptive({ display: "omitted" }), ...effort("high") },
      {},
      { effort: "high" }
    ],
    ["and without an effort for nothing", adaptive({ display: "omitted" }), {}, undefined],
    [
      "an effort the model does not have is the nearest lower one",
      effort("max"),
      {},
      { effort: "xhigh", summary: "auto" }
    ],
    [
      "off is none where the model lists it",
      { thinking: { type: "disabled" } },
      { efforts: ["none", "low"] },
      { effort: "none" }
    ],
    ["else the least", { thinking: { type: "disabled" } }, {}, { effort: "low" }],
    ["nothing asked for is nothing sent", {}, {}, undefined],
    ["nothing of a model that is not known to reason", effort("high"), { efforts: [] }, undefined]
  ])("%s", (_, body, policy, reasoning) => {
    expect(sentOf(body, policy)["reasoning"]).toEqual(reasoning)
  })

  it("what is clamped or not sent is on the record", () => {
    expect(lossesOf(effort("max"))).toMatchObject([{ kind: "clamped", path: "output_config.effort" }])
    expect(lossesOf(effort("high"), { efforts: [] })).toMatchObject([{ kind: "dropped", path: "output_config.effort" }])
    expect(lossesOf(adaptive(), { efforts: [] })).toEqual([])
  })
})

describe("tools", () => {
  it("[4.5 tools] are flat functions that say whether they are strict", () => {
    const tools = [
      tool("a", { description: "d" }),
      tool("b", { strict: true, input_schema: closed }),
      tool("c", { strict: true })
    ]
    expect(sentOf({ tools })["tools"]).toEqual([
      { type: "function", name: "a", description: "d", parameters: { type: "object", properties: {} }, strict: false },
      { type: "function", name: "b", parameters: closed, strict: true },
      { type: "function", name: "c", parameters: { type: "object", properties: {} }, strict: false }
    ])
    expect(lossesOf({ tools })).toMatchObject([{ kind: "downgraded", path: "tools[2].strict" }])
  })

  it("[4.5 tools] client tools are functions with their fixed names, long names are shortened", () => {
    const name = `mcp__${"x".repeat(80)}`
    const { body, context } = exchangeOf({ tools: [{ type: "bash_20250124", name: "bash" }, tool(name)] })
    const sent = (body.tools ?? []).map((one) => (one.type === "function" ? one.name : ""))
    expect(sent[0]).toBe("bash")
    expect(sent[1]).toHaveLength(64)
    expect(context.names.down(sent[1] ?? "")).toBe(name)
  })

  it("[4.5 tools] none are no key, unless the backend wants it always", () => {
    expect(sentOf({ tools: [] })).not.toHaveProperty("tools")
    const always = sentOf({}, { alwaysFields: ["tools", "tool_choice", "parallel_tool_calls"] })
    expect(always).toMatchObject({ tools: [], tool_choice: "auto", parallel_tool_calls: true })
  })

  it.each<[string, JsonObject, Partial<Policy>, unknown]>([
    ["auto is auto", { type: "auto" }, {}, "auto"],
    ["none is none", { type: "none" }, {}, "none"],
    ["any is required", { type: "any" }, {}, "required"],
    ["a tool is named without a function object", { type: "tool", name: "a" }, {}, { type: "function", name: "a" }],
    ["the web search is named by its type", { type: "tool", name: "web_search" }, {}, { type: "web_search" }],
    [
      "words only: the named tool is alone and required",
      { type: "tool", name: "a" },
      { toolChoice: "words" },
      "required"
    ],
    ["not at all", { type: "any" }, { toolChoice: "none" }, undefined]
  ])("[4.5 tool_choice] %s", (_, tool_choice, policy, sent) => {
    expect(sentOf({ tools: [tool("a"), tool("b"), search()], tool_choice }, policy)["tool_choice"]).toEqual(sent)
  })

  it("[4.5 tool_choice] goes with the tools, and of a tool that is not sent", () => {
    expect(sentOf({ tool_choice: { type: "any" } })).not.toHaveProperty("tool_choice")
    const tools = [tool("a"), search()]
    const body = { tools, tool_choice: { type: "tool", name: "web_search" } }
    expect(sentOf(body, { webSearch: "none" })).not.toHaveProperty("tool_choice")
    expect(lossesOf(body, { webSearch: "none" })).toMatchObject([
      { kind: "dropped", path: "tools[1]" },
      { kind: "downgraded", path: "tool_choice" }
    ])
  })

  it("[4.5 disable_parallel_tool_use] is parallel_tool_calls false, with tools only", () => {
    const tool_choice = { type: "auto", disable_parallel_tool_use: true }
    expect(sentOf({ tools: [tool("a")], tool_choice })["parallel_tool_calls"]).toBe(false)
    expect(sentOf({ tools: [tool("a")] })).not.toHaveProperty("parallel_tool_calls")
    expect(sentOf({ tool_choice })).not.toHaveProperty("parallel_tool_calls")
    expect(sentOf({ tools: [tool("a")], tool_choice }, { parallelFlag: false })).not.toHaveProperty(
      "parallel_tool_calls"
    )
  })
})

describe("web search that the provider runs", () => {
  const place = { type: "approximate", city: "Bern", country: "CH", region: null }

  it("[4.10 hosted search] takes allowed domains and the place, and gives its sources", () => {
    const sent = sentOf({ tools: [search({ allowed_domains: ["a.example"], user_location: place })] })
    expect(sent["tools"]).toEqual([
      {
        type: "web_search",
        filters: { allowed_domains: ["a.example"] },
        user_location: { type: "approximate", city: "Bern", country: "CH" }
      }
    ])
    expect(sent["include"]).toEqual(["reasoning.encrypted_content", "web_search_call.action.sources"])
  })

  it("[4.10 hosted search] drops blocked domains and the number of uses, on the record", () => {
    const tools = [search({ blocked_domains: ["b.example"], max_uses: 3 })]
    expect(sentOf({ tools })["tools"]).toEqual([{ type: "web_search" }])
    expect(lossesOf({ tools }).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "dropped tools[0].blocked_domains",
      "dropped tools[0].max_uses"
    ])
  })

  it("[4.10 hosted search] with both lists of domains is refused, whoever would search", () => {
    const tools = [search({ allowed_domains: ["a.example"], blocked_domains: ["b.example"] })]
    for (const policy of [{}, { webSearch: "none" as const }])
      expect(refusalOf({ tools }, policy)).toMatchObject({
        status: 400,
        type: "invalid_request_error",
        message: expect.stringContaining("tools[0]")
      })
  })

  it("a function that is only called web_search stays a function", () => {
    expect(sentOf({ tools: [tool("web_search")] })["tools"]).toMatchObject([{ type: "function", name: "web_search" }])
  })

  it("a side request for the search alone is answered here when the provider has none", () => {
    const body = { tools: [search()], tool_choice: { type: "tool", name: "web_search" } }
    expect(exchangeOf(body, { webSearch: "none" }).local).toBeDefined()
    expect(exchangeOf(body).local).toBeUndefined()
    expect(openaiPolicy.webSearch).toBe("hosted")
  })
})
