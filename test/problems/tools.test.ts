/** Tools, their schemas, searches, structured output, and the cache of Claude at OpenRouter (problems 9, 15, 22, 23, 30, 31). */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { childEnvironment } from "../../src/launcher/childEnvironment.ts"
import { AnthropicScript } from "../../src/testing/index.ts"
import type { Json, JsonObject } from "../../src/testing/json.ts"
import { hello, start } from "../gateway/support.ts"
import { assistant, result, text, use, user } from "../protocol/requests.ts"
import { profileOf } from "../provider/support.ts"
import {
  anthropic,
  blocksOf,
  chat,
  exchange,
  fields,
  objects,
  responses,
  serving,
  tool,
  violations,
  type Keys
} from "./support.ts"

describe("schema keywords that a provider refuses", () => {
  const schema: JsonObject = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      anything: {},
      kind: { const: "file" },
      either: { anyOf: [{ type: "string" }, { type: "null" }] },
      map: { type: "object", propertyNames: { pattern: "^x-" }, additionalProperties: { type: "string" } },
      count: { type: "integer", exclusiveMinimum: 0 },
      place: { $ref: "#/$defs/place" }
    },
    $defs: { place: { type: "string", format: "uri" } },
    required: ["kind"],
    additionalProperties: false
  }
  const asked = { tools: [{ name: "Read", description: "reads", input_schema: schema }] }

  const parameters = (profile: Keys, sent: JsonObject): JsonObject => {
    const [first] = objects(sent["tools"])
    return fields(
      profile["provider_type"] === "OpenAIResponses" ? first?.["parameters"] : fields(first?.["function"])["parameters"]
    )
  }

  const profiles: ReadonlyArray<readonly [profile: Keys, gone: RegExp, lossy: boolean]> = [
    [
      chat("gemini", "gemini-3-pro"),
      /\$schema|\$ref|\$defs|"const"|"propertyNames|"exclusiveMinimum|"additionalProperties/,
      true
    ],
    [chat("xai", "grok-4"), /\$schema|"propertyNames/, true],
    [chat("llamacpp", "qwen3"), /\$schema|"propertyNames/, true],
    [chat("kimi", "kimi-k2.6"), /\$schema/, false],
    [chat("openai", "gpt-5.2"), /\$schema/, false],
    [responses("openai", "gpt-5.2"), /\$schema/, false]
  ]
  for (const [profile, gone, lossy] of profiles)
    it.scoped(`[problem 9] do not reach ${profile["provider_type"]} at ${profile["dialect"]}`, () =>
      Effect.gen(function* () {
        const { answer, losses, sent } = yield* exchange(profile, asked)
        expect(answer.status).toBe(200)
        expect(violations(sent, profile)).toEqual([])
        const said = parameters(profile, sent)
        expect(JSON.stringify(said)).not.toMatch(gone)
        // none of the tool's parameters is lost, and what has no type may still be anything
        const properties = fields(said["properties"])
        expect(Object.keys(properties).sort()).toEqual(Object.keys(fields(schema["properties"])).sort())
        expect(properties["anything"]).toEqual({})
        expect(said["required"]).toEqual(["kind"])
        expect(losses.includes("weakened tools[0].input_schema")).toBe(lossy)
      })
    )

  it.scoped("[problem 9] are said in other keywords where that loses nothing, else in the description", () =>
    Effect.gen(function* () {
      const profile = chat("gemini", "gemini-3-pro")
      const { sent } = yield* exchange(profile, asked)
      expect(parameters(profile, sent)["properties"]).toMatchObject({
        kind: { type: "string", enum: ["file"] },
        either: { type: "string", nullable: true },
        count: { minimum: 1 },
        map: { description: expect.stringContaining("Property names") },
        place: { type: "string", description: expect.stringContaining("uri") }
      })
    })
  )
})

