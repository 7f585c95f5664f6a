/** A secret from the user: what a line is that is typed unseen, and all of what is piped in. */
import { Effect } from "effect"
import { Failure } from "./output.ts"

/** Far more than any key; a file that was piped by mistake is not read to its end. */
const longest = 16_384

const tooMuch = "That is too long for a key"

const tooLong = new Failure({ message: `${tooMuch}.`, code: 2 })
const unfit = (fault: string) => new Failure({ message: `${fault}; nothing was changed.`, code: 2 })
const nothing = "No key was given"

export interface Line {
  readonly text: string
  readonly end?: "enter" | "interrupt"
}

/** Nobody types as much at once: lines that were pasted, of which the first alone would be a wrong key. */
const isLines = (piece: string): boolean => /[\r\n]\s*\S/.test(piece)

/** What one key, or a pasted piece, makes of the line: as a terminal edits a line, but nothing is shown. */
export const typed = (line: Line, piece: string): Line =>
  isLines(piece) && line.end === undefined ? { text: line.text + piece, end: "enter" } : edited(line, piece)

const edited = (line: Line, piece: string): Line =>
  [...piece].reduce<Line>((before, key) => {
    if (before.end !== undefined) return before
    switch (key) {
      case "\r":
      case "\n":
      case "\u0004": // Ctrl-D
        return { ...before, end: "enter" }
      case "\u0003": // Ctrl-C
        return { ...before, end: "interrupt" }
      case "\u0008":
      case "\u007f":
        return { text: [...before.text].slice(0, -1).join("") }
      case "\u0015": // Ctrl-U
        return { text: "" }
      default:
        return { text: before.text + key }
    }
  }, line)

const fromPipe: Effect.Effect<string, Failure> = Effect.async<string, Failure>((resume) => {
  const { stdin } = process
  let text = ""
  const take = (piece: string) => {
    text += piece
    if (text.length > longest) end(Effect.fail(tooLong))
  }
  const ended = () => end(Effect.succeed(text))
  const failed = (error: Error) =>
    end(Effect.fail(new Failure({ message: `Standard input cannot be read: ${error.message}`, code: 1 })))
  const end = (result: Effect.Effect<string, Failure>) => {
    stdin.off("data", take).off("end", ended).off("error", failed)
    stdin.pause()
    resume(result)
  }
  stdin.setEncoding("utf8")
  stdin.on("data", take).on("end", ended).on("error", failed)
  return Effect.sync(() => stdin.pause())
})

/** What can stand in the header of a request, where a key goes. */
const oneWord = /^[\x21-\x7e]+$/

/** What is wrong with a key that was typed or piped, if anything is; the line break that files and commands add is not. */
export const keyFault = (text: string): string | undefined => {
  const key = text.trim()
  if (key === "") return nothing
  if (key.length > longest) return tooMuch
  return oneWord.test(key) ? undefined : "A key is one line without spaces, of printable characters"
}

/** The key that was typed or piped. */
export const keyFrom = (text: string): Effect.Effect<string, Failure> => {
  const fault = keyFault(text)
  return fault === undefined ? Effect.succeed(text.trim()) : Effect.fail(unfit(fault))
}

/** The key that is piped in. */
export const pipedSecret: Effect.Effect<string, Failure> = Effect.suspend(() => Effect.flatMap(fromPipe, keyFrom))
