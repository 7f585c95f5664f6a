import { describe, expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"
import { openTerminal } from "../support/terminal.ts"

const config = `
[[profiles]]
name = "local"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:1/v1"
api_key_env = "NOT_SET_ANYWHERE"
default_model = "m"
`

/** The words of all lines, as far as they end at words. */
const wordsOf = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((word) => word !== "")

/** Its lines but those that hold a path, or a variable with its value: these stay whole, to be copied. */
const linesAt = (text: string): ReadonlyArray<string> =>
  text.split("\n").filter((line) => !/^ *(?:configuration: |log: |files: )?[~/]|^ +[A-Z_]+=/.test(line))

describe("a narrow terminal", () => {
  it("has messages whose lines end at words, and the command to type next in one piece", async () => {
    const user = await makeUser(config)
    for (const columns of [40, 60]) {
      const terminal = openTerminal(user, ["profile", "remove", "lokal"], { columns })
      expect(await terminal.ended()).toMatchObject({ code: 1, asBefore: true })
      const { stderr } = await user.run(["profile", "remove", "lokal"])
      expect(wordsOf(terminal.screen().join("\n"))).toEqual(wordsOf(stderr))
      expect(terminal.screen().at(-1)).toBe("Next: claudex profile remove local")
    }
  })

  it("has the lines of profile test and doctor end at words, and a wide one is not filled further than is read well", async () => {
    const user = await makeUser(config)
    for (const [columns, widest] of [
      [40, 40],
      [60, 60],
      [200, 100]
    ] as const) {
      for (const words of [["profile", "test", "local"], ["doctor"]]) {
        const terminal = openTerminal(user, words, { columns, rows: 100 })
        expect(await terminal.ended()).toMatchObject({ code: 1, asBefore: true })
        const lines = terminal.screen()
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(widest)
        expect(wordsOf(lines.join(" "))).toContain("NOT_SET_ANYWHERE")
      }
    }
  })

  it("has what is told of the gateway, a request, the variables, the files and the profiles, whole in any width", async () => {
    const user = await makeUser(`${config}backup_providers = ["demo"]\n`)
    expect((await user.run(["proxy", "start", "-d"])).code).toBe(0)
    const { port } = (await user.state()) ?? {}
    const token = (await user.run(["proxy", "token"])).stdout.trim()
    const answer = await fetch(`http://127.0.0.1:${port}/proxy/demo/v1/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "sonnet", max_tokens: 9, messages: [{ role: "user", content: "hello" }] })
    })
    await answer.text()
    const shown: ReadonlyArray<readonly [words: ReadonlyArray<string>, code: number, last: string]> = [
      [["--help"], 0, "profile forget-key <key>"],
      [["config", "set", "--help"], 0, "profiles.grok.models.haiku"],
      [["proxy", "status"], 0, "requests"],
      [["explain"], 0, "answered"],
      [["env", "demo", "--explain"], 0, "runs"],
      [["config", "validate", "--connectivity"], 1, "NOT_SET_ANYWHERE"],
      [["profile", "list"], 0, "~/.config/claudex/config.toml"]
    ]
    for (const [words, code, word] of shown) {
      const { stdout } = await user.run(words)
      expect(Math.max(...linesAt(stdout).map((line) => line.length))).toBeLessThanOrEqual(80)
      for (const [columns, widest] of [
        [40, 40],
        [60, 60],
        [200, 100]
      ] as const) {
        const terminal = openTerminal(user, words, { columns, rows: 200 })
        expect(await terminal.ended()).toMatchObject({ code, asBefore: true })
        const lines = linesAt(terminal.screen().join("\n"))
        expect([words, columns, lines.filter((line) => line.length > widest)]).toEqual([words, columns, []])
        expect(wordsOf(lines.join(" ")).join(" ")).toContain(word)
      }
    }
  })

  it("changes nothing of what is written elsewhere", async () => {
    const user = await makeUser(config)
    const { stderr } = await user.run(["profile", "show", "lokal"], { env: { COLUMNS: "20" } })
    expect(stderr.split("\n")).toHaveLength(3)
  })
})
