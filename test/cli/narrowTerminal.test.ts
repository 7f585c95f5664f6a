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

  it("changes nothing of what is written elsewhere", async () => {
    const user = await makeUser(config)
    const { stderr } = await user.run(["profile", "show", "lokal"], { env: { COLUMNS: "20" } })
    expect(stderr.split("\n")).toHaveLength(3)
  })
})
