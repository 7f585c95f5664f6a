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

  it("has the file of the command that failed, wherever --config stood in it, and of one that cannot be read", async () => {
    const user = await makeUser()
    await user.write("work/my ex.toml", config)
    for (const [line, next] of [
      ["--config|my ex.toml|profile|remove|grok", "profile remove grok --force"],
      ["profile|remove|grok|--config=my ex.toml", "profile remove grok --force"],
      ["profile|lst|--config|my ex.toml", "profile list"],
      ["config|set|proxy_port|--config|my ex.toml", "config set proxy_port <value>"]
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
