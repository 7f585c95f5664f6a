import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { version } from "../../src/domain/version.ts"
import { root } from "./support.ts"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies: { readonly [name: string]: string }
  readonly optionalDependencies: { readonly [name: string]: string }
  readonly peerDependencies: { readonly [name: string]: string }
  readonly devDependencies: { readonly [name: string]: string }
}

const manifestOf = async (folder: string): Promise<Manifest> =>
  // a package.json of npm's own making; the fields that are read are checked by the assertions
  JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest

/** Every installed package folder, at any depth. */
const installed = async (modules: string): Promise<ReadonlyArray<string>> => {
  const entries = await readdir(modules, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name)
  const found: Array<string> = []
  for (const name of folders) {
    const folder = join(modules, name)
    if (name.startsWith("@")) found.push(...(await installed(folder)))
    else found.push(folder, ...(await installed(join(folder, "node_modules"))))
  }
  return found
}

const exact = /^\d+\.\d+\.\d+$/

describe("the package", () => {
  it("has one single effect, of version 3", async () => {
    const folders = await installed(join(root, "node_modules"))
    expect(folders.length).toBeGreaterThan(50)
    const effects = folders.filter((folder) => folder.endsWith(join("node_modules", "effect")))
    expect(effects).toEqual([join(root, "node_modules", "effect")])
    expect((await manifestOf(join(root, "node_modules", "effect"))).version).toMatch(/^3\./)
  })

  it("pins every version exactly", async () => {
    const { dependencies, optionalDependencies, peerDependencies, devDependencies } = await manifestOf(root)
    const all = [dependencies, optionalDependencies, peerDependencies, devDependencies].flatMap((group) =>
      Object.entries(group)
    )
    expect(all.length).toBeGreaterThan(15)
    expect(all.filter(([, wanted]) => !exact.test(wanted))).toEqual([])
  })

  it("develops against the very peers that it asks users for", async () => {
    const { dependencies, peerDependencies, devDependencies } = await manifestOf(root)
    expect(devDependencies).toMatchObject(peerDependencies)
    expect(Object.keys(dependencies).filter((name) => /^(effect$|@effect\/)/.test(name))).toEqual([])
  })

  it("has what it pins installed", async () => {
    const { dependencies, devDependencies } = await manifestOf(root)
    for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect([name, (await manifestOf(join(root, "node_modules", name))).version]).toEqual([name, wanted])
    }
  })

  it("says the same version in package.json, the lock file and the code", async () => {
    const manifest = await manifestOf(root)
    // the lock file names the package like a manifest does
    const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as Manifest
    expect([lock.name, lock.version]).toEqual([manifest.name, manifest.version])
    expect(version).toBe(manifest.version)
  })

  it("names no registry host in its lock file", async () => {
    const lock = await readFile(join(root, "package-lock.json"), "utf8")
    expect(lock).not.toContain(`"resolved"`)
  })
})
