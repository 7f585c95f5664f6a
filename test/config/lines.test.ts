import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { parse } from "smol-toml"
import { indexLines } from "../../src/config/lines.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

type Key = string | number
type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: ReadonlyArray<Value>; readonly spread: boolean }
  | { readonly kind: "inline"; readonly items: ReadonlyArray<Value>; readonly names: ReadonlyArray<string> }
type Statement =
  | { readonly kind: "void"; readonly text: string }
  | { readonly kind: "pair"; readonly names: ReadonlyArray<string>; readonly value: Value }
  | { readonly kind: "table"; readonly names: ReadonlyArray<string> }
  | { readonly kind: "element"; readonly list: "one" | "two"; readonly inner: boolean }

const scalar = fc.constantFrom(
  "1",
  "0x1F",
  "1979-05-27T07:32:00Z",
  "true",
  "3.5e2",
  '"plain"',
  '"with # and = and ] and \\" and \\\\"',
  "'literal \\ # ]'",
  '""',
  '"""\nfirst\n[not.a.table]\nkey = 1 "" # no comment\n"""',
  '"""one \\\n   line"""',
  '"""ends in two quotes"""""',
  "'''\nraw \\ ''\n[[no]]\n'''",
  "'''ends in one'''' "
)
const name = fc.constantFrom("a", "b-c", "d_e", '"quo ted"', "'lit.eral'", '"esc\\u0041\\""', "7", '"="', '"#"')
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.record({ kind: fc.constant("text" as const), text: scalar }),
    fc.record({
      kind: fc.constant("list" as const),
      items: fc.array(tie("value"), { maxLength: 3 }),
      spread: fc.boolean()
    }),
    fc.record({
      kind: fc.constant("inline" as const),
      items: fc.array(tie("value"), { maxLength: 3 }),
      names: fc.array(name, { minLength: 3, maxLength: 3 })
    })
  )
})).value
const names = fc.array(name, { minLength: 1, maxLength: 3 })
const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({ kind: fc.constant("void" as const), text: fc.constantFrom("", "  ", "# a [comment] = 1", "\t# '''") }),
  fc.record({ kind: fc.constant("pair" as const), names, value }),
  fc.record({ kind: fc.constant("table" as const), names }),
  fc.record({
    kind: fc.constant("element" as const),
    list: fc.constantFrom("one" as const, "two" as const),
    inner: fc.boolean()
  })
)

/** The key that a name in a document stands for. */
const keyOf = (written: string): string => Object.keys(parse(`${written} = 0`))[0] ?? ""

/** Writes a document and notes on which line each key goes, from the model and not from the text. */
const write = (statements: ReadonlyArray<Statement>, newline: string) => {
  let text = ""
  let line = 1
  let unique = 0
  let table: ReadonlyArray<Key> = []
  const counts = new Map<string, number>()
  const expected = new Map<string, number>()
  const put = (part: string) => {
    text += part.replaceAll("\n", newline)
    line += part.split("\n").length - 1
  }
  const note = (path: ReadonlyArray<Key>) => {
    const key = JSON.stringify(path)
    if (!expected.has(key)) expected.set(key, line)
  }
  const noteAll = (base: ReadonlyArray<Key>, keys: ReadonlyArray<string>) => {
    for (let length = 1; length <= keys.length; length++) note([...base, ...keys.slice(0, length)])
    return [...base, ...keys]
  }
  const putValue = (path: ReadonlyArray<Key>, written: Value) => {
    if (written.kind === "text") return put(written.text)
    const list = written.kind === "list"
    const gap = written.kind === "list" && written.spread ? "\n  # ]\n  " : " "
    put(list ? `[${gap}` : "{ ")
    written.items.forEach((item, position) => {
      const key = list ? position : `k${unique++}`
      note([...path, key])
      if (!list) put(`${key} = `)
      putValue([...path, key], item)
      put(position === written.items.length - 1 ? " " : `,${gap}`)
    })
    put(list ? `${gap === " " ? "" : "\n"}]` : "}")
  }

  for (const next of statements) {
    if (next.kind === "void") put(next.text)
    if (next.kind === "pair") {
      // the first name is made unique, so that no key is defined twice
      const keys = [`u${unique++}`, ...next.names]
      const path = noteAll(table, [...keys.slice(0, 1), ...next.names.map(keyOf)])
      put(`${keys.join(" . ")} = `)
      putValue(path, next.value)
    }
    if (next.kind === "table") {
      const first = `t${unique++}`
      table = noteAll([], [first, ...next.names.map(keyOf)])
      put(`[ ${[first, ...next.names].join(".")} ]`)
    }
    if (next.kind === "element") {
      const inner = next.inner && counts.has(next.list)
      if (!inner) {
        counts.set(next.list, (counts.get(next.list) ?? -1) + 1)
        counts.delete(`${next.list}.in`)
        note([next.list])
        table = [next.list, counts.get(next.list) ?? 0]
        put(`[[${next.list}]]`)
      } else {
        const position = counts.get(next.list) ?? 0
        counts.set(`${next.list}.in`, (counts.get(`${next.list}.in`) ?? -1) + 1)
        note([next.list, position, "in"])
        table = [next.list, position, "in", counts.get(`${next.list}.in`) ?? 0]
        put(`[[${next.list}.in]]`)
      }
      note(table)
    }
    put(next.kind === "void" ? "\n" : " # the end\n")
  }
  return { text, expected }
}

