/** Conversations as Anthropic requests: the way back. */
import { expect, test } from "vitest"
import { encodeRequest } from "../../../src/protocol/anthropic/request.ts"
import { seal, type Replay } from "../../../src/protocol/reasoning.ts"
import type { JsonObject } from "../../../src/testing/json.ts"
import { assistant, decode, result, system, text, use, user } from "../requests.ts"

/** As it goes over the wire. */
const again = (body: JsonObject): JsonObject => {
  const wire: JsonObject = JSON.parse(JSON.stringify(encodeRequest(decode(body))))
  return wire
}

const replay: Replay = { provider: "p", model: "m", protocol: "chat", payload: {} }
const mark = { cache_control: { type: "ephemeral", ttl: "5m" } }

test("a request that is normal already is given back as it was", () => {
  const body = {
    model: "claude-x[1m]",
    system: [{ ...text("be brief"), ...mark }],
    messages: [
      user(
        text("look"),
        {
          type: "image",
          source: { type: "base64", media_type: "image/png", data: "A" },
          cache_control: { type: "ephemeral" }
        },
        { type: "image", source: { type: "url", url: "https://x/y.png" } },
        {
          type: "document",
          source: { type: "base64", media_type: "application/pdf", data: "A" },
          title: "T",
          context: "C"
        },
        { type: "document", source: { type: "text", media_type: "text/plain", data: "d" } }
      ),
      system([text("note")]),
      assistant(
        { type: "thinking", thinking: "hm", signature: seal(replay) },
        { type: "redacted_thinking", data: seal(replay) },
        { type: "server_tool_use", id: "s", name: "web_search", input: { query: "q" } },
        { type: "web_search_tool_result", tool_use_id: "s", content: [] },
        { type: "server_tool_use", id: "t", name: "web_search", input: {} },
        text("a"),
        use("x", "Read", { n: 1 }),
        use("y", "Read")
      ),
      user(result("y", [text("bad")], { is_error: true }), { type: "tool_result", tool_use_id: "x" }, text("go"))
    ],
    tools: [
      { name: "Read", description: "reads", input_schema: { type: "object" }, strict: true },
      { name: "Bash", input_schema: {} },
      { max_uses: 3, type: "web_search", name: "web_search" }
    ],
    tool_choice: { type: "tool", name: "Read", disable_parallel_tool_use: true },
    max_tokens: 9,
    stop_sequences: ["END"],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 3,
    thinking: { type: "enabled", budget_tokens: 2048, display: "omitted" },
    output_config: { effort: "high", format: { type: "json_schema", schema: { type: "object" } } },
    metadata: { user_id: '{"session_id":"s1"}' },
    speed: "fast",
    stream: true
  }
  expect(again(body)).toEqual(body)
})

test("what was absent stays absent", () => {
  const body = { model: "m", max_tokens: 9, messages: [user(text("hello"))] }
  expect(again(body)).toEqual(body)
})

test.each<[JsonObject, JsonObject]>([
  [{ type: "auto" }, { type: "auto" }],
  [
    { type: "any", disable_parallel_tool_use: true },
    { type: "any", disable_parallel_tool_use: true }
  ]
])("tool_choice %j", (choice, expected) => {
  expect(again({ tool_choice: choice })["tool_choice"]).toEqual(expected)
})

test.each(["disabled", "adaptive"])("thinking %s", (type) => {
  expect(again({ thinking: { type } })["thinking"]).toEqual({ type })
})

test("effort alone", () => {
  expect(again({ output_config: { effort: "low" } })["output_config"]).toEqual({ effort: "low" })
})
