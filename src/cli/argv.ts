/**
 * Whose argument is it? `claudex run` ends with a command line of Claude Code, and both programs have options. The two
 * halves are separated before any parser sees them, because a parser would take `--help` and `--version` for its own
 * wherever they stand, even after `--`.
 *
 * After `run` our options count until the profile, and after it until the first token that is not ours; the rest is
 * Claude Code's, verbatim, save one `--` that only marks the border.
 */
export interface SplitArgs {
  /** For claudex's own parser. */
  readonly own: ReadonlyArray<string>
  /** For Claude Code. Empty for every command but `run`. */
  readonly child: ReadonlyArray<string>
}

interface Ours {
  /** Options that take their value from the next token. */
  readonly valued: ReadonlySet<string>
  readonly switches: ReadonlySet<string>
}

const globalOptions: Ours = { valued: new Set(["--config"]), switches: new Set() }
const runOptions: Ours = { valued: new Set(["--config", "--model", "-m"]), switches: new Set(["--no-gateway"]) }

/** How many tokens an option of ours takes at `at`: 0 when the token is not one, 1 when it holds its value or has none. */
const optionWidth = (argv: ReadonlyArray<string>, at: number, { switches, valued }: Ours): 0 | 1 | 2 => {
  const token = argv[at] ?? ""
  if (switches.has(token)) return 1
  if (valued.has(token)) {
    const value = argv[at + 1]
    // an option in the value's place means that the value was forgotten; the parser says so
    return value === undefined || (value.startsWith("-") && value !== "-") ? 1 : 2
  }
  const isOurs = token.startsWith("--")
    ? token.includes("=") && valued.has(token.slice(0, token.indexOf("=")))
    : token.startsWith("-") && valued.has(token.slice(0, 2))
  return isOurs ? 1 : 0
}

const isFlag = (token: string): boolean => token.startsWith("-") && token !== "-" && token !== "--"

/** Index of the first token from `from` on that is neither a known option, its value, nor any other flag. */
const skipOptions = (argv: ReadonlyArray<string>, from: number, options: Ours): number => {
  let at = from
  for (;;) {
    const width = optionWidth(argv, at, options)
    const token = argv[at]
    if (width > 0) at += width
    else if (token !== undefined && isFlag(token)) at += 1
    else return at
  }
}

/**
 * Splits the arguments after the program's name. Total; `own` followed by `child` is `argv` without at most one `--`,
 * and splitting `own` again yields `own` and nothing else.
 */
export const splitRunArgs = (argv: ReadonlyArray<string>): SplitArgs => {
  const command = skipOptions(argv, 0, globalOptions)
  if (argv[command] !== "run") return { own: argv, child: [] }
  const profile = skipOptions(argv, command + 1, runOptions)
  if (argv[profile] === undefined) return { own: argv, child: [] }
  if (argv[profile] === "--") {
    // `run -- grok …`: what follows the border is a profile and its arguments, unless it looks like an option
    const named = argv[profile + 1] !== undefined && !isFlag(argv[profile + 1] ?? "") && argv[profile + 1] !== "--"
    const border = profile + (named ? 2 : 1)
    const own = argv.filter((_, index) => index < border && index !== profile)
    return { own, child: argv.slice(border) }
  }
  let end = profile + 1
  for (let width = optionWidth(argv, end, runOptions); width > 0; width = optionWidth(argv, end, runOptions)) {
    end += width
  }
  return { own: argv.slice(0, end), child: argv.slice(argv[end] === "--" ? end + 1 : end) }
}
