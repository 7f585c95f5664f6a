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
import { ScriptedUpstream, type RecordedRequest } from "../../src/testing/index.ts"

const bin = resolve(dirname(fileURLToPath(import.meta.url)), "../../dist/bin/claudex.js")

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

const configOf = (upstream: string, extra: string) => `proxy_port = 0
${extra}
[[profiles]]
name = "scripted"
provider_type = "OpenAICompatible"
base_url = "${upstream}/v1"
api_key = "e2e-upstream-key"
default_model = "scripted-model"
context_window = 128000
`

/** Opens a world. `settings` are top-level lines for its configuration file. */
export const openStage = (settings = "") =>
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
      await writeFile(config, configOf(upstream.url, settings), { mode: 0o600 })
    })
    const claudex = (args: ReadonlyArray<string>, options: RunOptions = {}) =>
      start(project, { ...env, ...options.env }, args, options.input ?? "")
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
      print: (prompt: string, args: ReadonlyArray<string> = [], options: RunOptions = {}) =>
        claudex(["run", "scripted", "--print", prompt, ...args], options),
      /** Writes a file of the project; answers its path. */
      file: (name: string, content: string | Uint8Array, mode = 0o644) =>
        Effect.promise(async () => {
          await writeFile(join(project, name), content, { mode })
          return join(project, name)
        })
    }
  })

/** A message of a Chat Completions request. */
export interface ChatMessage {
  readonly role: string
  readonly content: unknown
  readonly tool_call_id?: string
  readonly tool_calls?: ReadonlyArray<{
    readonly id: string
    readonly function: { readonly name: string; readonly arguments: string }
  }>
}

/** The body of a recorded request, as a test looks into it. */
export interface ChatBody {
  readonly model: string
  readonly stream: boolean
  readonly messages: ReadonlyArray<ChatMessage>
  readonly tools: ReadonlyArray<{ readonly function: { readonly name: string; readonly description?: string } }>
}

/** The request's body. A test that looks for what is not there fails with the body in its message. */
export const bodyOf = (request: RecordedRequest | undefined): ChatBody =>
  // the provider's side of a test: its shape is what the test is about
  (request?.body ?? {}) as ChatBody
