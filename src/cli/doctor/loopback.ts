/** A conversation of the user's own Claude Code with the demo: everything between them is what a provider would get. */
import { clip, elapsed } from "../text.ts"
import { type Check, fail, ok } from "./check.ts"
import type { Run } from "./machine.ts"

const subject = { check: "loopback" } as const

/** What nobody but the demo says of itself. */
const mark = "demo model of claudex"

/** `took` in milliseconds. */
export const loopbackCheck = (run: Run, took: number): Check => {
  switch (run._tag) {
    case "Told":
      return run.text.includes(mark)
        ? ok(subject, `Claude Code had a conversation with demo, ${elapsed(took)}`)
        : fail(subject, `Claude Code said what is not the demo's: ${clip(run.text, 100)}`, "claudex explain")
    case "Failed":
      return fail(subject, `no conversation with demo: ${clip(run.reason, 200)}`, "claudex run demo hello --print")
    case "Silent":
      return fail(subject, `no conversation with demo within ${run.seconds} s`, "claudex logs")
  }
}
