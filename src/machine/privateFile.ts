/** Writing a file that only its owner may read, such that a reader sees the old content or the new, never a part. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Effect } from "effect"
import { draftOf, sweepDrafts } from "./drafts.ts"

/** A synced file of mode 0600 beside `file`, in a directory made with 0700 when it is missing; `place` makes it the file. */
const drafted = <A, E, R>(file: string, content: string, place: (draft: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
    yield* sweepDrafts(file)
    const temporary = draftOf(path, file)
    const write = Effect.scoped(
      Effect.gen(function* () {
        const handle = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
        // it takes nothing written for a full disk
        if (content !== "") yield* handle.writeAll(new TextEncoder().encode(content))
        yield* handle.sync
      })
    )
    yield* Effect.zipRight(write, place(temporary)).pipe(
      Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
    )
  })

/**
 * Replaces `file` by `content`: mode 0600, in a directory made with 0700 when it is missing, through a synced temporary
 * file beside it and a rename. A symbolic link at `file` is replaced, not followed.
 */
export const writePrivateFile = (
  file: string,
  content: string
): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => drafted(file, content, (draft) => fs.rename(draft, file)))

/** The same for a file that is not there yet; fails with `AlreadyExists` when it is, whoever made it meanwhile. */
export const createPrivateFile = (
  file: string,
  content: string
): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    drafted(file, content, (draft) =>
      // a rename would replace what is there, a link does not; some file systems have none
      fs.link(draft, file).pipe(
        Effect.zipRight(fs.remove(draft)),
        Effect.catchAll((error) =>
          Effect.flatMap(fs.exists(file), (there) => (there ? Effect.fail(error) : fs.rename(draft, file)))
        )
      )
    )
  )
