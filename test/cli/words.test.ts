import { describe, expect, it } from "@effect/vitest"
import { Either, Equal, FastCheck as fc } from "effect"
import { words } from "../../src/cli/commands.ts"
import type { CommandWord } from "../../src/cli/grammar.ts"
import { renderHelp } from "../../src/cli/help.ts"
import { readWords } from "../../src/cli/words.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const read = (line: string) =>
  readWords(
    words,
    line.split(" ").filter((word) => word !== "")
  )

const mistake = (line: string) => Either.match(read(line), { onLeft: (error) => error, onRight: () => undefined })

describe("reading claudex's own words", () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["run grok", "run -- grok"],
    ["run grok -m x", "run -m x -- grok"],
    ["run -mx grok", "run -m x -- grok"],
    ["run --model=x grok", "run --model x -- grok"],
    ["run --model=-x grok", "run --model -x -- grok"],
    ["proxy start -dp 9000", "proxy start -d -p 9000"],
    ["proxy start -p9000 -d", "proxy start -p 9000 -d"],
    ["proxy start -p=9000", "proxy start -p 9000"],
    ["--config a.toml run grok", "run -- grok"],
    ["run --config a.toml grok", "run -- grok"],
    ["run grok --config=a.toml", "run -- grok"],
    ["config set log_level -- -x", "config set -- log_level -x"],
    ["config set -- log_level -x", "config set -- log_level -x"],
    ["config set log_level --project -- --global", "config set --project -- log_level --global"],
    ["", ""]
  ]
  for (const [line, expected] of cases) {
    it(`understands "claudex ${line}" as "${expected}"`, () => {
      expect(Either.map(read(line), (reading) => reading.words.join(" "))).toEqual(Either.right(expected))
    })
  }

  it("finds the configuration file wherever it is named", () => {
    for (const line of [
      "--config a.toml proxy status",
      "proxy --config a.toml status",
      "proxy status --config a.toml"
    ]) {
      expect(Either.map(read(line), (reading) => reading.config)).toEqual(Either.right("a.toml"))
    }
  })

  const asks: ReadonlyArray<readonly [string, string]> = [
    ["--help", "help"],
    ["-h", "help"],
    ["run --help", "help"],
    ["run -h grok", "help"],
    ["proxy", "help"],
    ["profile", "help"],
    ["config", "run"],
    ["config --init", "run"],
    ["config --help", "help"],
    ["proxy start --help", "help"],
    ["--version --help", "help"],
    ["-V", "version"],
    ["run --version", "version"],
    ["proxy status", "run"]
  ]
  for (const [line, expected] of asks) {
    it(`takes "claudex ${line}" as a wish for ${expected}`, () => {
      expect(Either.map(read(line), (reading) => reading.ask)).toEqual(Either.right(expected))
    })
  }
})

