/** Commands of the parser one by one: of each its words, and how it is read and done. */
import {
  type CliApp,
  CliConfig,
  type Command,
  CommandDescriptor,
  type CommandDirective,
  HelpDoc,
  ValidationError
} from "@effect/cli"
import { Effect } from "effect"
import { type CommandWord, commandWord } from "./grammar.ts"

export interface Called<E, R> {
  readonly word: CommandWord
  /** Reads the options and arguments, in canonical form and without the words of the command, and does it. */
  readonly run: (
    words: ReadonlyArray<string>
  ) => Effect.Effect<void, E | ValidationError.ValidationError, R | CliApp.CliApp.Environment>
  readonly commands: ReadonlyArray<Called<E, R>>
}

const unknown = (word: string) => ValidationError.invalidValue(HelpDoc.p(`Received unknown argument: '${word}'`))

/** What was read, if it is all there was; the parser's own options are not among ours. */
const valueOf = <A>(
  read: CommandDirective.CommandDirective<A>,
  words: ReadonlyArray<string>
): Effect.Effect<A, ValidationError.ValidationError> => {
  const [left] = read._tag === "UserDefined" ? read.leftover : words
  return read._tag === "UserDefined" && left === undefined
    ? Effect.succeed(read.value)
    : Effect.fail(unknown(left ?? ""))
}

/**
 * A command and those below it. Which one is meant is known from the words: the parser, with all of them in one, would try
 * one after the other, and describe each on the way. Nor is its own way of running a command taken, which brings along
 * all that it can print and ask.
 */
export const called = <Name extends string, R, E, A, E2 = never, R2 = never>(
  command: Command.Command<Name, R, E, A>,
  commands: ReadonlyArray<Called<E2, R2>> = []
): Called<E | E2, R | R2> => {
  const word = commandWord(
    command.descriptor,
    commands.map((below) => below.word)
  )
  return {
    word,
    run: (words) =>
      CommandDescriptor.parse(command.descriptor, [word.name, ...words], CliConfig.defaultConfig).pipe(
        Effect.flatMap((read) => valueOf(read, words)),
        Effect.flatMap((value) => command.transform(command.handler(value), value))
      ),
    commands
  }
}

/** The command at a path that was read off its words. */
export const calledAt = <E, R>(root: Called<E, R>, path: ReadonlyArray<string>): Called<E, R> =>
  path.reduce((above, name) => above.commands.find(({ word }) => word.name === name) ?? above, root)