const pathsIn = (node: unknown, path: ReadonlyArray<Key> = []): ReadonlyArray<ReadonlyArray<Key>> => {
  if (Array.isArray(node)) return node.flatMap((item, at) => [[...path, at], ...pathsIn(item, [...path, at])])
  if (typeof node !== "object" || node === null || node instanceof Date) return []
  return Object.entries(node).flatMap(([key, item]) => [[...path, key], ...pathsIn(item, [...path, key])])
}

describe("the lines of a document's keys", () => {
  it("are those on which they were written, in any document", async () => {
    await holds(
      fc.property(fc.array(statement, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), (statements, newline) => {
        const { expected, text } = write(statements, newline)
        const lines = indexLines(text)
        const paths = pathsIn(parse(text))
        assert.strictEqual(paths.length, expected.size)
        for (const path of paths) assert.strictEqual(lines.lineOf(path), expected.get(JSON.stringify(path)), text)
      }),
      { numRuns: runs }
    )
  })

  it("of what is not written are those of the nearest enclosing key", () => {
    const lines = indexLines("\na = 1\n[[b]]\nc = { d = 1 }\n\n[[b]]\n")
    assert.strictEqual(lines.lineOf(["b", 1, "c", "d"]), 6)
    assert.strictEqual(lines.lineOf(["b", 0, "c", "x", "y"]), 4)
    assert.strictEqual(lines.lineOf(["b", 2]), 3)
    assert.strictEqual(lines.lineOf(["z"]), 1)
    assert.strictEqual(lines.lineOf([]), 1)
  })

  it("of a table that only its parts mention are those of the first part", () => {
    const lines = indexLines("[a.b]\nc.d = 1\n[a]\ne = 1\n")
    assert.strictEqual(lines.lineOf(["a"]), 1)
    assert.strictEqual(lines.lineOf(["a", "b", "c"]), 2)
    assert.strictEqual(lines.lineOf(["a", "e"]), 4)
  })

  it("are found in lists of inline tables on many lines", () => {
    const text = 'profiles = [\n  { name = "a" }, # one\n\n  { name = "b",\n    models.opus = "m" },\n]\n'
    const lines = indexLines(text)
    assert.strictEqual(lines.lineOf(["profiles", 1]), 4)
    assert.strictEqual(lines.lineOf(["profiles", 1, "models", "opus"]), 5)
  })

  it("come to an end on text that is not TOML", async () => {
    await holds(
      fc.property(fc.string({ unit: fc.constantFrom(..."[]{}=\"'#.,\n\\ a1") }), (text) => {
        assert.isAtLeast(indexLines(text).lineOf(["a"]), 1)
      }),
      { numRuns: runs }
    )
  })
})
