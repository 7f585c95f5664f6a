import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript, UpstreamScript, type RecordedRequest } from "../../src/testing/index.ts"
import { bodyOf, openStage } from "./stage.ts"

const here = dirname(fileURLToPath(import.meta.url))
/** Ten by ten pixels. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC"

/** A tool of the MCP server as Claude Code names it. */
const vaultTool = (last: string) =>
  `mcp__the_vault_of_the_end_to_end_suite__tell_the_secret_of_the_vault_with_a_name_that_is_very_long_${last}`

const call = (id: string, name: string, args: unknown) => ({ id, name, args: JSON.stringify(args), pieces: 3 })

/** The texts of all user messages of a request. */
const userText = (request: RecordedRequest | undefined) =>
  JSON.stringify(bodyOf(request).messages.filter((message) => message.role === "user"))

/** The tool messages of a request by the id of their call. */
const results = (request: RecordedRequest | undefined) =>
  Object.fromEntries(
    bodyOf(request).messages.flatMap((message) =>
      message.role === "tool" ? [[message.tool_call_id ?? "", message.content]] : []
    )
  )

describe("Claude Code through claudex", () => {
  it.scoped("prints a plain answer, and the provider's token counts", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* openStage()
      const usage = { prompt: 1000, completion: 30, cached: 600, reasoning: 10 }
      yield* upstream.enqueue(ChatScript.streamed({ reasoning: "let me see", text: "Hello from upstream.", usage }))
      const { code, stdout } = yield* print("say hello", ["--output-format", "json"])
      expect(code).toBe(0)
      const answer = JSON.parse(stdout)
      expect(answer).toMatchObject({
        is_error: false,
        result: "Hello from upstream.",
        usage: { input_tokens: 400, cache_read_input_tokens: 600, output_tokens: 30 }
      })
      const requests = yield* upstream.requests
      expect(requests.map((request) => `${request.method} ${request.url}`)).toEqual(["POST /v1/chat/completions"])
      const [request] = requests
      expect(request?.headers["authorization"]).toBe("Bearer e2e-upstream-key")
      expect(
        Object.keys(request?.headers ?? {}).filter((name) => /anthropic|claude|x-api|stainless/.test(name))
      ).toEqual([])
      const body = bodyOf(request)
      expect(body).toMatchObject({ model: "scripted-model", stream: true, stream_options: { include_usage: true } })
      expect(userText(request)).toContain("say hello")
      expect(JSON.stringify(body.messages)).toContain("working directory")
      expect(request?.text).not.toMatch(/cache_control|x-anthropic-billing-header|context_management|"metadata"/)
    })
  )

  it.scoped("runs a tool and brings its result to the provider", () =>
    Effect.gen(function* () {
      const { file, print, upstream } = yield* openStage()
      const path = yield* file("note.txt", "secret-token-4711\nsecond line\n")
      yield* upstream.enqueue(
        ChatScript.streamed({ text: "Let me read it.", calls: [call("call_read", "Read", { file_path: path })] }),
        ChatScript.streamed({ text: "It says secret-token-4711." })
      )
      const { code, stdout } = yield* print("read note.txt", ["--allowedTools", "Read"])
      expect([code, stdout]).toEqual([0, "It says secret-token-4711.\n"])
      const requests = yield* upstream.requests
      expect(requests).toHaveLength(2)
      const [, second] = requests
      expect(bodyOf(second).messages.find((message) => message.role === "assistant")).toMatchObject({
        content: "Let me read it.",
        tool_calls: [
          {
            id: "call_read",
            type: "function",
            function: { name: "Read", arguments: JSON.stringify({ file_path: path }) }
          }
        ]
      })
      expect(results(second)["call_read"]).toContain("secret-token-4711")
    })
  )

  it.scoped("runs parallel calls and pairs every result with its call", () =>
    Effect.gen(function* () {
      const { file, print, upstream } = yield* openStage()
      const a = yield* file("a.txt", "AAA\n")
      const b = yield* file("b.txt", "BBB\n")
      const calls = [
        call("call_a", "Read", { file_path: a }),
        call("call_b", "Read", { file_path: b }),
        call("call_c", "Bash", { command: "echo CCC", description: "Say C" })
      ]
      yield* upstream.enqueue(
        ChatScript.streamed({ text: "Three at once.", calls }),
        ChatScript.streamed({ text: "Done." })
      )
      const { code, stdout } = yield* print("do three things", ["--allowedTools", "Read,Bash(echo:*)"])
      expect([code, stdout]).toEqual([0, "Done.\n"])
      const [, second] = yield* upstream.requests
      const { messages } = bodyOf(second)
      const at = messages.findIndex((message) => message.tool_calls !== undefined)
      expect(messages[at]?.tool_calls?.map((one) => one.id)).toEqual(["call_a", "call_b", "call_c"])
      expect(messages.slice(at + 1, at + 4).map((message) => message.role)).toEqual(["tool", "tool", "tool"])
      const answers = results(second)
      expect(answers["call_a"]).toContain("AAA")
      expect(answers["call_b"]).toContain("BBB")
      expect(answers["call_c"]).toContain("CCC")
    })
  )

  it.scoped("brings an image that was read to the provider", () =>
    Effect.gen(function* () {
      const { file, print, upstream } = yield* openStage()
      const path = yield* file("dot.png", Buffer.from(png, "base64"))
      yield* upstream.enqueue(
        ChatScript.streamed({ calls: [call("call_image", "Read", { file_path: path })] }),
        ChatScript.streamed({ text: "A grey square." })
      )
      const { code, stdout } = yield* print("look at dot.png", ["--allowedTools", "Read"])
      expect([code, stdout]).toEqual([0, "A grey square.\n"])
      const [, second] = yield* upstream.requests
      const parts = bodyOf(second).messages.flatMap((message) =>
        Array.isArray(message.content) ? message.content : []
      )
      const images = parts.filter((part) => part.type === "image_url")
      expect(images).toHaveLength(1)
      expect(images[0].image_url.url).toMatch(/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]{20,}=*$/)
      expect(results(second)["call_image"]).toEqual(expect.any(String))
    })
  )

  it.scoped("calls MCP tools whose names no provider would take", () =>
    Effect.gen(function* () {
      const { file, print, upstream } = yield* openStage()
      const server = { command: process.execPath, args: [join(here, "mcpServer.mjs")] }
      const config = yield* file(
        "mcp.json",
        JSON.stringify({ mcpServers: { the_vault_of_the_end_to_end_suite: server } })
      )
      yield* upstream.fallback((request) => {
        const { messages, tools } = bodyOf(request)
        const tool = tools.find((one) => one.function.description?.includes("The omega tool") === true)
        const done = messages.some((message) => message.role === "tool")
        return done || tool === undefined
          ? ChatScript.answer(request, { text: done ? "The vault is open." : "There is no such tool." })
          : ChatScript.answer(request, { calls: [call("call_vault", tool.function.name, { who: "me" })] })
      })
      const { code, stdout } = yield* print(
        "ask the vault",
        ["--mcp-config", config, "--strict-mcp-config", "--allowedTools", vaultTool("omega")],
        { env: { ENABLE_TOOL_SEARCH: "false" } }
      )
      expect([code, stdout]).toEqual([0, "The vault is open.\n"])
      const [first, second] = yield* upstream.requests
      // the client only runs it because exactly this tool is allowed
      expect(vaultTool("omega").length).toBeGreaterThan(100)
      const names = bodyOf(first).tools.map((tool) => tool.function.name)
      expect(names.filter((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name))).toEqual([])
      expect(new Set(names).size).toBe(names.length)
      expect(names.filter((name) => name.startsWith("mcp__the_vault"))).toHaveLength(2)
      expect(results(second)["call_vault"]).toContain("omega says to me: vault-secret-77")
    })
  )

  it.scoped("goes on after a 429", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* openStage()
      yield* upstream.enqueue(
        ChatScript.error(429, "slow down", { code: "rate_limit_exceeded", headers: { "retry-after": "1" } }),
        ChatScript.streamed({ text: "Now it works." })
      )
      const { code, stdout } = yield* print("try")
      expect([code, stdout]).toEqual([0, "Now it works.\n"])
      expect(yield* upstream.requests).toHaveLength(2)
    })
  )

  it.scoped("says that the prompt is too long after one request", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* openStage()
      const message =
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens."
      yield* upstream.fallback(() => ChatScript.error(400, message, { code: "context_length_exceeded" }))
      const { code, stdout } = yield* print("too much")
      expect(stdout).toContain("Prompt is too long")
      expect(code).toBe(1)
      expect(yield* upstream.requests).toHaveLength(1)
    })
  )

  it.scoped("carries every script both ways, cut at any byte", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* openStage()
      const text = "grüße 你好，世界 こんにちは 👩‍👩‍👧‍👦 🇪🇺 ﷽ – Ω≈ç√"
      const answer = ChatScript.records({ reasoning: "考える 🤔", text, pieces: 7 }).join("")
      yield* upstream.enqueue(
        UpstreamScript.stream(UpstreamScript.inPieces(answer, 1)),
        UpstreamScript.stream(UpstreamScript.inPieces(answer, 5))
      )
      const first = yield* print(text)
      expect([first.code, first.stdout]).toEqual([0, `${text}\n`])
      const second = yield* print(text)
      expect([second.code, second.stdout]).toEqual([0, `${text}\n`])
      expect(userText((yield* upstream.requests)[0])).toContain(text)
    })
  )

  it.scoped("falls back to a whole answer when a stream breaks after its beginning", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* openStage()
      yield* upstream.fallback((request) =>
        bodyOf(request).stream
          ? UpstreamScript.stream([ChatScript.role, ChatScript.text("The beginning"), UpstreamScript.destroy])
          : ChatScript.whole({ text: "The whole answer." })
      )
      yield* upstream.enqueue(
        UpstreamScript.stream([
          ChatScript.role,
          ChatScript.text("Part"),
          ChatScript.record({ error: { message: "broke" } })
        ])
      )
      const { code, stdout } = yield* print("go on")
      expect([code, stdout]).toEqual([0, "The whole answer.\n"])
    })
  )
})

