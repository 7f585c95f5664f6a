/**
 * Where the keys of a TOML document stand. The TOML parser gives no positions for values, so this second, much simpler
 * reader walks the same text and notes lines only.
 *
 * It expects text that the parser has accepted; on other text it comes to an end, but the lines mean nothing.
 */
import { Either } from "effect"
import { parse } from "smol-toml"

/** A path into a document: table keys and array positions, e.g. `["profiles", 0, "base_url"]`. */
export type TomlPath = ReadonlyArray<string | number>

/** Lines of a document's keys. */
export interface LineIndex {
  /** Line (from 1) of the key at a path, or of the nearest enclosing one that is written out. */
  readonly lineOf: (path: TomlPath) => number
}

const pathKey = (path: TomlPath): string => JSON.stringify(path)

/** Reads a quoted key; the parser itself undoes the escapes, so that both agree on the name. */
const unquote = (raw: string): string =>
  Either.try(() => Object.keys(parse(`${raw} = 0`))[0]).pipe(Either.getOrUndefined) ?? raw

/** A position in the text that moves forward only, and the line it is on. */
class Cursor {
  at = 0
  line = 1
  readonly text: string
  constructor(text: string) {
    this.text = text
  }

  get char(): string {
    return this.text.charAt(this.at)
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  startsWith(part: string): boolean {
    return this.text.startsWith(part, this.at)
  }

  advance(count = 1): void {
    const end = Math.min(this.at + count, this.text.length)
    for (; this.at < end; this.at++) if (this.char === "\n") this.line++
  }

  advanceWhile(pattern: RegExp): string {
    const start = this.at
    while (!this.done && pattern.test(this.char)) this.advance()
    return this.text.slice(start, this.at)
  }

  /** Passes spaces, line ends and comments. */
  skipVoid(): void {
    for (;;) {
      this.advanceWhile(/[\s\uFEFF]/)
      if (this.char !== "#") return
      this.advanceWhile(/[^\n]/)
    }
  }

  /** Passes a string with its quotes: basic or literal, on one line or on many. */
  skipString(): void {
    const quote = this.char
    const many = this.startsWith(quote.repeat(3))
    const end = many ? quote.repeat(3) : quote
    this.advance(end.length)
    while (!this.done && !this.startsWith(end)) this.advance(quote === '"' && this.char === "\\" ? 2 : 1)
    this.advance(end.length)
    // a string on many lines may end in up to two more quotes, which belong to it
    if (many) this.advanceWhile(quote === '"' ? /"/ : /'/)
  }

  /** A dotted key, up to the `=` or `]` that ends it. */
  keys(): ReadonlyArray<string> {
    const keys: Array<string> = []
    for (;;) {
      this.advanceWhile(/[ \t]/)
      const start = this.at
      if (this.char === '"' || this.char === "'") {
        this.skipString()
        keys.push(unquote(this.text.slice(start, this.at)))
      } else {
        keys.push(this.advanceWhile(/[^\s.=\]]/))
      }
      this.advanceWhile(/[ \t]/)
      if (this.char !== ".") return keys
      this.advance()
    }
  }
}

/** Finds the line of every key of a TOML document. */
export const indexLines = (text: string): LineIndex => {
  const cursor = new Cursor(text)
  const lines = new Map<string, number>()
  /** The position of the last element of each array of tables. */
  const lastElement = new Map<string, number>()

  const note = (path: TomlPath, line: number): void => {
    const key = pathKey(path)
    if (!lines.has(key)) lines.set(key, line)
  }

  /** Notes a dotted key below `base`, and the tables on the way that it creates; answers the whole path. */
  const noteKeys = (base: TomlPath, keys: ReadonlyArray<string>, line: number): TomlPath =>
    keys.reduce<TomlPath>((path, key) => {
      const next = [...path, key]
      note(next, line)
      return next
    }, base)

  const value = (path: TomlPath): void => {
    const before = cursor.at
    anyValue(path)
    if (cursor.at === before) cursor.advance()
  }

  const anyValue = (path: TomlPath): void => {
    if (cursor.char === '"' || cursor.char === "'") return cursor.skipString()
    if (cursor.char === "[") return array(path)
    if (cursor.char === "{") return inlineTable(path)
    cursor.advanceWhile(/[^,\]}#\n]/)
  }

  const array = (path: TomlPath): void => {
    cursor.advance()
    for (let position = 0; ; position++) {
      cursor.skipVoid()
      if (cursor.done || cursor.char === "]") return cursor.advance()
      const element = [...path, position]
      note(element, cursor.line)
      value(element)
      cursor.skipVoid()
      if (cursor.char === ",") cursor.advance()
    }
  }

  const inlineTable = (path: TomlPath): void => {
    cursor.advance()
    for (;;) {
      cursor.skipVoid()
      if (cursor.done || cursor.char === "}") return cursor.advance()
      pair(path)
      cursor.skipVoid()
      if (cursor.char === ",") cursor.advance()
    }
  }

  const pair = (base: TomlPath): void => {
    const line = cursor.line
    const path = noteKeys(base, cursor.keys(), line)
    cursor.advance() // =
    cursor.advanceWhile(/[ \t]/)
    value(path)
  }

  /** The path a header names: arrays of tables on the way stand for their last element. */
  const header = (keys: ReadonlyArray<string>, line: number, element: boolean): TomlPath =>
    keys.reduce<TomlPath>((path, key, depth) => {
      const named = [...path, key]
      note(named, line)
      const known = lastElement.get(pathKey(named))
      const adds = element && depth === keys.length - 1
      if (known === undefined && !adds) return named
      const position = adds ? (known ?? -1) + 1 : (known ?? 0)
      lastElement.set(pathKey(named), position)
      note([...named, position], line)
      return [...named, position]
    }, [])

  let table: TomlPath = []
  for (cursor.skipVoid(); !cursor.done; cursor.skipVoid()) {
    if (cursor.char === "[") {
      const line = cursor.line
      const element = cursor.startsWith("[[")
      cursor.advance(element ? 2 : 1)
      table = header(cursor.keys(), line, element)
      cursor.advance(element ? 2 : 1)
    } else {
      pair(table)
    }
  }

  return {
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(pathKey(path.slice(0, length)))
        if (line !== undefined) return line
      }
      return 1
    }
  }
}
