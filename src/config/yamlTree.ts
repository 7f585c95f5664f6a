/**
 * A YAML text as tables, lists and scalars that know where they stand. YAML 1.2 with its core schema and nothing beside
 * it: no tags of anybody's own, no merge keys, every key a text that stands once. Loads the parser, so it is itself loaded
 * only where a YAML file is. Pure.
 *
 * Invariants: what aliases repeat is bounded; a fault never quotes the text, which may hold a secret.
 */
import { Either } from "effect"
import { type ErrorCode, isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml"

/** From 1, both. */
export interface Spot {
  readonly line: number
  readonly column: number
}

/** Where a value stands; `borrowed`: it was written for another place, and an alias repeats it here. */
interface Extent {
  readonly start: Spot
  readonly lastLine: number
  readonly borrowed: boolean
}

export interface YamlScalar extends Extent {
  readonly kind: "scalar"
  readonly value: string | number | boolean | null
}

export interface YamlList extends Extent {
  readonly kind: "list"
  readonly items: ReadonlyArray<YamlValue>
}

export interface YamlEntry {
  readonly key: string
  readonly start: Spot
  readonly value: YamlValue
}

/** A key without a value is none: it is left out. */
export interface YamlTable extends Extent {
  readonly kind: "table"
  readonly entries: ReadonlyArray<YamlEntry>
}

export type YamlValue = YamlScalar | YamlList | YamlTable

/** Why a text is no configuration in YAML: what is wrong, what is expected. */
export interface YamlFault extends Spot {
  readonly message: string
}

/** How many values aliases may repeat, all together: a few lines of them can stand for billions. */
const mostBorrowed = 10_000

const wrong: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias has a tag or an anchor, expected neither",
  BAD_ALIAS: "an alias has no name, or a text begins with *, expected it in quotes",
  BAD_COLLECTION_TYPE: "a tag does not fit the value, expected no tag",
  BAD_DIRECTIVE: "a directive is not known, expected none",
  BAD_DQ_ESCAPE: "an escape behind \\ is not known, expected \\\\ for a backslash, or single quotes",
  BAD_INDENT: "the indentation does not fit, or a bracket is not closed, expected keys of one table in one column",
  BAD_PROP_ORDER: "a tag or an anchor stands in the wrong place, expected it before the value",
  BAD_SCALAR_START: "a text begins with a reserved character, expected it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "one line holds a key within a key, expected quotes around a text with a colon",
  BLOCK_IN_FLOW: "a table or list over several lines stands within brackets, expected it in brackets too",
  DUPLICATE_KEY: "the key stands there twice, expected it once",
  IMPOSSIBLE: "the text cannot be understood here",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters",
  MISSING_CHAR: "a character is missing, expected a closing quote, a space behind a colon, or a comma",
  MULTILINE_IMPLICIT_KEY: "a key has several lines, or a colon is missing, expected key: value",
  MULTIPLE_ANCHORS: "a value has several anchors, expected one",
  MULTIPLE_DOCS: "a second document begins, expected one in a file",
  MULTIPLE_TAGS: "a value has several tags, expected none",
  NON_STRING_KEY: "a key is a table, a list or an alias, expected a text",
  RESOURCE_EXHAUSTION: "the values are nested too deeply",
  TAB_AS_INDENT: "a tab stands in the indentation, expected spaces",
  TAG_RESOLVE_FAILED: "a tag is not known, expected the value without it",
  UNEXPECTED_TOKEN: "something stands where it cannot, expected key: value"
}

/** Walks the parser's nodes in the order of the text. The first fault ends it. */
class Reader {
  fault: YamlFault | undefined
  private borrowed = 0
  private readonly anchors = new Map<string, ParsedNode>()
  /** Those whose values are being read: an alias to one of them would hold itself. */
  private readonly open = new Set<ParsedNode>()
  private readonly lines: LineCounter
  constructor(lines: LineCounter) {
    this.lines = lines
  }

