/**
 * Reads claudex's own arguments against the known words before the parser sees them: finds mistakes (with a suggestion),
 * takes out what is global (`--config`, `--help`, `--version`, at any place), and puts the rest in the one order and
 * spelling that the parser understands: options first, `-mgpt` and `-p=9000` spelled out, and a border behind them: the
 * parser takes "yes" or "1" after a switch for its value.
 */
import { Data, Either } from "effect"
import { shellWord } from "../launcher/shell.ts"
import { nearest } from "../config/suggest.ts"
import type { ArgumentWord, CommandWord, OptionWord } from "./grammar.ts"

/** A command line that cannot be meant; `next` is a command to type. */
export class UsageMistake extends Data.TaggedError("UsageMistake")<{
  readonly message: string
  readonly next: string
}> {}

export interface Reading {
  readonly ask: "run" | "help" | "version"
  /** The words of the command, e.g. `["proxy", "start"]`. */
  readonly path: ReadonlyArray<string>
  readonly command: CommandWord
  /** The value of `--config`, as typed. */
  readonly config: string | undefined
  /** The command line in canonical form, without what is global. */
  readonly words: ReadonlyArray<string>
}

interface State {
  readonly path: Array<string>
  command: CommandWord
  ask: Reading["ask"]
  config: string | undefined
  readonly options: Array<string>
  readonly positionals: Array<string>
}

const named = (options: ReadonlyArray<OptionWord>, name: string): OptionWord | undefined =>
  options.find((option) => option.names.includes(name))

/** `-dp9000` as `-d`, `-p`, `9000`; `--port=9000` as `--port`, `9000`. Stops at the first option that takes a value. */
const spellOut = (token: string, options: ReadonlyArray<OptionWord>): ReadonlyArray<string> => {
  if (token.startsWith("--")) {
    const equals = token.indexOf("=")
    return equals < 0 ? [token] : [token.slice(0, equals), token.slice(equals + 1)]
  }
  const name = token.slice(0, 2)
  const rest = token.slice(2)
  if (rest === "") return [token]
  const option = named(options, name)
  if (option === undefined) return [token]
  if (option.value !== undefined) return [name, rest.startsWith("=") ? rest.slice(1) : rest]
  return [name, ...spellOut(`-${rest}`, options)]
}

const didYouMean = (name: string | undefined): string => (name === undefined ? "" : ` Did you mean "${name}"?`)

/** What is to be filled in, in a command to type: `<` and `>` would be the shell's. */
const blank = (argument: string): string => argument.replace(/[<>]/g, "").toUpperCase()

const helpOf = (path: ReadonlyArray<string>): string => ["claudex", ...path, "--help"].join(" ")

/** A word that is none of those that can stand there; `what` it stands for. */
const offTheList = (
  state: State,
  what: string,
  word: string,
  choices: ReadonlyArray<string>
): UsageMistake | undefined =>
  choices.includes(word)
    ? undefined
    : new UsageMistake({
        message: `"${word}" is none of what ${what} can be: ${choices.join(", ")}.${didYouMean(nearest(word, choices))}`,
        next: helpOf(state.path)
      })

/** What people try in order to hand over a key. */
const keyOption = /^--?(api[-_]?|auth[-_]?)?(key|token|secret)$/i

/** A key is taken by no command in clear. The value is not repeated. */
const keyInClear = (state: State, token: string): UsageMistake =>
  new UsageMistake({
    message: `"${token}" is not taken: a key on a command line stays in the history of the shell, and others see it in the list of processes. Name the variable that holds it with --api-key-env, or store it with claudex profile set-key.`,
    next: helpOf(state.path)
  })

/** The argument that can be any text; the others name something, and no name begins with a dash. */
const anyText = "<value>"

/** What looks like an option and is none, where any text can stand: it takes the border before it. */
const textForOption = (state: State, token: string): UsageMistake => {
  const typed = ["claudex", ...state.path].join(" ")
  return new UsageMistake({
    message: `"${token}" is not an option of "${typed}". A value that begins with a dash comes after "--".`,
    next: [typed, ...[...state.options, ...state.positionals].map(shellWord), "--", shellWord(token)].join(" ")
  })
}

