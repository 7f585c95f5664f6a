import { Effect, Either } from "effect"
import { builtinTree, demoProfile } from "../../config/builtin.ts"
import { Config } from "../../config/Config.ts"
import { editConfig } from "../../config/ConfigEdit.ts"
import { find } from "../../config/discovery.ts"
import { Environment } from "../../config/Environment.ts"
import { ConfigError } from "../../config/errors.ts"
import { keyPath } from "../../config/keyPath.ts"
import { readOverrides } from "../../config/overrides.ts"
import { Paths } from "../../config/Paths.ts"
import { readFile } from "../../config/readFile.ts"
import type { Tree } from "../../config/tree.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { shellWord } from "../../launcher/shell.ts"
import { aftercare, alone, canEdit, refusal } from "../editing.ts"
import { failureOf } from "../failures.ts"
import { Failure, print } from "../output.ts"
import { type Reference, referencesIn } from "../references.ts"
import { Where } from "../services.ts"

const namesIn = (tree: Tree): ReadonlyArray<string> => tree.profiles.flatMap(({ name }) => name ?? [])

const isBuiltIn = (name: string): boolean => namesIn(builtinTree).includes(name)

/** The files as they are, the strongest first. A faulty one may still be mended, but not one that is no TOML. */
const layers = Effect.gen(function* () {
  const { files } = yield* find(yield* Where, yield* Paths)
  const read = yield* Effect.forEach(files.toReversed(), readFile)
  return yield* Effect.forEach(read, ({ content, layer, path }) =>
    Either.match(content, {
      onLeft: (fault) => Effect.fail(failureOf(new ConfigError({ faults: [fault] }))),
      onRight: ({ tree }) => Effect.succeed({ layer, path, tree })
    })
  )
})

const placeOf = ({ origin, path }: Reference): string => {
  const place =
    "file" in origin ? `${origin.file}:${origin.line}: ` : "variable" in origin ? `${origin.variable}: ` : ""
  return place + keyPath(path)
}

const notThere = (name: string, known: ReadonlyArray<string>) =>
  isBuiltIn(name)
    ? new Failure({
        message: `The profile "${name}" is built in, and no file says anything of it.`,
        next: `claudex config set ${keyPath(["profiles", name, "enabled"])} false`,
        code: 1
      })
    : failureOf(
        new UnknownProfile({
          name,
          known: known.length === 0 ? [demoProfile] : [...new Set(known)],
          command: "profile remove"
        })
      )

const stillNamed = (name: string, references: ReadonlyArray<Reference>) =>
  new Failure({
    message: [`Nothing was changed, for the profile "${name}" is named in:`, ...references.map(placeOf)].join("\n  "),
    next: `claudex profile remove ${shellWord(name)} --force`,
    code: 1
  })

const namedByVariable = (name: string, variable: string) =>
  new Failure({
    message: `Nothing was changed, for ${variable} names the profile "${name}".`,
    next: `unset ${variable}`,
    code: 1
  })

const remove = (name: string, force: boolean) =>
  Effect.gen(function* () {
    const anchor = yield* Where
    const files = yield* layers
    const holders = files.filter(({ tree }) => namesIn(tree).includes(name))
    if (holders.length === 0) {
      return yield* notThere(
        name,
        files.flatMap(({ tree }) => namesIn(tree))
      )
    }
    // a built-in profile stays, without what the files say of it
    const named = isBuiltIn(name)
      ? []
      : files.flatMap(({ layer, tree }) => referencesIn(tree, name).map((reference) => ({ layer, reference })))
    const variables = isBuiltIn(name) ? [] : referencesIn(readOverrides(yield* Environment).tree, name)
    if (!force && named.length + variables.length > 0) {
      return yield* stillNamed(name, [...variables, ...named.map(({ reference }) => reference)])
    }
    for (const { origin } of variables) if ("variable" in origin) return yield* namedByVariable(name, origin.variable)
    // all of it or nothing
    for (const { layer } of [...named, ...holders])
      yield* canEdit({ path: ["profiles", name], value: undefined }, layer)
    for (const {
      layer,
      reference: { path, without }
    } of named) {
      const { file } = yield* Effect.mapError(editConfig(anchor, { path, value: without }, layer), refusal)
      yield* print(`${keyPath(path)} in ${file} no longer names it.`)
    }
    for (const { layer } of holders) {
      const gone = { path: ["profiles", name], value: undefined } as const
      const { file } = yield* Effect.mapError(editConfig(anchor, gone, layer), refusal)
      yield* print(`The profile "${name}" is no longer in ${file}.`)
    }
  })

/** `claudex profile remove`: from every file that has it. Refused while others name it, unless `force` mends them too. */
export const handle = ({ force, profile }: { readonly force: boolean; readonly profile: string }) =>
  Effect.gen(function* () {
    yield* alone(remove(profile, force))
    yield* aftercare({ outcome: "changed" })
  }).pipe(Effect.provide(Config.layer))
