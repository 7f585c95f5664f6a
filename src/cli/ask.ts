/** Questions to a person in front of a terminal. */
import { createInterface } from "node:readline"
import { Effect } from "effect"

/** Whether somebody can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Whether somebody sees questions that are drawn, and answers them. */
export const canAnswer = (): boolean => canAsk() && process.stdout.isTTY

/** A question with yes or no, on stderr; Enter is `usual`, Ctrl-C and the end of the input are no. */
export const agrees = (question: string, usual: "yes" | "no" = "yes"): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    let answer: string | undefined
    lines.once("SIGINT", () => lines.close())
    lines.once("close", () => {
      // what is said next begins a line of its own, as it does where Enter was pressed
      if (answer === undefined) process.stderr.write("\n")
      resume(Effect.succeed(/^(y|yes)$/i.test(answer ?? "n")))
    })
    lines.question(`${question} ${usual === "yes" ? "[Y/n]" : "[y/N]"} `, (line) => {
      answer = line.trim() || usual
      lines.close()
    })
    return Effect.sync(() => lines.close())
  })