describe("arguments that a model fills in with empty strings", () => {
  const tools = [
    tool("Read", { file_path: { type: "string" }, pages: { type: "string" } }, { required: ["file_path"] })
  ]
  const called = { calls: [{ id: "call_1", name: "Read", args: '{"file_path":"","pages":""}' }] }

  it.scoped("[problem 15] are left out of calls of the models known for it, as far as they are optional", () =>
    Effect.gen(function* () {
      for (const profile of [chat("openai", "gpt-5.2"), responses("openai", "gpt-5.2"), chat("copilot", "gpt-5.1")]) {
        const { answer } = yield* exchange(profile, { tools }, called)
        expect(blocksOf(answer.text)).toMatchObject([{ type: "tool_use", input: { file_path: "" } }])
        expect(blocksOf(answer.text)[0]?.["input"]).not.toHaveProperty("pages")
      }
    })
  )

  it.scoped("[problem 15] stay for all others, unless the profile says otherwise", () =>
    Effect.gen(function* () {
      const inputOf = (profile: Keys) =>
        Effect.map(exchange(profile, { tools }, called), ({ answer }) => blocksOf(answer.text)[0]?.["input"])
      expect(yield* inputOf(chat("generic", "m"))).toEqual({ file_path: "", pages: "" })
      const told = chat("generic", "m", { quirks: { prune_empty_arguments: true } })
      expect(yield* inputOf(told)).toEqual({ file_path: "" })
    })
  )
})

describe("web search", () => {
  const search = { type: "web_search_20250305", name: "web_search", max_uses: 5 }
  const messages = [user(text("Perform a web search for the query: weather in Bern"))]

  it.scoped("[problem 22] is the provider's own where it has one", () =>
    Effect.gen(function* () {
      const codex = yield* exchange(responses("openai", "gpt-5.2"), { tools: [search], messages })
      expect(codex.sent["tools"]).toEqual([{ type: "web_search" }])
      const router = yield* exchange(chat("openrouter", "vendor/m"), { tools: [search], messages })
      expect(router.sent["plugins"]).toMatchObject([{ id: "web" }])
      const glm = yield* exchange(chat("glm", "glm-4.6"), { tools: [search], messages })
      expect(glm.sent["tools"]).toMatchObject([{ type: "web_search", web_search: { enable: true } }])
    })
  )

  it.scoped("[problem 22] is answered here when nothing else is asked and nobody can search", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: chat("deepseek", "deepseek-chat") })
      const answer = yield* ask({ body: hello({ tools: [search], messages }) })
      expect(answer.status).toBe(200)
      expect(yield* upstream.requests).toEqual([])
      expect(blocksOf(answer.text)).toMatchObject([
        { type: "server_tool_use", name: "web_search", input: { query: "weather in Bern" } },
        {
          type: "web_search_tool_result",
          content: { type: "web_search_tool_result_error", error_code: "unavailable" }
        },
        { type: "text", text: expect.stringContaining("Nothing was searched") }
      ])
      expect(JSON.parse(answer.text)).toMatchObject({ stop_reason: "end_turn" })
    })
  )

  it.scoped("[problem 22] is left out beside other tools where nobody can search, on record; a namesake stays", () =>
    Effect.gen(function* () {
      const profile = chat("deepseek", "deepseek-chat")
      const { losses, sent } = yield* exchange(profile, { tools: [tool("Read"), search], messages })
      const names = objects(sent["tools"]).map((entry) => fields(entry["function"])["name"])
      expect(names).toEqual(["Read"])
      expect(losses).toContain("dropped tools[1]")
      const own = yield* exchange(profile, { tools: [tool("web_search")], messages })
      expect(objects(own.sent["tools"])).toMatchObject([{ type: "function", function: { name: "web_search" } }])
    })
  )
})

describe("deferred tools", () => {
  it("[problem 23] are switched on at launch, unless the user chose", () => {
    const launched = (inherited: Readonly<Record<string, string>>) =>
      childEnvironment({
        profile: profileOf({}),
        model: undefined,
        aliases: {},
        gateway: { url: "http://127.0.0.1:1", token: Redacted.make("t") },
        inherited,
        workspace: "/w",
        configFile: undefined,
        contextWindow: undefined,
        interactive: true,
        direct: false
      }).filter(({ name }) => name === "ENABLE_TOOL_SEARCH")
    expect(launched({})).toMatchObject([{ value: "true" }])
    expect(launched({ ENABLE_TOOL_SEARCH: "false" })).toEqual([])
  })

  const tools = [{ ...tool("mcp__a__b"), defer_loading: true }, tool("ToolSearch")]
  const messages = [
    user(text("go")),
    assistant(use("toolu_1", "ToolSearch", { query: "b" })),
    user(result("toolu_1", [{ type: "tool_reference", tool_name: "mcp__a__b" }]))
  ]

  it.scoped("[problem 23] that the client sends go to others in full, since they know no deferring, on record", () =>
    Effect.gen(function* () {
      for (const profile of [chat("openai", "gpt-5.2"), responses("openai", "gpt-5.2")]) {
        const { losses, request, sent } = yield* exchange(profile, { tools, messages })
        expect(violations(sent, profile)).toEqual([])
        expect(objects(sent["tools"])).toHaveLength(2)
        expect(request.text).not.toContain("defer_loading")
        expect(request.text).toContain("Tool now available: mcp__a__b")
        expect(losses).toContain("dropped tools[*].defer_loading")
      }
    })
  )

  it.scoped("[problem 23] go to Anthropic as they are, with what was found", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: anthropic })
      yield* upstream.fallback((request) => AnthropicScript.answer(request, { text: "hi" }))
      const body = JSON.stringify(hello({ tools, messages }))
      yield* ask({ body })
      expect((yield* upstream.take).text).toBe(body)
    })
  )
})

