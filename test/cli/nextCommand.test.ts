import { describe, expect, it } from "vitest"
import { withConfig } from "../../src/cli/output.ts"
import { makeUser } from "../support/claudex.ts"

const config = `default_profile = "grok"
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key_env = "XAI_API_KEY"
default_model = "grok-4"
`

describe("a command to type next", () => {
  it("names the file of --config right behind the program, as one word of a shell", () => {
    expect(withConfig("claudex run grok --resume 1", "ex.toml")).toBe("claudex --config ex.toml run grok --resume 1")
    expect(withConfig("claudex config edit", "it's $&.toml")).toBe("claudex --config 'it'\\''s $&.toml' config edit")
  })

  it("stays as it is where no file was named, or it names one, or needs none, or is another program's", () => {
    expect(withConfig("claudex profile list", undefined)).toBe("claudex profile list")
    for (const next of ["claudex run --config a.toml grok", "claudex env --help", "export A=...", "ls -l claudex "]) {
      expect(withConfig(next, "ex.toml")).toBe(next)
    }
  })

  it("is found within a sentence, where it is what to type", () => {
    for (const [said, named] of [
      ["Mend that, then: claudex doctor", "Mend that, then: claudex --config e doctor"],
      ['read it, then type "claudex config trust"', 'read it, then type "claudex --config e config trust"'],
      ["Type: claudex a, or: claudex b", "Type: claudex --config e a, or: claudex --config e b"],
      ["missing: none is there; claudex a", "missing: none is there; claudex --config e a"],
      ["Nothing: the next claudex run replaces it.", "Nothing: the next claudex run replaces it."]
    ] as const) {
      expect(withConfig(said, "e")).toBe(named)
    }
  })

  it("has it in the remedies of doctor and of profile test, in remarks, and where a key is missing", async () => {
    const user = await makeUser()
    const stored = config.replace('api_key_env = "XAI_API_KEY"', 'api_key_keyring = "nothing"')
    await user.write("work/ex.toml", stored)
    const run = (line: string) => user.run(["--config", "ex.toml", ...line.split(" ")])
    const setKey = "claudex --config ex.toml profile set-key grok"
    const tested = await run("profile test grok")
    expect(tested.stdout).toContain(`Remedy: ${setKey}\n`)
    expect(JSON.parse((await run("profile test grok --json")).stdout).tests[0].remedy).toBe(setKey)
    const looked = JSON.parse((await run("doctor --json")).stdout)
    const remedies = looked.checks.flatMap(({ profile, remedy }: { profile?: string; remedy?: string }) =>
      profile === "grok" ? [remedy] : []
    )
    expect(remedies).toEqual([setKey, "Mend that, then: claudex --config ex.toml doctor"])
    expect((await run("profile show grok")).stdout).toContain(`; ${setKey}\n`)
    expect((await run("env grok --shell")).stderr).toContain(`Type: ${setKey}\n`)
    // no Claude Code is there, which no file is about
    expect((await run("doctor")).stdout).toContain("Remedy: npm install -g")
  })

  it("has the file of the command that failed, wherever --config stood in it, and of one that cannot be read", async () => {
    const user = await makeUser()
    await user.write("work/my ex.toml", config)
    for (const [line, next] of [
      ["--config|my ex.toml|profile|remove|grok", "profile remove grok --force"],
      ["profile|remove|grok|--config=my ex.toml", "profile remove grok --force"],
      ["profile|lst|--config|my ex.toml", "profile list"],
      ["config|set|proxy_port|--config|my ex.toml", "config set proxy_port VALUE"]
    ] as const) {
      const { code, stderr } = await user.run(line.split("|"))
      expect(code).not.toBe(0)
      expect(stderr).toContain(`\nNext: claudex --config 'my ex.toml' ${next}\n`)
    }
  })

  it("has it after a success too", async () => {
    const user = await makeUser()
    await user.write("work/ex.toml", config)
    const { stdout } = await user.run(["--config", "ex.toml", "profile", "edit", "grok", "--model", "grok-5"])
    expect(stdout).toMatch(/\nNext: claudex --config ex\.toml profile test grok\n$/)
    await user.write("work/none.toml", "")
    const listed = await user.run(["--config", "none.toml", "profile", "list"])
    expect(listed.stdout).toMatch(/ Next: claudex --config none\.toml profile add\n$/)
  })
})
