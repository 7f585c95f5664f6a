/** Questions to a person in front of a terminal. */
import { createInterface } from "node:readline"
import { Effect } from "effect"

/** Whether somebody can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Whether somebody sees questions that are drawn, and answers them. */
export const canAnswer = (): boolean => canAsk() && process.stdout.isTTY

/** A question with yes or no, on stderr; Enter is yes, Ctrl-C and the end of the input are no. */
export const agrees = (question: string): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    let answer = "n"
    lines.once("SIGINT", () => lines.close())
    lines.once("close", () => resume(Effect.succeed(/^(y|yes|)$/i.test(answer.trim()))))
    lines.question(`${question} [Y/n] `, (line) => {
      answer = line
      lines.close()
    })
    return Effect.sync(() => lines.close())
  })
