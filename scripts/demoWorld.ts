/**
 * What the demo stands on: folders of its own, a provider on a free port that is played by the demo model, and the real
 * gateway as a child process. All of it ends with the scope.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Data, Effect, Either } from "effect"
import { errorBody, recordsOf, completionOf } from "../src/provider/demo/render.ts"
import { demoTurn } from "../src/provider/demo/turn.ts"
import { ScriptedUpstream, UpstreamScript, type RecordedRequest } from "../src/testing/index.ts"

export class DemoError extends Data.TaggedError("DemoError")<{ readonly detail: string }> {
  override get message(): string {
    return this.detail
  }
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, without a terminal. */
export const runProgram = (
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }
): Effect.Effect<Ended, DemoError> =>
  Effect.async((resume) => {
    const child = spawn(command, [...args], { ...options, stdio: ["ignore", "pipe", "pipe"] })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (stdout += piece))
    child.stderr.setEncoding("utf8").on("data", (piece: string) => (stderr += piece))
    child.once("error", (cause) => resume(new DemoError({ detail: `${command}: ${cause.message}` })))
    child.once("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => void child.kill("SIGTERM"))
  })

/** A folder for everything that is written; it goes with the scope. */
export const makeFolders = Effect.gen(function* () {
  const root = yield* Effect.acquireRelease(
    Effect.promise(async () => realpath(await mkdtemp(join(tmpdir(), "claudex-demo-")))),
    // a client may still write its history when it has already ended
    (dir) => Effect.promise(() => rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }))
  )
  const inside = (name: string) => join(root, name)
  const env: Readonly<Record<string, string>> = {
    HOME: inside("home"),
    XDG_CONFIG_HOME: inside("config"),
    XDG_STATE_HOME: inside("state"),
    XDG_CACHE_HOME: inside("cache"),
    TMPDIR: inside("tmp"),
    PATH: process.env["PATH"] ?? "",
    LANG: "C.UTF-8",
    TERM: "dumb",
    CLAUDEX_PROXY_TOKEN: globalThis.crypto.randomUUID()
  }
  yield* Effect.promise(() =>
    Promise.all([inside("home"), inside("tmp")].map((dir) => mkdir(dir, { recursive: true })))
  )
  return { root, project: inside("project"), env }
})

export const writeText = (path: string, text: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { mode: 0o600 })
  })

export interface ProviderObserver {
  /** What the provider was asked. */
  readonly asked: (body: unknown) => void
  /** The records of the stream that answers it. */
  readonly records: (records: ReadonlyArray<string>) => void
}

/** The demo model behind a real socket; `pace` is the time between two pieces, in milliseconds. */
export const openProvider = (pace: number, observer: ProviderObserver) =>
  Effect.gen(function* () {
    const upstream = yield* ScriptedUpstream.make
    const answer = (request: RecordedRequest) => {
      observer.asked(request.body)
      const turn = demoTurn(request.body)
      if (Either.isLeft(turn)) return UpstreamScript.respond(400, errorBody(turn.left, "invalid_request"))
      if (!turn.right.stream) return UpstreamScript.respond(200, completionOf(turn.right))
      const records = recordsOf(turn.right)
      observer.records(records)
      return UpstreamScript.stream(
        pace > 0 ? records.flatMap((record) => [record, UpstreamScript.pause(pace)]) : records
      )
    }
    yield* upstream.fallback(answer)
    return upstream.url
  })

/** The URL that the gateway names when it listens. */
const ready = (child: ChildProcess): Effect.Effect<string, DemoError> =>
  Effect.async((resume) => {
    let said = ""
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      said += piece
      const url = /http:\/\/[\w.:[\]]+\d/.exec(said)?.[0]
      if (url !== undefined) resume(Effect.succeed(url))
    })
    child.once("error", (cause) => resume(new DemoError({ detail: cause.message })))
    child.once("exit", () => resume(new DemoError({ detail: `the gateway did not start:\n${said.trim()}` })))
  })

const ended = (child: ChildProcess): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
  })

/** `claudex proxy start` on a free port; its URL. It is asked to stop when the scope closes. */
export const openGateway = (
  bin: string,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }
) =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [bin, "proxy", "start", "--port", "0"], {
          ...options,
          stdio: ["ignore", "ignore", "pipe"]
        })
      ),
      (running) =>
        Effect.sync(() => running.kill("SIGTERM")).pipe(
          Effect.zipRight(Effect.timeoutOption(ended(running), "10 seconds")),
          Effect.zipRight(Effect.sync(() => running.kill("SIGKILL")))
        )
    )
    return yield* ready(child).pipe(
      Effect.timeoutFail({
        duration: "30 seconds",
        onTimeout: () => new DemoError({ detail: "the gateway did not listen within 30 seconds" })
      })
    )
  })