  spot(offset: number): Spot {
    const { col, line } = this.lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  private fail(start: Spot, message: string): YamlScalar {
    this.fault ??= { ...start, message }
    return { kind: "scalar", value: null, start, lastLine: start.line, borrowed: false }
  }

  private remember(node: ParsedNode, borrowed: boolean): void {
    if (!borrowed && !isAlias(node) && node.anchor !== undefined) this.anchors.set(node.anchor, node)
  }

  /** `at` is where the value would stand if there is none. */
  value(node: ParsedNode | null, at: Spot, borrowed = false): YamlValue {
    if (this.fault !== undefined || node === null) {
      return { kind: "scalar", value: null, start: at, lastLine: at.line, borrowed }
    }
    const [first, end] = node.range
    const start = this.spot(first)
    if (borrowed && ++this.borrowed > mostBorrowed) {
      return this.fail(start, `aliases repeat more than ${mostBorrowed} values, expected fewer`)
    }
    if (isAlias(node)) return this.alias(node.source, start)
    this.remember(node, borrowed)
    const extent = { start, lastLine: this.spot(Math.max(first, end - 1)).line, borrowed }
    this.open.add(node)
    const read = isMap(node)
      ? this.table(node, extent)
      : isSeq(node)
        ? this.list(node, extent)
        : this.scalar(node.value, extent)
    this.open.delete(node)
    return read
  }

  private alias(name: string, start: Spot): YamlValue {
    const node = this.anchors.get(name)
    if (node === undefined) return this.fail(start, "an alias stands for nothing, expected an anchor before it")
    if (this.open.has(node)) return this.fail(start, "an alias stands within what it stands for")
    return this.value(node, start, true)
  }

  private scalar(value: unknown, extent: Extent): YamlValue {
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null
      ? { kind: "scalar", value, ...extent }
      : this.fail(extent.start, "a value is neither text nor number nor true nor false")
  }

  private list(node: Extract<ParsedNode, { readonly items: ReadonlyArray<ParsedNode> }>, extent: Extent): YamlValue {
    const items = node.items.map((item) => this.value(item, extent.start, extent.borrowed))
    const last = items.at(-1)?.lastLine
    return { kind: "list", items, ...extent, ...(node.flow === true || last === undefined ? {} : { lastLine: last }) }
  }

  private table(node: Extract<ParsedNode, { readonly items: ReadonlyArray<{ key: unknown }> }>, extent: Extent) {
    const entries = node.items.flatMap(({ key, value }): ReadonlyArray<YamlEntry> => {
      const start = this.spot(key.range[0])
      if (!isScalar(key)) return this.none(start, wrong.NON_STRING_KEY)
      this.remember(key, extent.borrowed)
      const name = String(key.value)
      // plain objects cannot hold it as a key like any other
      if (name === "__proto__") return this.none(start, "a key cannot be used, expected another name")
      const read = this.value(value, start, extent.borrowed)
      return read.kind === "scalar" && read.value === null ? [] : [{ key: name, start, value: read }]
    })
    const last = entries.at(-1)?.value.lastLine
    return {
      kind: "table" as const,
      entries,
      ...extent,
      ...(node.flow === true || last === undefined ? {} : { lastLine: last })
    }
  }

  private none(start: Spot, message: string): ReadonlyArray<never> {
    this.fail(start, message)
    return []
  }
}

const noTable = "does not begin with key: value, expected a table of settings"

/** Reads a text; an empty one is an empty table. */
export const yamlTree = (text: string): Either.Either<YamlTable, YamlFault> => {
  const lineCounter = new LineCounter()
  const reader = new Reader(lineCounter)
  const beginning = { line: 1, column: 1 }
  return Either.try({
    try: () =>
      parseDocument(text, {
        // said in full, for a directive of the text may ask for other ones
        version: "1.2",
        schema: "core",
        merge: false,
        resolveKnownTags: false,
        stringKeys: true,
        uniqueKeys: true,
        strict: true,
        prettyErrors: false,
        logLevel: "error",
        lineCounter
      }),
    catch: () => ({ ...beginning, message: wrong.RESOURCE_EXHAUSTION })
  }).pipe(
    Either.flatMap(({ contents, errors, warnings }) => {
      const [first] = [...errors, ...warnings]
      if (first !== undefined) return Either.left({ ...reader.spot(first.pos[0]), message: wrong[first.code] })
      const read = reader.value(contents, beginning)
      if (reader.fault !== undefined) return Either.left(reader.fault)
      if (read.kind === "table") return Either.right(read)
      return read.kind === "scalar" && read.value === null
        ? Either.right({ ...read, kind: "table" as const, entries: [] })
        : Either.left({ ...read.start, message: noTable })
    })
  )
}

export type Plain = string | number | boolean | null | ReadonlyArray<Plain> | { readonly [key: string]: Plain }

/** The value without its places. */
export const plainYaml = (value: YamlValue): Plain => {
  switch (value.kind) {
    case "scalar":
      return value.value
    case "list":
      return value.items.map(plainYaml)
    case "table":
      return plainTable(value)
  }
}

export const plainTable = ({ entries }: YamlTable): { readonly [key: string]: Plain } =>
  Object.fromEntries(entries.map(({ key, value }) => [key, plainYaml(value)]))
