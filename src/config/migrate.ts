/**
 * Makes a TOML file of a configuration file in YAML. Loads the parser of YAML.
 *
 * Invariants: whatever moment it ends at, the configuration says the same as before; no file is overwritten, and nothing of
 * the YAML file is lost: it is kept under another name, under which it is not looked for.
 */
import { FileSystem, Path } from "@effect/platform"
import { Data, Effect, Either } from "effect"
import { parse } from "smol-toml"
import { ConfigError } from "./errors.ts"
import { tomlBeside } from "./formats.ts"
import { createPrivateFile } from "../machine/privateFile.ts"
import { refusedWhy } from "../machine/refused.ts"
import { textOf } from "./readFile.ts"
import { isEqual } from "./tomlEdit.ts"
import { Trust } from "./Trust.ts"
import { yamlFault } from "./yamlDocument.ts"
import { plainTable, yamlTree } from "./yamlTree.ts"
import { tomlOfYaml } from "./yamlToToml.ts"

/** Why a file stays as it is. */
export class CannotMigrate extends Data.TaggedError("CannotMigrate")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} ${this.reason}`
  }
}

/** The file that there was, the one that counts now, and the name under which the former is kept. */
export interface Migrated {
  readonly yaml: string
  readonly toml: string
  readonly kept: string
}

const parsed = (text: string): unknown =>
  Either.getOrUndefined(Either.try((): unknown => parse(text, { unsafeKeyBehaviour: "throw" })))

/** A name beside the file that nothing has. */
const freeName = (file: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    for (let number = 1; ; number++) {
      const name = number === 1 ? `${file}.bak` : `${file}.bak${number}`
      if (!(yield* fs.exists(name))) return name
    }
  })

/** The place of a file without symbolic links, also of one that is not there. */
const realPlace = (file: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    return path.join(yield* fs.realPath(path.dirname(file)), path.basename(file))
  })

/** `file`: an absolute path that ends in .yaml or .yml. Whoever may edit at the same time is kept out by the caller's lock. */
export const migrateFile = (file: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const trust = yield* Trust
    const toml = tomlBeside(file)
    const refused = (reason: string) => new CannotMigrate({ file, reason })
    const attempt = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>, what: string) =>
      Effect.mapError(effect, (error) => refused(`${what} (${refusedWhy(error)})`))

    const text = yield* Either.mapLeft(
      textOf(yield* attempt(fs.readFile(file), "cannot be read"), file),
      (fault) => new ConfigError({ faults: [fault] })
    )
    const table = yield* Either.mapLeft(
      yamlTree(text),
      (fault) => new ConfigError({ faults: [yamlFault(file, fault)] })
    )
    const document = plainTable(table)
    const written = tomlOfYaml(table, text)
    if (!isEqual(parsed(written), document)) {
      return yield* refused("holds something that TOML has no word for, expected it to be written as TOML by hand")
    }
    if (yield* attempt(fs.exists(toml), "cannot be migrated")) {
      // as an earlier attempt may have left it, which was ended between its two steps
      const there = parsed(yield* attempt(fs.readFileString(toml), `cannot be compared with ${toml}`))
      if (!isEqual(there, document)) return yield* refused(`says something else than ${toml}, which is there already`)
    } else {
      const [from, to] = [yield* attempt(fs.realPath(file), "is gone"), yield* attempt(realPlace(toml), "is gone")]
      yield* attempt(trust.carry(from, to), "cannot be migrated")
      yield* attempt(createPrivateFile(toml, written), `cannot become ${toml}`)
    }
    const kept = yield* attempt(freeName(file), "cannot be renamed")
    // what is kept holds all that the new file does, which nobody else can read
    yield* attempt(fs.chmod(file, 0o600), "cannot be made private")
    yield* attempt(fs.rename(file, kept), `cannot be renamed to ${kept}`)
    return { yaml: file, toml, kept } satisfies Migrated
  })
