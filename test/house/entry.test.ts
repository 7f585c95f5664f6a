import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { bin } from "../support/build.ts"
import { atOnce, bundle, program, reached } from "./bundle.ts"

describe("the entry of the built command", () => {
  it("loads next to nothing before it knows what is wanted of it", async () => {
    const scripts = await bundle()
    const loaded = [...reached(scripts, program, [atOnce])].map((name) => scripts.get(name) ?? "")
    expect(loaded.length).toBeGreaterThan(1)
    expect([await readFile(bin, "utf8"), ...loaded].join("").length).toBeLessThan(4_000)
  })
})
