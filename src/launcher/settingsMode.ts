/** The permission mode that the user's or the project's settings of Claude Code choose. */
import { FileSystem, Path } from "@effect/platform"
import { Effect, Option, Schema } from "effect"
import { type EnvironmentRecord, variable } from "../config/Environment.ts"

const Settings = Schema.parseJson(
  Schema.Struct({
    permissions: Schema.optional(Schema.Struct({ defaultMode: Schema.optional(Schema.String) }))
  })
)

/**
 * `permissions.defaultMode` of the first settings file that has one, the strongest first. A file that is missing or
 * not readable chooses nothing: Claude Code itself will complain about it.
 */
export const settingsMode = (
  environment: EnvironmentRecord,
  home: string,
  workspace: string
): Effect.Effect<string | undefined, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const userDir = variable(environment, "CLAUDE_CONFIG_DIR") ?? path.join(home, ".claude")
    const files = [
      path.join(workspace, ".claude", "settings.local.json"),
      path.join(workspace, ".claude", "settings.json"),
      path.join(userDir, "settings.json")
    ]
    for (const file of files) {
      const settings = yield* fs
        .readFileString(file)
        .pipe(Effect.flatMap(Schema.decodeUnknown(Settings)), Effect.option)
      const mode = Option.getOrUndefined(settings)?.permissions?.defaultMode
      if (mode !== undefined) return mode
    }
    return undefined
  })
