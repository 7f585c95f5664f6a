import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { fish, isShellVariable, posix, type ShellDialect, shellWord } from "../../src/launcher/shell.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const posixShells = ["/bin/sh", "/bin/dash", "/bin/bash", "/bin/zsh"]
/** Those that this machine has. */
const shells = [
  ...posixShells.map((shell): readonly [string, ShellDialect] => [shell, posix]),
  ["/usr/bin/fish", fish] as const
].filter(([shell]) => existsSync(shell))

/** What programs that the shell starts are given, after it evaluated what it read. */
const evaluated = (
  shell: string,
  script: string,
  inherited: Readonly<Record<string, string>> = {},
  statement = shell.endsWith("fish") ? "printf '%s\\n' $argv[2] | source" : 'eval "$(printf "%s\\n" "$1")"'
): Readonly<Record<string, string | undefined>> => {
  const outcome = spawnSync(shell, ["-c", `${statement}; exec env -0`, "sh", script], {
    // with a socket there bash would read its user's start-up files
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", ...inherited }
  })
  expect(outcome.stderr).toBe("")
  return Object.fromEntries(
    outcome.stdout
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry) => {
        const at = entry.indexOf("=")
        return [entry.slice(0, at), entry.slice(at + 1)]
      })
  )
}

const value = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", "\r", "\t", " ", "!", "#", ";", "\u001b", "é", "~")
    }),
    fc.string({
      unit: fc.constantFrom("$(id)", "'\\''", "${HOME}", "\n\n", "*", "%s", "\u0085", "\u007f", "🙂", "a=b")
    })
  )
  .filter((text) => !text.includes("\0"))

const name = fc.stringMatching(/^V_[A-Za-z0-9_]{0,8}$/)

describe("lines for a shell", () => {
  it(`give every value back as it is, in ${shells.map(([shell]) => shell).join(", ")}`, async () => {
    await holds(
      fc.property(
        fc.constantFrom(...shells),
        fc.dictionary(name, value, { minKeys: 1, maxKeys: 6 }),
        ([shell, dialect], wanted) => {
          const script = Object.entries(wanted).map(([key, text]) => dialect.export(key, text))
          expect(evaluated(shell, `${script.join("\n")}\n`)).toMatchObject(wanted)
        }
      ),
      { numRuns: runs }
    )
  })

  it("hold nothing that a terminal would act on", async () => {
    await holds(
      fc.property(fc.constantFrom(posix, fish), value, (dialect, text) => {
        // eslint-disable-next-line no-control-regex -- these are what is looked for
        expect(dialect.export("NAME", text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
      }),
      { numRuns: runs }
    )
  })

  it("take a variable away", () => {
    for (const [shell, dialect] of shells) {
      expect(evaluated(shell, dialect.unset("KEY"), { KEY: "x" })).not.toHaveProperty("KEY")
      // nor is there anything wrong where none is
      expect(evaluated(shell, `${dialect.unset("KEY")} ${dialect.export("A", "1")}`)).toMatchObject({ A: "1" })
    }
  })

  it("work without quotes around what eval is given, where no value needs any", () => {
    const script = [posix.export("A", "http://127.0.0.1:1/x"), posix.unset("KEY"), posix.export("B", "2")].join("\n")
    const child = evaluated("/bin/sh", script, { KEY: "x" }, 'eval $(printf "%s\\n" "$1")')
    expect(child).toMatchObject({ A: "http://127.0.0.1:1/x", B: "2" })
    expect(child).not.toHaveProperty("KEY")
  })

  it("stay readable where nothing is special", () => {
    expect(["grok-4", "a b", "it's", "", "\u001b[2J"].map(shellWord)).toEqual([
      "grok-4",
      "'a b'",
      "'it'\\''s'",
      "''",
      "\"$(printf '\\033')\"'[2J'"
    ])
  })

  it("are not made for what no shell can set", () => {
    expect(isShellVariable("A_1", "x")).toBe(true)
    for (const bad of ["", "1A", "A-B", "A B", "A;id", "A\n", "é", "A=B"]) expect(isShellVariable(bad, "x")).toBe(false)
    expect(isShellVariable("A", "x\0")).toBe(false)
  })
})
