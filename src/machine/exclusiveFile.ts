/** Making a private file once: of many processes that try at the same time exactly one succeeds. */
import { FileSystem, Path, type Error as PlatformError } from "@effect/platform"
import { Effect } from "effect"
import { draftOf, sweepDrafts } from "./drafts.ts"

const alreadyExists = (error: PlatformError.PlatformError): boolean =>
  error._tag === "SystemError" && error.reason === "AlreadyExists"

/**
 * Creates `file` with `content`, mode 0600, in a directory made with 0700 when it is missing. False when there was one
 * already. The file appears with its whole content at once: it is written beside its place and linked in, and a link,
 * unlike a rename, never replaces. Who succeeds sweeps away what killed ones left of their attempts.
 */
export const createExclusively = (
  file: string,
  content: string
): Effect.Effect<boolean, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
    const draft = draftOf(path, file)
    const write = (target: string) => fs.writeFileString(target, content, { flag: "wx", mode: 0o600 })
    // some file systems have no hard links; there the content follows the name after a moment
    const link = fs
      .link(draft, file)
      .pipe(Effect.catchAll((error) => (alreadyExists(error) ? Effect.fail(error) : write(file))))
    return yield* Effect.zipRight(write(draft), link).pipe(
      Effect.zipRight(sweepDrafts(file)),
      Effect.as(true),
      Effect.catchIf(alreadyExists, () => Effect.succeed(false)),
      Effect.ensuring(Effect.ignore(fs.remove(draft, { force: true })))
    )
  })
