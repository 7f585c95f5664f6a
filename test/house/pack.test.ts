import { cp, readdir, readFile, symlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { version } from "../../src/domain/version.ts"
import { root, run, temporaryFolder, writeFiles } from "./support.ts"

const npm = (args: ReadonlyArray<string>, cwd: string) => run("npm", args, { cwd })

/** Packs a copy of the checkout, so that the build that `npm pack` starts touches nothing that others use. */
const pack = async (): Promise<string> => {
  const copy = await temporaryFolder()
  const entries = await readdir(root)
  const left = ["node_modules", "dist", ".git", "test"]
  for (const entry of entries.filter((name) => !left.includes(name))) {
    await cp(join(root, entry), join(copy, entry), { recursive: true })
  }
  await symlink(join(root, "node_modules"), join(copy, "node_modules"))
  const packed = await npm(["pack", "--loglevel=error"], copy)
  expect(packed.code, packed.stderr).toBe(0)
  return join(copy, `claudex-${version}.tgz`)
}

/** Installs as a user does. What `npm ci` has left in the cache is enough; else the registry is asked. */
const install = async (tarball: string): Promise<string> => {
  const folder = await temporaryFolder()
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", tarball]
  const offline = await npm([...args, "--offline"], folder)
  if (offline.code !== 0) {
    const online = await npm([...args, "--prefer-offline"], folder)
    expect(online.code, `${offline.stderr}\n${online.stderr}`).toBe(0)
  }
  return folder
}

describe("npm pack", () => {
  it("yields a package that installs into an empty folder and works there", { timeout: 180_000 }, async () => {
    const tarball = await pack()
    const folder = await install(tarball)
    const installed = join(folder, "node_modules", "claudex")
    const files = (await readdir(installed, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))

    const bin = join(folder, "node_modules", ".bin", "claudex")
    const help = await run(bin, ["--help"], { cwd: folder })
    expect([help.code, help.stderr]).toEqual([0, ""])
    expect(help.stdout).toContain("claudex")
    expect((await run(bin, ["--version"], { cwd: folder })).stdout.trim()).toContain(version)

    await writeFiles(folder, {
      "library.mjs": `
        import { version } from "claudex"
        import * as Testing from "claudex/testing"
        console.log(version, Object.keys(Testing).length > 0)`
    })
    const library = await run(process.execPath, ["library.mjs"], { cwd: folder })
    expect(library.stdout.trim()).toBe(`${version} true`)

    // nothing of the workshop, nothing of this machine
    expect(files.filter((file) => /\.map$|\.test\.|\.tsbuildinfo$|\.stamp$|\.tmp$|\/fixtures\//.test(file))).toEqual([])
    expect(files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))).toEqual([])
    for (const file of files) {
      const text = await readFile(file, "utf8")
      const leaks = [`${root}/`, `${dirname(tarball)}/`, "sourceMappingURL="].filter((leak) => text.includes(leak))
      expect([file, leaks]).toEqual([file, []])
    }
  })
})