const unknownOption = (state: State, token: string, options: ReadonlyArray<OptionWord>): UsageMistake => {
  if (state.path[0] === "profile" && keyOption.test(token)) return keyInClear(state, token)
  const candidates = [...options.flatMap((option) => option.names), "--help", "--version"].filter((name) =>
    name.startsWith("--")
  )
  const close = nearest(token, candidates)
  const meant = didYouMean(close)
  const isRun = state.path[0] === "run"
  const expected = state.command.arguments[state.positionals.length]?.name
  if (close === undefined && expected === anyText) return textForOption(state, token)
  return new UsageMistake({
    message: isRun
      ? `"${token}" is not an option of claudex.${meant || " Options of Claude Code come after the profile."}`
      : `"${token}" is not an option of "${["claudex", ...state.path].join(" ")}".${meant}`,
    next: isRun && close === undefined ? `claudex run PROFILE ${shellWord(token)}` : helpOf(state.path)
  })
}

/** What other programs call commands of ours. */
const calledElsewhere: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["ls", ["list"]],
  ["rm", ["remove", "unset"]],
  ["delete", ["remove", "unset"]],
  ["create", ["add"]],
  ["new", ["add"]]
])

/** The words of the command below `command` that `token` may mean: one that is called (almost) so, or so within a group. */
const meantBelow = (command: CommandWord, token: string): ReadonlyArray<CommandWord> => {
  const known = command.commands.map(({ name }) => name)
  const ours = calledElsewhere.get(token) ?? []
  const close = ours.find((name) => known.includes(name)) ?? nearest(token, known)
  const near = command.commands.filter(({ name }) => name === close)
  const within = command.commands.flatMap((group) =>
    group.commands.filter(({ name }) => name === token || ours.includes(name)).map((one) => [group, one])
  )
  return near.length > 0 ? near : (within[0] ?? [])
}

/** Other programs have `help` and `version` as commands. */
const asOption = (state: State, token: string): UsageMistake | undefined =>
  state.command.commands.length > 0 && (token === "help" || token === "version")
    ? new UsageMistake({
        message: `"${["claudex", ...state.path].join(" ")}" has no command "${token}".${didYouMean(`--${token}`)}`,
        next: token === "help" ? helpOf(state.path) : "claudex --version"
      })
    : undefined

const unknownCommand = (state: State, token: string): UsageMistake => {
  const option = asOption(state, token)
  if (option !== undefined) return option
  const meant = meantBelow(state.command, token)
  const names = meant.map(({ name }) => name)
  const needs = (meant.at(-1)?.arguments ?? []).filter(({ optional }) => !optional)
  const group = ["claudex", ...state.path].join(" ")
  return new UsageMistake({
    message: `"${group}" has no command "${token}".${didYouMean(names.length === 0 ? undefined : names.join(" "))}`,
    next: names.length === 0 ? helpOf(state.path) : [group, ...names, ...needs.map(({ name }) => blank(name))].join(" ")
  })
}

/** The command with the words that were given, and blanks for the next one and for what it cannot do without. */
const toFillIn = ({ command, path, positionals }: State): string => {
  const lacking = command.arguments.slice(positionals.length).filter(({ optional }, at) => at === 0 || !optional)
  // other programs have a setting and its value in one word; the value may be a secret, and is not repeated
  const given = positionals.map((word) => shellWord(word.replace(/(?<=[^=])=.*$/s, "")))
  return ["claudex", ...path, ...given, ...lacking.map(({ name }) => blank(name))].join(" ")
}

const missing = (state: State): UsageMistake | undefined => {
  const first = state.command.arguments[state.positionals.length]
  if (first === undefined || first.optional) return undefined
  const typed = ["claudex", ...state.path].join(" ")
  return new UsageMistake({ message: `"${typed}" needs ${first.name}: ${first.help}.`, next: toFillIn(state) })
}

/** It is not the same as no word: a variable that is not set must not have another profile or setting taken for it. */
const emptyWord = (state: State, { name }: ArgumentWord): UsageMistake =>
  new UsageMistake({
    message: `The ${name} of "${["claudex", ...state.path].join(" ")}" is empty, as a variable that is not set leaves it.`,
    next: toFillIn(state)
  })

/** One positional word: a subcommand where there are any, else an argument. */
const takeWord = (state: State, token: string): UsageMistake | undefined => {
  if (state.command.commands.length > 0) {
    const next = state.command.commands.find((command) => command.name === token)
    if (next === undefined) return unknownCommand(state, token)
    state.path.push(token)
    state.command = next
    return undefined
  }
  const argument = state.command.arguments[state.positionals.length]
  if (argument === undefined) {
    const typed = ["claudex", ...state.path].join(" ")
    return new UsageMistake({ message: `"${typed}" takes no argument "${token}".`, next: helpOf(state.path) })
  }
  if (token === "" && argument.name !== anyText) return emptyWord(state, argument)
  state.positionals.push(token)
  return argument.choices === undefined ? undefined : offTheList(state, argument.name, token, argument.choices)
}

