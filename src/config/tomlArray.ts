/** A list in a TOML text that loses some of its elements and keeps the words about the others. Pure. */
import type { AST } from "toml-eslint-parser"
import { lineEnd, lineStart, type Splice } from "./textLines.ts"
import type { TomlValue } from "./tomlText.ts"

const isList = (value: TomlValue): value is ReadonlyArray<TomlValue> => Array.isArray(value)

/** Lists and tables are like no other element. */
const isElement = (node: AST.TOMLContentNode | undefined, value: TomlValue | undefined): boolean =>
  node?.type === "TOMLValue" && node.value === value

/** Which of the elements go, where the list is to hold the others, in their order, and nothing else; undefined where it is not. */
export const elementsToGo = ({ elements }: AST.TOMLArray, value: TomlValue): ReadonlyArray<number> | undefined => {
  if (!isList(value) || value.length === 0) return undefined
  const gone: Array<number> = []
  for (const [at, node] of elements.entries()) if (!isElement(node, value[at - gone.length])) gone.push(at)
  return elements.length - gone.length === value.length ? gone : undefined
}

/**
 * Takes one element away. What is said behind it in its line goes with it, unless another element stands there too. Undefined
 * where its comma stands in another line. `comments`: where those of the text begin.
 */
export const withoutElement = (
  text: string,
  { elements, range }: AST.TOMLArray,
  at: number,
  comments: ReadonlySet<number>
): Splice | undefined => {
  const [before, node, after] = [elements[at - 1], elements[at], elements[at + 1]]
  if (node === undefined) return undefined
  const [start, end] = node.range
  const from = lineStart(text, start)
  const to = lineEnd(text, end)
  const comma = /^[ \t]*,/.exec(text.slice(end))?.[0].length ?? 0
  const gap = text.slice(end, after?.range[0] ?? range[1])
  if (comma === 0 && gap.replace(/#.*/g, "").includes(",")) return undefined
  const behind = end + comma + (/^[ \t]*/.exec(text.slice(end + comma))?.[0].length ?? 0)
  if (after !== undefined && after.range[0] < to) return { start, end: behind, text: "" }
  if (before !== undefined && before.range[1] > from) {
    // the last one may have no comma of its own: the one before it loses its
    const first = comma === 0 ? before.range[1] : from + text.slice(from, start).trimEnd().length
    return { start: first, end: end + comma, text: "" }
  }
  const said = comments.has(behind) ? text.slice(behind, to).trimEnd().length : 0
  const isAlone = text.slice(from, start).trim() === "" && text.slice(behind + said, to).trim() === ""
  return isAlone ? { start: from, end: to, text: "" } : { start, end: behind + said, text: "" }
}
