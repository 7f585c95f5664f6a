/** What the house's tests share: the checkout, temporary folders, child processes. */
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")

/** A new empty folder that is gone when the test ends. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "claudex-house-")))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const writeFiles = async (folder: string, files: { readonly [path: string]: string }): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, with an empty stdin; a failure to start is an outcome with code -1. */
export const run = (
  file: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv }
): Promise<Outcome> =>
  new Promise((done) => {
    const child = execFile(
      file,
      args,
      { cwd: options.cwd, env: options.env ?? process.env, maxBuffer: 64e6 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1
        done({ code, stdout, stderr })
      }
    )
    child.stdin?.end()
  })

/** Runs a Node program of an installed package, e.g. `node_modules/oxlint/bin/oxlint`. */
export const runTool = (path: string, args: ReadonlyArray<string>, cwd: string): Promise<Outcome> =>
  run(process.execPath, [join(root, "node_modules", path), ...args], { cwd })
