/** What can be typed where, from the words of the command line: what the scripts for the shells are written from. Pure. */
import type { CommandWord, OptionWord } from "../grammar.ts"
import { builtIns, firstSentence } from "../help.ts"
import { clip } from "../text.ts"

/**
 * What may stand for a value: one of several words (with commas between them), a file, something of the configuration
 * (`Offered`), or `any`, about which a shell knows nothing.
 */
export type Kind = string

/** The words that options take, by their names, where the parser only knows that they are text. */
export type OptionValues = Readonly<Record<string, ReadonlyArray<string>>>

export interface Offer {
  readonly name: string
  readonly help: string
}

export interface Place {
  /** The commands typed so far, e.g. `profile show`. */
  readonly path: string
  readonly commands: ReadonlyArray<Offer>
  /** By their long names, where they have one. */
  readonly options: ReadonlyArray<Offer>
  /** Every name of an option that takes a value, and what that is. */
  readonly values: ReadonlyArray<{ readonly name: string; readonly kind: Kind }>
  readonly arguments: ReadonlyArray<Kind>
  /**
   * Those of the options that are claudex's also behind the arguments, as long as nothing else stands between: what follows is
   * for another program. None where there is no such program.
   */
  readonly passing: ReadonlyArray<Offer>
}

const ofRunning = new Set(["run", "env"])

const kindOf = (value: string, help: string, command: string): Kind => {
  if (value.includes(" | ")) return value.split(" | ").join(",")
  if (value === "<profile>" && /\bor all\b/.test(help)) return "tested"
  if (/profile/i.test(value)) return ofRunning.has(command) ? "enabled" : "profile"
  if (/\balias\b/.test(help)) return "alias"
  if (command === "config" && value === "<key>") return "key"
  if (command === "config" && value === "<value>") return "value"
  if (command === "profile" && value === "<key>") return "stored"
  return /\b(path|file)\b/i.test(value) ? "file" : "any"
}

const offerOf = (option: OptionWord): Offer => ({ name: option.names.at(-1) ?? "", help: short(option.help) })

/** Beside its name in a line of a terminal, without the full stop. */
const short = (help: string): string => clip(firstSentence(help).replace(/\.$/, ""), 60)

/** Every place in the tree of commands, the root first. */
export const placesOf = (root: CommandWord, known: OptionValues): ReadonlyArray<Place> => {
  const below = (word: CommandWord, path: ReadonlyArray<string>): ReadonlyArray<Place> => {
    const [command = ""] = path
    const own = [...(word === root ? [] : word.options), ...root.options]
    const options = [...own, ...builtIns]
    return [
      {
        path: path.join(" "),
        commands: word.commands.map(({ name, description }) => ({ name, help: short(description) })),
        options: options.map(offerOf),
        values: options.flatMap(({ help, names, value }) => {
          if (value === undefined) return []
          const words = names.flatMap((name) => known[name] ?? [])
          const kind = words.length > 0 ? words.join(",") : kindOf(value, help, command)
          return names.map((name) => ({ name, kind }))
        }),
        arguments: word.arguments.map(({ choices, help, name }) => choices?.join(",") ?? kindOf(name, help, command)),
        // behind a profile, --help and --version are Claude Code's
        passing: command === "run" ? own.map(offerOf) : []
      },
      ...word.commands.flatMap((next) => below(next, [...path, next.name]))
    ]
  }
  return below(root, [])
}
