/** Finding the program to start, before anything else is done for it. */
import { FileSystem, Path } from "@effect/platform"
import { Data, Effect } from "effect"
import { type EnvironmentRecord, variable } from "../config/Environment.ts"

export class MissingExecutable extends Data.TaggedError("MissingExecutable")<{
  readonly program: string
  /** Present but not a program. */
  readonly notExecutable: boolean
}> {
  /** It is there and faulty, or the configuration names another than the one that is installed by default. */
  get toCorrect(): boolean {
    return this.notExecutable || this.program !== "claude"
  }

  override get message(): string {
    return this.notExecutable
      ? `"${this.program}" is not an executable file.`
      : `Claude Code was not found: there is no program "${this.program}"${this.program.includes("/") ? "" : " on PATH"}.`
  }
}

/**
 * The absolute path of `program`: a path (`~/` is the home directory, relative to `cwd`) or a name to look for on PATH.
 */
export const findExecutable = (
  program: string,
  places: { readonly environment: EnvironmentRecord; readonly home: string; readonly cwd: string }
): Effect.Effect<string, MissingExecutable, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const isFile = (file: string) =>
      fs.stat(file).pipe(
        Effect.map((info) => info.type === "File"),
        Effect.orElseSucceed(() => false)
      )
    const mayRun = (file: string) =>
      fs.stat(file).pipe(
        Effect.map((info) => info.type === "File" && (info.mode & 0o111) !== 0),
        Effect.orElseSucceed(() => false)
      )
    const directories = (variable(places.environment, "PATH") ?? "").split(":").filter((entry) => entry !== "")
    const candidates = program.startsWith("~/")
      ? [path.join(places.home, program.slice(2))]
      : program.includes("/")
        ? [path.resolve(places.cwd, program)]
        : directories.map((directory) => path.resolve(places.cwd, directory, program))
    for (const candidate of candidates) if (yield* mayRun(candidate)) return candidate
    const present = yield* Effect.findFirst(candidates, isFile)
    return yield* new MissingExecutable({ program, notExecutable: present._tag === "Some" })
  })
