import { Script } from "node:vm"
import { describe, expect, it } from "vitest"
import { asScript, circles, scriptBody } from "../../scripts/asScript.mjs"

/** Runs a module as the script that is made of it, among others, and answers its exports. */
const exportsOf = (code: string, others: Record<string, unknown> = {}): Record<string, unknown> => {
  const exports = {}
  const take = (id: string): unknown => others[id]
  new Script(asScript(scriptBody(code, "one"))).runInThisContext()(
    take,
    (id: string) => Promise.resolve(others[id]),
    (id: string) => Promise.resolve(`outside ${id}`),
    take,
    exports,
    { url: "file:///bundle/one.js" }
  )
  return exports
}

describe("a script made of a module", () => {
  it("takes what the module imports, in every form", () => {
    const code = `
      import "./effect.js"
      import { a, b as c, "d-e" as f } from "./other.js"
      import g, { default as h } from "./other.js"
      import * as all from "./other.js"
      import whole, { default as named, join } from "node:path"
      import * as path from "node:path"
      const seen = [a, c, f, g, h, all.a, whole.join("x"), named.join("x"), join("x"), path.join("x")]
      export { seen, a as again, seen as "with-dash" }`
    const other = { a: 1, b: 2, "d-e": 3, default: 4 }
    const path = { join: (part: string) => `joined ${part}` }
    const seen = [1, 2, 3, 4, 4, 1, ...Array.from({ length: 4 }, () => "joined x")]
    expect(exportsOf(code, { "./other.js": other, "node:path": path })).toEqual({ seen, again: 1, "with-dash": seen })
  })

  it("loads later what the module loads later, of the bundle and from outside, and knows its place", async () => {
    const code = `
      const inner = import("./other.js")
      const quoted = import(\`./other.js\`)
      const outer = import("package")
      const place = import.meta.url
      export { inner, quoted, outer, place }`
    const { inner, outer, place, quoted } = exportsOf(code, { "./other.js": "other" })
    expect(await Promise.all([inner, quoted, outer])).toEqual(["other", "other", "outside package"])
    expect(place).toBe("file:///bundle/one.js")
  })

  it("is strict, has no this, and none of the words by which a library knows CommonJS", () => {
    const code = `
      const strict = (function () { return this === undefined })()
      const top = this
      const words = [typeof require, typeof module, typeof exports]
      export { strict, top, words }`
    expect(exportsOf(code)).toEqual({ strict: true, top: undefined, words: ["undefined", "undefined", "undefined"] })
  })

  const refused = [
    ["an export that is assigned anew", "let a = 1; const f = () => { a = 2 }; export { a, f }", "it exports a"],
    ["an export that is counted up", "let a = 1; const f = () => a++; export { a, f }", "it exports a"],
    ["an export that a pattern assigns", "let a; const f = (o) => { ({ a } = o) }; export { a, f }", "it exports a"],
    ["an export that a loop assigns", "let a; const f = (o) => { for (a of o); }; export { a, f }", "it exports a"],
    [
      "an export that a pattern declared",
      "let { b: [a] } = o; const f = () => { a = 2 }; export { a, f }",
      "it exports a"
    ],
    [
      "an export that stands in a block",
      "if (c) { var a = 1 } const f = () => { a = 2 }; export { a, f }",
      "it exports a"
    ],
    [
      "an export that a loop declared",
      "for (var a of b) {} const f = () => { a = 2 }; export { a, f }",
      "it exports a"
    ],
    ["a function that is replaced", "function a() { a = () => 1 } export { a }", "it exports a"],
    ["a class that is replaced", "class A {} const f = () => { A = 1 }; export { A, f }", "it exports A"],
    ["an export where it is declared", "export const a = 1", "ExportNamedDeclaration"],
    ["another script's exports", `export { a } from "./other.js"`, "ExportNamedDeclaration"],
    ["all of another script", `export * from "./other.js"`, "ExportAllDeclaration"],
    ["a default export", "export default 1", "ExportDefaultDeclaration"],
    ["a place that it is not told", "const a = import.meta.dirname; export { a }", "import.meta.dirname"],
    ["a word of its own for what it is given", "const __need = 1", "__need"]
  ] as const
  for (const [what, code, why] of refused) {
    it(`is not made of ${what}`, () => {
      expect(() => scriptBody(code, "chunk")).toThrow(`chunk cannot be a script: it `)
      expect(() => scriptBody(code, "chunk")).toThrow(why)
    })
  }

  it("may export a variable that is assigned once, though an inner one of its name is not", () => {
    const code =
      "let a = 1; var b = 2; const c = () => { let d = 1; d = 2; return d }; const d = 4; export { a, b, c, d }"
    expect(exportsOf(code)).toMatchObject({ a: 1, b: 2, d: 4 })
  })
})

describe("scripts that need one another", () => {
  const chunk = (fileName: string, ...imports: ReadonlyArray<string>) => ({ fileName, imports })

  it("are found", () => {
    const found = circles([chunk("a", "b"), chunk("b", "c", "d"), chunk("c", "a"), chunk("d")])
    expect(found).toEqual(["a -> b -> c -> a"])
    expect(circles([chunk("a", "a")])).toEqual(["a -> a"])
  })

  it("are not those that need the same", () => {
    expect(circles([chunk("a", "b", "c"), chunk("b", "d"), chunk("c", "d"), chunk("d", "node:fs")])).toEqual([])
  })
})
