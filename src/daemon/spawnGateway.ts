/** Starting the background gateway: a process of its own that outlives whoever started it. */
import { spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { Data, Effect, Schema } from "effect"
import { LogLevel } from "../config/ConfigFile.ts"
import type { EnvironmentRecord } from "../config/Environment.ts"

/** What the starter tells the new process. */
export const GatewayOrder = Schema.Struct({
  host: Schema.NonEmptyString,
  port: Schema.Int.pipe(Schema.between(0, 65_535)),
  /** Take any free port when another program holds that one. */
  any_port: Schema.Boolean,
  /** Other machines may come. */
  allow_remote: Schema.Boolean,
  log_level: LogLevel,
  /** The file of `--config`, for clients that say nothing about their own; absolute. */
  config: Schema.optional(Schema.String)
})
export type GatewayOrder = typeof GatewayOrder.Type

/** The process could not even be started. */
export class GatewayNotSpawned extends Data.TaggedError("GatewayNotSpawned")<{ readonly message: string }> {}

export interface SpawnedGateway {
  readonly pid: number
  /** Its exit code, 1 for a signal, once it has ended. */
  readonly exited: () => number | undefined
}

/**
 * In its own session (no terminal, no signals of ours), in a directory that can be unmounted from nobody's work, with
 * both outputs appended to the log. It is not waited for.
 */
export const spawnGateway = (options: {
  readonly command: string
  readonly arguments: ReadonlyArray<string>
  readonly environment: EnvironmentRecord
  readonly directory: string
  readonly log: string
}): Effect.Effect<SpawnedGateway, GatewayNotSpawned> =>
  Effect.acquireUseRelease(
    Effect.try({ try: () => openSync(options.log, "a", 0o600), catch: notSpawned }),
    (log) =>
      Effect.async<SpawnedGateway, GatewayNotSpawned>((resume) => {
        const child = spawn(options.command, [...options.arguments], {
          cwd: options.directory,
          detached: true,
          env: { ...options.environment },
          stdio: ["ignore", log, log],
          windowsHide: true
        })
        let code: number | undefined
        child.once("exit", (status) => {
          code = status ?? 1
        })
        child.once("error", (error) => resume(Effect.fail(notSpawned(error))))
        child.once("spawn", () => resume(Effect.succeed({ pid: child.pid ?? 0, exited: () => code })))
        child.unref()
      }),
    (log) => Effect.sync(() => closeSync(log))
  )

const notSpawned = (error: unknown): GatewayNotSpawned =>
  new GatewayNotSpawned({ message: error instanceof Error ? error.message : String(error) })
