/** Where secrets stand in a text of YAML. Loads the parser: to be imported where such a file is. Pure. */
import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument } from "yaml"
import { isSecretPlace } from "../secretPlaces.ts"
import type { Secret } from "./mask.ts"

/** Members of a list stand where the list does. What an alias stands for is known by the value that it repeats. */
const secretsIn = (node: ParsedNode | null, path: ReadonlyArray<string>): ReadonlyArray<Secret> => {
  if (node === null || isAlias(node)) return []
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) => secretsIn(value, [...path, isScalar(key) ? String(key.value) : ""]))
  }
  if (isSeq(node)) return node.items.flatMap((one) => secretsIn(one, path))
  const [start, end] = node.range
  return isSecretPlace(path) ? [{ start, end, value: String(node.value) }] : []
}

/** Of a text that is YAML. */
export const secretsInYaml = (text: string): ReadonlyArray<Secret> =>
  secretsIn(parseDocument(text, { version: "1.2", logLevel: "silent" }).contents, [])
