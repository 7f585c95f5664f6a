/** Where secrets stand in a text of TOML. Pure. */
import { type AST, parseTOML } from "toml-eslint-parser"
import { isSecretPlace } from "../secretPlaces.ts"
import type { Secret } from "./mask.ts"

const namesOf = ({ keys }: AST.TOMLKey): ReadonlyArray<string> =>
  keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value))

type Value = AST.TOMLContentNode

const inPairs = (body: AST.TOMLTopLevelTable["body"], path: ReadonlyArray<string>): ReadonlyArray<Secret> =>
  body.flatMap((node): ReadonlyArray<Secret> => {
    if (node.type === "TOMLKeyValue") return inValue(node.value, [...path, ...namesOf(node.key)])
    return inPairs(node.body, node.resolvedKey.map(String))
  })

/** Members of a list stand where the list does. */
const inValue = (node: Value, path: ReadonlyArray<string>): ReadonlyArray<Secret> => {
  if (node.type === "TOMLInlineTable") return inPairs(node.body, path)
  if (node.type === "TOMLArray") return node.elements.flatMap((one) => inValue(one, path))
  const [start, end] = node.range
  return isSecretPlace(path) ? [{ start, end, value: String(node.value) }] : []
}

/** Of a text that is TOML. */
export const secretsInToml = (text: string): ReadonlyArray<Secret> =>
  parseTOML(text).body.flatMap(({ body }) => inPairs(body, []))
