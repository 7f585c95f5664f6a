/** Asks on the terminal for what nobody may see. Drawn as the other questions are, but for what is typed. */
import { Terminal } from "@effect/platform"
import { Effect } from "effect"
import { type Line, typed } from "../secretInput.ts"
import { type Answering, answered, begin, draw, erase, type Question } from "./question.ts"

const escape = "\u001b"

/** Arrows and other keys that type nothing, and what some terminals put around a text that is pasted. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const functionKeys = /\u001b(?:\[[\d;]*[A-Za-z~]|O[A-Z])/g

const size = () => ({ columns: process.stdout.columns ?? 0, rows: process.stdout.rows ?? 0 })

/** The state of a question in which nothing is seen of what is typed. */
const unseen = (question: Question, fault: string | undefined): Answering => {
  const { columns, rows } = size()
  return { ...begin(question, columns, rows), fault }
}

/**
 * The text that is typed, with no space at its ends; one with a fault is dropped as a whole, and asked for again. Fails when
 * the user leaves; the terminal is as it was before in any case.
 */
export const askUnseen = (
  question: Question,
  faultOf: (text: string) => string | undefined
): Effect.Effect<string, Terminal.QuitException> =>
  Effect.async((resume) => {
    const { stdin, stdout } = process
    let line: Line = { text: "" }
    let state = unseen(question, undefined)
    let isOver = false
    const redraw = (fault: string | undefined) => {
      const before = erase(question, state, stdout.columns ?? 0)
      state = unseen(question, fault)
      stdout.write(before + draw(question, state))
    }
    const restore = () => {
      if (isOver) return
      isOver = true
      stdin.off("data", take).off("end", leave)
      stdout.off("resize", resized)
      stdin.setRawMode(false)
      stdin.pause()
    }
    const end = (shown: string | undefined, result: Effect.Effect<string, Terminal.QuitException>) => {
      const choice = shown === undefined ? undefined : { value: "", shown }
      stdout.write(erase(question, state, stdout.columns ?? 0) + answered(question, choice))
      restore()
      resume(result)
    }
    const leave = () => end(undefined, Effect.fail(new Terminal.QuitException()))
    const resized = () => redraw(state.fault)
    const take = (data: Buffer | string) => {
      const piece = data.toString().replace(functionKeys, "")
      if (piece.endsWith(escape)) return leave()
      line = typed(line, piece)
      if (line.end === "interrupt") return leave()
      if (line.end === undefined) return
      const { text } = line
      const fault = faultOf(text)
      if (fault === undefined) return end("typed, not shown", Effect.succeed(text.trim()))
      line = { text: "" }
      redraw(fault)
    }
    // before anything is shown, so that nothing is seen of what is typed at once
    stdin.setEncoding("utf8").setRawMode(true)
    stdin.on("data", take).on("end", leave).resume()
    stdout.on("resize", resized)
    stdout.write(draw(question, state))
    return Effect.sync(restore)
  })
