/**
 * What of the configuration a shell completes a command line with: one word a line. Whatever is wrong there is nobody to
 * tell it to: then there is what can still be read, nothing on stderr, and the exit code is 0. Somebody waits for it with
 * a finger on a key: the files are read as they are, without the schema, which is loaded for settings only.
 */
import { Path } from "@effect/platform"
import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { Effect, Either, Layer, Logger, LogLevel, Option } from "effect"
import { anchorOf } from "../../config/anchor.ts"
import { builtinTree } from "../../config/builtin.ts"
import { find } from "../../config/discovery.ts"
import { Environment } from "../../config/Environment.ts"
import { Paths } from "../../config/Paths.ts"
import { readFile } from "../../config/readFile.ts"
import { at, mergeTrees, type ProfileNode, textAt, type Tree } from "../../config/tree.ts"
import type { SecretStoreError } from "../../credentials/secretFile.ts"
import type { Offered } from "./offersWord.ts"

const services = Paths.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(Environment.layer, NodeFileSystem.layer, NodePath.layer))
)

/** A word is a line for the shell, and shown by it as it is. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const isLine = (name: string): boolean => !/[\u0000-\u001f\u007f-\u009f]/.test(name)

const isEnabled = ({ node }: ProfileNode): boolean => {
  const enabled = at(node, "enabled")
  return enabled?.kind !== "leaf" || enabled.value !== false
}

const namesOf = (profiles: ReadonlyArray<ProfileNode>): ReadonlyArray<string> =>
  profiles.flatMap(({ name }) => name ?? [])

const aliasesOf = (tree: Tree): ReadonlyArray<string> => {
  const aliases = at(tree.root, "model_aliases")
  return aliases?.kind === "table" ? [...aliases.entries.keys()] : []
}

interface Typed {
  /** Of the word at the cursor. */
  readonly at: string
  /** The argument before it. */
  readonly of: string
}

type Look = (
  tree: Tree,
  typed: Typed
) => Effect.Effect<ReadonlyArray<string>, SecretStoreError, Layer.Layer.Success<typeof services>>

const kinds: Readonly<Record<Offered, Look>> = {
  profile: (tree) => Effect.succeed(namesOf(tree.profiles)),
  enabled: (tree) => Effect.succeed(namesOf(tree.profiles.filter(isEnabled))),
  tested: (tree) => Effect.succeed([...namesOf(tree.profiles), "all"]),
  alias: (tree) => Effect.succeed(aliasesOf(tree)),
  key: (tree, { at: typed }) =>
    Effect.map(
      Effect.promise(() => import("./settings.ts")),
      ({ settingsAt }) => settingsAt(tree, typed)
    ),
  value: (tree, { of }) =>
    Effect.map(
      Effect.promise(() => import("./settings.ts")),
      ({ valuesOf }) => valuesOf(tree, of)
    ),
  stored: ({ profiles }) =>
    Effect.gen(function* () {
      const { accountsIn, readSecrets } = yield* Effect.promise(() => import("../../credentials/secretFile.ts"))
      const file = (yield* Path.Path).join((yield* Paths).stateDir, "secrets.json")
      const used = profiles.map(({ node }) => textAt(node, "api_key_keyring"))
      return accountsIn(yield* readSecrets(file)).filter((account) => !used.includes(account))
    })
}

const isOffered = (kind: string): kind is Offered => Object.hasOwn(kinds, kind)

/** What follows a flag. */
const valueOf = (argv: ReadonlyArray<string>, flag: string): string | undefined => {
  const place = argv.indexOf(flag)
  return place < 0 ? undefined : argv[place + 1]
}

/** All layers of files on top of each other, as far as they can be read. */
const wholeTree = (config: string | undefined) =>
  Effect.gen(function* () {
    const anchor = anchorOf(process.cwd(), Option.fromNullable(config), yield* Environment)
    const { files } = yield* find(anchor, yield* Paths)
    const read = yield* Effect.forEach(files, readFile)
    const trees = read.flatMap(({ content }) => (Either.isRight(content) ? [content.right.tree] : []))
    return trees.reduce(mergeTrees, builtinTree)
  })

const words = ([kind = "", ...argv]: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    if (!isOffered(kind)) return []
    const tree = yield* wholeTree(valueOf(argv, "--config"))
    const typed = { at: valueOf(argv, "--at") ?? "", of: valueOf(argv, "--of") ?? "" }
    const found = yield* kinds[kind](tree, typed)
    return found.filter(isLine)
  }).pipe(
    Effect.provide(services),
    Logger.withMinimumLogLevel(LogLevel.None),
    Effect.catchAllCause(() => Effect.succeed([]))
  )

/** Prints the words; `argv` is what follows `offersWord`. */
export const main = (argv: ReadonlyArray<string>): Promise<void> =>
  Effect.runPromise(
    Effect.map(words(argv), (found) => {
      process.stdout.write(found.map((word) => `${word}\n`).join(""))
    })
  )
