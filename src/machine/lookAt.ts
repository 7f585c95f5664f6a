/** What to type to see who may use a folder, where it or a file in it cannot be made. */
import { FileSystem, Path } from "@effect/platform"
import { Effect } from "effect"

/** The text as one word of a shell. */
const wordOf = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** The folder, or what is nearest above it: that is there, and refuses what is below it. */
export const nearestThere = (folder: string): Effect.Effect<string, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const above = path.dirname(folder)
    const isThere = yield* Effect.orElseSucceed(fs.exists(folder), () => false)
    return isThere || above === folder ? folder : yield* nearestThere(above)
  })

export const lookAt = (folder: string): Effect.Effect<string, never, FileSystem.FileSystem | Path.Path> =>
  Effect.map(nearestThere(folder), (there) => `ls -ld ${wordOf(there)}`)
