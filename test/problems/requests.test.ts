/** What clients send and providers refuse: fields, roles, order, limits, names (users' problems 1-5, 24-28). */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Redacted } from "effect"
import { childEnvironment } from "../../src/launcher/childEnvironment.ts"
import { encodeFor } from "../../src/protocol/encode.ts"
import { policyAt } from "../../src/provider/modelInfo.ts"
import { AnthropicScript } from "../../src/testing/index.ts"
import type { Json, JsonObject } from "../../src/testing/json.ts"
import { start, hello } from "../gateway/support.ts"
import { assistant, read, result, system, text, use, user } from "../protocol/requests.ts"
import { profileOf } from "../provider/support.ts"
import {
  anthropic,
  blocksOf,
  chat,
  everybody,
  exchange,
  fields,
  objects,
  policyOf,
  responses,
  serving,
  tool,
  violations
} from "./support.ts"

/** What an Anthropic upstream gets of a body, byte for byte. */
const passed = (body: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const { ask, upstream } = yield* start({ profile: anthropic })
    yield* upstream.fallback((request) => AnthropicScript.answer(request, { text: "hi" }))
    expect((yield* ask({ body, headers })).status).toBe(200)
    return yield* upstream.take
  })

/** What the provider of the table would be sent in Chat, by its kind. */
const sentTo = (dialect: string, model: string, body: JsonObject): JsonObject => {
  const policy = policyAt({ baseUrl: "https://example.com", dialect }, model, {})
  const encoded = encodeFor("chat", read(body), { model, policy })
  return fields(JSON.parse(JSON.stringify(Either.getOrThrowWith(encoded, (error) => new Error(error.message)).body)))
}

describe("fields of Anthropic's own", () => {
  const announced = { "anthropic-beta": "context-management-2025-06-27,of-tomorrow-2099-01-01" }
  const asked = {
    context_management: { edits: [{ type: "clear_tool_uses_20250919" }] },
    mcp_servers: [{ type: "url", name: "x", url: "https://example.com" }],
    output_config: { effort: "high", task_budget: { type: "tokens", total: 5000 } },
    of_tomorrow: { deeply: ["unknown"] }
  }

  it.scoped("[problem 1] anthropic-beta goes to Anthropic upstreams as it is, with the fields it announces", () =>
    Effect.gen(function* () {
      const body = JSON.stringify(hello(asked))
      const request = yield* passed(body, announced)
      expect(request.headers["anthropic-beta"]).toBe(announced["anthropic-beta"])
      expect(request.text).toBe(body)
    })
  )

  for (const profile of [chat("openai", "gpt-5.2"), responses("openai", "gpt-5.2"), chat("generic", "some-model")])
    it.scoped(`[problem 1] [problem 2] neither reaches ${profile["provider_type"]} at ${profile["dialect"]}`, () =>
      Effect.gen(function* () {
        const { exchange: ask } = yield* serving(profile)
        const { answer, losses, request, sent } = yield* ask(asked, announced)
        expect(answer.status).toBe(200)
        expect(Object.keys(request.headers).filter((name) => name.startsWith("anthropic"))).toEqual([])
        expect(request.text).not.toMatch(/context_management|mcp_servers|task_budget|of_tomorrow/)
        expect(violations(sent, profile)).toEqual([])
        for (const field of ["context_management", "mcp_servers", "output_config.task_budget", "of_tomorrow"])
          expect(losses).toContain(`dropped ${field}`)
      })
    )

  it.scoped("[problem 2] the effort is translated; clearing old tool uses is not done here, and said to be so", () =>
    Effect.gen(function* () {
      const { losses, sent } = yield* exchange(chat("openai", "gpt-5.2"), asked)
      expect(sent).toMatchObject({ reasoning_effort: "high" })
      expect(losses).toContain("dropped context_management: not sent")
      expect((yield* exchange(responses("openai", "gpt-5.2"), asked)).sent).toMatchObject({
        reasoning: { effort: "high" }
      })
    })
  )
})

