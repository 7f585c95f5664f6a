import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { crc32 } from "node:zlib"
import { beforeAll, describe, expect, it } from "vitest"
import { version } from "../../src/domain/version.ts"
import { gatewayWord } from "../../src/daemon/gatewayWord.ts"
import { packed, unpacked } from "../../scripts/archive.mjs"
import { archive, bin, built } from "../support/build.ts"
import { type Outcome, root, run, temporaryFolder } from "./support.ts"

const folder = dirname(bin)
const scripts = basename(archive)

/** Runs Node without options: V8 takes compiled code only from a process that was started with the same. */
const node = async (args: ReadonlyArray<string>): Promise<Outcome> => {
  const home = await temporaryFolder()
  return run(process.execPath, args, { cwd: home, env: { HOME: home, PATH: process.env["PATH"] } })
}

/** The archive of the code that a build compiled: there is only one. */
const compiledIn = async (place: string): Promise<string> => {
  const archives = (await readdir(place)).filter((name) => name.startsWith("compiled-"))
  expect(archives).toHaveLength(1)
  return join(place, ...archives)
}

/** The built command, to be changed. */
const copied = async (): Promise<string> => {
  const copy = await temporaryFolder()
  await cp(folder, copy, { recursive: true })
  return copy
}

type Change = (content: Buffer, name: string) => Buffer | undefined

/** Changes the files of an archive, or takes them out. */
const change = async (file: string, how: Change): Promise<void> => {
  const before = await readFile(file)
  const files = [...unpacked(before)].flatMap(([name, content]) => {
    const changed = how(content, name)
    return changed === undefined ? [] : [[name, changed] as const]
  })
  const after = packed(new Map(files))
  expect(after.equals(before)).toBe(false)
  await writeFile(file, after)
}

/** Changes the text of the script whose name begins so. */
const rewritten =
  (begin: string, how: (text: string) => string): Change =>
  (content, name) =>
    name.startsWith(begin) ? Buffer.from(how(content.toString())) : content

/** An option that tells the version, too, in a program of the same length. */
const another = (program: string): string => program.replace("`--version`", "`--versiox`")

const tellsAnother = async (copy: string): Promise<boolean> =>
  (await node([join(copy, basename(bin)), "--versiox"])).stdout === `${version}\n`

