import { Effect, Either, Layer } from "effect"
import { builtinTree, demoProfile } from "../../config/builtin.ts"
import { Config } from "../../config/Config.ts"
import { editTogether, type PlacedChange } from "../../config/ConfigEdit.ts"
import { find } from "../../config/discovery.ts"
import { Environment } from "../../config/Environment.ts"
import { ConfigError } from "../../config/errors.ts"
import { keyPath } from "../../config/keyPath.ts"
import { readOverrides } from "../../config/overrides.ts"
import { Paths } from "../../config/Paths.ts"
import { readFile } from "../../config/readFile.ts"
import { textAt, type Tree } from "../../config/tree.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { UnknownProfile } from "../../launcher/profiles.ts"
import { shellWord } from "../../launcher/shell.ts"
import { aftercare, alone, refusal } from "../editing.ts"
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

type LayerFile = Effect.Effect.Success<typeof layers>[number]

/** The accounts under which the profile has its key stored, by all files; and who else names each. */
const accountsOf = (files: ReadonlyArray<LayerFile>, name: string) => {
  const named = files.flatMap(({ tree }) =>
    tree.profiles.map((profile) => ({ profile: profile.name, account: textAt(profile.node, "api_key_keyring") }))
  )
  const own = named.flatMap(({ account, profile }) => (profile === name && account !== undefined ? [account] : []))
  return [...new Set(own)].map((account) => ({
    account,
    user: named.find((one) => one.account === account && one.profile !== name)?.profile
  }))
}

/** The key goes with the last profile that has use of it. */
const removeKeys = (files: ReadonlyArray<LayerFile>, name: string) =>
  Effect.forEach(accountsOf(files, name), ({ account, user }) => {
    if (user !== undefined) return print(`The key stored as "${account}" stays, for the profile "${user}" uses it.`)
    return Effect.flatMap(SecretStore, (store) => store.remove(account)).pipe(
      Effect.mapError(
        ({ message }) =>
          new Failure({
            message: `The profile is removed, but its key "${account}" is still stored: ${message}`,
            code: 1
          })
      ),
      Effect.flatMap((wasThere) => (wasThere ? print(`The key stored as "${account}" is removed too.`) : Effect.void))
    )
  })

/** A profile that overlays another goes before that, so that no half of the work leaves a profile without its address. */
const remove = (name: string, force: boolean) =>
  Effect.gen(function* () {
    const anchor = yield* Where
    const files = yield* layers
    const isHolder = ({ tree }: LayerFile) => namesIn(tree).includes(name)
    const holders = files.filter(isHolder)
    if (holders.length === 0) {
      return yield* notThere(
        name,
        files.flatMap(({ tree }) => namesIn(tree))
      )
    }
    // a built-in profile stays, without what the files say of it
    const referring = files.map((file) => ({
      ...file,
      references: isBuiltIn(name) ? [] : referencesIn(file.tree, name)
    }))
    const named = referring.flatMap(({ references }) => references)
    const variables = isBuiltIn(name) ? [] : referencesIn(readOverrides(yield* Environment).tree, name)
    if (!force && named.length + variables.length > 0) return yield* stillNamed(name, [...variables, ...named])
    for (const { origin } of variables) if ("variable" in origin) return yield* namedByVariable(name, origin.variable)
    const changesOf = ({ layer, references, tree }: (typeof referring)[number]): ReadonlyArray<PlacedChange> => [
      ...references.map(({ path, without }) => ({ path, value: without, layer })),
      ...(namesIn(tree).includes(name) ? [{ path: ["profiles", name] as const, value: undefined, layer }] : [])
    ]
    const inOrder = [...referring.filter((file) => !isHolder(file)), ...referring.filter(isHolder)]
    const changes = inOrder.flatMap(changesOf)
    yield* Effect.mapError(editTogether(anchor, changes), refusal)
    for (const { path, references } of referring)
      for (const reference of references) yield* print(`${keyPath(reference.path)} in ${path} no longer names it.`)
    for (const { path } of holders) yield* print(`The profile "${name}" is no longer in ${path}.`)
    return files
  })

/** `claudex profile remove`: from every file that has it. Refused while others name it, unless `force` mends them too. */
export const handle = ({ force, profile }: { readonly force: boolean; readonly profile: string }) =>
  Effect.gen(function* () {
    const files = yield* alone(remove(profile, force))
    yield* removeKeys(files, profile)
    yield* aftercare({ outcome: "changed" })
  }).pipe(Effect.provide(Layer.merge(Config.layer, SecretStore.layer)))
