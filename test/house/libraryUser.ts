/** A program that uses the built library, in a folder of its own. */
import { cp, mkdir, readFile, symlink } from "node:fs/promises"
import { join } from "node:path"
import { expect } from "vitest"
import { root, run, temporaryFolder, writeFiles } from "./support.ts"

interface Manifest {
  readonly exports: { readonly [name: string]: unknown }
  readonly dependencies: { readonly [name: string]: string }
}

// npm's own format; of what is read a test would miss every part that is not there
export const manifest = async () => JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest

/** A folder whose `node_modules` holds the built library and what it needs, and nothing else of this checkout. */
export const project = async (files: { readonly [path: string]: string }): Promise<string> => {
  const built = await run(process.execPath, ["scripts/build.mjs", "--only", "lib", "--if-stale"], { cwd: root })
  expect(built.code, built.stderr).toBe(0)
  const folder = await temporaryFolder()
  const modules = join(folder, "node_modules")
  await mkdir(join(modules, "claudex"), { recursive: true })
  await cp(join(root, "package.json"), join(modules, "claudex", "package.json"))
  await cp(join(root, "dist", "lib"), join(modules, "claudex", "dist", "lib"), { recursive: true })
  const { dependencies } = await manifest()
  const needed = Object.keys(dependencies).map((name) => name.replace(/\/.*/, ""))
  for (const name of ["effect", "@effect", "@types", ...needed]) {
    await symlink(join(root, "node_modules", name), join(modules, name))
  }
  await writeFiles(folder, { "package.json": `{ "type": "module" }`, ...files })
  return folder
}
