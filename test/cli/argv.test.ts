import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { splitRunArgs } from "../../src/cli/argv.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const split = (line: string) => {
  const { own, child } = splitRunArgs(line.split(" ").filter((word) => word !== ""))
  return `${own.join(" ")} | ${child.join(" ")}`
}

describe("splitting the command line of run", () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ["run grok", "run grok | "],
    ["run grok --print hi", "run grok | --print hi"],
    ["run grok hi --print", "run grok | hi --print"],
    ["run grok -p hi", "run grok | -p hi"],
    ["run grok -m x hi -m y", "run grok -m x | hi -m y"],
    ["run -m x grok --version", "run -m x grok | --version"],
    ["run --model=x grok -V", "run --model=x grok | -V"],
    ["run -mx grok -h", "run -mx grok | -h"],
    ["run grok --model x --print", "run grok --model x | --print"],
    ["run grok --help", "run grok | --help"],
    ["run --help", "run --help | "],
    ["run --version", "run --version | "],
    ["run grok -- --print", "run grok | --print"],
    ["run grok -m x -- -m y", "run grok -m x | -m y"],
    ["run grok hi -- x", "run grok | hi -- x"],
    ["run grok -- -- x", "run grok | -- x"],
    ["run -- grok -m x", "run grok | -m x"],
    ["run -- --print", "run | --print"],
    ["run --print grok", "run --print grok | "],
    ["run grok -m --print hi", "run grok -m | --print hi"],
    ["run grok -m", "run grok -m | "],
    ["run grok --config a.toml hi", "run grok --config a.toml | hi"],
    ["run grok hi --config a.toml", "run grok | hi --config a.toml"],
    ["--config a.toml run grok --print", "--config a.toml run grok | --print"],
    ["--config=a.toml run grok --print", "--config=a.toml run grok | --print"],
    ["--config run run grok --print", "--config run run grok | --print"],
    ["run run run", "run run | run"],
    ["run max --no-gateway --print", "run max --no-gateway | --print"],
    ["run --no-gateway max -m x --no-gateway hi", "run --no-gateway max -m x --no-gateway | hi"],
    ["run max hi --no-gateway", "run max | hi --no-gateway"],
    ["run max -- --no-gateway", "run max | --no-gateway"],
    ["run max -m --no-gateway hi", "run max -m --no-gateway | hi"],
    ["run grok -", "run grok | -"],
    ["run grok --mcp-config a.json", "run grok | --mcp-config a.json"],
    ["proxy start -d -- x", "proxy start -d -- x | "],
    ["proxy run grok --print", "proxy run grok --print | "],
    ["-V", "-V | "],
    ["", " | "]
  ]
  for (const [line, expected] of cases) {
    it(`takes "claudex ${line}" apart as "${expected}"`, () => expect(split(line)).toBe(expected))
  }

  const word = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        "run",
        "grok",
        "--",
        "-m",
        "--model",
        "--model=x",
        "-mx",
        "--config",
        "--no-gateway",
        "-"
      )
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom("--config=a", "--print", "-p", "hi", "--help", "-V", "--version", "proxy")
    },
    { weight: 1, arbitrary: fc.string() }
  )
  const argvs = fc.oneof(
    fc.array(word, { maxLength: 10 }),
    fc.array(word, { maxLength: 8 }).map((rest) => ["run", ...rest])
  )

  it("keeps every token in order, save at most one border mark", async () => {
    await holds(
      fc.property(argvs, (argv) => {
        const { own, child } = splitRunArgs(argv)
        const joined = [...own, ...child]
        const withoutOneMark = argv
          .flatMap((token, index) => (token === "--" ? [index] : []))
          .map((mark) => argv.filter((_, index) => index !== mark))
        expect([argv, ...withoutOneMark]).toContainEqual(joined)
      }),
      { numRuns: runs }
    )
  })

  it("gives the same own half when that half is split again", async () => {
    await holds(
      fc.property(argvs, (argv) => {
        const { own } = splitRunArgs(argv)
        expect(splitRunArgs(own)).toEqual({ own, child: [] })
      }),
      { numRuns: runs }
    )
  })

  it("hands Claude Code nothing unless the command is run", async () => {
    await holds(
      fc.property(argvs, (argv) => {
        const { own, child } = splitRunArgs(argv)
        expect(child.length === 0 || own.includes("run")).toBe(true)
      }),
      { numRuns: runs }
    )
  })
})
