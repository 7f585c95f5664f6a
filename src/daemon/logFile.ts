/** The log of the background gateway: private, one older generation kept. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Effect, Option } from "effect"

const limit = 4_000_000

/** Prepares the log for a new process: sets a long one aside. Answers its size, where the new process begins to write. */
export const prepareLog = (
  file: string
): Effect.Effect<number, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
    const info = yield* Effect.option(fs.stat(file))
    if (Option.isNone(info)) return 0
    const size = Number(info.value.size)
    if (size < limit) return size
    yield* fs.rename(file, `${file}.old`)
    return 0
  })

/** The last lines written since `offset`, at most `count`. */
export const tailOf = (
  file: string,
  offset: number,
  count: number
): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const text = yield* fs.readFile(file).pipe(
      Effect.map((bytes) => new TextDecoder().decode(bytes.subarray(offset))),
      Effect.orElseSucceed(() => "")
    )
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-count)
  })
