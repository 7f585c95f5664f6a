/** Other processes of this machine: whether one lives, and whether it is still the one we knew. */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { Effect } from "effect"

/** Whether a process of this user has the id. Ids that could mean a group or everybody never count. */
export const isAlive = (pid: number): Effect.Effect<boolean> =>
  Number.isSafeInteger(pid) && pid > 1
    ? Effect.try(() => process.kill(pid, 0)).pipe(Effect.orElseSucceed(() => false))
    : Effect.succeed(false)

const fromProc = (pid: number): Effect.Effect<string, unknown> =>
  Effect.gen(function* () {
    const stat = yield* Effect.tryPromise(() => readFile(`/proc/${pid}/stat`, "utf8"))
    const boot = yield* Effect.tryPromise(() => readFile("/proc/sys/kernel/random/boot_id", "utf8"))
    // the program's name, in parentheses, may hold anything; the start time is the 20th field after it
    const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
    return `${boot.trim()}:${started}`
  })

const fromPs = (pid: number): Effect.Effect<string, unknown> =>
  Effect.async((resume) => {
    execFile(
      "ps",
      ["-o", "lstart=", "-p", String(pid)],
      { env: { LC_ALL: "C", PATH: "/bin:/usr/bin" } },
      (error, out) => resume(error === null ? Effect.succeed(out.trim()) : Effect.fail(error))
    )
  })

/**
 * When the process was started, in a form that two processes with the same id never share. Empty when the system does
 * not tell.
 */
export const startOf = (pid: number): Effect.Effect<string> =>
  (process.platform === "linux" ? fromProc(pid) : fromPs(pid)).pipe(Effect.orElseSucceed(() => ""))

/** A process, named such that a later one with the same id is not taken for it. */
export interface ProcessName {
  readonly pid: number
  readonly start: string
}

/** This process. */
export const self: Effect.Effect<ProcessName> = Effect.suspend(() =>
  Effect.map(startOf(process.pid), (start) => ({ pid: process.pid, start }))
)

/** What is known about a process that was named earlier. */
export type Standing =
  /** It runs, and it is the same one. */
  | "same"
  /** One with this id runs; the system does not tell whether it is the same. */
  | "unclear"
  | "gone"

export const standing = ({ pid, start }: ProcessName): Effect.Effect<Standing> =>
  Effect.gen(function* () {
    if (!(yield* isAlive(pid))) return "gone"
    const now = yield* startOf(pid)
    if (now === "" || start === "") return (yield* isAlive(pid)) ? "unclear" : "gone"
    return now === start ? "same" : "gone"
  })

/** Sends a signal to a process that has proved to be the one meant. */
export const signal = (pid: number, name: "SIGTERM" | "SIGKILL"): Effect.Effect<void> =>
  Effect.ignore(Effect.try(() => process.kill(pid, name)))