describe("mistakes in the command line", () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    ["rnu grok", '"claudex" has no command "rnu". Did you mean "run"?', "claudex run"],
    ["status", '"claudex" has no command "status". Did you mean "proxy status"?', "claudex proxy status"],
    ["use", '"claudex" has no command "use". Did you mean "profile use"?', "claudex profile use PROFILE"],
    ["profile ls", '"claudex profile" has no command "ls". Did you mean "list"?', "claudex profile list"],
    [
      "profile rm grok",
      '"claudex profile" has no command "rm". Did you mean "remove"?',
      "claudex profile remove PROFILE"
    ],
    [
      "profile delete grok",
      '"claudex profile" has no command "delete". Did you mean "remove"?',
      "claudex profile remove PROFILE"
    ],
    ["config rm log_level", '"claudex config" has no command "rm". Did you mean "unset"?', "claudex config unset KEY"],
    ["ls", '"claudex" has no command "ls". Did you mean "profile list"?', "claudex profile list"],
    ["frobnicate", '"claudex" has no command "frobnicate".', "claudex --help"],
    ["proxy strat", '"claudex proxy" has no command "strat". Did you mean "start"?', "claudex proxy start"],
    [
      "proxy start --prot 9",
      '"--prot" is not an option of "claudex proxy start". Did you mean "--port"?',
      "claudex proxy start --help"
    ],
    ["proxy start -x", '"-x" is not an option of "claudex proxy start".', "claudex proxy start --help"],
    ["proxy start -p", '"-p" needs a value (PORT).', "claudex proxy start --help"],
    ["proxy stop now", '"claudex proxy stop" takes no argument "now".', "claudex proxy stop --help"],
    ["run grok -m", '"-m" needs a value (MODEL).', "claudex run --help"],
    [
      "run --print grok",
      '"--print" is not an option of claudex. Options of Claude Code come after the profile.',
      "claudex run PROFILE --print"
    ],
    ["run --modle x grok", '"--modle" is not an option of claudex. Did you mean "--model"?', "claudex run --help"],
    ["run -- -x", '"-x" cannot stand for <profile>.', "claudex run --help"],
    ["config set -- -x log_level", '"-x" cannot stand for <key>.', "claudex config set --help"],
    [
      "config set --project log_level -x",
      '"-x" is not an option of "claudex config set". A value that begins with a dash comes after "--".',
      "claudex config set --project log_level -- -x"
    ],
    [
      "config set log_level --globl",
      '"--globl" is not an option of "claudex config set". Did you mean "--global"?',
      "claudex config set --help"
    ],
    [
      "logs --level wran",
      '"wran" is none of what "--level" can be: trace, debug, info, warn, error. Did you mean "warn"?',
      "claudex logs --help"
    ],
    ["completions tcsh", '"tcsh" is none of what <shell> can be: bash, zsh, fish.', "claudex completions --help"],
    ["help", '"claudex" has no command "help". Did you mean "--help"?', "claudex --help"],
    ["profile help", '"claudex profile" has no command "help". Did you mean "--help"?', "claudex profile --help"],
    ["version", '"claudex" has no command "version". Did you mean "--version"?', "claudex --version"],
    ["profile list --json=false", '"--json" takes no value.', "claudex profile list --help"],
    ["proxy stop --help=1", '"--help" takes no value.', "claudex proxy stop --help"],
    ["--version=", '"--version" takes no value.', "claudex --help"],
    ["--confg a.toml", '"--confg" is not an option of "claudex". Did you mean "--config"?', "claudex --help"]
  ]
  for (const [line, message, next] of cases) {
    it(`are explained for "claudex ${line}"`, () => {
      expect(mistake(line)).toMatchObject({ message, next })
    })
  }

  it("include a missing profile, with what a profile is", () => {
    expect(mistake("env")?.message).toMatch(/^"claudex env" needs <profile>: /)
    expect(mistake("env")?.next).toBe("claudex env PROFILE")
    expect(mistake("config set")?.next).toBe("claudex config set KEY VALUE")
    expect(mistake("config set profiles.$x.base_url")?.next).toBe("claudex config set 'profiles.$x.base_url' VALUE")
    expect(mistake("config set proxy_port=9000")?.next).toBe("claudex config set proxy_port VALUE")
    expect(readWords(words, ["run"])._tag).toBe("Right")
  })

  it("include an empty word where a name is expected, as a variable that is not set leaves it", () => {
    for (const [argv, name, next] of [
      [["env", ""], "<profile>", "claudex env PROFILE"],
      [["run", ""], "<profile>", "claudex run PROFILE"],
      [["profile", "add", "", "--provider", "ollama"], "<name>", "claudex profile add NAME"],
      [["config", "set", "", "x"], "<key>", "claudex config set KEY VALUE"],
      [["config", "migrate", ""], "<file>", "claudex config migrate FILE"]
    ] as const) {
      expect(Either.getOrThrow(Either.flip(readWords(words, argv)))).toMatchObject({
        message: expect.stringMatching(
          `^The ${name} of "claudex .*" is empty, as a variable that is not set leaves it\\.$`
        ),
        next
      })
    }
  })

  it("are not that a value is empty, where any text can stand", () => {
    expect(Either.map(readWords(words, ["config", "set", "log_level", ""]), (reading) => reading.words)).toEqual(
      Either.right(["config", "set", "--", "log_level", ""])
    )
  })

  it("are the only thing that keeps a command line from its canonical form, which reads as itself", async () => {
    const word = fc.oneof(
      fc.constantFrom("run", "proxy", "start", "status", "config", "-p", "--port", "9", "-d", "--", "-", "", "-m"),
      fc.constantFrom("--help", "-V", "--config", "grok", "-p9", "-dp9", "--port=9"),
      fc.string(),
      fc.string().map((text) => `-${text}`)
    )
    const lines = fc.oneof(
      fc.array(word, { maxLength: 8 }),
      fc.array(word, { maxLength: 4 }).map((rest) => ["run", "grok", ...rest]),
      fc.array(word, { maxLength: 4 }).map((rest) => ["proxy", "start", ...rest])
    )
    await holds(
      fc.property(lines, (argv) => {
        const reading = readWords(words, argv)
        if (Either.isLeft(reading)) return reading.left.next.startsWith("claudex")
        const { ask, command, words: canonical } = reading.right
        const names = command.options.flatMap((option) => option.names)
        // `--port=-1` is a pair that the parser is handed as it is; typed as two words it would be a mistake
        const hasOddValue = canonical.some((token) => /^-./.test(token) && ![...names, "--"].includes(token))
        if (ask !== "run" || hasOddValue) return true
        const again = readWords(words, canonical)
        return Equal.equals(
          Either.map(again, (second) => second.words.join("\0")),
          Either.right(canonical.join("\0"))
        )
      }),
      { numRuns: runs }
    )
  })
})

describe("help", () => {
  const all = (
    word: CommandWord,
    path: ReadonlyArray<string>
  ): ReadonlyArray<readonly [ReadonlyArray<string>, CommandWord]> => [
    [path, word],
    ...word.commands.flatMap((command) => all(command, [...path, command.name]))
  ]

  for (const [path, word] of all(words, [])) {
    const typed = ["claudex", ...path].join(" ")
    it(`of "${typed}" names what it takes, in plain lines that fit a terminal`, () => {
      const text = renderHelp(words, path, word, "1.2.3")
      for (const option of word.options) for (const name of option.names) expect(text).toContain(name)
      for (const command of word.commands) expect(text).toContain(` ${command.name} `)
      for (const argument of word.arguments) expect(text).toContain(argument.name)
      expect(text).toContain(`Usage: ${typed}`)
      expect(text).not.toContain("\u001b")
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100)
    })

    it(`of "${typed}" explains every option and argument`, () => {
      for (const { help } of [...word.options, ...word.arguments]) expect(help.length).toBeGreaterThan(10)
      expect(word.description.length).toBeGreaterThan(10)
    })
  }
})
