/** One file as a tree, with what is wrong with the file as a text. */
import { Effect, Either } from "effect"
import { parse, TomlError } from "smol-toml"
import { type ConfigFault, faultAt } from "./errors.ts"
import { isYaml } from "./formats.ts"
import { profilePath } from "./keyPath.ts"
import { indexLines } from "./lines.ts"
import type { FileLayer, Origin } from "./LoadedConfig.ts"
import { at, type Tree, treeOf } from "./tree.ts"

/** A layer of the configuration and the faults found while it was read. */
export interface Layered {
  readonly tree: Tree
  readonly faults: ReadonlyArray<ConfigFault>
}

// the parser's own words hold no part of the document, except after the first line, and in words from elsewhere
const reason = (error: TomlError): string => {
  const words = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "") ?? ""
  return /^[a-z][a-z ,:;'()-]*$/.test(words) ? words : "invalid value"
}

const syntaxFault = (file: string, error: unknown): ConfigFault =>
  error instanceof TomlError
    ? { source: file, line: error.line, path: "", message: `is not valid TOML: ${reason(error)}` }
    : { source: file, path: "", message: "is not valid TOML" }

const repeatedNames = (tree: Tree): ReadonlyArray<ConfigFault> => {
  const firstLine = new Map<string, number>()
  return tree.profiles.flatMap((profile) => {
    const { name, node } = profile
    if (name === undefined) return []
    const origin = (at(node, "name") ?? node).origin
    const line = "line" in origin ? origin.line : 0
    const first = firstLine.get(name)
    if (first === undefined) {
      firstLine.set(name, line)
      return []
    }
    const message = `is the name of another profile (line ${first}), expected a name of its own`
    return [faultAt(origin, `${profilePath(profile)}.name`, message)]
  })
}

/** A parsed document as a layer; `place` tells where a path was written. */
export const layered = (
  document: Readonly<Record<string, unknown>>,
  place: (path: ReadonlyArray<string | number>) => Origin
): Layered => {
  const tree = treeOf(document, place)
  return { tree, faults: repeatedNames(tree) }
}

/** Reads the text of a TOML file. Left when it is not TOML at all. */
export const readDocument = (text: string, layer: FileLayer, file: string): Either.Either<Layered, ConfigFault> =>
  Either.try({
    // a key such as __proto__ would not survive the way through plain objects
    try: () => parse(text, { unsafeKeyBehaviour: "throw" }),
    catch: (error) => syntaxFault(file, error)
  }).pipe(
    Either.map((document) => {
      const lines = indexLines(text)
      return layered(document, (path) => ({ layer, file, line: lines.lineOf(path) }))
    })
  )

/** Reads the text of a file in the format that its name tells; that of YAML is loaded when it is needed. */
export const readText = (
  text: string,
  layer: FileLayer,
  file: string
): Effect.Effect<Either.Either<Layered, ConfigFault>> =>
  isYaml(file)
    ? Effect.map(
        Effect.promise(() => import("./yamlDocument.ts")),
        ({ readYaml }) => readYaml(text, layer, file)
      )
    : Effect.sync(() => readDocument(text, layer, file))
