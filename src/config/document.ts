/** One TOML file as a tree, with what is wrong with the file as a text. */
import { Either } from "effect"
import { parse, TomlError } from "smol-toml"
import { type ConfigFault, faultAt } from "./errors.ts"
import { profilePath } from "./keyPath.ts"
import { indexLines } from "./lines.ts"
import type { FileLayer } from "./LoadedConfig.ts"
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

/** Reads the text of a file. Left when it is not TOML at all. */
export const readDocument = (text: string, layer: FileLayer, file: string): Either.Either<Layered, ConfigFault> =>
  Either.try({
    // a key such as __proto__ would not survive the way through plain objects
    try: () => parse(text, { unsafeKeyBehaviour: "throw" }),
    catch: (error) => syntaxFault(file, error)
  }).pipe(
    Either.map((document) => {
      const lines = indexLines(text)
      const tree = treeOf(document, (path) => ({ layer, file, line: lines.lineOf(path) }))
      return { tree, faults: repeatedNames(tree) }
    })
  )
