/**
 * A child in the foreground: it shares the terminal, the process group and the standard streams of claudex, so that it
 * behaves as if the user had started it. While it runs, claudex only waits.
 *
 * - Ctrl-C and Ctrl-\ come from the terminal to the whole group: the child decides what they mean, claudex ignores them.
 * - SIGTERM and SIGHUP sent to claudex alone are handed on; the child's own end then ends claudex.
 * - Ctrl-Z stops the whole group; nothing to do.
 * - The exit code is the child's, 128+n when signal n ended it.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:os"
import { Data, Effect, Either } from "effect"

/** The system refused to start the program. */
export class SpawnError extends Data.TaggedError("SpawnError")<{
  readonly program: string
  readonly code: string
}> {
  override get message(): string {
    return `"${this.program}" could not be started (${this.code}).`
  }
}

export interface ForegroundCommand {
  /** An absolute path. */
  readonly program: string
  readonly arguments: ReadonlyArray<string>
  /** The child's whole environment. */
  readonly environment: Readonly<Record<string, string>>
}

const ignored = ["SIGINT", "SIGQUIT"] as const
const handedOn = ["SIGTERM", "SIGHUP"] as const

const start = (command: ForegroundCommand): Either.Either<ChildProcess, SpawnError> =>
  Either.try({
    // throws only for what no program can be given, such as a zero byte in a variable
    try: () => spawn(command.program, [...command.arguments], { stdio: "inherit", env: command.environment }),
    catch: (error) => new SpawnError({ program: command.program, code: errorCode(error) })
  })

const errorCode = (error: unknown): string =>
  error instanceof Error ? ("code" in error ? String(error.code) : error.message) : String(error)

/** Swaps the listeners of the signals for the time of the child; answers how to put them back. */
const takeSignals = (child: ChildProcess, told: () => void): (() => void) => {
  // whoever listens for signals now means to end claudex at once; the child comes first
  const displaced = [...ignored, ...handedOn].map((signal) => [signal, process.listeners(signal)] as const)
  for (const [signal] of displaced) process.removeAllListeners(signal)
  const ignore = () => undefined
  const handOn = (signal: NodeJS.Signals) => {
    told()
    child.kill(signal)
  }
  for (const signal of ignored) process.on(signal, ignore)
  for (const signal of handedOn) process.on(signal, handOn)
  return () => {
    for (const signal of ignored) process.off(signal, ignore)
    for (const signal of handedOn) process.off(signal, handOn)
    for (const [signal, listeners] of displaced) {
      // cast: Node types what it returns as plain functions; each goes back to the signal it came from
      for (const listener of listeners) process.on(signal, listener as NodeJS.SignalsListener)
    }
  }
}

/**
 * Runs the command to its end and answers its exit code. Interrupting it ends the child with SIGTERM. `told` is called when a
 * signal is handed on: the child is to end.
 */
export const foreground = (
  command: ForegroundCommand,
  told: () => void = () => undefined
): Effect.Effect<number, SpawnError> =>
  Effect.async<number, SpawnError>((resume) => {
    const started = start(command)
    if (Either.isLeft(started)) return resume(Effect.fail(started.left))
    const child = started.right
    const restore = takeSignals(child, told)
    child.once("error", (error) => {
      restore()
      resume(Effect.fail(new SpawnError({ program: command.program, code: errorCode(error) })))
    })
    child.once("exit", (code, signal) => {
      restore()
      resume(Effect.succeed(code ?? (signal === null ? 1 : 128 + constants.signals[signal])))
    })
    return Effect.async<void>((done) => {
      child.once("exit", () => done(Effect.void))
      child.kill("SIGTERM")
    })
  })
