import { describe, expect, it } from "vitest"
import { atOnce, type Bundle, bundle, later, named, program, reached } from "./bundle.ts"

describe("the bundle", () => {
  // words that stand in one module only
  const rare = [
    ["the admin API", "claudex admin API"],
    ["the reader of YAML", "an alias stands for nothing"],
    ["the parser of YAML", "Unresolved tag: "]
  ] as const
  const holding = (scripts: Bundle, names: ReadonlySet<string>, words: string) =>
    [...names].filter((name) => scripts.get(name)?.includes(words))

  for (const [what, words] of rare) {
    it(`loads ${what} neither with the gateway nor with the command line nor with the words for a shell`, async () => {
      const scripts = await bundle()
      expect(holding(scripts, reached(scripts, program, [atOnce, later]), words)).not.toEqual([])
      const starts = named(scripts, program, later)
      expect(starts).toHaveLength(3)
      for (const start of starts) {
        expect(holding(scripts, reached(scripts, start, [atOnce]), words)).toEqual([])
      }
    })
  }

  it("gives a shell its words without loading the schema of the configuration", async () => {
    const scripts = await bundle()
    const start = named(scripts, program, later).find((name) => name.includes("offers")) ?? ""
    const loaded = reached(scripts, start, [atOnce])
    expect(holding(scripts, loaded, "proxy_port")).toEqual([])
    expect(loaded.size).toBeGreaterThan(1)
  })
})
