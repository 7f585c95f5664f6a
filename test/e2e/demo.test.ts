import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { openStage } from "./stage.ts"

const here = dirname(fileURLToPath(import.meta.url))

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

  it.scoped("has a conversation with Claude Code for the doctor", () =>
    Effect.gen(function* () {
      const { claudex } = yield* openStage()
      const { stderr, stdout } = yield* claudex(["doctor", "--loopback"])
      expect(stderr).toBe("")
      expect(stdout).toMatch(/^ok {4}claude {4}\d+\.\d+\.\d+ \(Claude Code\), /m)
      expect(stdout).toMatch(/^ok {4}loopback {2}Claude Code had a conversation with demo, [\d.]+ s$/m)
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
