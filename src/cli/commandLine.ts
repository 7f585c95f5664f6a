/**
 * A command line from its arguments to its exit code, in whatever world it is given. Loads the parser; a command's own code is
 * loaded when it runs.
 */
import { ValidationError } from "@effect/cli"
import { Cause, Effect, Either, Option } from "effect"
import { anchorOf } from "../config/anchor.ts"
import { Environment } from "../config/Environment.ts"
import { version } from "../domain/version.ts"
import { splitRunArgs } from "./argv.ts"
import { calledAt } from "./called.ts"
import { claudex, words } from "./commands.ts"
import { paragraphs } from "./grammar.ts"
import { renderHelp } from "./help.ts"
import { complain, ConfigOption, type Ended, Failure, outWidth, print } from "./output.ts"
import { ChildArguments, Where } from "./services.ts"
import { configIn, type Reading, readWords, type UsageMistake } from "./words.ts"

/** Where the command is typed. */
export type WorkingDirectory = Effect.Effect<string, Failure>

const execute = (reading: Reading, child: ReadonlyArray<string>, workingDirectory: WorkingDirectory) =>
  Effect.gen(function* () {
    const cwd = yield* workingDirectory
    const anchor = anchorOf(cwd, Option.fromNullable(reading.config), yield* Environment)
    yield* calledAt(claudex, reading.path)
      .run(reading.words.slice(reading.path.length))
      .pipe(Effect.provideService(Where, anchor), Effect.provideService(ChildArguments, child))
  }).pipe(
    Effect.mapError((error) =>
      ValidationError.isValidationError(error)
        ? new Failure({
            message: paragraphs(error.error).join(" "),
            next: ["claudex", ...reading.path, "--help"].join(" "),
            code: 2
          })
        : error
    )
  )

const answer = (reading: Reading, child: ReadonlyArray<string>, workingDirectory: WorkingDirectory) => {
  if (reading.ask === "version") return print(version)
  if (reading.ask === "help") {
    return Effect.flatMap(outWidth, (width) =>
      print(renderHelp(words, reading.path, reading.command, version, width).trimEnd())
    )
  }
  return execute(reading, child, workingDirectory)
}

/** What an end means for the shell, after saying what there is to say. */
const conclude = (error: Failure | Ended | UsageMistake): Effect.Effect<number> => {
  switch (error._tag) {
    case "Ended":
      return Effect.succeed(error.code)
    case "Failure":
      return Effect.as(complain(error), error.code)
    case "UsageMistake":
      return Effect.as(complain(error), 2)
  }
}

/** A fault of claudex itself. The stack is for those who look for it; it may not reach a log that is shared. */
export const fault = (cause: Cause.Cause<never>): Effect.Effect<number> => {
  if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
  const [defect] = Cause.defects(cause)
  const message = defect instanceof Error ? `${defect.name}: ${defect.message}` : "an unknown fault"
  return Effect.as(complain({ message: `Internal fault, please report it (${message})` }), 1)
}

/** Whether a shell is going to do what is printed, also where the command line cannot be read as a whole. */
const isForShell = (own: ReadonlyArray<string>): boolean =>
  own.find((word, at) => !word.startsWith("-") && own[at - 1] !== "--config") === "env" &&
  (own.includes("--shell") || own.includes("--fish")) &&
  !own.includes("--json")

/** Whatever fails prints nothing, and nothing evaluates to success: `eval "$(...)" && claude` would go on without a profile. */
const falseUnless = <E, R>(whole: Effect.Effect<number, E, R>) =>
  whole.pipe(
    Effect.tap((code) => (code === 0 ? Effect.void : print("false"))),
    Effect.onError(() => print("false"))
  )

/** Runs a command line (without the program's name) to its exit code. */
export const commandLine = (argv: ReadonlyArray<string>, workingDirectory: WorkingDirectory) => {
  const { own, child } = splitRunArgs(argv)
  const reading = readWords(words, own)
  const config = Either.match(reading, { onLeft: () => configIn(own), onRight: (read) => read.config })
  const whole = Either.match(reading, {
    onLeft: conclude,
    onRight: (read) => answer(read, child, workingDirectory).pipe(Effect.as(0), Effect.catchAll(conclude))
  }).pipe(Effect.provideService(ConfigOption, config))
  return isForShell(own) ? falseUnless(whole) : whole
}
