/** The built command for tests that start it as a process. Built when the sources are newer, once per worker. */
import { execFile } from "node:child_process"
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { packed, unpacked } from "../../scripts/archive.mjs"
import { version as own } from "../../src/domain/version.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")

/** The file that `claudex` is. */
export const bin = join(root, "dist", "bin", "claudex.cjs")

/** Its scripts. */
export const archive = join(dirname(bin), "scripts.archive")

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
  const scripts = [...unpacked(await readFile(archive))].map(
    ([name, code]) => [name, Buffer.from(code.toString().replaceAll(own, version))] as const
  )
  await writeFile(join(folder, basename(archive)), packed(new Map(scripts)))
  await copyFile(bin, join(folder, basename(bin)))
  return join(folder, basename(bin))
}
