import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { built } from "../support/build.ts"
import { atOnce, later, named, program, reached } from "./bundle.ts"

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
      const all = await reached(program, [atOnce, later])
      const texts = await Promise.all([...all].map(async (file) => [file, await readFile(file, "utf8")] as const))
      const holders = texts.filter(([, text]) => text.includes(words)).map(([file]) => file)
      expect(holders).not.toEqual([])
      const starts = await named(program, later)
      expect(starts).toHaveLength(3)
      for (const start of starts) {
        const loaded = await reached(start, [atOnce])
        expect([...loaded].filter((file) => holders.includes(file))).toEqual([])
      }
    })
  }

  it("gives a shell its words without loading the schema of the configuration", async () => {
    await built()
    const start = (await named(program, later)).find((file) => file.includes("offers")) ?? ""
    const loaded = await reached(start, [atOnce])
    const texts = await Promise.all([...loaded].map((file) => readFile(file, "utf8")))
    expect(texts.filter((text) => text.includes("proxy_port"))).toEqual([])
    expect(texts.length).toBeGreaterThan(1)
  })
})
