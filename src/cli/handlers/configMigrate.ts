import { FileSystem, Path } from "@effect/platform"
import { Effect, Option } from "effect"
import { find } from "../../config/discovery.ts"
import { isYaml, tomlBeside } from "../../config/formats.ts"
import { type CannotMigrate, type Migrated, migrateFile } from "../../config/migrate.ts"
import { Paths } from "../../config/Paths.ts"
import { Trust } from "../../config/Trust.ts"
import type { ConfigError } from "../../config/errors.ts"
import { shellWord } from "../../launcher/shell.ts"
import { alone } from "../editing.ts"
import { Failure, print, remark } from "../output.ts"
import { Where } from "../services.ts"

/** The command that opens a file, whether it takes part here or not. */
const opened = (file: string): string => `claudex --config ${shellWord(file)} config edit`

const refusal =
  (file: string) =>
  (error: CannotMigrate | ConfigError): Failure =>
    error._tag === "CannotMigrate"
      ? new Failure({ message: `${error.message}; it was left as it is.`, code: 1 })
      : new Failure({ message: `The file was left as it is:\n${error.message}`, next: opened(file), code: 2 })

/** The YAML files that count, and those that would if a TOML file of their name were not there. */
const discovered = Effect.gen(function* () {
  const { files, passedOver } = yield* find(yield* Where, yield* Paths)
  return [
    ...files.filter(({ path }) => isYaml(path)).map(({ path }) => path),
    ...passedOver.filter(({ instead, path }) => tomlBeside(path) === instead).map(({ path }) => path)
  ]
})

/** What is there of a file that was named: itself, or what a migration made of it. */
const named = (file: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const exists = (one: string) => Effect.orElseSucceed(fs.exists(one), () => false)
    if (!isYaml(file)) {
      return yield* new Failure({
        message: `${file} is no YAML file, expected a name that ends in .yaml or .yml.`,
        next: "claudex config path",
        code: 2
      })
    }
    if (yield* exists(file)) return [file]
    if ((yield* exists(`${file}.bak`)) && (yield* exists(tomlBeside(file)))) return []
    return yield* new Failure({ message: `There is no file ${file}.`, next: "claudex config path", code: 2 })
  })

const told = ({ kept, toml, yaml }: Migrated): string => `${toml} holds what ${yaml} did, which is kept as ${kept}.`

/** `claudex config migrate`: TOML files in the place of YAML ones, which are kept under another name. */
export const handle = (options: { readonly file: Option.Option<string> }) =>
  Effect.gen(function* () {
    const { cwd, explicit } = yield* Where
    const path = yield* Path.Path
    const files = yield* Option.match(options.file, {
      onNone: () => discovered,
      onSome: (file) => named(path.resolve(cwd, file))
    })
    if (files.length === 0) return yield* print("No configuration file is YAML; there is nothing to migrate.")
    for (const file of files) {
      const migrated = yield* Effect.mapError(migrateFile(file), refusal(file))
      yield* print(told(migrated))
      if (Option.isSome(explicit) && path.resolve(cwd, explicit.value) === file) {
        yield* remark(`Name it from now on: --config ${shellWord(migrated.toml)}, or the same in CLAUDEX_CONFIG.`)
      }
    }
  }).pipe(alone, Effect.provide(Trust.layer))
