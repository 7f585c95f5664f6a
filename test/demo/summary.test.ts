import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import {
  answerTable,
  chunkKind,
  clientRequest,
  eventKind,
  providerRequest,
  requestChanges,
  runsOf,
  usageText
} from "../../scripts/demoSummary.ts"
import { Anthropic, Chat, Provider } from "../../src/index.ts"
import { ChatScript } from "../../src/testing/index.ts"

const fixture = JSON.parse(readFileSync(new URL("../fixtures/claude-code/tool-read.json", import.meta.url), "utf8"))
const client = fixture.requests[1].body
const exchange = Either.getOrThrow(
  Either.flatMap(Anthropic.decodeRequest(client), (conversation) =>
    Chat.encodeRequest(conversation, { model: "demo", policy: Provider.policyFor({ baseUrl: "demo:" }, "demo") })
  )
)
const provider: unknown = JSON.parse(JSON.stringify(exchange.body))

describe("the demo's summaries", () => {
  it("tell what a real client asked and what the provider was asked", () => {
    const asked = clientRequest(client).join("\n")
    expect(asked).toContain("model gpt-5-mini, stream, max_tokens 32000, thinking adaptive, effort high")
    expect(asked).toContain(
      "system: 3 blocks; messages: user (text x2), system (text), assistant (text, tool_use), user"
    )
    expect(asked).toContain("12 tools: Agent, Bash, Edit, ListAgents and 8 more")
    const sent = providerRequest(provider).join("\n")
    expect(sent).toContain("model demo, stream")
    expect(sent).toMatch(/messages: system, user, .*assistant \(1 tool_call\), tool/)
    expect(sent).toContain("12 functions: Agent, Bash, Edit, ListAgents and 8 more")
  })

  it("tell what was changed on the way", () => {
    expect(requestChanges(client, provider)).toEqual([
      "3 system blocks -> 1 system message",
      "1 system message inside the conversation -> kept, where the provider reads it",
      "1 tool_use block -> tool_calls",
      "1 tool_result block -> 1 tool message, paired by id",
      "3 cache marks -> taken out",
      "2 fields that only Anthropic understands -> taken out"
    ])
    expect(requestChanges({ messages: [] }, { messages: [] })).toEqual([])
  })

  it("count the records of a stream beside the events they became", () => {
    const calls = [{ id: "c1", name: "Read", args: `{"file_path":"/a"}`, pieces: 2 }]
    const records = ChatScript.records({ reasoning: "hm", text: "abc", calls }).map((one) => one.slice("data: ".length))
    const kinds = records.map((one) => chunkKind(one))
    expect(runsOf(kinds)).toEqual([
      ["role", 1],
      ["reasoning_content", 2],
      ["content", 3],
      ["tool_calls", 3],
      ["finish_reason tool_calls", 1],
      ["usage", 1],
      ["[DONE]", 1]
    ])
    const events = [
      { type: "message_start" },
      { type: "content_block_start", content_block: { type: "text" } },
      { type: "content_block_delta", delta: { type: "text_delta" } },
      { type: "content_block_delta", delta: { type: "text_delta" } },
      { type: "message_delta", delta: { stop_reason: "tool_use" } }
    ].map((event) => eventKind(event))
    expect(answerTable(kinds.slice(0, 3), events)).toEqual([
      "provider's chunks      client's events",
      "role                   message_start",
      "reasoning_content x2   content_block_start text",
      "                       text_delta x2",
      "                       message_delta tool_use"
    ])
  })

  it("tell the tokens of an answer, the cached ones included", () => {
    const usage = { input_tokens: 400, cache_read_input_tokens: 600, output_tokens: 30 }
    expect(usageText({ type: "message_delta", usage })).toBe("1000 tokens in (600 of them cached), 30 out")
    expect(usageText({ type: "message_stop" })).toBeUndefined()
  })

  it("say so when there is nothing to read", () => {
    for (const value of [undefined, null, 7, "x", []]) {
      expect(clientRequest(value)).toEqual(["no JSON"])
      expect(providerRequest(value)).toEqual(["no JSON"])
      expect(requestChanges(value, value)).toEqual([])
      expect(eventKind(value)).toBe("other")
    }
    expect(chunkKind("not JSON")).toBe("other")
  })
})
