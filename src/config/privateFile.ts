/** Writing a file that only its owner may read, such that a reader sees the old content or the new, never a part. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Clock, Effect, Option } from "effect"

/** A draft of this age belongs to nobody any more: writing takes moments. Milliseconds. */
const forsaken = 10 * 60 * 1000

const draftName = /^\.(.+)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/

/** Removes drafts of the file that a killed process left: they hold all that the file does. */
const sweep = (directory: string, name: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const now = yield* Clock.currentTimeMillis
    const drafts = (yield* fs.readDirectory(directory)).filter((other) => draftName.exec(other)?.[1] === name)
    for (const draft of drafts) {
      const file = path.join(directory, draft)
      const written = Option.map((yield* fs.stat(file)).mtime, (time) => time.getTime())
      if (now - Option.getOrElse(written, () => now) > forsaken) yield* fs.remove(file, { force: true })
    }
  }).pipe(Effect.ignore)

/**
 * Replaces `file` by `content`: mode 0600, in a directory made with 0700 when it is missing, through a synced temporary
 * file beside it and a rename. A symbolic link at `file` is replaced, not followed.
 */
export const writePrivateFile = (
  file: string,
  content: string
): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const directory = path.dirname(file)
    yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
    yield* sweep(directory, path.basename(file))
    const temporary = path.join(directory, `.${path.basename(file)}.${globalThis.crypto.randomUUID()}.tmp`)
    const write = Effect.scoped(
      Effect.gen(function* () {
        const handle = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
        yield* handle.writeAll(new TextEncoder().encode(content))
        yield* handle.sync
      })
    )
    yield* Effect.zipRight(write, fs.rename(temporary, file)).pipe(
      Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
    )
  })