describe("system text in the middle of a conversation", () => {
  const before: ReadonlyArray<Json> = [
    user(text("one")),
    assistant(text("two")),
    system("be brief"),
    user(text("three"))
  ]
  const after: ReadonlyArray<Json> = [...before, assistant(text("four")), system("be nice"), user(text("five"))]

  it.each(everybody)("[problem 3] stays in its place at %s, of the model %s, and is no answer", (kind, model) => {
    const messages = objects(sentTo(kind, model, { system: "leading", messages: before })["messages"])
    const at = (words: string) => messages.findIndex((message) => JSON.stringify(message).includes(words))
    expect([at("leading"), at("one"), at("two")]).toEqual([0, 1, 2])
    expect(at("be brief")).toBe(3)
    const marked = JSON.stringify(messages[3]).includes("<system-reminder>")
    expect(marked ? ["user"] : ["system", "developer"]).toContain(messages[3]?.["role"])
  })

  it.scoped("[problem 3] is taken over HTTP, and told when it changes its role", () =>
    Effect.gen(function* () {
      const { answer, losses, sent } = yield* exchange(chat("deepseek", "deepseek-chat"), { messages: before })
      expect(answer.status).toBe(200)
      expect(objects(sent["messages"]).map(({ role }) => role)).toEqual(["user", "assistant", "user"])
      expect(losses).toContain("moved messages[2]: system text stands in a user turn")
      const inline = yield* exchange(responses("openai", "gpt-5.2"), { messages: before })
      expect(objects(inline.sent["input"]).map(({ role }) => role)).toEqual(["user", "assistant", "developer", "user"])
      expect(inline.answer.headers["x-claudex-losses"]).toBe("0")
    })
  )

  it.each(everybody)(
    "[problem 4] leaves at %s the beginning for the cache: %s is sent it again unchanged",
    (kind, model) => {
      const first = objects(sentTo(kind, model, { system: "leading", messages: before })["messages"])
      const second = objects(sentTo(kind, model, { system: "leading", messages: after })["messages"])
      expect(second.slice(0, first.length)).toEqual(first)
      expect(second.length).toBeGreaterThan(first.length)
    }
  )

  it("[problem 4] is a turn of the user where a system role behind the front loses the cache, by the table", () => {
    const placement = (baseUrl: string, model: string) => policyOf(baseUrl, model).systemPlacement
    expect(placement("https://api.openai.com/v1", "gpt-5.2")).toBe("inline")
    expect(placement("https://openrouter.ai/api/v1", "anthropic/claude-sonnet-4.6")).toBe("inline")
    expect(placement("https://api.deepseek.com/v1", "deepseek-chat")).toBe("reminder")
    expect(placement("https://api.z.ai/api/paas/v4", "glm-4.6")).toBe("reminder")
    expect(placement("http://127.0.0.1:11434/v1", "qwen3:30b")).toBe("reminder")
    expect(placement("https://unknown.example/v1", "some-model")).toBe("reminder")
  })
})

describe("calls and results that do not pair up", () => {
  const messages = [
    user(text("go")),
    assistant(use("toolu_a"), use("toolu_b")),
    user(result("toolu_b", "b"), result("toolu_z", "from nowhere"), text("and?"))
  ]

  for (const profile of [
    chat("openai", "gpt-5.2"),
    chat("mistral", "mistral-large-latest"),
    responses("openai", "gpt-5.2")
  ])
    it.scoped(`[problem 5] are mended for ${profile["provider_type"]} at ${profile["dialect"]}, on record`, () =>
      Effect.gen(function* () {
        const { answer, losses, request, sent } = yield* exchange(profile, { messages, tools: [tool("Read")] })
        expect(answer.status).toBe(200)
        expect(violations(sent, profile)).toEqual([])
        expect(request.text).toContain("[no result: the tool call was interrupted]")
        expect(request.text).toContain("[result of unknown tool call toolu_z]")
        expect(losses).toContain("added messages[1].content[0]: a note stands for the missing result")
        expect(losses).toContain("replaced messages[2].content[1]: the result became text")
      })
    )
})

describe("parameters under the names that the model takes", () => {
  const asked = { max_tokens: 1000, temperature: 0.5, top_p: 0.9, stop_sequences: ["END"] }

  it.each([
    ["https://api.openai.com/v1", "gpt-4o", "max_tokens", true],
    ["https://api.openai.com/v1", "gpt-5.2", "max_completion_tokens", false],
    ["https://mine.openai.azure.com/openai/v1", "o3", "max_completion_tokens", false],
    ["https://api.groq.com/openai/v1", "llama-3.3-70b", "max_completion_tokens", true],
    ["https://api.moonshot.ai/v1", "kimi-k2.6", "max_completion_tokens", false],
    ["https://api.deepseek.com/v1", "deepseek-chat", "max_tokens", false],
    ["https://api.mistral.ai/v1", "mistral-large-latest", "max_tokens", true]
  ])("[problem 24] at %s %s gets %s, and sampling: %s", (baseUrl, model, field, samples) => {
    const policy = policyOf(baseUrl, model)
    const encoded = encodeFor("chat", read(asked), { model, policy })
    const { body, losses } = Either.getOrThrowWith(encoded, (error) => new Error(error.message))
    expect(Object.keys(body).filter((key) => key.startsWith("max_"))).toEqual([field])
    expect(["temperature", "top_p"].filter((key) => key in body)).toEqual(samples ? ["temperature", "top_p"] : [])
    expect(losses.map(({ path }) => path).includes("temperature")).toBe(!samples)
  })

  it.scoped("[problem 25] max_tokens above the catalog's limit is clamped, which is shown", () =>
    Effect.gen(function* () {
      const over = yield* exchange(chat("openai", "gpt-4o"), { max_tokens: 64_000 })
      expect(over.sent["max_tokens"]).toBe(16_384)
      expect(over.answer.headers["x-claudex-losses"]).toBe("1")
      expect(over.losses).toContain("clamped max_tokens: 64000 became 16384")
      expect((yield* exchange(chat("openai", "gpt-4o"), { max_tokens: 9000 })).sent["max_tokens"]).toBe(9000)
      // the user's own word counts for models that nobody knows
      const own = yield* exchange(chat("generic", "some-model", { max_tokens: 500 }), { max_tokens: 64_000 })
      expect(own.sent["max_tokens"]).toBe(500)
    })
  )
})

