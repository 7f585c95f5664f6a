/** Commands of the parser one by one: of each its words, and how it is read and done. */
import { type CliApp, Command, type ValidationError } from "@effect/cli"
import type { Effect } from "effect"
import { version } from "../domain/version.ts"
import { type CommandWord, commandWord } from "./grammar.ts"

export interface Called<E, R> {
  readonly word: CommandWord
  /** Reads the options and arguments, in canonical form and without the words of the command, and does it. */
  readonly run: (
    words: ReadonlyArray<string>
  ) => Effect.Effect<void, E | ValidationError.ValidationError, R | CliApp.CliApp.Environment>
  readonly commands: ReadonlyArray<Called<E, R>>
}

/**
 * A command and those below it. Which one is meant is known from the words: the parser, with all of them in one, would try
 * one after the other, and describe each on the way, which takes longer than all else that it does.
 */
export const called = <Name extends string, R, E, A, E2 = never, R2 = never>(
  command: Command.Command<Name, R, E, A>,
  commands: ReadonlyArray<Called<E2, R2>> = []
): Called<E | E2, R | R2> => ({
  word: commandWord(
    command.descriptor,
    commands.map(({ word }) => word)
  ),
  run: (words) =>
    Command.run(command, { name: "claudex", version, executable: "claudex" })([process.execPath, "claudex", ...words]),
  commands
})

/** The command at a path that was read off its words. */
export const calledAt = <E, R>(root: Called<E, R>, path: ReadonlyArray<string>): Called<E, R> =>
  path.reduce((above, name) => above.commands.find(({ word }) => word.name === name) ?? above, root)
