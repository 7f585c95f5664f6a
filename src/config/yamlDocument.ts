/** One YAML file as a tree of the configuration. Loads the parser of YAML: to be imported where such a file is. Pure. */
import { Either } from "effect"
import { type Layered, layered } from "./document.ts"
import type { ConfigFault } from "./errors.ts"
import type { FileLayer } from "./LoadedConfig.ts"
import { plainTable, type YamlFault, type YamlTable, yamlTree, type YamlValue } from "./yamlTree.ts"

/** The fault of a text that is no YAML, or none that can be a configuration. */
export const yamlFault = (file: string, { column, line, message }: YamlFault): ConfigFault => ({
  source: file,
  line,
  column,
  path: "",
  message: `is not valid YAML: ${message}`
})

const innerOf = (
  value: YamlValue,
  key: string | number
): { readonly value: YamlValue; readonly line: number } | undefined => {
  if (value.kind === "list" && typeof key === "number") {
    const item = value.items[key]
    return item === undefined ? undefined : { value: item, line: item.start.line }
  }
  const entry = value.kind === "table" ? value.entries.find((one) => one.key === key) : undefined
  return entry === undefined ? undefined : { value: entry.value, line: entry.start.line }
}

/** The line of the key at a path, or of the nearest one above it that is there. */
const lineOf = (table: YamlTable, path: ReadonlyArray<string | number>): number => {
  let at: { readonly value: YamlValue; readonly line: number } = { value: table, line: 1 }
  for (const key of path) {
    const inner = innerOf(at.value, key)
    if (inner === undefined) return at.line
    at = inner
  }
  return at.line
}

/** Reads the text of a file. Left when it is not YAML at all. */
export const readYaml = (text: string, layer: FileLayer, file: string): Either.Either<Layered, ConfigFault> =>
  yamlTree(text).pipe(
    Either.mapBoth({
      onLeft: (fault) => yamlFault(file, fault),
      onRight: (table) => layered(plainTable(table), (path) => ({ layer, file, line: lineOf(table, path) }))
    })
  )