describe("names and ids", () => {
  const long = `mcp__a_server_with_a_long_name__${"and_a_tool_with_a_longer_one_".repeat(2)}`

  it.scoped("[problem 26] of tools are shortened for the provider and whole again for the client", () =>
    Effect.gen(function* () {
      const names = [long, "Read"]
      const profile = chat("openai", "gpt-5.2")
      const asked = { tools: names.map((name) => tool(name)), messages: [user(text("go"))] }
      const first = yield* exchange(profile, asked)
      expect(violations(first.sent, profile)).toEqual([])
      const [short] = objects(first.sent["tools"]).map((entry) => String(fields(entry["function"])["name"]))
      expect(short).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
      expect(first.losses).toContain("renamed tools[0].name")
      const called = { calls: [{ id: "functions.Read:0", name: short ?? "", args: "{}" }] }
      const { exchange: ask } = yield* serving(profile, called)
      const { answer } = yield* ask(asked)
      const [block] = blocksOf(answer.text)
      expect(block).toMatchObject({ type: "tool_use", name: long })
      expect(block?.["id"]).toMatch(/^[a-zA-Z0-9_-]+$/)
    })
  )

  it.scoped("[problem 26] of calls fit Anthropic's letters, and their provider sees its own again", () =>
    Effect.gen(function* () {
      const id = "functions.Read:0"
      const profile = chat("kimi", "kimi-k2.6")
      const { exchange: ask } = yield* serving(profile, { calls: [{ id, name: "Read", args: "{}" }] })
      const asked = { tools: [tool("Read")], messages: [user(text("go"))] }
      const [block] = blocksOf((yield* ask(asked)).answer.text)
      const shown = String(block?.["id"])
      expect(shown).toMatch(/^[a-zA-Z0-9_-]+$/)
      const history = [...asked.messages, assistant(use(shown)), user(result(shown))]
      const { sent } = yield* ask({ ...asked, messages: history })
      const [, called, told] = objects(sent["messages"])
      expect(objects(called?.["tool_calls"])[0]?.["id"]).toBe(id)
      expect(told?.["tool_call_id"]).toBe(id)
    })
  )
})

describe("what caches depend on", () => {
  const mark = { cache_control: { type: "ephemeral" } }
  const marked = { ...text("part"), ...mark }
  const many = {
    system: [marked],
    tools: [{ ...tool("Read"), ...mark }],
    messages: [user(marked), assistant(marked), user({ ...marked, cache_control: { type: "ephemeral", ttl: "1h" } })]
  }

  it.scoped("[problem 27] the client's marks are never touched on their way to Anthropic, however many", () =>
    Effect.gen(function* () {
      const body = JSON.stringify(hello(many))
      expect((yield* passed(body)).text).toBe(body)
    })
  )

  it.scoped("[problem 27] others are sent marks only where the table says so, and none of our own", () =>
    Effect.gen(function* () {
      const plain = yield* exchange(chat("openai", "gpt-5.2"), many)
      expect(plain.request.text).not.toContain("cache_control")
      expect(plain.losses).toContain("cache marks are not sent")
      const claude = yield* exchange(chat("openrouter", "anthropic/claude-sonnet-4.6"), many)
      expect(claude.request.text.match(/cache_control/g)).toHaveLength(3)
      const none = { messages: [user(text("hi"))] }
      const unmarked = yield* exchange(chat("openrouter", "anthropic/claude-sonnet-4.6"), none)
      expect(unmarked.request.text).not.toContain("cache_control")
    })
  )

  const attributed = {
    system: [text("x-anthropic-billing-header: cc_version=2.1; cch=a1b2c;"), text("You are Claude Code.")]
  }

  it.scoped("[problem 28] the attribution line goes to Anthropic as it is, and to nobody else", () =>
    Effect.gen(function* () {
      const body = JSON.stringify(hello(attributed))
      expect((yield* passed(body)).text).toBe(body)
      for (const profile of [chat("openai", "gpt-4o"), responses("openai", "gpt-5.2"), chat("generic", "m")]) {
        const { losses, request } = yield* exchange(profile, attributed)
        expect(request.text).not.toContain("billing")
        expect(request.text).toContain("You are Claude Code.")
        expect(losses).toContain("dropped system: the client's attribution line")
      }
    })
  )

  it("[problem 28] is not even written by a client that was started here", () => {
    const changes = childEnvironment({
      profile: profileOf({}),
      model: undefined,
      aliases: {},
      gateway: { url: "http://127.0.0.1:1", token: Redacted.make("t") },
      inherited: {},
      workspace: "/w",
      configFile: undefined,
      contextWindow: undefined,
      interactive: true,
      direct: false
    })
    expect(changes).toContainEqual(expect.objectContaining({ name: "CLAUDE_CODE_ATTRIBUTION_HEADER", value: "0" }))
  })
})
