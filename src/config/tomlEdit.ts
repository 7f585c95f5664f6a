/**
 * One change of a TOML text: a value set, or a key or table taken away. Everything else stays as it was, character for
 * character: comments, order, spelling, blank lines. Pure.
 *
 * Invariant: the result means what the text meant, with that one change; where that cannot be done in place nothing is.
 */
import { Either } from "effect"
import { parse } from "smol-toml"
import { type AST, parseTOML } from "toml-eslint-parser"
import { lineEnd, lineStart, type Splice } from "./textLines.ts"
import { elementsToGo, withoutElement } from "./tomlArray.ts"
import { keyText, type TomlValue, valueText } from "./tomlText.ts"

/** As in the parsed document: names of keys, and places in lists of tables. */
export type TomlPath = ReadonlyArray<string | number>

/** Why a text was not changed, in words for its owner. */
export interface EditRefused {
  /** From 1; absent when it concerns no line. */
  readonly line?: number
  readonly message: string
  /** The command that clears the way. */
  readonly next?: string
}

type Header = AST.TOMLTopLevelTable | AST.TOMLTable

/** A `key = value`, with its path in the document. */
interface Entry {
  readonly path: TomlPath
  readonly node: AST.TOMLKeyValue
  readonly within: Header | AST.TOMLInlineTable
  /** The one whose line it stands in. */
  readonly section: Header
}

interface Section {
  readonly path: TomlPath
  readonly node: Header
}

/** A text taken apart. */
interface Document {
  readonly text: string
  readonly sections: ReadonlyArray<Section>
  /** In the order of the text, those of inline tables behind the one that holds them. */
  readonly entries: ReadonlyArray<Entry>
  /** Where a comment begins. */
  readonly comments: ReadonlySet<number>
}

const startsWith = (path: TomlPath, prefix: TomlPath): boolean =>
  prefix.length <= path.length && prefix.every((key, at) => key === path[at])

const isSame = (one: TomlPath, other: TomlPath): boolean => one.length === other.length && startsWith(one, other)

const namesOf = ({ keys }: AST.TOMLKey): ReadonlyArray<string> =>
  keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value))

const entriesIn = (section: Header, within: Entry["within"], base: TomlPath): ReadonlyArray<Entry> =>
  within.body.flatMap((node): ReadonlyArray<Entry> => {
    if (node.type !== "TOMLKeyValue") return []
    const path = [...base, ...namesOf(node.key)]
    const inner = node.value.type === "TOMLInlineTable" ? entriesIn(section, node.value, path) : []
    return [{ path, node, within, section }, ...inner]
  })

