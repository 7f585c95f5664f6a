/** Other processes of this machine: whether one lives, and whether it is still the one we knew. */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { Effect } from "effect"

/** Whether a process of this user has the id. Ids that could mean a group or everybody never count. */
const exists = (pid: number): Effect.Effect<boolean> =>
  Number.isSafeInteger(pid) && pid > 1
    ? Effect.try(() => process.kill(pid, 0)).pipe(Effect.orElseSucceed(() => false))
    : Effect.succeed(false)

/** What the system tells of a process. */
interface Sight {
  /** In a form that two processes with the same id never share. */
  readonly start: string
  /** It has ended; only its parent has not looked yet. */
  readonly ended: boolean
  /** It stands still until somebody lets it go on. */
  readonly suspended: boolean
}

/** By the first letter of its state, which is the same in all of `ps` and `/proc`. */
const stateOf = (letter: string): Pick<Sight, "ended" | "suspended"> => ({
  ended: /^[ZXx]/.test(letter),
  // a small letter: somebody traces it, and it goes on by itself
  suspended: letter.startsWith("T")
})

const fromProc = (pid: number): Effect.Effect<Sight, unknown> =>
  Effect.gen(function* () {
    const stat = yield* Effect.tryPromise(() => readFile(`/proc/${pid}/stat`, "utf8"))
    const boot = yield* Effect.tryPromise(() => readFile("/proc/sys/kernel/random/boot_id", "utf8"))
    // the program's name, in parentheses, may hold anything; the fields after it begin with the state
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return { start: `${boot.trim()}:${fields[19] ?? ""}`, ...stateOf(fields[0] ?? "") }
  })

const fromPs = (pid: number): Effect.Effect<Sight, unknown> =>
  Effect.async((resume) => {
    const child = { env: { LC_ALL: "C", PATH: "/bin:/usr/bin" }, timeout: 5_000 }
    execFile("ps", ["-o", "stat=,lstart=", "-p", String(pid)], child, (error, out) => {
      const [state = "", ...start] = out.trim().split(/\s+/)
      resume(error === null ? Effect.succeed({ start: start.join(" "), ...stateOf(state) }) : Effect.fail(error))
    })
  })

/** Undefined when the system does not tell. */
const sight = (pid: number): Effect.Effect<Sight | undefined> =>
  (process.platform === "linux" ? fromProc(pid) : fromPs(pid)).pipe(Effect.orElseSucceed(() => undefined))

/** A process, named such that a later one with the same id is not taken for it. */
export interface ProcessName {
  readonly pid: number
  /** Empty when the system did not tell. */
  readonly start: string
}

/** The process that has the id now. */
export const nameOf = (pid: number): Effect.Effect<ProcessName> =>
  Effect.map(sight(pid), (seen) => ({ pid, start: seen?.start ?? "" }))

/** This process. */
export const self: Effect.Effect<ProcessName> = Effect.suspend(() => nameOf(process.pid))

/** What is known about a process that was named earlier. */
export type Standing =
  /** It runs, and it is the same one. */
  | "same"
  /** One with this id runs; the system does not tell whether it is the same. */
  | "unclear"
  | "gone"

export const standing = ({ pid, start }: ProcessName): Effect.Effect<Standing> =>
  Effect.gen(function* () {
    if (!(yield* exists(pid))) return "gone"
    const seen = yield* sight(pid)
    // it may have ended while we looked
    if (seen === undefined) return (yield* exists(pid)) ? "unclear" : "gone"
    if (seen.ended) return "gone"
    if (seen.start === "" || start === "") return "unclear"
    return seen.start === start ? "same" : "gone"
  })

/** Whether the process with the id is suspended, as by Ctrl-Z: it takes questions then and answers none. */
export const isSuspended = (pid: number): Effect.Effect<boolean> =>
  Effect.map(sight(pid), (seen) => seen?.suspended === true)

/** Sends a signal to a process that has proved to be the one meant. */
export const signal = (pid: number, name: "SIGTERM" | "SIGKILL" | "SIGCONT"): Effect.Effect<void> =>
  Effect.ignore(Effect.try(() => process.kill(pid, name)))
