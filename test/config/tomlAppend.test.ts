import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import * as fc from "fast-check"
import { parse } from "smol-toml"
import { appendTable } from "../../src/config/tomlAppend.ts"
import { runs } from "../support/runs.ts"
import { documents, keys, values } from "./tomlDocuments.ts"

const appended = (text: string, table: Parameters<typeof appendTable>[2]): string =>
  Either.getOrElse(appendTable(text, "profiles", table), ({ message }) => `refused: ${message}`)

const grok = { name: "grok", models: { haiku: "grok-3-mini" } }
const shown = '[[profiles]]\nname = "grok"\nmodels = { haiku = "grok-3-mini" }\n'

describe("a table that is put behind a list of tables", () => {
  it("begins an empty file", () => {
    expect(appended("", grok)).toBe(shown)
  })

  it("stands behind an empty line, whatever the file ends with", () => {
    for (const text of ["a = 1", "a = 1\n", "a = 1\n\n", "a = 1 # one", "[log]\nlevel = 'warn'\n# the end\n"]) {
      const lines = `${text.trimEnd()}\n\n`
      expect(appended(text, grok)).toBe(lines + shown)
    }
  })

  it("has the line breaks of the file", () => {
    expect(appended("a = 1\r\n", { name: "x" })).toBe('a = 1\r\n\r\n[[profiles]]\r\nname = "x"\r\n')
  })

  it("is refused where the list is none of tables, and where the file is not TOML", () => {
    const refused = (text: string) =>
      Either.getOrElse(Either.flip(appendTable(text, "profiles", grok)), () => ({ message: "taken" }))
    for (const text of ["a = 1\nprofiles = []\n", "a = 1\nprofiles = [{ name = 'x' }]\n", "a = 1\n[profiles]\n"])
      expect(refused(text)).toEqual({ line: 2, message: expect.stringContaining("[[profiles]]") })
    expect(refused("a = ").message).toContain("not valid TOML")
  })

  it("is all that a document gets: the text before is the beginning, and says the same with one table more", () => {
    const tables = fc.dictionary(keys, values, { maxKeys: 5 })
    fc.assert(
      fc.property(documents, tables, (document, table) => {
        const after = Either.getOrThrow(appendTable(document, "profiles", table))
        expect(after.startsWith(document)).toBe(true)
        const { profiles = [], ...others } = parse(document)
        expect(plain(parse(after))).toEqual(
          plain({ ...others, profiles: [...(Array.isArray(profiles) ? profiles : [profiles]), table] })
        )
      }),
      { numRuns: runs }
    )
  })
})

/** Without what only the parser's objects have: no prototype, and the minus of a zero. */
const plain = (document: unknown): unknown => JSON.parse(JSON.stringify(document))
