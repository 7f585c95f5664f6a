import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { crc32 } from "node:zlib"
import { beforeAll, describe, expect, it } from "vitest"
import { version } from "../../src/domain/version.ts"
import { gatewayWord } from "../../src/daemon/gatewayWord.ts"
import { bin, built } from "../support/build.ts"
import { type Outcome, root, run, temporaryFolder } from "./support.ts"

const folder = dirname(bin)

/** Runs Node without options: V8 takes compiled code only from a process that was started with the same. */
const node = async (args: ReadonlyArray<string>): Promise<Outcome> => {
  const home = await temporaryFolder()
  return run(process.execPath, args, { cwd: home, env: { HOME: home, PATH: process.env["PATH"] } })
}

/** The folder of the code that a build compiled: there is only one. */
const compiledIn = async (place: string): Promise<string> => {
  const kinds = await readdir(join(place, "compiled"))
  expect(kinds).toHaveLength(1)
  return join(place, "compiled", ...kinds)
}

/** The built command, to be changed. */
const copied = async (): Promise<string> => {
  const copy = await temporaryFolder()
  await cp(folder, copy, { recursive: true })
  return copy
}

const change = async (file: string, how: (content: string) => string): Promise<void> => {
  const before = await readFile(file, "utf8")
  const after = how(before)
  expect(after).not.toBe(before)
  await writeFile(file, after)
}

/** An option that tells the version, too, in a program of the same length. */
const another = (program: string): string => program.replace("`--version`", "`--versiox`")

const tellsAnother = async (copy: string): Promise<boolean> =>
  (await node([join(copy, basename(bin)), "--versiox"])).stdout === `${version}\n`

describe("the scripts of the built command", () => {
  beforeAll(built)

  it("have compiled code beside them that V8 takes, all but the one for documents", async () => {
    const scripts = (await readdir(folder)).filter((name) => name.endsWith(".js"))
    const compiled = await compiledIn(folder)
    const judge = `
      const { readFileSync } = require("node:fs")
      const [folder, compiled, ...names] = process.argv.slice(1)
      const taken = names.filter((name) => {
        const cachedData = readFileSync(compiled + "/" + name + ".code").subarray(0, -4)
        const source = readFileSync(folder + "/" + name, "utf8")
        return !new (require("node:vm").Script)(source, { cachedData }).cachedDataRejected
      })
      console.log(JSON.stringify(taken))`
    const names = (await readdir(compiled)).map((name) => name.replace(/\.code$/, ""))
    expect(names.filter((name) => !scripts.includes(name))).toEqual([])
    const { stderr, stdout } = await node(["-e", judge, folder, compiled, ...names])
    expect(stderr).toBe("")
    expect(JSON.parse(stdout)).toEqual(names)
    const others = scripts.filter((name) => !names.includes(name))
    expect(others.filter((name) => !name.startsWith("chunk-pdfjs-"))).toEqual([])
  })

  it("run as they were compiled", async () => {
    const copy = await copied()
    expect(await tellsAnother(copy)).toBe(false)
    const source = await readFile(join(copy, "program.js"))
    const workshop = await temporaryFolder()
    await writeFile(join(workshop, "program.js"), another(source.toString()))
    expect(await node([join(root, "scripts/compile.mjs"), workshop])).toMatchObject({ code: 0, stderr: "" })
    const code = (await readFile(join(await compiledIn(workshop), "program.js.code"))).subarray(0, -4)
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32LE(crc32(code, crc32(source)))
    await writeFile(join(await compiledIn(copy), "program.js.code"), Buffer.concat([code, checksum]))
    expect(await tellsAnother(copy)).toBe(true)
  })

  it("run as they are written when the compiled code is that of others", async () => {
    const copy = await copied()
    await change(join(copy, "program.js"), another)
    expect(await tellsAnother(copy)).toBe(true)
  })

  const help = (copy: string, ...options: ReadonlyArray<string>): Promise<Outcome> =>
    node([...options, join(copy, basename(bin)), "--help"])

  const damages: ReadonlyArray<readonly [string, (code: Buffer) => Buffer]> = [
    ["is cut short", (code) => code.subarray(0, code.length >> 1)],
    ["is empty", () => Buffer.alloc(0)],
    ["is no code", (code) => Buffer.alloc(code.length, "claudex")],
    ["has lost a part", (code) => Buffer.from(code).fill(0, code.length >> 1, (code.length >> 1) + 64)]
  ]
  for (const [what, damage] of damages) {
    it(`do what they do when their compiled code ${what}`, async () => {
      const copy = await copied()
      const compiled = await compiledIn(copy)
      for (const name of await readdir(compiled)) {
        await writeFile(join(compiled, name), damage(await readFile(join(compiled, name))))
      }
      const whole = await help(folder)
      expect([whole.code, whole.stderr]).toEqual([0, ""])
      expect(await help(copy)).toEqual(whole)
    })
  }

  it("do what they do in a Node that compiles otherwise, and without compiled code", async () => {
    const copy = await copied()
    await rm(join(copy, "compiled"), { recursive: true })
    const whole = await help(folder)
    expect(await help(folder, "--stack-size=1500")).toEqual(whole)
    expect(await help(copy)).toEqual(whole)
  })

  it("run once, however many need them", async () => {
    const copy = await copied()
    const [effect = ""] = (await readdir(copy)).filter((name) => /^chunk-effect-.*\.js$/.test(name))
    await change(join(copy, effect), (text) => text.replace(`"use strict";`, `"use strict";console.error("run");`))
    expect((await help(copy)).stderr).toBe("run\n")
  })

  it("fail when one of them is gone, however Node is told to take that", async () => {
    const copy = await copied()
    for (const name of await readdir(copy)) if (name.startsWith("chunk-main-")) await rm(join(copy, name))
    for (const options of [[], ["--unhandled-rejections=warn"]]) {
      for (const words of [["--help"], [gatewayWord, "{}"]]) {
        const { code, stderr, stdout } = await node([...options, join(copy, basename(bin)), ...words])
        expect([code, stdout]).toEqual([1, ""])
        expect(stderr).toContain("chunk-main-")
      }
    }
  })

  it("are compiled whole by a build that was started with options for V8", async () => {
    const workshop = await temporaryFolder()
    await mkdir(join(workshop, "dist"))
    const options = { cwd: root, env: { ...process.env, NODE_OPTIONS: "--max-old-space-size=4000" } }
    const args = ["scripts/build.mjs", "--only", "bin", "--out", join(workshop, "dist")]
    expect(await run(process.execPath, args, options)).toMatchObject({ code: 0, stderr: "" })
    const kinds = await Promise.all([folder, join(workshop, "dist/bin")].map(compiledIn))
    expect(new Set(kinds.map((kind) => basename(kind))).size).toBe(1)
  })
})
