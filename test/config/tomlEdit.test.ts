import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import * as fc from "fast-check"
import { parse } from "smol-toml"
import { changed, setIn, type TomlPath, unsetIn } from "../../src/config/tomlEdit.ts"
import type { TomlValue } from "../../src/config/tomlText.ts"
import { runs } from "../support/runs.ts"
import { documents, values } from "./tomlDocuments.ts"

const edited = (result: ReturnType<typeof setIn>): string =>
  Either.getOrElse(result, ({ message }) => `refused: ${message}`)

const text = `# The head of the file.

proxy_port = 13456  # the port

# grok stands here
[[profiles]]
name = "grok" # its name
custom_headers = { "x-a" = "1", b.c = 2 }
empty = {}

  [profiles.models]
  haiku = 'h'   # small

# the second
[[profiles]]
name = "or"
limits.concurrent = 2
list = [
  1, # one
  2
]
# the tail`

describe("a value that is set", () => {
  const cases: ReadonlyArray<readonly [string, TomlPath, TomlValue, string, string]> = [
    [
      "takes the place of the one before",
      ["proxy_port"],
      1,
      "proxy_port = 13456  # the port",
      "proxy_port = 1  # the port"
    ],
    [
      "takes it also within an inline table",
      ["profiles", 0, "custom_headers", "b", "c"],
      true,
      "b.c = 2",
      "b.c = true"
    ],
    [
      "stands behind the others of an inline table",
      ["profiles", 0, "custom_headers", "z z"],
      "q",
      "b.c = 2 }",
      'b.c = 2, "z z" = "q" }'
    ],
    ["fills an empty inline table", ["profiles", 0, "empty", "a"], 1, "empty = {}", "empty = { a = 1 }"],
    [
      "stands behind the others of its table, as they are indented",
      ["profiles", 0, "models", "opus"],
      "o",
      "  haiku = 'h'   # small\n",
      "  haiku = 'h'   # small\n  opus = \"o\"\n"
    ],
    [
      "stands beside its like",
      ["profiles", 1, "limits", "requests_per_minute"],
      3,
      "limits.concurrent = 2\n",
      "limits.concurrent = 2\nlimits.requests_per_minute = 3\n"
    ],
    [
      "takes the place of a list of several lines",
      ["profiles", 1, "list"],
      [1, "two"],
      "list = [\n  1, # one\n  2\n]",
      'list = [1, "two"]'
    ],
    [
      "stands in the profile it is for",
      ["profiles", 0, "enabled"],
      false,
      "empty = {}\n",
      "empty = {}\nenabled = false\n"
    ],
    [
      "gets a table of its own at the end",
      ["timeouts", "idle_seconds"],
      5,
      "# the tail",
      "# the tail\n\n[timeouts]\nidle_seconds = 5\n"
    ]
  ]
  for (const [name, path, value, before, after] of cases) {
    it(`${name}`, () => {
      expect(text).toContain(before)
      expect(edited(setIn(text, path, value))).toBe(text.replace(before, () => after))
    })
  }

  it("is a list without some of its elements, of which the others stay as they are written", () => {
    const lists: ReadonlyArray<readonly [string, ReadonlyArray<string>, string]> = [
      ['["a", "b", "c"] # all', ["a", "c"], '["a", "c"] # all'],
      ['["a", "b", "c"] # all', ["a"], '["a"] # all'],
      ['["a" , "b",]', ["b"], '["b",]'],
      ['["a" , "b",]', ["a"], '["a" ,]'],
      ["[ 'a', 'b' ]", ["b"], "[ 'b' ]"],
      ['["a"]', ["a"], '["a"]'],
      ['["a"]', [], "[]"],
      ['["a", # cheap\n  "b", # good\n  "c" # last\n]', ["b", "c"], '[\n  "b", # good\n  "c" # last\n]'],
      ['["a", # cheap\n  "b", # good\n  "c" # last\n]', ["a", "c"], '["a", # cheap\n  "c" # last\n]'],
      ['["a", # cheap\n  "b", # good\n  "c" # last\n]', ["a", "b"], '["a", # cheap\n  "b", # good\n]'],
      ['[\r\n  # of all\r\n  "a", "b", # two\r\n  "c"\r\n]', ["a"], '[\r\n  # of all\r\n  "a", # two\r\n]'],
      ['[\n  "a",\n  "b"]', ["a"], '[\n  "a",\n  ]'],
      ['[\n  "#",\n  "b",]', ["b"], '[\n  "b",]'],
      ['[\n  "a"\n  , "b" # two\n  , "c"]', ["a", "c"], '["a", "c"]']
    ]
    for (const [written, value, expected] of lists) {
      expect(edited(setIn(`x = ${written}\n`, ["x"], value))).toBe(`x = ${expected}\n`)
    }
    // any list, whatever is said in it
    const element = fc.constantFrom("a", "b", "#", ",", "]")
    const word = fc.constantFrom("", " ", "\n", "\r\n", " # one, of them\n", "\n  # ]\n")
    const list = fc.array(fc.tuple(word, element, word, word, fc.boolean()), { maxLength: 6 })
    fc.assert(
      fc.property(list, fc.boolean(), (all, isClosed) => {
        const kept = all.flatMap(([, one, , , stays]) => (stays ? [one] : []))
        const written = all
          .map(([first, one, second, third], at) =>
            [first, JSON.stringify(one), second, at < all.length - 1 || isClosed ? `,${third}` : third].join("")
          )
          .join("")
        const before = `y = 1 # y\nx = [${written}] # x\n\n[z] # z\n`
        const after = edited(setIn(before, ["x"], kept))
        expect(parse(after)).toEqual({ y: 1, x: kept, z: {} })
        for (const comment of ["# x", "# y", "# z"]) expect(after).toContain(comment)
      }),
      { numRuns: runs }
    )
    // another order, or more of them: the list is written anew
    expect(edited(setIn('x = [\n"a", # one\n"b"]', ["x"], ["b", "a"]))).toBe('x = ["b", "a"]')
  })

  it("begins an empty file", () => {
    expect(edited(setIn("", ["proxy_port"], 1))).toBe("proxy_port = 1\n")
    expect(edited(setIn("", ["log", "level"], "warn"))).toBe('[log]\nlevel = "warn"\n')
  })

  it("stands behind the words at the head of a file of tables", () => {
    expect(edited(setIn("# head\n\n# about a\n[a]\nb = 1\n", ["c"], 2))).toBe(
      "# head\n\nc = 2\n\n# about a\n[a]\nb = 1\n"
    )
    expect(edited(setIn("[a]\nb = 1\n", ["c"], 2))).toBe("c = 2\n\n[a]\nb = 1\n")
  })

  it("keeps the line breaks of the file", () => {
    expect(edited(setIn("a = 1\r\nb = 2", ["c"], 3))).toBe("a = 1\r\nb = 2\r\nc = 3\r\n")
  })

  it("is refused where it would hide a table, lie in no table, or where the file is not TOML", () => {
    const refused = (result: ReturnType<typeof setIn>) => Either.getOrElse(Either.flip(result), () => undefined)
    expect(refused(setIn(text, ["profiles", 0, "models"], 1))).toEqual({
      line: 11,
      message: "is a table, expected one of its keys"
    })
    expect(refused(setIn(text, ["proxy_port", "x"], 1))).toMatchObject({ line: 3 })
    expect(refused(setIn(text, ["profiles", 7, "name"], "x"))).toMatchObject({
      message: expect.stringContaining("not there")
    })
    expect(refused(setIn("a = ", ["a"], 1))?.message).toContain("not valid TOML")
  })
})