describe("the built-in demo profile", () => {
  it.scoped("reads a file with the client's own tool and tells its first line", () =>
    Effect.gen(function* () {
      const { claudex, file } = yield* openStage()
      yield* file("README.md", "# The end-to-end project 🚀\n\nMore of it.\n")
      const prompt = "read README.md and tell me its first line"
      const { code, stderr, stdout } = yield* claudex(["run", "demo", prompt, "--print"])
      expect([code, stdout]).toEqual([0, "# The end-to-end project 🚀\n"])
      expect(stderr).not.toContain("context window")
    })
  )

  it.scoped("calls the MCP tool with the longest name, loading it first", () =>
    Effect.gen(function* () {
      const { claudex, file } = yield* openStage()
      const server = { command: process.execPath, args: [join(here, "mcpServer.mjs")] }
      const config = yield* file(
        "mcp.json",
        JSON.stringify({ mcpServers: { the_vault_of_the_end_to_end_suite: server } })
      )
      const mcp = ["--mcp-config", config, "--strict-mcp-config"]
      const allowed = ["--allowedTools", "mcp__the_vault_of_the_end_to_end_suite"]
      const prompt = "call the tool with the longest name"
      const { code, stdout } = yield* claudex(["run", "demo", "--print", prompt, ...mcp, ...allowed])
      expect(stdout).toMatch(/says to demo: vault-secret-77/)
      expect(code).toBe(0)
    })
  )

  it.scoped("hands --version to Claude Code", () =>
    Effect.gen(function* () {
      const { claudex } = yield* openStage()
      const { code, stdout } = yield* claudex(["run", "demo", "--version"])
      expect(stdout).toMatch(/^\d+\.\d+\.\d+ \(Claude Code\)\n$/)
      expect(stdout).not.toContain(JSON.parse(readFileSync(join(here, "../../package.json"), "utf8")).version)
      expect(code).toBe(0)
    })
  )
})

describe("the child's end is claudex's end", () => {
  it.scoped.each([
    ["exit 42", 42],
    ["exit 0", 0],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137]
  ])("after `%s` in the child", ([script, expected]) =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const fake = yield* stage.file("fake.sh", `#!/bin/sh\n${script}\n`, 0o755)
      const { code } = yield* stage.claudex(["run", "demo", "--print", "x"], { env: { CLAUDEX_CLAUDE_BINARY: fake } })
      expect(code).toBe(expected)
    })
  )
})
