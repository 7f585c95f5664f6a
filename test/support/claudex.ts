/**
 * A user of claudex in a world of their own: home, configuration, a program called `claude`, and claudex as a process.
 * Nothing of the real user is read, and no process outlives the test.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import { bin, built } from "./build.ts"

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly input?: string
  /** Another build of claudex than the one of these sources. */
  readonly program?: string
  /** In a process group of its own, so that a signal can be sent to all of it as a terminal does. */
  readonly group?: boolean
}

export interface Started {
  readonly child: ChildProcess
  readonly pid: number
  readonly ended: Promise<Outcome>
}

export interface State {
  readonly instance: string
  readonly pid: number
  readonly port: number
  readonly host: string
  readonly process_start: string
  readonly version: string
  readonly ended?: string
}

const watch = (child: ChildProcess, input: string): Promise<Outcome> =>
  new Promise((done, fail) => {
    let stdout = ""
    let stderr = ""
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => (stdout += piece))
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => (stderr += piece))
    child.once("error", fail)
    child.once("close", (code, signal) => done({ code, signal, stdout, stderr }))
    // a child that ends without reading its input is an outcome like any other
    child.stdin?.on("error", () => {}).end(input)
  })

/** Looks again until something is there; the test's own time limit is the limit. */
export const eventually = async <A>(look: () => Promise<A | undefined> | A | undefined): Promise<A> => {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** Whether a process of this id runs; one that ended but was not collected yet does not. */
export const runs = async (pid: number): Promise<boolean> => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")
  return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2))
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // it has ended by itself
  }
}

export const makeUser = async (config = "") => {
  await built()
  const root = await realpath(await mkdtemp(join(tmpdir(), "claudex-user-")))
  const home = join(root, "home")
  const work = join(root, "work")
  const programs = join(root, "bin")
  const stateDir = join(home, ".local/state/claudex")
  const env = { HOME: home, PATH: [programs, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter) }
  const children = new Set<number>()

  const write = async (path: string, content: string, mode = 0o644): Promise<string> => {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    await chmod(file, mode)
    return file
  }

  const state = async (): Promise<State | undefined> => {
    const text = await readFile(join(stateDir, "gateway.json"), "utf8").catch(() => undefined)
    return text === undefined ? undefined : JSON.parse(text)
  }

  const start = (args: ReadonlyArray<string>, options: StartOptions = {}): Started => {
    const child = spawn(process.execPath, [options.program ?? bin, ...args], {
      cwd: options.cwd ?? work,
      detached: options.group ?? false,
      stdio: "pipe",
      env: { ...env, ...options.env }
    })
    const pid = child.pid ?? 0
    children.add(pid)
    const ended = watch(child, options.input ?? "")
    ended.then(
      () => children.delete(pid),
      () => children.delete(pid)
    )
    return { child, pid, ended }
  }

  /** Runs claudex to its end. */
  const run = (args: ReadonlyArray<string>, options?: StartOptions): Promise<Outcome> => start(args, options).ended

  /** A program called `claude`; a script of Node unless it begins with `#!`. */
  const claude = (script: string): Promise<string> =>
    write("bin/claude", script.startsWith("#!") ? script : `#!/usr/bin/env node\n${script}`, 0o755)

  /** The names of what is in claudex's state directory. */
  const stateFiles = async (): Promise<ReadonlyArray<string>> => (await readdir(stateDir).catch(() => [])).sort()

  /** The names of drafts that were left beside files of claudex's own, as if by one who was killed an hour ago. */
  const oldDrafts = async (): Promise<ReadonlyArray<string>> => {
    const anHourAgo = Date.now() / 1000 - 3600
    const found: Array<string> = []
    for (const folder of [stateDir, join(home, ".config/claudex")]) {
      const names = await readdir(folder).catch(() => [])
      for (const name of names.filter((one) => /^\..*\.tmp$/.test(one))) {
        await utimes(join(folder, name), anHourAgo, anHourAgo)
        found.push(name)
      }
    }
    return found
  }

  const read = (path: string): Promise<string> => readFile(join(root, path), "utf8").catch(() => "")

  onTestFinished(async () => {
    for (const pid of children) kill(pid)
    const gateway = await state()
    // only what proves to be started from this home: the id may be a made-up one
    const environment =
      gateway === undefined ? "" : await readFile(`/proc/${gateway.pid}/environ`, "utf8").catch(() => "")
    if (gateway !== undefined && environment.includes(root)) kill(gateway.pid)
    await rm(root, { recursive: true, force: true, maxRetries: 3 })
  })

  await mkdir(work, { recursive: true })
  await mkdir(home, { recursive: true })
  // a port of its own for every user: tests run beside each other
  await write("home/.config/claudex/config.toml", /^proxy_port/m.test(config) ? config : `proxy_port = 0\n${config}`)

  return { root, home, work, env, stateDir, write, read, state, stateFiles, oldDrafts, start, run, claude }
}

export type User = Awaited<ReturnType<typeof makeUser>>
