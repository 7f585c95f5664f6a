/**
 * The words of the command line as data: which commands exist and what each takes. Read off the parser's own
 * descriptors, so that help and suggestions cannot disagree with what is accepted.
 */
import { CliConfig, CommandDescriptor, HelpDoc, type Span, type Usage } from "@effect/cli"
import { HashSet } from "effect"

export interface OptionWord {
  /** With their dashes, the short one first. */
  readonly names: ReadonlyArray<string>
  /** What the value is called in help; absent for a switch. */
  readonly value: string | undefined
  readonly help: string
}

export interface ArgumentWord {
  readonly name: string
  readonly help: string
  /** It may be left out. */
  readonly optional: boolean
  /** The words that it can be; absent where it can be any. */
  readonly choices: ReadonlyArray<string> | undefined
}

export interface CommandWord {
  readonly name: string
  readonly description: string
  readonly options: ReadonlyArray<OptionWord>
  /** In their order; those that may be left out come last. */
  readonly arguments: ReadonlyArray<ArgumentWord>
  readonly commands: ReadonlyArray<CommandWord>
}

const spanText = (span: Span.Span): string => {
  switch (span._tag) {
    case "Text":
    case "URI":
      return span.value
    case "Sequence":
      return spanText(span.left) + spanText(span.right)
    default:
      return spanText(span.value)
  }
}

/** What the parser library says about every option of a type, whatever the option is for. */
const boilerplate = new Set(["A user-defined piece of text.", "An integer.", "A true or false value."])
const isBoilerplate = (text: string): boolean =>
  boilerplate.has(text) || /^(This setting is optional|One of the following: )/.test(text)

/** The paragraphs of a help document as plain text. */
export const paragraphs = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  switch (doc._tag) {
    case "Paragraph":
      return [spanText(doc.value)].filter((text) => text !== "")
    case "Sequence":
      return [...paragraphs(doc.left), ...paragraphs(doc.right)]
    case "Enumeration":
      return doc.elements.flatMap(paragraphs)
    default:
      return []
  }
}

const definitions = (doc: HelpDoc.HelpDoc): ReadonlyArray<readonly [string, string]> => {
  switch (doc._tag) {
    case "Sequence":
      return [...definitions(doc.left), ...definitions(doc.right)]
    case "DescriptionList":
      return doc.definitions.map(([term, meaning]) => [
        spanText(term),
        paragraphs(meaning)
          .filter((text) => !isBoilerplate(text))
          .join(" ")
      ])
    default:
      return []
  }
}

interface Part extends Usage.Named {
  readonly optional: boolean
}

const namedParts = (usage: Usage.Usage, optional = false): ReadonlyArray<Part> => {
  switch (usage._tag) {
    case "Named":
      return [{ ...usage, optional }]
    case "Optional":
      return namedParts(usage.usage, true)
    case "Repeated":
      return namedParts(usage.usage, optional)
    case "Alternation":
    case "Concat":
      return [...namedParts(usage.left, optional), ...namedParts(usage.right, optional)]
    default:
      return []
  }
}

/** What the parser tells of a command. */
const described = <A>(descriptor: CommandDescriptor.Command<A>): Omit<CommandWord, "name" | "commands"> => {
  const doc = CommandDescriptor.getHelp(descriptor, CliConfig.make({ showBuiltIns: false }))
  const meanings = definitions(doc)
  const helpOf = (name: string) => meanings.find(([term]) => term.split(/[\s(),]+/).includes(name))?.[1] ?? ""
  const parts = namedParts(CommandDescriptor.getUsage(descriptor)).slice(1)
  const options = parts
    .filter((part) => part.names[0]?.startsWith("-"))
    .map((part) => ({
      names: part.names,
      value: part.acceptedValues._tag === "Some" ? part.acceptedValues.value : undefined,
      help: helpOf(part.names[part.names.length - 1] ?? "")
    }))
  const taken = parts
    .filter((part) => !part.names[0]?.startsWith("-"))
    .map(({ acceptedValues, names: [argument = ""], optional }) => ({
      name: argument,
      help: helpOf(argument),
      optional,
      choices: acceptedValues._tag === "Some" ? acceptedValues.value.split(" | ") : undefined
    }))
  return { description: paragraphs(doc).join("\n\n"), options, arguments: taken }
}

/**
 * A command of the parser and its subcommands as words. `descriptor` is the one without its subcommands. A start needs to
 * know of one command what it takes: each is described when it is asked for.
 */
export const commandWord = <A>(
  descriptor: CommandDescriptor.Command<A>,
  commands: ReadonlyArray<CommandWord> = []
): CommandWord => {
  let known: ReturnType<typeof described> | undefined
  const word = () => (known ??= described(descriptor))
  return {
    name: HashSet.toValues(CommandDescriptor.getNames(descriptor))[0] ?? "",
    get description() {
      return word().description
    },
    get options() {
      return word().options
    },
    get arguments() {
      return word().arguments
    },
    commands
  }
}