const documentOf = (text: string): Document => {
  const program = parseTOML(text)
  const [root] = program.body
  const tables = root.body.filter((node): node is AST.TOMLTable => node.type === "TOMLTable")
  const sections: ReadonlyArray<Section> = [
    { path: [], node: root },
    ...tables.map((node) => ({ path: node.resolvedKey, node }))
  ]
  return {
    text,
    sections,
    entries: sections.flatMap(({ node, path }) => entriesIn(node, node, path)),
    comments: new Set(program.comments.map(({ range }) => range[0]))
  }
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length

/** How the lines of a text end. */
export const breakOf = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n")

/** Lines put in where a line begins; where the last line has no break it gets one first. */
const insertion = (text: string, at: number, lines: ReadonlyArray<string>): Splice => {
  const end = breakOf(text)
  const before = at > 0 && text[at - 1] !== "\n" ? end : ""
  return { start: at, end: at, text: before + lines.map((line) => line + end).join("") }
}

/** Where a file that begins with sections takes its first key: behind the words at its head, if a blank line ends them. */
const headEnd = (text: string): number => /^(?:[ \t]*#[^\n]*\n)+[ \t]*\r?\n/.exec(text)?.[0].length ?? 0

const isKeys = (rest: TomlPath): rest is ReadonlyArray<string> => rest.every((key) => typeof key === "string")

const refuse = (message: string, line?: number): Either.Either<never, EditRefused> =>
  Either.left({ message, ...(line === undefined ? {} : { line }) })

const intoInline = ({ body, range }: AST.TOMLInlineTable, line: string): Splice => {
  const last = body.at(-1)
  return last === undefined
    ? { start: range[0], end: range[1], text: `{ ${line} }` }
    : { start: last.range[1], end: last.range[1], text: `, ${line}` }
}

/** A line in a section: behind the keys that are most like it, else behind the last one. */
const intoSection = ({ text }: Document, { node }: Section, rest: ReadonlyArray<string>, line: string): Splice => {
  const keys = node.body.filter((one): one is AST.TOMLKeyValue => one.type === "TOMLKeyValue")
  const alike = keys.filter((one) => rest.length > 1 && namesOf(one.key)[0] === rest[0])
  const after = alike.at(-1) ?? keys.at(-1)
  if (after !== undefined) {
    const indent = /^[ \t]*/.exec(text.slice(lineStart(text, after.range[0])))?.[0] ?? ""
    return insertion(text, lineEnd(text, after.range[1]), [indent + line])
  }
  if (node.type === "TOMLTable") return insertion(text, lineEnd(text, node.key.range[1]), [line])
  const at = headEnd(text)
  return insertion(text, at, text.length > at ? [line, ""] : [line])
}

const isUnknown = ({ entries, sections }: Document, key: string | number | undefined): boolean =>
  !entries.some(({ path }) => path[0] === key) && !sections.some(({ path }) => path[0] === key)

const newSection = ({ text }: Document, [table = "", ...rest]: ReadonlyArray<string>, value: string): Splice =>
  insertion(text, text.length, [...(text === "" ? [] : [""]), `[${keyText([table])}]`, `${keyText(rest)} = ${value}`])

const settings = (document: Document, path: TomlPath, value: TomlValue): Either.Either<Splice, EditRefused> => {
  const { entries, sections, text } = document
  const shown = valueText(value)
  const same = entries.find((entry) => isSame(entry.path, path))
  if (same !== undefined) {
    const [start, end] = same.node.value.range
    return Either.right({ start, end, text: shown })
  }
  const below = [...sections, ...entries].find((one) => startsWith(one.path, path))
  if (below !== undefined) return refuse("is a table, expected one of its keys", lineOf(text, below.node.range[0]))
  const holder = entries.findLast((entry) => startsWith(path, entry.path))
  if (holder !== undefined) {
    const rest = path.slice(holder.path.length)
    return holder.node.value.type === "TOMLInlineTable" && isKeys(rest)
      ? Either.right(intoInline(holder.node.value, `${keyText(rest)} = ${shown}`))
      : refuse("is within a value that is no table", lineOf(text, holder.node.range[0]))
  }
  const listed = sections.find(({ path: own }) => {
    const at = own.findIndex((key, index) => key !== path[index])
    return at >= 0 && typeof own[at] === "number" && typeof path[at] === "string"
  })
  if (listed !== undefined)
    return refuse("is within a list, expected one of its members", lineOf(text, listed.node.range[0]))
  const deepest = sections
    .filter((section) => startsWith(path.slice(0, -1), section.path))
    .reduce((best, next) => (next.path.length >= best.path.length ? next : best))
  const rest = path.slice(deepest.path.length)
  if (!isKeys(rest)) return refuse("is a place in a list that is not there")
  if (deepest.path.length === 0 && rest.length > 1 && isUnknown(document, rest[0])) {
    return Either.right(newSection(document, rest, shown))
  }
  return Either.right(intoSection(document, deepest, rest, `${keyText(rest)} = ${shown}`))
}

const withoutInline = ({ body, range }: AST.TOMLInlineTable, node: AST.TOMLKeyValue): Splice => {
  const at = body.indexOf(node)
  const [before, after] = [body[at - 1], body[at + 1]]
  if (before !== undefined) return { start: before.range[1], end: node.range[1], text: "" }
  if (after !== undefined) return { start: node.range[0], end: after.range[0], text: "" }
  return { start: range[0], end: range[1], text: "{}" }
}

/** Where the comments directly above a line begin. One for editors (`#:schema`) is the file's own and not counted. */
const wordsAbove = ({ comments, text }: Document, start: number): number => {
  let at = start
  while (at > 0) {
    const line = lineStart(text, at - 1)
    const first = line + (/^[ \t]*/.exec(text.slice(line, at))?.[0].length ?? 0)
    if (!comments.has(first) || text.startsWith("#:", first)) return at
    at = line
  }
  return at
}

const isBlank = (line: string): boolean => /^[ \t]*\r?\n$/.test(line)

/** Lines with their comments, from the first to the last, and one of two blank lines around them. */
const block = (document: Document, from: number, to: number): Splice => {
  const { text } = document
  const start = wordsAbove(document, lineStart(text, from))
  const end = lineEnd(text, to)
  const above = lineStart(text, start - 1)
  const isParted = start === 0 || isBlank(text.slice(above, start))
  const next = lineEnd(text, end)
  if (isParted && isBlank(text.slice(end, next))) return { start, end: next, text: "" }
  return { start: isParted && start > 0 && end === text.length ? above : start, end, text: "" }
}

const endOf = ({ node }: Section): number => {
  const last = node.body.at(-1)
  const header = node.type === "TOMLTable" ? node.key.range : node.range
  return last === undefined || last.type !== "TOMLKeyValue" ? header[1] : last.range[1]
}

const removals = (document: Document, path: TomlPath): ReadonlyArray<Splice> => {
  const { entries, sections, text } = document
  const gone = sections.filter((section) => section.path.length > 0 && startsWith(section.path, path))
  const nodes = new Set(gone.map(({ node }) => node))
  const held = new Set<AST.TOMLKeyValue>()
  const single = entries.flatMap(({ node, path: own, section, within }) => {
    if (nodes.has(section) || held.has(node) || !startsWith(own, path)) return []
    // what an inline table holds goes with it
    if (node.value.type === "TOMLInlineTable")
      for (const inner of entriesIn(section, node.value, own)) held.add(inner.node)
    return [
      within.type === "TOMLInlineTable"
        ? withoutInline(within, node)
        : { start: lineStart(text, node.range[0]), end: lineEnd(text, node.range[1]), text: "" }
    ]
  })
  // tables that follow one another go as one, with whatever is said between them
  const follows = (section: Section) => gone.includes(sections[sections.indexOf(section) - 1] ?? section)
  const lastOf = (first: Section) => {
    const from = sections.indexOf(first)
    const stays = sections.findIndex((section, at) => at > from && !gone.includes(section))
    return sections[(stays < 0 ? sections.length : stays) - 1] ?? first
  }
  const tables = gone
    .filter((section) => !follows(section))
    .map((first) => block(document, first.node.range[0], endOf(lastOf(first))))
  return [...single, ...tables]
}

const spliced = (text: string, splices: ReadonlyArray<Splice>): string =>
  splices
    .toSorted((one, other) => other.start - one.start)
    .reduce((left, { end, start, text: put }) => left.slice(0, start) + put + left.slice(end), text)

type Tree = { readonly [key: string]: unknown }

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** The same values, in whatever order their keys stand. */
export const isEqual = (one: unknown, other: unknown): boolean => {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, at) => isEqual(value, other[at]))
  }
  if (isTree(one) && isTree(other)) {
    const keys = Object.keys(one)
    return (
      keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
    )
  }
  return Object.is(one, other) || JSON.stringify(one) === JSON.stringify(other)
}

