/**
 * One scenario's world: an empty home, a project folder, a scripted provider, and the built `claudex` that starts the
 * real Claude Code. Nothing of the user's own is read or written, and nothing is left running.
 */
import { spawn } from "node:child_process"
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { ScriptedUpstream } from "../../src/testing/index.ts"

const bin = resolve(dirname(fileURLToPath(import.meta.url)), "../../dist/bin/claudex.cjs")

/** How a program ended and what it said. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Standard input; closed at once when there is none. */
  readonly input?: string
}

const start = (cwd: string, env: Readonly<Record<string, string>>, args: ReadonlyArray<string>, input: string) =>
  Effect.async<Ended>((resume) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd, env, stdio: "pipe" })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (stdout += piece))
    child.stderr.setEncoding("utf8").on("data", (piece: string) => (stderr += piece))
    child.once("error", (cause) => resume(Effect.die(cause)))
    child.once("close", (code, signal) => resume(Effect.succeed({ code, signal, stdout, stderr })))
    child.stdin.end(input)
    return Effect.sync(() => void child.kill("SIGTERM"))
  })

/** Ends a gateway that `proxy stop` could not end, so that a failing scenario leaves no process behind. */
const endGateway = (state: string) =>
  Effect.tryPromise(async () => {
    const { pid }: { pid: number } = JSON.parse(await readFile(state, "utf8"))
    process.kill(pid, "SIGKILL")
  }).pipe(Effect.ignore)

export interface StageOptions {
  /** Lines of the profile `scripted` besides name, key, model and base URL; a Chat provider without any. */
  readonly profile?: string
  /** Behind the scripted provider's address; `/v1` without any. */
  readonly base?: string
  /** The profile's model. */
  readonly model?: string
  /** More of the configuration file: tables and other profiles. */
  readonly more?: string
}

/** The key that the provider wants. */
export const upstreamKey = "e2e-upstream-key"

const configOf = (
  upstream: string,
  { base = "/v1", model = "scripted-model", more = "", profile = 'provider_type = "OpenAICompatible"' }: StageOptions
) => `proxy_port = 0

[[profiles]]
name = "scripted"
base_url = "${upstream}${base}"
api_key = "${upstreamKey}"
default_model = "${model}"
context_window = 128000
${profile}

${more}
`

/** Opens a world. */
export const openStage = (options: StageOptions = {}) =>
  Effect.gen(function* () {
    const upstream = yield* ScriptedUpstream.make
    const root = yield* Effect.acquireRelease(
      Effect.promise(async () => realpath(await mkdtemp(join(tmpdir(), "claudex-e2e-")))),
      // the client may still be writing its history when it has already ended
      (dir) => Effect.promise(() => rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }))
    )
    const home = join(root, "home")
    const project = join(root, "project")
    const places = { XDG_CONFIG_HOME: "config", XDG_STATE_HOME: "state", XDG_CACHE_HOME: "cache", TMPDIR: "tmp" }
    const env: Readonly<Record<string, string>> = {
      ...Object.fromEntries(Object.entries(places).map(([name, dir]) => [name, join(root, dir)])),
      HOME: home,
      PATH: process.env["PATH"] ?? "",
      LANG: "C.UTF-8",
      TERM: "dumb",
      CLAUDEX_DEMO_PACE: "0",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1"
    }
    const config = join(root, "config", "claudex", "config.toml")
    yield* Effect.promise(async () => {
      for (const dir of [home, project, join(root, "tmp"), dirname(config)]) await mkdir(dir, { recursive: true })
      await writeFile(config, configOf(upstream.url, options), { mode: 0o600 })
    })
    const claudex = (args: ReadonlyArray<string>, run: RunOptions = {}) =>
      start(project, { ...env, ...run.env }, args, run.input ?? "")
    yield* Effect.addFinalizer(() =>
      claudex(["proxy", "stop"]).pipe(Effect.zipRight(endGateway(join(root, "state", "claudex", "gateway.json"))))
    )
    return {
      upstream,
      home,
      project,
      root,
      claudex,
      /** `claudex run scripted --print <prompt>`, with these tools allowed. */
      print: (prompt: string, args: ReadonlyArray<string> = [], run: RunOptions = {}) =>
        claudex(["run", "scripted", "--print", prompt, ...args], run),
      /** Writes a file of the project; answers its path. */
      file: (name: string, content: string | Uint8Array, mode = 0o644) =>
        Effect.promise(async () => {
          await writeFile(join(project, name), content, { mode })
          return join(project, name)
        })
    }
  })
