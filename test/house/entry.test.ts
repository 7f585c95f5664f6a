import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { bin, built } from "../support/build.ts"
import { atOnce, program, reached } from "./bundle.ts"

describe("the entry of the built command", () => {
  it("loads next to nothing before it knows what is wanted of it", async () => {
    await built()
    const files = await reached(program, [atOnce])
    const scripts = await Promise.all([bin, ...files].map((file) => readFile(file, "utf8")))
    expect(scripts.length).toBeGreaterThan(2)
    expect(scripts.join("").length).toBeLessThan(4_000)
  })
})
