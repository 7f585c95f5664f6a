/** Reads one configuration file from disk. */
import { type Error as PlatformError, FileSystem } from "@effect/platform"
import { Effect, Either } from "effect"
import type { ReadFile } from "./assemble.ts"
import { readText } from "./document.ts"
import type { ConfigFault } from "./errors.ts"
import type { FoundFile } from "./discovery.ts"
import { isYaml } from "./formats.ts"

const unreadable = (file: string, error: PlatformError.PlatformError): ConfigFault => {
  const reason = error._tag === "SystemError" ? error.reason : "BadArgument"
  const why = reason === "PermissionDenied" ? "permission denied" : reason === "NotFound" ? "it is gone" : reason
  return { source: file, path: "", message: `cannot be read (${why}), expected a readable file` }
}

// a lenient decoder would put replacement characters into keys and addresses
export const textOf = (bytes: Uint8Array, file: string): Either.Either<string, ConfigFault> =>
  Either.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => ({
      source: file,
      path: "",
      message: `is not UTF-8 text, expected a ${isYaml(file) ? "YAML" : "TOML"} file in UTF-8`
    })
  })

/** The file as a layer; what is wrong with it is part of the answer. */
export const readFile = ({ layer, path }: FoundFile): Effect.Effect<ReadFile, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFile(path)).pipe(
    Effect.matchEffect({
      onFailure: (error) => Effect.succeed(Either.left(unreadable(path, error))),
      onSuccess: (bytes) =>
        Either.match(textOf(bytes, path), {
          onLeft: (fault) => Effect.succeed(Either.left(fault)),
          onRight: (text) => readText(text, layer, path)
        })
    }),
    Effect.map((content) => ({ layer, path, content }))
  )
