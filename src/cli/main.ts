/** claudex as a process: its streams, its signals and its exit code. */
import { NodeFileSystem, NodePath, NodeRuntime, NodeTerminal } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer } from "effect"
import { Environment } from "../config/Environment.ts"
import { Paths } from "../config/Paths.ts"
import { logging } from "../daemon/logging.ts"
import { Program } from "../daemon/Program.ts"
import { commandLine, fault, type WorkingDirectory } from "./commandLine.ts"
import { Failure } from "./output.ts"

const workingDirectory: WorkingDirectory = Effect.try({
  try: () => process.cwd(),
  catch: () => new Failure({ message: "The working directory does not exist any more.", next: "cd ~", code: 1 })
})

const self = Layer.sync(Program, () => ({ command: process.execPath, arguments: process.argv.slice(1, 2) }))

// the default logger writes to stdout, which is for results
const services = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeTerminal.layer, self, logging("warn")).pipe(
  Layer.provideMerge(Paths.layer),
  Layer.provideMerge(Environment.layer)
)

/** Interrupted by a signal: 130, as shells have it for Ctrl-C. */
const exitCode = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return typeof exit.value === "number" ? exit.value : 0
  return Cause.isInterruptedOnly(exit.cause) ? 130 : 1
}

/** Runs claudex with the arguments after the program's name, and ends the process with the exit code. */
export const main = (argv: ReadonlyArray<string>): void => {
  const program = Effect.provide(commandLine(argv, workingDirectory), services)
  NodeRuntime.runMain(Effect.catchAllCause(program, fault), {
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, end) => {
      process.exitCode = exitCode(exit)
      end(exitCode(exit))
    }
  })
}
