/** Drafts: what is written beside a file under a name of its own, before it appears in its place as a whole. */
import { FileSystem, Path } from "@effect/platform"
import { Clock, Effect, Option } from "effect"

/** A draft of this age belongs to nobody any more: writing takes moments. Milliseconds. */
const forsaken = 10 * 60 * 1000

const draftName = /^\.(.+)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/

/** A name beside `file` that nobody else takes. */
export const draftOf = (path: Path.Path, file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.${globalThis.crypto.randomUUID()}.tmp`)

/** Removes drafts of `file` that killed processes left: they hold all that the file does. */
export const sweepDrafts = (file: string): Effect.Effect<void, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const [directory, name] = [path.dirname(file), path.basename(file)]
    const now = yield* Clock.currentTimeMillis
    const drafts = (yield* fs.readDirectory(directory)).filter((other) => draftName.exec(other)?.[1] === name)
    const sweep = (draft: string) =>
      Effect.gen(function* () {
        const written = Option.map((yield* fs.stat(draft)).mtime, (time) => time.getTime())
        if (now - Option.getOrElse(written, () => now) > forsaken) yield* fs.remove(draft, { force: true })
      }).pipe(Effect.ignore)
    yield* Effect.forEach(drafts, (draft) => sweep(path.join(directory, draft)), { discard: true })
  }).pipe(Effect.ignore)