describe("what is unset", () => {
  const cases: ReadonlyArray<readonly [string, TomlPath, string, string]> = [
    ["goes with its line", ["proxy_port"], "proxy_port = 13456  # the port\n", ""],
    ["goes out of an inline table, the first", ["profiles", 0, "custom_headers", "x-a"], '"x-a" = "1", ', ""],
    ["goes out of an inline table, the last", ["profiles", 0, "custom_headers", "b", "c"], ", b.c = 2", ""],
    [
      "goes with its inline table",
      ["profiles", 0, "custom_headers"],
      'custom_headers = { "x-a" = "1", b.c = 2 }\n',
      ""
    ],
    ["goes with its whole list", ["profiles", 1, "list"], "list = [\n  1, # one\n  2\n]\n", ""],
    [
      "goes as a table, with its header and one of two blank lines around it",
      ["profiles", 0, "models"],
      "\n  [profiles.models]\n  haiku = 'h'   # small\n",
      ""
    ],
    ["goes as a dotted table", ["profiles", 1, "limits"], "limits.concurrent = 2\n", ""]
  ]
  for (const [name, path, before, after] of cases) {
    it(`${name}`, () => {
      expect(text).toContain(before)
      expect(edited(unsetIn(text, path))).toBe(text.replace(before, () => after))
    })
  }

  it("goes as a profile with all its tables and the words directly above it, and leaves all else that is said", () => {
    const result = edited(unsetIn(text, ["profiles", 0]))
    expect(parse(result)).toEqual(changed(parse(text), ["profiles", 0], undefined))
    expect(result).toBe(
      text.slice(0, text.indexOf("# grok stands")) + text.slice(text.indexOf("# the second"), text.length)
    )
    const last = edited(unsetIn(text, ["profiles", 1]))
    expect(last).toBe(`${text.slice(0, text.indexOf("# the second"))}# the tail`)
  })

  it("does not take with it what a blank line parts from it, what is a line for editors, or what is no comment", () => {
    const profile = '[[profiles]]\nname = "a"\n'
    const gone = (before: string) => edited(unsetIn(before + profile, ["profiles", 0]))
    expect(gone("# The head.\n\n")).toBe("# The head.\n")
    expect(gone("#:schema claudex.json\n# a\n# b\n")).toBe("#:schema claudex.json\n")
    expect(gone('x = """\n# text"""\n')).toBe('x = """\n# text"""\n')
    expect(gone("# a\r\n  # b\r\n")).toBe("")
  })

  it("goes with the words between its tables, wherever they stand", () => {
    const before = "a = 1\n\n# one\n[t]\nb = 1\n\n# of it\n\n[t.u]\nc = 1\n# end\n\n[v]\nd = 1\n\n# far\n[t.w]\ne = 1\n"
    expect(edited(unsetIn(before, ["t"]))).toBe("a = 1\n\n# end\n\n[v]\nd = 1\n")
  })

  it("changes nothing where there is no such thing", () => {
    for (const path of [["nothing"], ["profiles", 9], ["profiles", 0, "models", "x"]])
      expect(edited(unsetIn(text, path))).toBe(text)
  })
})

