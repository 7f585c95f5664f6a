import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { coverage, type NamedTest } from "../spec/coverage.ts"
import { root } from "./support.ts"

const folders = ["protocol", "gateway", "provider", "launcher", "problems"]

/** A string that begins with ids: the name of a test, or of a group of tests. */
const named = /["`]((?:\[[^\]"`]+\] ?)+)/g

const namesIn = async (file: string): Promise<ReadonlyArray<NamedTest>> =>
  [...(await readFile(join(root, file), "utf8")).matchAll(named)].map(([, name]) => ({ file, name: name ?? "" }))

/** Names as they stand in the sources: quicker to read than the list that vitest makes for `npm run spec:coverage`. */
const allNames = async (): Promise<ReadonlyArray<NamedTest>> => {
  const files = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(root, "test", folder), { recursive: true })
      return entries.filter((entry) => entry.endsWith(".test.ts")).map((entry) => join("test", folder, entry))
    })
  )
  return (await Promise.all(files.flat().map(namesIn))).flat()
}

describe("the rules of the wire specification and the complaints of users", () => {
  it("are each quoted by the name of a test", async () => {
    const { covered } = coverage(await allNames())
    expect(covered.length).toBeGreaterThan(150)
    expect(covered.filter(({ tests }) => tests.length === 0).map(({ rule }) => rule.id)).toEqual([])
  })

  it("are all that such names quote", async () => {
    expect(coverage(await allNames()).strange).toEqual([])
  })
})
