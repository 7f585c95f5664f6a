/** Where the checks' facts come from: each look changes nothing and ends within a few seconds. */
import { execFile } from "node:child_process"
import { createServer } from "node:net"
import { FileSystem } from "@effect/platform"
import { Clock, Duration, Effect } from "effect"
import type { EnvironmentRecord } from "../../config/Environment.ts"
import type { Profile } from "../../domain/Profile.ts"
import { probeOf } from "../../gateway/probe.ts"
import { look } from "../../resilience/HealthChecker.ts"
import { UpstreamHttp } from "../../upstream/UpstreamHttp.ts"
import type { CaFile, ClaudeVersion } from "./machine.ts"
import { aheadOf, type Look } from "./providers.ts"

/** How long a program or a provider may take, in seconds. */
const patience = 5

const failed = (error: Error & { readonly code?: unknown }, stderr: string): ClaudeVersion => ({
  _tag: "Failed",
  reason:
    stderr.trim().split("\n")[0] || (typeof error.code === "number" ? `exit code ${error.code}` : String(error.code))
})

/** Asks a program for its version. */
export const versionOf = (program: string, environment: EnvironmentRecord): Effect.Effect<ClaudeVersion> =>
  Effect.async<ClaudeVersion>((resume) => {
    const options = { env: { ...environment }, timeout: patience * 1000, killSignal: "SIGKILL" } as const
    const child = execFile(program, ["--version"], options, (error, stdout, stderr) => {
      if (error === null) resume(Effect.succeed({ _tag: "Told", text: stdout.trim() }))
      else if (error.killed === true) resume(Effect.succeed({ _tag: "Silent", seconds: patience }))
      else resume(Effect.succeed(failed(error, stderr)))
    })
    // a program that does not read it may be gone already
    child.stdin?.on("error", () => {}).end()
    return Effect.sync(() => child.kill("SIGKILL"))
  })

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

export const caFile = (file: string): Effect.Effect<CaFile, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(file)).pipe(
    Effect.map((text): CaFile => (text.includes("-----BEGIN") ? "certificates" : "nothing")),
    Effect.orElseSucceed((): CaFile => "unreadable")
  )

/** Asks a profile's provider for its models, as the gateway's health checker does, and notes what came by. */
export const lookAt = (profile: Profile, environment: EnvironmentRecord): Effect.Effect<Look, never, UpstreamHttp> =>
  Effect.gen(function* () {
    const http = yield* UpstreamHttp
    let seen: Omit<Look, "sight"> = {}
    const watched = UpstreamHttp.of({
      send: (request) =>
        Effect.gen(function* () {
          const sent = yield* Clock.currentTimeMillis
          const answer = yield* Effect.tapError(http.send(request), ({ kind }) =>
            Effect.sync(() => (seen = { failure: kind }))
          )
          const received = yield* Clock.currentTimeMillis
          seen = { status: answer.status, ahead: aheadOf(answer.headers["date"], sent, received) }
          return answer
        })
    })
    const sight = yield* look(watched, probeOf(profile, environment), patience)
    return { sight, ...seen }
  })