const pathsIn = (tree: unknown, base: TomlPath = []): ReadonlyArray<TomlPath> =>
  Array.isArray(tree)
    ? tree.flatMap((one: unknown, at) => (typeof one === "object" ? pathsIn(one, [...base, at]) : []))
    : typeof tree === "object" && tree !== null
      ? Object.entries(tree).flatMap(([name, inner]) => [[...base, name], ...pathsIn(inner, [...base, name])])
      : []

const somewhere = (document: string) =>
  fc.oneof(
    fc.constantFrom<TomlPath>(["a"], ["new"], ["t1", "new"], ["t9", "new", "er"], ...pathsIn(parse(document))),
    fc.constantFrom<TomlPath>(["a"], ...pathsIn(parse(document))).map((path): TomlPath => [...path, "new"])
  )

const cases = documents.chain((document) => fc.tuple(fc.constant(document), somewhere(document), values))

/** What is the same at both ends does not count; what is left is what an edit touched. */
const touched = (before: string, after: string): readonly [string, string] => {
  const [one, other] = [before.split("\n"), after.split("\n")]
  let head = 0
  while (head < Math.min(one.length, other.length) && one[head] === other[head]) head += 1
  let tail = 0
  while (tail < Math.min(one.length, other.length) - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1
  return [one.slice(head, one.length - tail).join("\n"), other.slice(head, other.length - tail).join("\n")]
}

describe("any document", () => {
  it("says the same afterwards, but for what was set, in one place of the text", () => {
    let done = 0
    fc.assert(
      fc.property(cases, ([document, path, to]) => {
        const result = setIn(document, path, to)
        if (Either.isLeft(result)) return
        done += 1
        expect(normal(parse(result.right))).toEqual(normal(changed(parse(document), path, to)))
        const [before, after] = touched(document, result.right)
        // one value of one line, or lines that are new
        expect(before.split("\n").length).toBeLessThanOrEqual(1 + 1)
        expect(after.split("\n").length).toBeLessThanOrEqual(before.split("\n").length + 4)
      }),
      { numRuns: runs }
    )
    expect(done).toBeGreaterThan(0)
  })

  it("says the same afterwards, but for what was unset, and no comment of another line is lost", () => {
    fc.assert(
      fc.property(cases, ([document, path]) => {
        const result = unsetIn(document, path)
        if (Either.isLeft(result)) return
        expect(normal(parse(result.right))).toEqual(normal(changed(parse(document), path, undefined)))
        const notes = (all: string) => all.split(/\r?\n/).filter((line) => /^\s*#/.test(line))
        // what is said within a table goes with it
        const isTable = typeof valueAt(parse(document), path) === "object"
        expect(isTable ? [] : notes(result.right)).toEqual(isTable ? [] : notes(document))
      }),
      { numRuns: runs }
    )
  })

  it("is seldom refused", () => {
    const seen = { set: 0, unset: 0, all: 0 }
    fc.assert(
      fc.property(cases, ([document, path, to]) => {
        seen.all += 1
        if (Either.isRight(unsetIn(document, path))) seen.unset += 1
        const result = setIn(document, path, to)
        if (Either.isRight(result) || !/touching/.test(result.left.message)) seen.set += 1
      }),
      { numRuns: runs }
    )
    expect(seen.unset).toBe(seen.all)
    expect(seen.set).toBe(seen.all)
  })
})

const valueAt = (tree: unknown, path: TomlPath): unknown =>
  path.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null
        ? Object.entries(inner).find(([own]) => own === String(name))?.[1]
        : undefined,
    tree
  )

/** Empty tables are none: one may be left where its last key went. */
const normal = (tree: unknown): unknown =>
  Array.isArray(tree)
    ? tree.map(normal)
    : typeof tree === "object" && tree !== null
      ? Object.fromEntries(
          Object.entries(tree)
            .map(([name, inner]) => [name, normal(inner)] as const)
            .filter(([, inner]) => !(typeof inner === "object" && inner !== null && Object.keys(inner).length === 0))
        )
      : tree
