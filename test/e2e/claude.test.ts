import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { UpstreamScript, type RecordedRequest } from "../../src/testing/index.ts"
import { dialects, failed, results, type Seen, streamed, type Turn, userText } from "./dialect.ts"
import { openStage, upstreamKey } from "./stage.ts"

const here = dirname(fileURLToPath(import.meta.url))
/** Ten by ten pixels. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC"

/** A tool of the MCP server as Claude Code names it. */
const vaultTool = (last: string) =>
  `mcp__the_vault_of_the_end_to_end_suite__tell_the_secret_of_the_vault_with_a_name_that_is_very_long_${last}`

const call = (id: string, name: string, args: unknown) => ({ id, name, args: JSON.stringify(args), pieces: 3 })

describe.each(dialects)("Claude Code through claudex to a provider that speaks $name", (dialect) => {
  const open = openStage({ profile: dialect.profile })
  const say = (turn: Turn) => streamed(dialect, turn)
  const seen = (request: RecordedRequest | undefined): Seen => dialect.seen(request?.body)

  it.scoped("prints a plain answer, and the provider's token counts", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* open
      const usage = { prompt: 1000, completion: 30, cached: 600, reasoning: 10 }
      yield* upstream.enqueue(say({ reasoning: "let me see", text: "Hello from upstream.", usage }))
      const { code, stdout } = yield* print("say hello", ["--output-format", "json"])
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        is_error: false,
        result: "Hello from upstream.",
        usage: { input_tokens: 400, cache_read_input_tokens: 600, output_tokens: 30 }
      })
      const requests = yield* upstream.requests
      expect(requests.map((request) => `${request.method} ${request.url}`)).toEqual([dialect.asks])
      const [request] = requests
      expect(request?.headers["authorization"]).toBe(`Bearer ${upstreamKey}`)
      expect(
        Object.keys(request?.headers ?? {}).filter((name) => /anthropic|claude|x-api|stainless/.test(name))
      ).toEqual([])
      expect(request?.body).toMatchObject({ model: "scripted-model", ...dialect.streaming })
      expect(userText(seen(request))).toContain("say hello")
      expect(JSON.stringify(seen(request).steps)).toContain("working directory")
      expect(request?.text).not.toMatch(/cache_control|x-anthropic-billing-header|context_management|"metadata"/)
    })
  )

  it.scoped("runs a tool and brings its result, and what was thought before, to the provider", () =>
    Effect.gen(function* () {
      const { file, print, upstream } = yield* open
      const path = yield* file("note.txt", "secret-token-4711\nsecond line\n")
      const turn: Turn = {
        reasoning: "I should read it. 考える",
        sealed: "gAAAAAB+/sealed==",
        text: "Let me read it.",
        calls: [call("call_read", "Read", { file_path: path })]
      }
      yield* upstream.enqueue(say(turn), say({ text: "It says secret-token-4711." }))
      const { code, stdout } = yield* print("read note.txt", ["--allowedTools", "Read"])
      expect([code, stdout]).toEqual([0, "It says secret-token-4711.\n"])
      const requests = yield* upstream.requests
      expect(requests).toHaveLength(2)
      const [, second] = requests
      const { steps } = seen(second)
      expect(steps.filter(({ kind }) => kind === "text" || kind === "call")).toEqual([
        { kind: "text", text: "Let me read it.", id: "", name: "" },
        { kind: "call", text: JSON.stringify({ file_path: path }), id: "call_read", name: "Read" }
      ])
      expect(results(seen(second))["call_read"]).toContain("secret-token-4711")
      expect(second?.text).toContain(dialect.replayed(turn))
    })
  )

  it.scoped("runs parallel calls and pairs every result with its call", () =>
    Effect.gen(function* () {
      const { file, print, upstream } = yield* open
      const a = yield* file("a.txt", "AAA\n")
      const b = yield* file("b.txt", "BBB\n")
      const calls = [
        call("call_a", "Read", { file_path: a }),
        call("call_b", "Read", { file_path: b }),
        call("call_c", "Bash", { command: "echo CCC", description: "Say C" })
      ]
      yield* upstream.enqueue(say({ text: "Three at once.", calls }), say({ text: "Done." }))
      const { code, stdout } = yield* print("do three things", ["--allowedTools", "Read,Bash(echo:*)"])
      expect([code, stdout]).toEqual([0, "Done.\n"])
      const [, second] = yield* upstream.requests
      const { steps } = seen(second)
      const at = steps.findIndex(({ kind }) => kind === "call")
      const following = steps.slice(at, at + 6)
      expect(following.map(({ kind }) => kind)).toEqual(["call", "call", "call", "result", "result", "result"])
      expect(following.slice(0, 3).map(({ id }) => id)).toEqual(["call_a", "call_b", "call_c"])
      const answers = results(seen(second))
      expect(answers["call_a"]).toContain("AAA")
      expect(answers["call_b"]).toContain("BBB")
      expect(answers["call_c"]).toContain("CCC")
    })
  )

  it.scoped("brings an image that was read to the provider", () =>
    Effect.gen(function* () {
      const { file, print, upstream } = yield* open
      const path = yield* file("dot.png", Buffer.from(png, "base64"))
      yield* upstream.enqueue(
        say({ calls: [call("call_image", "Read", { file_path: path })] }),
        say({ text: "A grey square." })
      )
      const { code, stdout } = yield* print("look at dot.png", ["--allowedTools", "Read"])
      expect([code, stdout]).toEqual([0, "A grey square.\n"])
      const [, second] = yield* upstream.requests
      const { images } = seen(second)
      expect(images).toHaveLength(1)
      expect(images[0]).toMatch(/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]{20,}=*$/)
      expect(results(seen(second))).toHaveProperty("call_image")
    })
  )

  it.scoped("calls MCP tools whose names no provider would take", () =>
    Effect.gen(function* () {
      const { file, print, upstream } = yield* open
      const server = { command: process.execPath, args: [join(here, "mcpServer.mjs")] }
      const config = yield* file(
        "mcp.json",
        JSON.stringify({ mcpServers: { the_vault_of_the_end_to_end_suite: server } })
      )
      yield* upstream.fallback((request) => {
        const { steps, tools } = seen(request)
        const tool = tools.find((one) => one.description.includes("The omega tool"))
        const done = steps.some(({ kind }) => kind === "result")
        return done || tool === undefined
          ? dialect.answer(request, { text: done ? "The vault is open." : "There is no such tool." })
          : dialect.answer(request, { calls: [call("call_vault", tool.name, { who: "me" })] })
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
      const names = seen(first).tools.map((tool) => tool.name)
      expect(names.filter((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name))).toEqual([])
      expect(new Set(names).size).toBe(names.length)
      expect(names.filter((name) => name.startsWith("mcp__the_vault"))).toHaveLength(2)
      expect(results(seen(second))["call_vault"]).toContain("omega says to me: vault-secret-77")
    })
  )

  it.scoped("goes on after a 429", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* open
      yield* upstream.enqueue(
        failed(429, "slow down", { code: "rate_limit_exceeded", headers: { "retry-after": "1" } }),
        say({ text: "Now it works." })
      )
      const { code, stdout } = yield* print("try")
      expect([code, stdout]).toEqual([0, "Now it works.\n"])
      expect(yield* upstream.requests).toHaveLength(2)
    })
  )

  it.scoped("says that the prompt is too long after one request", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* open
      const message =
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens."
      yield* upstream.fallback(() => failed(400, message, { code: "context_length_exceeded" }))
      const { code, stdout } = yield* print("too much")
      expect(stdout).toContain("Prompt is too long")
      expect(code).toBe(1)
      expect(yield* upstream.requests).toHaveLength(1)
    })
  )

  it.scoped("carries every script both ways, cut at any byte", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* open
      const text = "grüße 你好，世界 こんにちは 👩‍👩‍👧‍👦 🇪🇺 ﷽ – Ω≈ç√"
      const answer = dialect.records({ reasoning: "考える 🤔", text, pieces: 7 }).join("")
      yield* upstream.enqueue(
        UpstreamScript.stream(UpstreamScript.inPieces(answer, 1)),
        UpstreamScript.stream(UpstreamScript.inPieces(answer, 5))
      )
      const first = yield* print(text)
      expect([first.code, first.stdout]).toEqual([0, `${text}\n`])
      const second = yield* print(text)
      expect([second.code, second.stdout]).toEqual([0, `${text}\n`])
      expect(userText(seen((yield* upstream.requests)[0]))).toContain(text)
    })
  )

  it.scoped("falls back to a whole answer when a stream breaks after its beginning", () =>
    Effect.gen(function* () {
      const { print, upstream } = yield* open
      yield* upstream.fallback((request) =>
        seen(request).stream
          ? UpstreamScript.stream([...dialect.beginning("The beginning"), UpstreamScript.destroy])
          : dialect.whole({ text: "The whole answer." })
      )
      yield* upstream.enqueue(UpstreamScript.stream([...dialect.beginning("Part"), dialect.failure]))
      const { code, stdout } = yield* print("go on")
      expect([code, stdout]).toEqual([0, "The whole answer.\n"])
    })
  )
})
