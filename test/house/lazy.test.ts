import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { bin, built } from "../support/build.ts"

const atOnce = /(?:^|[;\n}])import(?:[^"'();]*from)?["'](\.[^"']+)["']/g
const later = /import\(["'`](\.[^"'`]+)["'`]\)/g

const named = async (file: string, how: RegExp): Promise<ReadonlyArray<string>> =>
  [...(await readFile(file, "utf8")).matchAll(how)].map(([, path = ""]) => join(dirname(file), path))

/** The modules that are loaded with one, itself included; with those that it may load later, if asked for. */
const reached = async (
  file: string,
  how: ReadonlyArray<RegExp>,
  seen = new Set<string>()
): Promise<ReadonlySet<string>> => {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const one of how) for (const next of await named(file, one)) await reached(next, how, seen)
  return seen
}

describe("the bundle", () => {
  // words that stand in one module only
  const rare = [
    ["the admin API", "claudex admin API"],
    ["the reader of YAML", "an alias stands for nothing"],
    ["the parser of YAML", "Unresolved tag: "]
  ] as const
  for (const [what, words] of rare) {
    it(`loads ${what} neither with the gateway nor with the command line nor with the words for a shell`, async () => {
      await built()
      const all = await reached(bin, [atOnce, later])
      const texts = await Promise.all([...all].map(async (file) => [file, await readFile(file, "utf8")] as const))
      const holders = texts.filter(([, text]) => text.includes(words)).map(([file]) => file)
      expect(holders).not.toEqual([])
      const starts = await named(bin, later)
      expect(starts).toHaveLength(3)
      for (const start of starts) {
        const loaded = await reached(start, [atOnce])
        expect([...loaded].filter((file) => holders.includes(file))).toEqual([])
      }
    })
  }

  it("gives a shell its words without loading the schema of the configuration", async () => {
    await built()
    const start = (await named(bin, later)).find((file) => file.includes("offers")) ?? ""
    const loaded = await reached(start, [atOnce])
    const texts = await Promise.all([...loaded].map((file) => readFile(file, "utf8")))
    expect(texts.filter((text) => text.includes("proxy_port"))).toEqual([])
    expect(texts.length).toBeGreaterThan(1)
  })
})
