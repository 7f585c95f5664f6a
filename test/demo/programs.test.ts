import { spawn } from "node:child_process"
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..")

/** Runs a script of the project with nothing on PATH, in a home and a temporary folder of its own. */
const runScript = (script: string, args: ReadonlyArray<string>, more: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const home = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "claudex-script-"))),
      (dir) => Effect.promise(() => rm(dir, { recursive: true, force: true }))
    )
    const temporary = join(home, "tmp")
    yield* Effect.promise(() => mkdir(temporary))
    const env = { PATH: temporary, HOME: home, TMPDIR: temporary, ...more }
    const ended = yield* Effect.async<{ code: number | null; stdout: string; stderr: string }>((resume) => {
      const child = spawn(process.execPath, [join(root, script), ...args], { cwd: root, env, stdio: "pipe" })
      let stdout = ""
      let stderr = ""
      child.stdout.setEncoding("utf8").on("data", (piece: string) => (stdout += piece))
      child.stderr.setEncoding("utf8").on("data", (piece: string) => (stderr += piece))
      child.once("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
      child.stdin.end()
      return Effect.sync(() => void child.kill("SIGTERM"))
    })
    const left = yield* Effect.promise(async () => [...(await readdir(temporary)), ...(await readdir(home))])
    return { ...ended, left: left.filter((name) => name !== "tmp") }
  })

describe("npm run demo", () => {
  it.scoped(
    "holds a streamed conversation with a tool round trip, shows both sides, and leaves nothing behind",
    () =>
      Effect.gen(function* () {
        const { code, left, stderr, stdout } = yield* runScript("scripts/demo.mjs", ["--builtin"], {
          CLAUDEX_DEMO_PACE: "0"
        })
        expect({ code, stderr, left }).toEqual({ code: 0, stderr: "", left: [] })
        const lines = stdout.split("\n")
        expect(lines.filter((line) => line.length > 80 && !line.includes("file_path"))).toEqual([])
        expect(stdout).not.toContain("\u001b")
        expect(stdout).toMatch(/^Request 1$[\s\S]*^says +I will read README\.md\.$[\s\S]*^Request 2$/m)
        expect(stdout).toMatch(/^provider +gets Chat Completions$/m)
        expect(stdout).toContain("1 tool_result block -> 1 tool message, paired by id")
        expect(stdout).toMatch(/^ +reasoning_content x\d+ +content_block_start thinking$/m)
        expect(stdout).toMatch(/^answer +# The demo project 🚀$/m)
      }),
    120_000
  )
})

describe("npm run test:e2e", () => {
  it.scoped("says that it was skipped, and why, when there is no Claude Code", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* runScript("scripts/e2e.mjs", [])
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      expect(stdout).toMatch(/^skipped: there is no `claude` on PATH\..*@anthropic-ai\/claude-code@2\.1\.330\n$/)
    })
  )
})
