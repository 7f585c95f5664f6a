/** The built command for tests that start it as a process. Built when the sources are newer, once per worker. */
import { execFile } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")

/** The file that `claudex` is. */
export const bin = join(root, "dist", "bin", "claudex.js")

let building: Promise<void> | undefined

/** Resolves when `bin` is built from the sources as they are. */
export const built = (): Promise<void> =>
  (building ??= new Promise((done, fail) => {
    execFile(process.execPath, [join(root, "scripts/build.mjs"), "--only", "bin", "--if-stale"], (error, _, stderr) =>
      error === null ? done() : fail(new Error(`the command could not be built:\n${stderr}`, { cause: error }))
    )
  }))
