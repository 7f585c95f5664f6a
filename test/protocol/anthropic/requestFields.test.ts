/** Tools and top-level fields of Anthropic requests: §1.2, §1.4, and the left column of §4.2.1. */
import { describe, expect, test } from "vitest"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { decode, text } from "../requests.ts"

describe("§1.4, §4.2.3 tools", () => {
  const tools = (...list: ReadonlyArray<JsonObject>) => decode({ tools: list }).tools

  test("custom is a type absent, null or `custom`, even when its name is web_search", () => {
    const schema = { type: "object", properties: { q: {} } }
    const types: ReadonlyArray<JsonObject> = [{}, { type: null }, { type: "custom" }]
    for (const type of types) {
      expect(tools({ ...type, name: "web_search", input_schema: schema })).toEqual([
        { type: "function", name: "web_search", schema, strict: false }
      ])
    }
  })

  test("input_examples join the description as compact JSON, at most three", () => {
    const [tool] = tools({ name: "a", description: "d", input_examples: [{ x: 1 }, { x: 2 }, { x: 3 }, { x: 4 }] })
    expect(tool).toMatchObject({ description: 'd\nExample inputs:\n{"x":1}\n{"x":2}\n{"x":3}' })
    expect(tools({ name: "a", input_examples: [] })[0]).not.toHaveProperty("description")
  })

  test("strict only when the tool says so", () => {
    expect(tools({ name: "a", strict: true }, { name: "b", strict: null })).toMatchObject([
      { strict: true },
      { strict: false }
    ])
  })

  test("[4.2.3 duplicates] of tools with the same name the first is kept", () => {
    expect(tools({ name: "a", description: "1" }, { name: "b" }, { name: "a", description: "2" })).toMatchObject([
      { name: "a", description: "1" },
      { name: "b" }
    ])
  })

  test.each([
    ["bash_20250124", "bash", ["command", "restart"]],
    ["text_editor_20250124", "str_replace_editor", ["command", "path", "file_text", "old_str"]],
    ["text_editor_20250728", "str_replace_based_edit_tool", ["command", "path", "view_range"]],
    ["text_editor_20990101", "str_replace_based_edit_tool", ["command", "path"]],
    ["computer_20251124", "computer", ["action", "coordinate", "region"]],
    ["memory_20250818", "memory", ["command", "old_path", "new_path"]]
  ])("client tool %s is a function with its fixed name and schema", (type, name, properties) => {
    const [tool] = tools({ type, name: "ignored" })
    expect(tool).toMatchObject({ type: "function", name, description: expect.stringMatching(/\w/), strict: false })
    const { schema } = tool as { readonly schema: { readonly properties: JsonObject } }
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(properties))
  })

  test("undo_edit belongs to the older editors only", () => {
    const editors = tools({ type: "text_editor_20250124" }, { type: "text_editor_20250429" }).map((tool) =>
      JSON.stringify(tool)
    )
    expect(editors.map((tool) => tool.includes("undo_edit"))).toEqual([true, false])
  })

  test.each([
    ["web_search_20250305", "web_search"],
    ["web_fetch_20990101", "web_fetch"],
    ["code_execution_20250522", "code_execution"],
    ["tool_search_tool_regex", "tool_search_tool_regex"],
    ["tool_search_tool_bm25_20251119", "tool_search_tool_bm25"],
    ["advisor_20260301", "advisor"],
    ["mcp_toolset", "mcp_toolset"],
    ["computer_toolset_20260801", "computer_toolset"]
  ])("server tool %s is of kind %s, whatever its date", (type, kind) => {
    expect(tools({ type, name: "n", max_uses: 3 })).toEqual([
      { type: "server", kind, name: "n", options: { max_uses: 3 } }
    ])
  })
})

describe("§4.2.1 fields", () => {
  test("a whole request is read", () => {
    expect(
      decode({
        model: "claude-x[1m]",
        stream: true,
        stop_sequences: ["a", "", "b"],
        temperature: 0.5,
        top_p: 0.9,
        top_k: 3,
        speed: "fast",
        metadata: { user_id: JSON.stringify({ session_id: "s1", account_uuid: "secret" }) }
      })
    ).toEqual({
      losses: [],
      model: "claude-x[1m]",
      system: [],
      messages: [{ role: "user", results: [], parts: [text("hello")] }],
      tools: [],
      parallelCalls: true,
      maxTokens: 9,
      stream: true,
      stopSequences: ["a", "b"],
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      reasoning: { mode: "default" },
      sessionId: "s1",
      fast: true
    })
  })

  test.each<[JsonObject, JsonObject]>([
    [
      { thinking: { type: "disabled" }, output_config: { effort: "high" } },
      { mode: "off", effort: "high" }
    ],
    [{ thinking: { type: "enabled", budget_tokens: 31_999 } }, { mode: "on", budgetTokens: 31_999 }],
    [{ thinking: { type: "adaptive", display: "omitted" } }, { mode: "adaptive", display: "omitted" }],
    [{ thinking: { type: "enabled", budget_tokens: 0 } }, { mode: "on" }],
    [{ thinking: { type: "between_tools" } }, { mode: "adaptive" }],
    [{ output_config: { effort: "max" } }, { mode: "default", effort: "max" }],
    [{ output_config: { effort: "extreme" }, thinking: { type: "new", budget_tokens: 5 } }, { mode: "default" }],
    [{}, { mode: "default" }]
  ])("§4.9.1: %j is read as %j", (body, reasoning) => {
    expect(decode(body).reasoning).toEqual(reasoning)
  })

  const schema = { type: "object" }
  test.each<[string, JsonObject]>([
    ["output_config.format", { output_config: { format: { type: "json_schema", schema } } }],
    ["output_format, the older spelling", { output_format: { type: "json_schema", schema } }],
    [
      "both: the newer counts",
      { output_config: { format: { type: "json_schema", schema } }, output_format: { type: "json_schema", schema: {} } }
    ]
  ])("§4.11: %s", (_what, body) => {
    expect(decode(body).outputSchema).toEqual(schema)
  })

  test("a format without a schema is none", () => {
    expect(decode({ output_config: { format: { type: "text" } } })).not.toHaveProperty("outputSchema")
  })

  const tools = [{ name: "a", input_schema: {} }]
  test.each<[JsonObject, JsonObject | undefined, boolean]>([
    [{ type: "auto" }, { type: "auto" }, true],
    [{ type: "any", disable_parallel_tool_use: true }, { type: "any" }, false],
    [{ type: "tool", name: "a", disable_parallel_tool_use: false }, { type: "tool", name: "a" }, true],
    [{ type: "none" }, { type: "none" }, true],
    [{ type: "new", disable_parallel_tool_use: true }, { type: "auto" }, false]
  ])("tool_choice %j is read as %j, parallel %s", (choice, expected, parallel) => {
    const read = decode({ tools, tool_choice: choice })
    expect(read.toolChoice).toEqual(expected)
    expect(read.parallelCalls).toBe(parallel)
  })

  test.each<[string, Json]>([
    ["no JSON", "user_123"],
    ["JSON without a session", '{"account_uuid":"a"}'],
    ["an empty session", '{"session_id":""}'],
    ["no string", 5]
  ])("metadata.user_id that is %s gives no session", (_what, value) => {
    expect(decode({ metadata: { user_id: value } })).not.toHaveProperty("sessionId")
  })
})