describe("structured output of side requests", () => {
  const format = (schema: Json) => ({ output_config: { format: { type: "json_schema", schema } } })
  const title = {
    type: "object",
    properties: { title: { type: "string" }, extra: { type: "string" } },
    additionalProperties: false
  }
  const closed = format({ ...title, required: ["title", "extra"] })
  // a property without a type that may be left out
  const open = format({ ...title, properties: { ...title.properties, any: {} }, required: ["title"] })

  it.scoped("[problem 30] is asked for strictly where the schema allows it, else without", () =>
    Effect.gen(function* () {
      const formatOf = (profile: Keys, asked: Keys) =>
        Effect.map(exchange(profile, asked), ({ sent }) =>
          fields(sent["response_format"] ?? fields(sent["text"])["format"])
        )
      const openai = chat("openai", "gpt-4o")
      const schema = (asked: Keys) => Effect.map(formatOf(openai, asked), (found) => fields(found["json_schema"]))
      expect(yield* schema(closed)).toMatchObject({ name: "output", strict: true })
      expect(yield* schema(open)).toMatchObject({ strict: false })
      const codex = responses("openai", "gpt-5.2")
      expect(yield* formatOf(codex, closed)).toMatchObject({ type: "json_schema", strict: true })
      expect(yield* formatOf(codex, open)).toMatchObject({ type: "json_schema", strict: false })
    })
  )

  it.scoped("[problem 30] is asked for in words where the provider promises no schema, on record", () =>
    Effect.gen(function* () {
      const json = yield* exchange(chat("deepseek", "deepseek-chat"), open)
      expect(json.sent["response_format"]).toEqual({ type: "json_object" })
      expect(json.request.text).toContain("It must match this JSON schema")
      expect(json.losses).toContain("downgraded output_config.format")
      const words = yield* exchange(chat("minimax", "MiniMax-M2"), open)
      expect(words.sent).not.toHaveProperty("response_format")
      expect(words.request.text).toContain("It must match this JSON schema")
    })
  )
})

describe("Claude at OpenRouter", () => {
  const mark = { cache_control: { type: "ephemeral" } }
  const asked = {
    system: [{ ...text("You are Claude Code."), ...mark }],
    messages: [user({ ...text("hi"), ...mark })]
  }

  it.scoped("[problem 31] keeps the client's marks on parts, and tells in answer and log what the cache gave", () =>
    Effect.gen(function* () {
      const profile = chat("openrouter", "anthropic/claude-sonnet-4.6")
      const turn = { text: "hi", usage: { prompt: 1000, completion: 5, cached: 900 } }
      const { exchange: ask, log } = yield* serving(profile, turn)
      const { answer, sent } = yield* ask(asked)
      expect(sent["messages"]).toEqual([
        { role: "system", content: [{ ...text("You are Claude Code."), ...mark }] },
        { role: "user", content: [{ ...text("hi"), ...mark }] }
      ])
      expect(violations(sent, profile)).toEqual([])
      expect(fields(JSON.parse(answer.text))["usage"]).toMatchObject({
        input_tokens: 100,
        cache_read_input_tokens: 900
      })
      expect(log.lines.join("\n")).toContain("1000 in (900 cached)")
    })
  )

  it.scoped("[problem 31] or is asked in its own protocol, marks and all, at the same provider", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: { ...anthropic, dialect: "openrouter" } })
      yield* upstream.fallback((request) => AnthropicScript.answer(request, { text: "hi" }))
      const body = JSON.stringify(hello(asked))
      yield* ask({ body })
      expect((yield* upstream.take).text).toBe(body)
    })
  )
})
