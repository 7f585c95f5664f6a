/** The end of questions of which nothing comes. */
import { Effect } from "effect"
import type { Terminal } from "@effect/platform"
import { Ended, Failure, remark } from "../output.ts"

const nothing = "Nothing was written."

/** Who has seen all of it, and does not want it. */
export const notAgreed = new Failure({ message: nothing, code: 1 })

const told = remark(nothing)

/** Whoever leaves at a question is told that nothing came of it, and the exit code is that of Ctrl-C. */
export const leaving = <A, E, R>(questions: Effect.Effect<A, E | Terminal.QuitException, R>) =>
  questions.pipe(
    Effect.catchTag("QuitException", () => Effect.zipRight(told, new Ended({ code: 130 }))),
    Effect.onInterrupt(() => told)
  )
