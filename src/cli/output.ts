/** What claudex itself says. Results go to stdout, everything else to stderr; plain text, so it reads the same anywhere. */
import { Context, Data, Effect } from "effect"
import { shellWord } from "../launcher/shell.ts"

/** 0 is success, 1 failure, 2 a mistake in the command line or the configuration, 130 interrupted. */
export type FailureCode = 1 | 2

/** An end with a sentence for the user and, where there is one, the command to type next. */
export class Failure extends Data.TaggedError("Failure")<{
  readonly message: string
  readonly next?: string | undefined
  readonly code: FailureCode
}> {}

/** An end with an exit code and nothing to say: the child said it, or the answer was printed. */
export class Ended extends Data.TaggedError("Ended")<{ readonly code: number }> {}

/** Control characters in a name or a path could rewrite the user's terminal. Line breaks and tabs stay. */
export const harmless = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd")

/** In columns, of a terminal, and of texts where there is none. */
const usualWidth = 80

/** Takes text as it is. */
export type Write = (text: string) => void

export interface Sinks {
  readonly out: Write
  readonly err: Write
  /** How many columns the terminal has that `err` writes to; undefined where it is none. */
  readonly columns?: () => number | undefined
  /** The same of `out`. */
  readonly outColumns?: () => number | undefined
}

// a terminal that does not tell its size has the usual one
const columnsOf = ({ columns, isTTY }: NodeJS.WriteStream): number | undefined =>
  isTTY ? columns || usualWidth : undefined

/** Where results and remarks go: the process's own streams, unless others are provided. */
export class Streams extends Context.Reference<Streams>()("claudex/cli/Streams", {
  defaultValue: (): Sinks => ({
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    columns: () => columnsOf(process.stderr),
    outColumns: () => columnsOf(process.stdout)
  })
}) {}

const write = (to: "out" | "err", text: string): Effect.Effect<void> =>
  Effect.map(Streams, (streams) => streams[to](text))

/** A result, on stdout. */
export const print = (text: string): Effect.Effect<void> => write("out", `${harmless(text)}\n`)

/** How wide a layout for stdout is: as its terminal, but neither so narrow nor so wide that it is hard to read. */
export const outWidth: Effect.Effect<number> = Effect.map(Streams, ({ outColumns }) =>
  Math.min(100, Math.max(40, outColumns?.() ?? usualWidth))
)

/** How wide a table for stdout can be: where that is no terminal, a program may read its cells, which are whole then. */
export const tableWidth: Effect.Effect<number> = Effect.flatMap(Streams, ({ outColumns }) =>
  outColumns?.() === undefined ? Effect.succeed(Infinity) : outWidth
)

/** On a terminal lines end at words; anywhere else they are as they were written. */
export const folded = (text: string): Effect.Effect<string> =>
  Effect.flatMap(Streams, ({ columns }) => {
    const most = columns?.()
    // no letter is wider than two columns
    if (most === undefined || text.length * 2 <= most) return Effect.succeed(text)
    return Effect.map(
      Effect.promise(() => import("./text.ts")),
      ({ fold }) => fold(text, most)
    )
  })

/** The value of `--config`, as typed; undefined where it was not. */
export class ConfigOption extends Context.Reference<ConfigOption>()("claudex/cli/ConfigOption", {
  defaultValue: (): string | undefined => undefined
}) {}

/** Where a text tells what to type: it is that, or has it in a sentence. */
const toType = /(?<=^|; |\b(?:or|then|type):? "?)claudex (?=[a-z])/gi

/** A command to type is about the same file as the one that was typed. Help, and a command that names a file, stay. */
export const withConfig = (text: string, config: string | undefined): string =>
  config === undefined
    ? text
    : text.replace(toType, (claudex, at: number) =>
        / --(?:config|help)(?![\w-])/.test(text.slice(at)) ? claudex : `${claudex}--config ${shellWord(config)} `
      )

/** The same for what there is to do about something that is wrong. */
export const withConfigIn = <A extends { readonly status: string }>(wrong: A, config: string | undefined): A =>
  "remedy" in wrong && typeof wrong.remedy === "string" ? { ...wrong, remedy: withConfig(wrong.remedy, config) } : wrong

/** A remark, on stderr. */
export const remark = (text: string): Effect.Effect<void> =>
  Effect.flatMap(ConfigOption, (config) =>
    Effect.flatMap(folded(`claudex: ${harmless(withConfig(text, config))}`), (lines) => write("err", `${lines}\n`))
  )

const nextLine = (next: string): Effect.Effect<string> =>
  Effect.map(ConfigOption, (config) => `Next: ${harmless(withConfig(next, config))}`)

/** What to type after a success, on stdout. */
export const advise = (next: string): Effect.Effect<void> => Effect.flatMap(nextLine(next), print)

/** A failure, on stderr. */
export const complain = ({ message, next }: { readonly message: string; readonly next?: string | undefined }) =>
  Effect.zipRight(
    remark(message),
    next === undefined ? Effect.void : Effect.flatMap(nextLine(next), (line) => write("err", `${line}\n`))
  )
