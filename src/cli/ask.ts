/** Questions to a person in front of a terminal. */
import { createInterface } from "node:readline"
import { Effect } from "effect"
import { Ended, folded } from "./output.ts"

/** Whether somebody can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Whether somebody sees questions that are drawn, and answers them. */
export const canAnswer = (): boolean => canAsk() && process.stdout.isTTY

/** A question with yes or no, on stderr; Enter is `usual`, the end of the input is no. Ctrl-C ends claudex with what it means. */
export const agrees = (question: string, usual: "yes" | "no" = "yes"): Effect.Effect<boolean, Ended> =>
  Effect.flatMap(folded(`${question} ${usual === "yes" ? "[Y/n]" : "[y/N]"}`), (asked) => answerTo(`${asked} `, usual))

const answerTo = (question: string, usual: "yes" | "no"): Effect.Effect<boolean, Ended> =>
  Effect.async<boolean, Ended>((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    let answer: string | undefined
    let isLeft = false
    lines.once("SIGINT", () => {
      isLeft = true
      lines.close()
    })
    lines.once("close", () => {
      // what is said next begins a line of its own, as it does where Enter was pressed
      if (answer === undefined) process.stderr.write("\n")
      resume(isLeft ? new Ended({ code: 130 }) : Effect.succeed(/^(y|yes)$/i.test(answer ?? "n")))
    })
    lines.question(question, (line) => {
      answer = line.trim() || usual
      lines.close()
    })
    return Effect.sync(() => lines.close())
  })
