import { cp, readdir, readFile, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { Script } from "node:vm"
import { beforeAll, describe, expect, it } from "vitest"
import { bin, built } from "../support/build.ts"
import { run, temporaryFolder, type Outcome } from "./support.ts"

const folder = dirname(bin)

/** The folder of the code that the build compiled: the one that it has. */
const compiledIn = async (place: string): Promise<string> => {
  const [kind = "", ...others] = await readdir(join(place, "compiled"))
  expect(others).toEqual([])
  return join(place, "compiled", kind)
}

/** The built command with a change of its compiled code. */
const changed = async (change: (code: Buffer) => Buffer): Promise<string> => {
  const copy = await temporaryFolder()
  await cp(folder, copy, { recursive: true })
  const compiled = await compiledIn(copy)
  for (const name of await readdir(compiled)) {
    const file = join(compiled, name)
    await writeFile(file, change(await readFile(file)))
  }
  return join(copy, basename(bin))
}

const help = (file: string, ...options: ReadonlyArray<string>): Promise<Outcome> =>
  run(process.execPath, [...options, file, "--help"], { cwd: dirname(file) })

describe("the scripts of the built command", () => {
  beforeAll(built)

  it("have compiled code beside them that V8 takes, all but the largest", async () => {
    const scripts = (await readdir(folder)).filter((name) => name.endsWith(".js") && name !== basename(bin))
    const compiled = await compiledIn(folder)
    const names = await readdir(compiled)
    // what an earlier build left is no longer compiled by this one
    expect(names.filter((name) => !scripts.includes(name))).toEqual([])
    for (const name of names) {
      const source = await readFile(join(folder, name), "utf8")
      const cachedData = (await readFile(join(compiled, name))).subarray(0, -4)
      const script = new Script(source, { filename: name, cachedData })
      expect([name, script.cachedDataRejected]).toEqual([name, false])
    }
    expect(names).toContain("program.js")
    expect(names.length).toBeGreaterThan(scripts.length / 3)
  })

  const damages: ReadonlyArray<readonly [string, (code: Buffer) => Buffer]> = [
    ["is cut short", (code) => code.subarray(0, code.length >> 1)],
    ["is empty", () => Buffer.alloc(0)],
    ["is no code", (code) => Buffer.alloc(code.length, "claudex")],
    ["has lost a page", (code) => Buffer.from(code).fill(0, code.length >> 1, (code.length >> 1) + 64)],
    ["belongs to another source", (code) => Buffer.concat([code.subarray(0, -4), Buffer.from([1, 2, 3, 4])])]
  ]
  for (const [what, damage] of damages) {
    it(`do what they do when their compiled code ${what}`, async () => {
      const whole = await help(bin)
      expect([whole.code, whole.stderr]).toEqual([0, ""])
      expect(await help(await changed(damage))).toEqual(whole)
    })
  }

  it("do what they do in a Node that compiles otherwise", async () => {
    expect(await help(bin, "--stack-size=1500")).toEqual(await help(bin))
  })
})
