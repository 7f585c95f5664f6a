/** The built command for tests that start it as a process. Built when the sources are newer, once per worker. */
import { execFile } from "node:child_process"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { version as own } from "../../src/domain/version.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")

/** The file that `claudex` is. */
export const bin = join(root, "dist", "bin", "claudex.cjs")

let building: Promise<void> | undefined

/** Resolves when `bin` is built from the sources as they are. */
export const built = (): Promise<void> =>
  (building ??= new Promise((done, fail) => {
    execFile(process.execPath, [join(root, "scripts/build.mjs"), "--only", "bin", "--if-stale"], (error, _, stderr) =>
      error === null ? done() : fail(new Error(`the command could not be built:\n${stderr}`, { cause: error }))
    )
  }))

/**
 * The same command saying that it is of another version; answers the file that starts it, in the folder. Without the compiled
 * code, which is that of the other.
 */
export const builtAs = async (version: string, folder: string): Promise<string> => {
  await built()
  await mkdir(folder, { recursive: true })
  const entries = await readdir(dirname(bin), { withFileTypes: true })
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    const code = await readFile(join(dirname(bin), name), "utf8")
    await writeFile(join(folder, name), code.replaceAll(own, version))
  }
  return join(folder, "claudex.cjs")
}
