/** The comments of a YAML text, each with its place. Loads the parser. Pure. */
import { LineCounter, Parser } from "yaml"
import type { Spot } from "./yamlTree.ts"

export interface YamlComment extends Spot {
  /** With its `#`. */
  readonly text: string
  /** Nothing stands before it on its line. */
  readonly alone: boolean
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** Tokens hold tokens, in lists and under many names. */
const commentsIn = (token: object): ReadonlyArray<{ readonly offset: number; readonly source: string }> =>
  "type" in token && token.type === "comment" && "offset" in token && "source" in token
    ? typeof token.offset === "number" && typeof token.source === "string"
      ? [{ offset: token.offset, source: token.source }]
      : []
    : Object.values(token).filter(isObject).flatMap(commentsIn)

/** In the order of the text, which is one that can be read. */
export const yamlComments = (text: string): ReadonlyArray<YamlComment> => {
  const lines = new LineCounter()
  return [...new Parser(lines.addNewLine).parse(text)]
    .flatMap(commentsIn)
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ offset, source }) => {
      const { col, line } = lines.linePos(offset)
      const before = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset)
      return { line, column: col, text: source.trimEnd(), alone: before.trim() === "" }
    })
}
