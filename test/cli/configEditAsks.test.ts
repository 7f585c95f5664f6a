import { readFile, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { describe, expect, it } from "vitest"
import { makeUser, type User } from "../support/claudex.ts"
import { key, openTerminal } from "../support/terminal.ts"

const file = "home/.config/claudex/config.toml"
const text = "proxy_port = 4000\n"
const question = "Edit it again? [Y/n]"

/** Somebody whose editor makes the port a word, and at the next look a number again. */
const open = (user: User) =>
  openTerminal(user, ["config", "edit"], {
    columns: 200,
    env: { EDITOR: "sed -i -e s/4000/far/ -e t -e s/far/4001/" }
  })

/** The draft that the screen names; it is taken away. */
const draft = async (terminal: ReturnType<typeof open>): Promise<string> => {
  const path = /What you wrote is kept in (\S+)/.exec(terminal.screen().join("\n"))?.[1] ?? "/nowhere/x"
  const content = await readFile(path, "utf8")
  await rm(dirname(path), { recursive: true })
  return content
}

describe("claudex config edit, of somebody who wrote what is not valid", () => {
  it("opens the editor again with what was written, and saves what is valid then", async () => {
    const user = await makeUser(text)
    for (const yes of ["y\r", key.enter]) {
      await user.write(file, text)
      const terminal = open(user)
      await terminal.until(question)
      expect(terminal.screen().join("\n")).toMatch(/Nothing was changed, because then:\n.*config\.toml:1/)
      expect(await user.read(file)).toBe(text)
      terminal.type(yes)
      await terminal.until("config.toml has been changed.")
      expect(await terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
      expect(await user.read(file)).toBe("proxy_port = 4001\n")
    }
  })

  it("keeps the draft and the file of who says no, or Ctrl-C, which ends with 130", async () => {
    const user = await makeUser(text)
    for (const [no, code] of [
      ["n\r", 2],
      [key.ctrlC, 130]
    ] as const) {
      const terminal = open(user)
      await terminal.until(question)
      terminal.type(no)
      expect(await terminal.ended()).toEqual({ code, asBefore: true, cursorShown: true })
      expect(terminal.screen().join("\n")).toContain("Next: claudex config edit")
      // an end of the question that is no answer leaves the line as well
      expect(terminal.screen()).not.toContainEqual(expect.stringMatching(/\[Y\/n\].*claudex/))
      expect(await draft(terminal)).toBe("proxy_port = far\n")
      expect(await user.read(file)).toBe(text)
    }
  })

  it("is not asked where somebody else changed the file: at another look nothing of that would be there", async () => {
    const user = await makeUser(text)
    const terminal = openTerminal(user, ["config", "edit"], {
      columns: 200,
      env: { EDITOR: "echo '# faster' >> ~/.config/claudex/config.toml; sed -i s/4000/4001/" }
    })
    expect(await terminal.ended()).toEqual({ code: 2, asBefore: true, cursorShown: true })
    expect(terminal.screen().join("\n")).toContain("was changed by somebody else meanwhile")
    expect(await draft(terminal)).toBe("proxy_port = 4001\n")
  })

  it("keeps the draft where the editor fails at the second look", async () => {
    const user = await makeUser(text)
    const once = `f() { grep -q 4000 "$1" && sed -i s/4000/far/ "$1"; }; f`
    const terminal = openTerminal(user, ["config", "edit"], { columns: 200, env: { EDITOR: once } })
    await terminal.until(question)
    terminal.type(key.enter)
    expect(await terminal.ended()).toEqual({ code: 1, asBefore: true, cursorShown: true })
    expect(await draft(terminal)).toBe("proxy_port = far\n")
    expect(await user.read(file)).toBe(text)
  })
})
