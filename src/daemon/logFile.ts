/** The log of the background gateway, as whoever starts it sees it. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Effect, Option } from "effect"

/** Prepares the log for a new process, and answers its size: where the new process begins to write. */
export const prepareLog = (
  file: string
): Effect.Effect<number, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
    const info = yield* Effect.option(fs.stat(file))
    return Option.match(info, { onNone: () => 0, onSome: ({ size }) => Number(size) })
  })

/** The last lines written since the file had the size `offset`, at most `count`. */
export const tailOf = (
  file: string,
  offset: number,
  count: number
): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const text = yield* fs.readFile(file).pipe(
      Effect.map((bytes) => new TextDecoder().decode(bytes.subarray(offset > bytes.length ? 0 : offset))),
      Effect.orElseSucceed(() => "")
    )
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-count)
  })
