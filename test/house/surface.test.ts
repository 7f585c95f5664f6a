import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root, run } from "./support.ts"

const surface = async (): Promise<string> => {
  const { code, stdout, stderr } = await run(process.execPath, ["scripts/surface.mjs", "--print"], { cwd: root })
  expect([code, stderr]).toEqual([0, ""])
  return stdout
}

describe("the public surface", () => {
  it("is what the checked-in list says (npm run surface writes it)", async () => {
    expect(await surface()).toBe(await readFile(join(root, "test/house/surface.txt"), "utf8"))
  })

  it("has a doc comment at the declaration of every name", async () => {
    const undocumented = (await surface()).split("\n").filter((line) => line.trimStart().startsWith("?"))
    expect(undocumented).toEqual([])
  })
})
