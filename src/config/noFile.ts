/** What stands where a configuration file may be, and is none: the configuration is read as if nothing stood there. */
import { FileSystem, Path } from "@effect/platform"
import { Clock, Effect, Option } from "effect"
import { candidatesOf } from "./discovery.ts"
import type { Anchor } from "./LoadedConfig.ts"
import { Paths } from "./Paths.ts"
import { survey } from "./survey.ts"

export interface NoFile {
  readonly path: string
  /** What a symbolic link names that leads to nothing; absent for a folder. */
  readonly linkTo?: string
}

/** Seen from an anchor. A file that was named and is none is a fault, which loading tells. */
export const noFiles = (anchor: Anchor) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { global, project } = candidatesOf(anchor, yield* Paths, path)
    const paths = [...new Set([...global, ...project])]
    const seen = yield* survey(paths, yield* Clock.currentTimeMillis)
    const look = (one: string): Effect.Effect<ReadonlyArray<NoFile>> => {
      const kind = seen.get(one)?.kind
      if (kind === "directory") return Effect.succeed([{ path: one }])
      if (kind === "file" || seen.get(path.dirname(one))?.kind !== "directory") return Effect.succeed([])
      return Effect.map(Effect.option(fs.readLink(one)), (link) =>
        Option.match(link, { onNone: () => [], onSome: (linkTo) => [{ path: one, linkTo }] })
      )
    }
    return (yield* Effect.forEach(paths, look)).flat()
  })
