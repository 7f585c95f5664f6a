/** Claude Code to a provider of its own protocol: what it said and heard is compared with what the provider heard and said. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { AnthropicScript, type RecordedRequest, UpstreamScript } from "../../src/testing/index.ts"
import { openStage, upstreamKey } from "./stage.ts"
import { openTap, type Tapped } from "./tap.ts"

const model = "claude-sonnet-4-5"

/** Claude Code as it is, led past the tap. */
const client = (port: number) => `#!/bin/sh
ANTHROPIC_BASE_URL="http://127.0.0.1:${port}/\${ANTHROPIC_BASE_URL#http://127.0.0.1:}"
export ANTHROPIC_BASE_URL
exec claude "$@"
`

const open = Effect.gen(function* () {
  const tap = yield* openTap
  const stage = yield* openStage({ profile: 'provider_type = "DirectAnthropic"', base: "", model })
  const binary = yield* stage.file("claude.sh", client(tap.port), 0o755)
  const print = (prompt: string, args: ReadonlyArray<string> = []) =>
    stage.print(prompt, args, { env: { CLAUDEX_CLAUDE_BINARY: binary } })
  const { exchanges } = tap
  const messages = Effect.map(exchanges, (all) => all.filter(({ method }) => method === "POST"))
  return { ...stage, print, messages }
})

/** What a client tells about itself and its request. */
const its = /^(anthropic-|x-claude-code-|x-stainless-|x-app$|user-agent$|accept$|content-type$)/

/** The provider was told exactly what the client said, and by us. */
const expectHandedOn = (sent: Tapped | undefined, received: RecordedRequest | undefined) => {
  expect(received?.url).toBe(sent?.url.replace(/^\/proxy\/scripted/, ""))
  expect(Buffer.compare(sent?.bytes ?? Buffer.of(), Buffer.from(received?.bytes ?? []))).toBe(0)
  const told = Object.entries(sent?.headers ?? {}).filter(([name]) => its.test(name))
  expect(received?.headers).toMatchObject(Object.fromEntries(told))
  const names = told.map(([name]) => name)
  expect(names).toEqual(expect.arrayContaining(["anthropic-version", "anthropic-beta", "user-agent", "x-app"]))
  expect(names.filter((name) => name.startsWith("x-claude-code-"))).not.toEqual([])
  // whose credentials
  const { authorization = "", "x-api-key": key = "" } = sent?.headers ?? {}
  const token = `${authorization.replace(/^Bearer /, "")}${String(key)}`
  expect(token).not.toBe("")
  const all = JSON.stringify(received?.headers)
  expect(all).not.toContain(token)
  expect(all).toContain(upstreamKey)
  expect(all).not.toContain("x-claudex")
  expect(JSON.stringify(sent?.headers)).not.toContain(upstreamKey)
}

describe("Claude Code through claudex to a provider that speaks Anthropic", () => {
  it.scoped("runs a tool; both sides have each other's bytes and headers", () =>
    Effect.gen(function* () {
      const { file, messages, print, upstream } = yield* open
      const path = yield* file("note.txt", "secret-token-4711\n")
      const calls = [
        { id: "toolu_01Read", name: "Read", args: JSON.stringify({ file_path: path }) },
        { id: "toolu_02Bash", name: "Bash", args: JSON.stringify({ command: "echo CCC", description: "Say C" }) }
      ]
      const turns = [
        { reasoning: "I should read it. 考える", signature: "Eq+sig/nature==", text: "Let me see.", calls },
        { text: "It says secret-token-4711." }
      ]
      const headers = { "request-id": "req_011e2e", "anthropic-ratelimit-requests-remaining": "41" }
      yield* upstream.enqueue(...turns.map((turn) => AnthropicScript.streamed(turn, headers)))
      const { code, stdout } = yield* print("read note.txt", ["--allowedTools", "Read,Bash(echo:*)"])
      expect([code, stdout]).toEqual([0, "It says secret-token-4711.\n"])

      const received = yield* upstream.requests
      const sent = yield* messages
      expect([received.length, sent.length]).toEqual([2, 2])
      expect(received[0]?.url).toBe("/v1/messages?beta=true")
      sent.forEach((exchange, index) => {
        expectHandedOn(exchange, received[index])
        const { answer } = exchange
        expect(answer.bytes.toString("utf8")).toBe(AnthropicScript.records(turns[index] ?? {}).join(""))
        expect(answer).toMatchObject({ status: 200, complete: true, headers })
      })
      expect(received[1]?.text).toContain('"signature":"Eq+sig/nature=="')
      expect(received[1]?.text).toContain("secret-token-4711")
    })
  )

  it.scoped("hears an error as the provider said it", () =>
    Effect.gen(function* () {
      const { messages, print, upstream } = yield* open
      const text = "messages.0: `tool_use` ids were found without `tool_result` blocks – so says the provider"
      const headers = { "request-id": "req_011err", "x-should-retry": "false" }
      const script = AnthropicScript.error(400, "invalid_request_error", text, headers)
      yield* upstream.fallback(() => script)
      const { code, stdout } = yield* print("try")
      expect(code).toBe(1)
      expect(stdout).toContain("so says the provider")
      const [exchange] = yield* messages
      expectHandedOn(exchange, (yield* upstream.requests)[0])
      expect(exchange?.answer).toMatchObject({ status: 400, headers })
      expect(JSON.parse(exchange?.answer.bytes.toString("utf8") ?? "")).toEqual({
        type: "error",
        error: { type: "invalid_request_error", message: text },
        request_id: "req_scripted"
      })
    })
  )

  it.scoped("waits as long as the provider says, and goes on", () =>
    Effect.gen(function* () {
      const { messages, print, upstream } = yield* open
      const busy = AnthropicScript.error(429, "rate_limit_error", "slow down", { "retry-after": "1" })
      yield* upstream.enqueue(busy, AnthropicScript.streamed({ text: "Now it works." }))
      const { code, stdout } = yield* print("try")
      expect([code, stdout]).toEqual([0, "Now it works.\n"])
      const [first, second] = yield* messages
      expect(first?.answer).toMatchObject({ status: 429, headers: { "retry-after": "1" } })
      expectHandedOn(second, (yield* upstream.requests)[1])
    })
  )

  it.scoped("sees a broken stream as broken, and asks for a whole answer", () =>
    Effect.gen(function* () {
      const { messages, print, upstream } = yield* open
      const beginning = AnthropicScript.records({ text: "The beginning" }).slice(0, 3)
      yield* upstream.fallback((request) =>
        JSON.stringify(request.body).includes('"stream":true')
          ? UpstreamScript.stream([...beginning, UpstreamScript.destroy])
          : AnthropicScript.whole({ text: "The whole answer." })
      )
      const { code, stdout } = yield* print("go on")
      expect([code, stdout]).toEqual([0, "The whole answer.\n"])
      const all = yield* messages
      const broken = all[0]?.answer
      const text = broken?.bytes.toString("utf8") ?? ""
      expect(text.startsWith(beginning.join(""))).toBe(true)
      expect(text).not.toContain("message_stop")
      // no client takes it for an end: the connection breaks, or the stream says what happened
      expect(broken?.complete === false || text.includes("event: error")).toBe(true)
      expectHandedOn(all.at(-1), (yield* upstream.requests).at(-1))
    })
  )
})