describe("the scripts of the built command", () => {
  beforeAll(built)

  it("have compiled code beside them that V8 takes, all but the one for documents", async () => {
    const sources = unpacked(await readFile(archive))
    const compiled = unpacked(await readFile(await compiledIn(folder)))
    const workshop = await temporaryFolder()
    for (const [name, code] of compiled) {
      await writeFile(join(workshop, `${name}.code`), code.subarray(0, -4))
      await writeFile(join(workshop, name), sources.get(name) ?? "")
    }
    const judge = `
      const { readFileSync } = require("node:fs")
      const [folder, ...names] = process.argv.slice(1)
      const taken = names.filter((name) => {
        const cachedData = readFileSync(folder + "/" + name + ".code")
        const source = readFileSync(folder + "/" + name, "utf8")
        return !new (require("node:vm").Script)(source, { cachedData }).cachedDataRejected
      })
      console.log(JSON.stringify(taken))`
    const names = [...compiled.keys()]
    const { stderr, stdout } = await node(["-e", judge, workshop, ...names])
    expect(stderr).toBe("")
    expect(JSON.parse(stdout)).toEqual(names)
    const others = [...sources.keys()].filter((name) => !compiled.has(name))
    expect(others.filter((name) => !name.startsWith("chunk-pdfjs-"))).toEqual([])
  })

  it("run as they were compiled", async () => {
    const copy = await copied()
    expect(await tellsAnother(copy)).toBe(false)
    const source = unpacked(await readFile(join(copy, scripts))).get("program.js") ?? Buffer.alloc(0)
    const workshop = await copied()
    await rm(await compiledIn(workshop))
    await change(join(workshop, scripts), rewritten("program.js", another))
    expect(await node([join(root, "scripts/compile.mjs"), join(workshop, scripts)])).toMatchObject({
      code: 0,
      stderr: ""
    })
    const code = unpacked(await readFile(await compiledIn(workshop)))
      .get("program.js")
      ?.subarray(0, -4)
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32LE(crc32(code ?? "", crc32(source)))
    const theirs = Buffer.concat([code ?? Buffer.alloc(0), checksum])
    await change(await compiledIn(copy), (content, name) => (name === "program.js" ? theirs : content))
    expect(await tellsAnother(copy)).toBe(true)
  })

  it("run as they are written when the compiled code is that of others", async () => {
    const copy = await copied()
    await change(join(copy, scripts), rewritten("program.js", another))
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
      const whole = await help(folder)
      expect([whole.code, whole.stderr]).toEqual([0, ""])
      const copy = await copied()
      await change(await compiledIn(copy), damage)
      expect(await help(copy)).toEqual(whole)
      await writeFile(await compiledIn(copy), damage(await readFile(await compiledIn(folder))))
      expect(await help(copy)).toEqual(whole)
    })
  }

  it("do what they do in a Node that compiles otherwise, and without compiled code", async () => {
    const copy = await copied()
    await rm(await compiledIn(copy))
    const whole = await help(folder)
    expect(await help(folder, "--stack-size=1500")).toEqual(whole)
    expect(await help(copy)).toEqual(whole)
  })

  it("run once, however many need them", async () => {
    const copy = await copied()
    const tells = (text: string) => text.replace(`"use strict";`, `"use strict";console.error("run");`)
    await change(join(copy, scripts), rewritten("chunk-effect-", tells))
    expect((await help(copy)).stderr).toBe("run\n")
  })

  it("fail when one of them is gone, however Node is told to take that", async () => {
    const copy = await copied()
    await change(join(copy, scripts), (code, name) => (name.startsWith("chunk-main-") ? undefined : code))
    for (const options of [[], ["--unhandled-rejections=warn"]]) {
      for (const words of [["--help"], [gatewayWord, "{}"]]) {
        const { code, stderr, stdout } = await node([...options, join(copy, basename(bin)), ...words])
        expect([code, stdout]).toEqual([1, ""])
        expect(stderr).toContain("TypeError")
      }
    }
  })

  it("are at hand for a gateway after an update has replaced them", async () => {
    const copy = await copied()
    const home = await temporaryFolder()
    const env = { HOME: home, PATH: process.env["PATH"] }
    const claudex = (file: string, ...args: ReadonlyArray<string>) =>
      run(process.execPath, [file, ...args], { cwd: home, env })
    expect(await claudex(join(copy, basename(bin)), "proxy", "start", "-d", "-p", "0")).toMatchObject({ code: 0 })
    try {
      for (const name of await readdir(copy)) await rm(join(copy, name))
      const status = await claudex(bin, "proxy", "status", "--json")
      expect([status.code, status.stderr]).toEqual([0, ""])
      expect(JSON.parse(status.stdout)).toMatchObject({ status: { last_hour: { requests: 0 } } })
    } finally {
      expect(await claudex(bin, "proxy", "stop")).toMatchObject({ code: 0 })
    }
  })

  it("are compiled whole by a build that was started with options for V8", async () => {
    const workshop = await temporaryFolder()
    await mkdir(join(workshop, "dist"))
    const options = { cwd: root, env: { ...process.env, NODE_OPTIONS: "--max-old-space-size=4000" } }
    const args = ["scripts/build.mjs", "--only", "bin", "--out", join(workshop, "dist")]
    expect(await run(process.execPath, args, options)).toMatchObject({ code: 0, stderr: "" })
    const archives = await Promise.all([folder, join(workshop, "dist/bin")].map(compiledIn))
    expect(new Set(archives.map((file) => basename(file))).size).toBe(1)
  })
})
