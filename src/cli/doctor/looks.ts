/** Where the checks' facts come from: each look changes nothing and ends within a few seconds. */
import { execFile } from "node:child_process"
import { createServer } from "node:net"
import { type Error as PlatformError, FileSystem, Path } from "@effect/platform"
import { Duration, Effect, Option } from "effect"
import { demoProfile } from "../../config/builtin.ts"
import type { EnvironmentRecord } from "../../config/Environment.ts"
import { Program } from "../../daemon/Program.ts"
import { nearestThere } from "../../machine/lookAt.ts"
import { refusedWhy } from "../../machine/refused.ts"
import { maskSecrets } from "../../protocol/errors.ts"
import type { CaFile, Run } from "./machine.ts"

/** How long a program or a provider may take, in seconds. */
export const patience = 5

interface Order {
  readonly program: string
  readonly arguments: ReadonlyArray<string>
  readonly environment: EnvironmentRecord
  /** How long it may take, in seconds. */
  readonly patience: number
  /** What ends it then. */
  readonly signal: "SIGKILL" | "SIGTERM"
}

const reasonOf = (code: unknown, stderr: string): string => {
  const said = maskSecrets(stderr.trim().split("\n")[0] ?? "")
  if (said !== "") return said
  return typeof code === "number" ? `exit code ${code}` : String(code)
}

/** Runs a program without input to its end. */
const outcomeOf = (order: Order): Effect.Effect<Run> =>
  Effect.async<Run>((resume) => {
    const { arguments: words, environment, patience: seconds, program, signal } = order
    const options = { env: { ...environment }, timeout: seconds * 1000, killSignal: signal } as const
    const child = execFile(program, [...words], options, (error, stdout, stderr) => {
      if (error === null) resume(Effect.succeed({ _tag: "Told", text: stdout.trim() }))
      else if (error.killed === true) resume(Effect.succeed({ _tag: "Silent", seconds }))
      else resume(Effect.succeed({ _tag: "Failed", reason: reasonOf(error.code, stderr) }))
    })
    // a program that does not read it may be gone already
    child.stdin?.on("error", () => {}).end()
    return Effect.sync(() => child.kill(signal))
  })

/** Asks a program for its version. */
export const versionOf = (program: string, environment: EnvironmentRecord): Effect.Effect<Run> =>
  outcomeOf({ program, arguments: ["--version"], environment, patience, signal: "SIGKILL" })

/** What the demo is asked, in the words of a user. */
const question = "who are you?"

/** Has Claude Code ask the demo, as `claudex run` does it for everybody: by way of the gateway, which stays. */
export const converse = (
  environment: EnvironmentRecord,
  config: Option.Option<string>
): Effect.Effect<Run, never, Program> =>
  Effect.flatMap(Program, (self) =>
    outcomeOf({
      program: self.command,
      arguments: [
        ...self.arguments,
        ...Option.match(config, { onNone: () => [], onSome: (file) => ["--config", file] }),
        "run",
        demoProfile,
        question,
        "--print"
      ],
      environment,
      patience: 60,
      // which it hands on
      signal: "SIGTERM"
    })
  )

/** Whether a server could listen there: "free", or the system's error code. It listens for a moment to find out. */
export const portState = (host: string, port: number): Effect.Effect<string> =>
  Effect.async<string>((resume) => {
    const server = createServer()
    server.once("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code ?? error.message)))
    server.listen({ host: host.replace(/^\[(.*)\]$/, "$1"), port, exclusive: true }, () =>
      server.close(() => resume(Effect.succeed("free")))
    )
    return Effect.sync(() => server.close())
  }).pipe(
    // the name of a host may have to be looked up
    Effect.timeoutTo({
      duration: Duration.seconds(patience),
      onSuccess: (state) => state,
      onTimeout: () => "ETIMEDOUT"
    })
  )

/** Whether files can be made in a folder that may not be there yet: undefined, or the place that refuses it, and why. */
export const refusedPlace = (folder: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const place = yield* nearestThere(folder)
    const { type } = yield* fs.stat(place)
    if (type !== "Directory") return { place, why: "is no folder" }
    yield* fs.access(place, { writable: true })
    return undefined
  }).pipe(
    Effect.catchAll((error) =>
      Effect.map(nearestThere(folder), (place) => ({ place, why: `cannot be written: ${refusedWhy(error)}` }))
    )
  )

/** Whether somebody else can come as far as this folder. */
const isReached = (
  folder: string
): Effect.Effect<boolean, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const above = (yield* Path.Path).dirname(folder)
    const { mode } = yield* (yield* FileSystem.FileSystem).stat(folder)
    if ((mode & 0o011) === 0) return false
    return above === folder ? true : yield* isReached(above)
  })

/** The mode of a file that others than its user can read, as `chmod` takes it; undefined for all others. */
export const openMode = (file: string): Effect.Effect<string | undefined, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { mode } = yield* (yield* FileSystem.FileSystem).stat(file)
    const isOpen =
      process.platform !== "win32" && (mode & 0o044) !== 0 && (yield* isReached((yield* Path.Path).dirname(file)))
    return isOpen ? (mode & 0o777).toString(8).padStart(4, "0") : undefined
  }).pipe(Effect.orElseSucceed(() => undefined))

export const caFile = (file: string): Effect.Effect<CaFile, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(file)).pipe(
    Effect.map((text): CaFile => (text.includes("-----BEGIN") ? "certificates" : "nothing")),
    Effect.orElseSucceed((): CaFile => "unreadable")
  )