/** A parsed document with one value changed, or without it. */
export const changed = (value: unknown, path: TomlPath, to: TomlValue | undefined): unknown => {
  const [key, ...rest] = path
  if (key === undefined) return to
  const inner = (at: unknown) => changed(at, rest, to)
  if (Array.isArray(value) && typeof key === "number") {
    return rest.length === 0 && to === undefined
      ? value.filter((_, at) => at !== key)
      : value.map((one: unknown, at) => (at === key ? inner(one) : one))
  }
  const tree = isTree(value) ? value : {}
  if (to === undefined && !Object.hasOwn(tree, key)) return value
  const { [key]: old, ...others } = tree
  return rest.length === 0 && to === undefined ? others : { ...others, [key]: inner(old) }
}

/** Tables that hold nothing are the same as none: one may be left when its last key goes. */
const pruned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one) => pruned(one) ?? {})
  if (!isTree(value)) return value
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const left = pruned(inner)
    return left === undefined ? [] : [[key, left] as const]
  })
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

/** Nothing can be said about a text that is no TOML. */
export const notToml: EditRefused = {
  message: "is in a file that is not valid TOML: mend it first",
  next: "claudex config edit"
}

const documentAt = (text: string): Either.Either<Document, EditRefused> =>
  Either.try({ try: () => documentOf(text), catch: () => notToml })

/** The edited text, if it means what it should. */
const proven = (text: string, edited: string, path: TomlPath, value: TomlValue | undefined) => {
  const means = Either.try(() => isEqual(pruned(parse(edited)), pruned(changed(parse(text), path, value))))
  return Either.isRight(means) && means.right
    ? Either.right(edited)
    : refuse("cannot be changed without touching more of the file, change it by hand")
}

/** Undefined where the value is not the list that stands there without some of its elements. The last one goes first. */
const thinned = (
  document: Document,
  path: TomlPath,
  value: TomlValue
): Either.Either<string, EditRefused> | undefined => {
  const { comments, entries, text } = document
  const node = entries.find((entry) => isSame(entry.path, path))?.node.value
  if (node?.type !== "TOMLArray") return undefined
  const gone = elementsToGo(node, value)
  if (gone === undefined) return undefined
  const last = gone.at(-1)
  if (last === undefined) return Either.right(text)
  const splice = withoutElement(text, node, last, comments)
  return splice === undefined ? undefined : setIn(spliced(text, [splice]), path, value)
}

/** The text in which the value stands at the path. What goes from a list leaves its other elements as they are written. */
export const setIn = (text: string, path: TomlPath, value: TomlValue): Either.Either<string, EditRefused> =>
  Either.flatMap(documentAt(text), (document) => {
    const edited =
      thinned(document, path, value) ?? Either.map(settings(document, path, value), (splice) => spliced(text, [splice]))
    return Either.flatMap(edited, (after) => proven(text, after, path, value))
  })

/** The text without the key, or without the table and all that it holds; the same text when there is no such thing. */
export const unsetIn = (text: string, path: TomlPath): Either.Either<string, EditRefused> =>
  Either.flatMap(documentAt(text), (document) => proven(text, spliced(text, removals(document, path)), path, undefined))
