import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { bin, built } from "../support/build.ts"

/** A script of the bundle and all that it loads before its first line runs, each once. */
const loadedWith = async (file: string, seen: Set<string> = new Set()): Promise<ReadonlyArray<string>> => {
  if (seen.has(file)) return []
  seen.add(file)
  const code = await readFile(file, "utf8")
  const beside = Array.from(code.matchAll(/\b(?:from|import)\s*["'](\.\/[^"']+)["']/g), ([, id = ""]) =>
    join(dirname(file), id)
  )
  const below = await Promise.all(beside.map((one) => loadedWith(one, seen)))
  return [code, ...below.flat()]
}

describe("the entry of the built command", () => {
  it("loads next to nothing before it knows what is wanted of it", async () => {
    await built()
    const scripts = await loadedWith(bin)
    expect(scripts.length).toBeGreaterThan(1)
    expect(scripts.join("").length).toBeLessThan(3_000)
  })
})
