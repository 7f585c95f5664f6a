import { Arbitrary, FastCheck as fc, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { displayWidth } from "../../src/cli/displayWidth.ts"
import { ProfileList, profileList } from "../../src/cli/profileList.ts"
import { makeUser, type Outcome } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const config = `
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://user:canary-a@api.x.ai/v1?api_key=canary-b"
api_key_env = "XAI_API_KEY"
default_model = "grok-4"
[profiles.custom_headers]
X-Team = "canary-c"

[[profiles]]
name = "写作"
provider_type = "OpenAIResponses"
base_url = "https://api.openai.com/v1"
api_key = "canary-e"
default_model = "gpt-5.6"

[[profiles]]
name = "login"
base_url = "https://api.anthropic.com"
default_model = "claude-sonnet-4-6"
auth_type = "oauth"
oauth_provider = "claude"

[[profiles]]
name = "chatgpt"
provider_type = "OpenAIResponses"
base_url = "https://chatgpt.com/backend-api/codex"
default_model = "gpt-5.6"
auth_type = "oauth"
oauth_provider = "chatgpt"

[[profiles]]
name = "relay"
provider_type = "OpenAICompatible"
base_url = "https://\${RELAY_HOST}:8443/v1"
default_model = "\${RELAY_MODEL}"
enabled = false
`

const project = `
[[profiles]]
name = "relay"
priority = 7

[[profiles]]
name = "here"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:11434/v1"
default_model = "qwen3-coder:30b-a3b-q4_K_M-with-a-name-that-does-not-end-so-soon"
`

const env = { XAI_API_KEY: "canary-key" }

const found = ({ stdout }: Outcome): ProfileList => Schema.decodeUnknownSync(Schema.parseJson(ProfileList))(stdout)

describe("claudex profile list", () => {
  it("shows every profile in a line, aligned also below wide letters, and the files they are from", async () => {
    const user = await makeUser(config)
    await user.write("work/claudex.toml", project)
    const { code, stderr, stdout } = await user.run(["profile", "list"], { env })
    expect([code, stderr]).toEqual([0, ""])
    const lines = stdout.split("\n")
    // a program may read them: no cell is cut
    expect(lines.slice(0, 8).map((line) => line.split(/ {2,}/))).toEqual([
      ["profile", "type", "model", "host", "state", "key", "from"],
      ["demo", "Chat", "demo", "-", "enabled", "none", "builtin"],
      ["grok", "Chat", "grok-4", "api.x.ai", "enabled", "present", "global"],
      ["写作", "Responses", "gpt-5.6", "api.openai.com", "enabled", "present", "global"],
      ["login", "Anthropic", "claude-sonnet-4-6", "api.anthropic.com", "enabled", "login", "global"],
      ["chatgpt", "Responses", "gpt-5.6", "chatgpt.com", "enabled", "missing", "global"],
      ["relay", "Chat", "${RELAY_MODEL}", "-", "disabled", "none", "project"],
      [
        "here",
        "Chat",
        "qwen3-coder:30b-a3b-q4_K_M-with-a-name-that-does-not-end-so-soon",
        "127.0.0.1:11434",
        "enabled",
        "none",
        "project"
      ]
    ])
    expect(new Set(lines.slice(0, 8).map((line) => displayWidth(line.slice(0, line.lastIndexOf("  "))))).size).toBe(1)
    expect(lines.slice(8)).toEqual([
      "",
      "global   ~/.config/claudex/config.toml",
      `project  ${user.work}/claudex.toml`,
      ""
    ])
    expect(await user.stateFiles()).toEqual([])
  })

  it("tells programs the same, with file and line", async () => {
    const user = await makeUser(config)
    await user.write("work/claudex.toml", project)
    const outcome = await user.run(["profile", "list", "--json"], { env: { RELAY_HOST: "relay.example" } })
    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    const { profiles } = found(outcome)
    expect(profiles.map(({ enabled, host, key, name }) => [name, host, enabled, key])).toEqual([
      ["demo", null, true, "none"],
      ["grok", "api.x.ai", true, "missing"],
      ["写作", "api.openai.com", true, "present"],
      ["login", "api.anthropic.com", true, "login"],
      ["chatgpt", "chatgpt.com", true, "missing"],
      ["relay", "relay.example:8443", false, "none"],
      ["here", "127.0.0.1:11434", true, "none"]
    ])
    expect(profiles[0]?.origin).toEqual({ layer: "builtin" })
    expect(profiles[1]?.origin).toEqual({
      layer: "global",
      file: `${user.home}/.config/claudex/config.toml`,
      line: 3
    })
    expect(profiles[5]).toMatchObject({
      default_model: "${RELAY_MODEL}",
      origin: { layer: "project", file: `${user.work}/claudex.toml`, line: 2 }
    })
    expect(outcome.stdout).toBe(`${JSON.stringify({ profiles }, null, 2)}\n`)
  })

  it("knows no host while its variable is not set", async () => {
    const user = await makeUser(config)
    expect(found(await user.run(["profile", "list", "--json"])).profiles.at(-1)).toMatchObject({ host: null })
  })

  it("shows no secret, wherever it is written", async () => {
    const user = await makeUser(config)
    for (const more of [[], ["--json"]]) {
      const { stderr, stdout } = await user.run(["profile", "list", ...more], { env })
      expect(stdout + stderr).not.toContain("canary")
    }
  })

  it("says where to write one's own when there are none", async () => {
    const user = await makeUser()
    const { code, stdout } = await user.run(["profile", "list"])
    expect(code).toBe(0)
    expect(stdout.trimEnd().split("\n").at(-1)).toContain("Next: claudex profile add")
  })

  it("ends with 2 and all faults when the configuration is not usable", async () => {
    const user = await makeUser("proxy_prot = 1")
    const { code, stderr, stdout } = await user.run(["profile", "list", "--json"])
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toContain("proxy_prot")
  })

  it("stays within 80 columns, whatever the profiles are called", () =>
    holds(
      fc.property(Arbitrary.make(ProfileList), (list) => {
        expect(Math.max(...profileList(list, "/home/you").map(displayWidth))).toBeLessThanOrEqual(80)
      }),
      { numRuns: runs }
    ))
})
