/** What `--help` prints, from the words of the command line. Plain text, as wide as a terminal, else 80 columns. */
import type { ArgumentWord, CommandWord, OptionWord } from "./grammar.ts"

const usual = 80

const wrap = (text: string, indent: number, width: number): string => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`)
}

/** The least that stands beside a term. */
const least = 20

/** Two columns, the left one as wide as its longest entry; below each other where a terminal is too narrow for that. */
const table = (rows: ReadonlyArray<readonly [string, string]>, width: number): string => {
  const left = Math.max(...rows.map(([term]) => term.length)) + 4
  const isBeside = width >= usual || left + least <= width
  const head = (term: string) => (isBeside ? `  ${term}`.padEnd(left) : `  ${wrap(term, 4, width)}\n      `)
  return rows.map(([term, meaning]) => `${head(term)}${wrap(meaning, isBeside ? left : 6, width)}`.trimEnd()).join("\n")
}

const optionTerm = (option: OptionWord): string => {
  const names = option.names.length === 1 ? `    ${option.names[0]}` : option.names.join(", ")
  return option.value === undefined ? names : `${names} ${option.value}`
}

const argumentTerm = ({ name, optional }: ArgumentWord): string => (optional ? `[${name}]` : name)

/** What every command takes. */
export const builtIns: ReadonlyArray<OptionWord> = [
  { names: ["-h", "--help"], value: undefined, help: "Show this help." },
  { names: ["-V", "--version"], value: undefined, help: "Show the version." }
]

export const firstSentence = (text: string): string => /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text

/** All commands under a word that do something, with the words to type for them. */
const leaves = (word: CommandWord, path: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> =>
  word.commands.flatMap((command) => {
    const here = [...path, command.name]
    if (command.commands.length > 0) return leaves(command, here)
    const terms = command.arguments.map(argumentTerm)
    return [[[...here, ...terms].join(" "), firstSentence(command.description)] as const]
  })

const usage = (root: CommandWord, path: ReadonlyArray<string>, command: CommandWord): string => {
  const isGroup = command.commands.length > 0
  if (isGroup && (command === root || command.options.length === 0)) return ["claudex", ...path, "<command>"].join(" ")
  const options = [...command.options, ...root.options].map((option) => {
    const name = option.names[0] ?? ""
    return option.value === undefined ? `[${name}]` : `[${name} ${option.value}]`
  })
  const rest = path[0] === "run" ? ["[argument of Claude Code…]"] : []
  if (isGroup) rest.push("[<command>]")
  return ["claudex", ...path, ...options, ...command.arguments.map(argumentTerm), ...rest].join(" ")
}

const examples: Readonly<Record<string, ReadonlyArray<readonly [string, string]>>> = {
  "": [
    ["claudex run demo", "try it, without a key"],
    ["claudex run grok", "Claude Code with the profile grok"],
    ["claudex run grok -m grok-4-fast", "with another model"],
    ['claudex run grok "prompt" --print', "one answer, for scripts and pipes"]
  ],
  run: [
    ["claudex run demo", "try it, without a key"],
    ["claudex run", "with the default profile, or one that you choose"],
    ["claudex run grok --continue", "go on with the last conversation"],
    ['claudex run grok "prompt" --print', "one answer, for scripts and pipes"],
    ["claudex run grok mcp list", "a command of Claude Code"]
  ],
  env: [
    ["claudex env grok --explain", "what run would set, and why"],
    ['eval "$(claudex env grok --shell)" && claude', "without run"],
    ["claudex env grok --fish | source; and claude", "the same in fish"]
  ],
  config: [
    ["claudex config", "what is set, and where"],
    ["claudex config set log_level debug", "in the file where it stands"],
    ["claudex config set profiles.grok.models.haiku grok-3-mini", "of one profile"],
    ["claudex config init --global", "a file to begin with"]
  ],
  "config migrate": [
    ["claudex config migrate", "every YAML file that is in use here"],
    ["claudex config migrate ~/old.yaml", "this one"]
  ],
  "config show": [
    ["claudex config show", "what is set, and where"],
    ["claudex config show --json", "every setting, defaults too, for programs"],
    ["claudex config show --raw", "the files, with their comments"]
  ],
  "config get": [
    ["claudex config get proxy_port", "as it holds here"],
    ["claudex config get profiles.grok --json", "a profile, for programs"]
  ],
  "config set": [
    ["claudex config set proxy_port 4000", "in the file where it stands, else in your own"],
    ["claudex config set profiles.grok.models.haiku grok-3-mini", "of one profile"],
    ["claudex config set log_level debug --project", "in the project's file"],
    ["claudex config set profiles.grok.extra_env.FLAGS -- -v", "a text that begins with a dash"]
  ],
  "config unset": [
    ["claudex config unset log_level", "the default holds again, or another file"],
    ["claudex config unset profiles.grok.models", "a table with all it holds"]
  ],
  "config init": [
    ["claudex config init --global", "for yourself"],
    ["claudex config init", "in the working directory, for a project"]
  ],
  "config edit": [
    ["claudex config edit", "the strongest file that is in use"],
    ["EDITOR='code --wait' claudex config edit --global", "your own, in another editor"]
  ],
  "config schema": [["claudex config schema > claudex.schema.json", "for an editor"]],
  "config trust": [["claudex config trust", "after you have read the project's file"]],
  "config export": [
    ["claudex config export", "all that holds here, as JSON"],
    ["claudex config export -o backup.toml", "into a new file, as TOML"],
    ["claudex config export --reveal -o all.toml", "with its secrets, after a question"]
  ],
  "config validate": [
    ["claudex config validate", "whether the files are well"],
    ["claudex config validate --connectivity", "and the providers"],
    ["claudex config validate --json", "the same for programs"]
  ],
  "config path": [
    ["claudex config path", "which files are used"],
    ["claudex config path --json", "the same for programs"]
  ],
  explain: [
    ["claudex explain", "the newest request"],
    ["claudex explain req_01ab", "the one whose request-id begins like this"],
    ["claudex explain --json", "the same for programs"]
  ],
  proxy: [
    ["claudex proxy status", "whether it runs, and how your profiles are"],
    ["claudex proxy start -d", "in the background, for clients of your own"]
  ],
  "proxy start": [
    ["claudex proxy start", "until Ctrl-C, with its log before you"],
    ["claudex proxy start -d", "in the background"],
    ["claudex proxy start -p 4000", "on another port"]
  ],
  "proxy stop": [["claudex proxy stop", "claudex run starts it again when it is needed"]],
  "proxy status": [
    ["claudex proxy status", "what it does, and how your profiles are"],
    ["claudex proxy status --json", "the same for programs"]
  ],
  "proxy token": [['export ANTHROPIC_AUTH_TOKEN="$(claudex proxy token)"', "for another client"]],
  completions: [
    ['eval "$(claudex completions bash)"', "the line for ~/.bashrc"],
    ["source <(claudex completions zsh)", "for ~/.zshrc, behind compinit"],
    ["claudex completions fish | source", "for ~/.config/fish/config.fish"]
  ],
  logs: [
    ["claudex logs -f -p grok", "what concerns one profile, from now on too"],
    ["claudex logs -l warn --json", "what went wrong, for programs"]
  ],
  profile: [
    ["claudex profile add", "asked, on a terminal"],
    ["claudex profile list", "what you have"],
    ["claudex profile test grok", "whether it works"],
    ["claudex profile use grok", "from now on, where none is named"]
  ],
  "profile list": [
    ["claudex profile list", "your profiles, and whether their keys are there"],
    ["claudex profile list --json", "the same for programs"]
  ],
  "profile show": [
    ["claudex profile show grok", "what it comes to, with its default model"],
    ["claudex profile show grok -m grok-4-fast", "with another one"],
    ["claudex profile show grok --json", "the same for programs"],
    ["claudex profile show grok --reveal", "with its key, after a question"]
  ],
  "profile add": [
    ["claudex profile add --provider xai --api-key-env XAI_API_KEY -m grok-4", ""],
    ["claudex profile add local --provider ollama -m qwen3-coder:30b", ""],
    ["claudex profile add --provider generic --base-url https://llm.example/v1 -m m", ""]
  ],
  "profile edit": [
    ["claudex profile edit grok", "asked, on a terminal"],
    ["claudex profile edit grok --model grok-4-fast --haiku grok-3-mini", ""],
    ["claudex profile edit grok --api-key-env XAI_API_KEY", ""],
    ["claudex config unset profiles.grok.models.haiku", "a slot less"]
  ],
  "profile test": [
    ["claudex profile test grok", "whether its provider answers and has its models"],
    ["claudex profile test grok --deep", "whether its model streams and calls tools"],
    ["claudex profile test all --json", "of every enabled profile, for programs"]
  ],
  "profile set-key": [
    ["claudex profile set-key grok", "asked for, unseen, and tried"],
    ["claudex profile set-key grok --stdin < key.txt", "from a file, or a pipe"]
  ],
  "profile use": [["claudex profile use grok", "claudex run means claudex run grok from now on"]],
  "profile forget-key": [["claudex profile forget-key grok-api-key", "as claudex doctor names it"]],
  "profile remove": [
    ["claudex profile remove grok", "unless something names it"],
    ["claudex profile remove grok --force", "and whatever names it"]
  ],
  doctor: [
    ["claudex doctor", "what is wrong, and what to do about it"],
    ["claudex doctor --loopback", "with a conversation between Claude Code and the demo"],
    ["claudex doctor --json", "the same for programs"]
  ]
}

/** What the end of claudex means for a script; the README says more of each. */
const exitCodes: ReadonlyArray<readonly [string, string]> = [
  ["0", "success"],
  ["1", "failure"],
  ["2", "a mistake in the command line or the configuration, or a missing key"],
  ["130", "interrupted with Ctrl-C, or by SIGTERM"],
  ["other", "of run: Claude Code's own, 128 + n when a signal ended it"]
]

/** The help text of the command at `path`. Ends with a newline. */
export const renderHelp = (
  root: CommandWord,
  path: ReadonlyArray<string>,
  command: CommandWord,
  version: string,
  width = usual
): string => {
  const sections = [
    path.length === 0 ? `claudex ${version}: ${command.description}` : command.description,
    `Usage: ${usage(root, path, command)}`
  ]
  if (command.commands.length > 0) sections.push(`Commands:\n${table(leaves(command, path), width)}`)
  if (command.arguments.length > 0) {
    sections.push(
      `Arguments:\n${table(
        command.arguments.map((argument) => [argumentTerm(argument), `${argument.help}.`]),
        width
      )}`
    )
  }
  const options = [...(command === root ? [] : command.options), ...root.options, ...builtIns]
  sections.push(
    `Options:\n${table(
      options.map((option) => [optionTerm(option), option.help]),
      width
    )}`
  )
  const shown = examples[path.join(" ")]
  if (shown !== undefined) sections.push(`Examples:\n${table(shown, width)}`)
  if (path.length === 0) sections.push(`Exit codes:\n${table(exitCodes, width)}`)
  return `${sections
    .map((section) =>
      section
        .split("\n\n")
        .map((part) => (part.includes("\n") ? part : wrap(part, 0, width)))
        .join("\n\n")
    )
    .join("\n\n")}\n`
}
