/**
 * The conversations that Claude Code has kept of a folder: a file `<session id>.jsonl` each, as seen of 2.1.330 and before.
 * They are only listed, never opened and never written.
 */
import { FileSystem, Path } from "@effect/platform"
import { Effect, Option } from "effect"
import { type EnvironmentRecord, variable } from "../config/Environment.ts"

/** The size of each conversation's file in bytes, by its session id. */
export type Conversations = ReadonlyMap<string, bigint>

const transcript = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/

/** Claude Code's directory for what it remembers of a folder. */
const folderName = (workspace: string): string => workspace.replace(/[^a-zA-Z0-9]/g, "-")

/** Those of `workspace`; none where they cannot be read. `environment` is Claude Code's. */
export const conversationsIn = (
  environment: EnvironmentRecord,
  home: string,
  workspace: string
): Effect.Effect<Conversations, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const base = variable(environment, "CLAUDE_CONFIG_DIR") ?? path.join(home, ".claude")
    const folder = path.join(base, "projects", folderName(workspace))
    const names = yield* Effect.orElseSucceed(fs.readDirectory(folder), (): ReadonlyArray<string> => [])
    const sizes = yield* Effect.forEach(names, (name) => {
      const id = transcript.exec(name)?.[1]
      if (id === undefined) return Effect.succeed(undefined)
      return fs.stat(path.join(folder, name)).pipe(
        Effect.map(({ size }) => [id, BigInt(size)] as const),
        Effect.option,
        Effect.map(Option.getOrUndefined)
      )
    })
    return new Map(sizes.filter((entry) => entry !== undefined))
  })

/** The session ids of what was said meanwhile. More than one where the user, or another session beside, changed over. */
export const continuedSince = (before: Conversations, after: Conversations): ReadonlyArray<string> =>
  [...after.keys()].filter((id) => before.get(id) !== after.get(id))