/** Takes the option at the head of `pending`, with its value; returns how many tokens it used. */
const takeOption = (
  state: State,
  pending: ReadonlyArray<string>,
  global: ReadonlyArray<OptionWord>,
  holdsValue: boolean
): Either.Either<number, UsageMistake> => {
  const token = pending[0] ?? ""
  if (token === "-h" || token === "--help") state.ask = "help"
  else if ((token === "-V" || token === "--version") && state.ask === "run") state.ask = "version"
  else {
    const options = [...state.command.options, ...global]
    const option = named(options, token)
    if (option === undefined) return Either.left(unknownOption(state, token, options))
    if (option.value === undefined) {
      state.options.push(token)
      return Either.right(1)
    }
    const value = pending[1]
    const forgotten = value === undefined || value === "" || (!holdsValue && value.startsWith("-") && value !== "-")
    if (forgotten) {
      return Either.left(
        new UsageMistake({ message: `"${token}" needs a value (${option.value}).`, next: helpOf(state.path) })
      )
    }
    const mistake = option.value.includes(" | ")
      ? offTheList(state, `"${token}"`, value, option.value.split(" | "))
      : undefined
    if (mistake !== undefined) return Either.left(mistake)
    if (named(global, token) === undefined) state.options.push(token, value)
    else state.config = value
    return Either.right(2)
  }
  return Either.right(1)
}

/** An option that is there or not. */
const isSwitch = ({ command }: State, name: string, global: ReadonlyArray<OptionWord>): boolean => {
  const option = named([...command.options, ...global], name)
  return name === "--help" || name === "--version" || (option !== undefined && option.value === undefined)
}

/** Reads `own`, the arguments that are claudex's. The options of `root` itself are accepted at any place. */
export const readWords = (root: CommandWord, own: ReadonlyArray<string>): Either.Either<Reading, UsageMistake> => {
  const state: State = {
    path: [],
    command: root,
    ask: "run",
    config: undefined,
    options: [],
    positionals: []
  }
  let pending = own
  let literal = false
  while (pending.length > 0) {
    const token = pending[0] ?? ""
    if (literal || !token.startsWith("-") || token === "-") {
      const mistake = takeWord(state, token)
      if (mistake !== undefined) return Either.left(mistake)
      pending = pending.slice(1)
    } else if (token === "--") {
      literal = true
      pending = pending.slice(1)
    } else {
      const spelled = spellOut(token, [...state.command.options, ...root.options])
      if (spelled.length === 2 && token.startsWith("--") && isSwitch(state, spelled[0] ?? "", root.options)) {
        const message = `"${spelled[0]}" takes no value.`
        return Either.left(new UsageMistake({ message, next: helpOf(state.path) }))
      }
      const taken = takeOption(state, [...spelled, ...pending.slice(1)], root.options, spelled.length === 2)
      if (Either.isLeft(taken)) return Either.left(taken.left)
      pending = [...spelled, ...pending.slice(1)].slice(taken.right)
    }
  }
  const { path, command, config, options, positionals } = state
  // a group of commands tells what it holds, unless it does something by itself: then it has options of its own
  const isSilent = command.commands.length > 0 && command !== root && command.options.length === 0
  const ask = state.ask === "run" && isSilent ? "help" : state.ask
  if (ask === "run") {
    const incomplete =
      missing(state) ?? positionals.map((word, at) => dashed(state, word, at)).find((m) => m !== undefined)
    if (incomplete !== undefined) return Either.left(incomplete)
  }
  const taken = positionals.length === 0 ? [] : ["--", ...positionals]
  return Either.right({ ask, path, command, config, words: [...path, ...options, ...taken] })
}

/** The file of `--config` in a command line that cannot be read as a whole. */
export const configIn = (own: ReadonlyArray<string>): string | undefined => {
  const options = own.includes("--") ? own.slice(0, own.indexOf("--")) : own
  const values = options.flatMap((token, at) =>
    token === "--config" ? options.slice(at + 1, at + 2) : token.startsWith("--config=") ? token.slice(9) : []
  )
  return values.findLast((value) => value !== "" && !value.startsWith("-"))
}

const dashed = ({ command, path }: State, word: string, at: number): UsageMistake | undefined => {
  const name = command.arguments[at]?.name ?? "an argument"
  return word.startsWith("-") && name !== anyText
    ? new UsageMistake({ message: `"${word}" cannot stand for ${name}.`, next: helpOf(path) })
    : undefined
}
