import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { ProfileView } from "../../src/cli/profileView.ts"
import { makeUser, type Outcome, type User } from "../support/claudex.ts"
import { key, openTerminal } from "../support/terminal.ts"

const config = `
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://user:canary-a@api.x.ai/v1?api_key=canary-b&region=eu"
api_key_env = "XAI_API_KEY"
default_model = "grok-4.3"
models = { haiku = "grok-3-mini" }
[profiles.custom_headers]
X-Team = "canary-c"
[profiles.extra_env]
OTHER = "canary-d"

[[profiles]]
name = "inline"
base_url = "https://api.anthropic.com"
api_key = "canary-e"
default_model = "claude-sonnet-4-6"

[[profiles]]
name = "missing"
provider_type = "OpenAICompatible"
base_url = "https://relay.example/v1"
api_key_env = "NOT_THERE"
default_model = "m"
`

const env = { XAI_API_KEY: "canary-key" }

const viewIn = ({ stdout }: Outcome): ProfileView => Schema.decodeUnknownSync(Schema.parseJson(ProfileView))(stdout)

describe("claudex profile show --json", () => {
  it("is one document with everything that the text tells, and no secret", async () => {
    const user = await makeUser(config)
    const outcome = await user.run(["profile", "show", "grok", "--json"], { env })
    expect([outcome.code, outcome.stderr]).toEqual([0, ""])
    expect(outcome.stdout).not.toContain("canary")
    expect(viewIn(outcome)).toMatchObject({
      name: "grok",
      enabled: true,
      provider: { kind: "xai", told_by: "host" },
      provider_type: "OpenAICompatible",
      endpoint: "https://api.x.ai/v1/chat/completions?api_key=[masked]&region=eu",
      key: { state: "present", place: "in the environment variable XAI_API_KEY" },
      models: { haiku: "grok-3-mini", sonnet: "grok-4.3", opus: "grok-4.3", fable: "grok-4.3" },
      model: { name: "grok-4.3" },
      settings: {
        name: "grok",
        api_key_env: "XAI_API_KEY",
        custom_headers: { "X-Team": "[masked]" },
        extra_env: { OTHER: "[masked]" }
      },
      origin: { layer: "global", line: 3 }
    })
  })

  it("has null where nothing is known, nothing is translated, or requests go nowhere", async () => {
    const user = await makeUser(config)
    const of = (name: string) => user.run(["profile", "show", name, "--json"])
    const [demo, inline, missing] = await Promise.all([of("demo"), of("inline"), of("missing")])
    expect(viewIn(demo)).toMatchObject({ endpoint: null, key: { state: "none" }, origin: { layer: "builtin" } })
    expect(viewIn(inline)).toMatchObject({ quirks: null, key: { state: "present" }, settings: { api_key: "[masked]" } })
    expect(viewIn(missing)).toMatchObject({
      key: { state: "missing", place: "missing: NOT_THERE is not set" },
      model: { name: "m", context_window: null, price: null }
    })
    expect(inline.stdout).not.toContain("canary")
  })

  it("tells of the model that is asked about", async () => {
    const user = await makeUser(config)
    const outcome = await user.run(["profile", "show", "grok", "--json", "-m", "grok-3-mini"])
    expect(viewIn(outcome).model.name).toBe("grok-3-mini")
  })

  it("names the profile that may be meant, and prints nothing, where there is none of that name", async () => {
    const user = await makeUser(config)
    const { code, stderr, stdout } = await user.run(["profile", "show", "grk", "--json"])
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toContain("claudex profile show grok")
  })
})

describe("claudex profile show, of a profile whose variables are not set", () => {
  const refers = `
[[profiles]]
name = "far"
provider_type = "OpenAICompatible"
base_url = "https://\${FAR_HOST}/v1"
default_model = "\${FAR_MODEL}"
api_key = "\${FAR_KEY}"
custom_headers = { X-Team = "canary \${FAR_TEAM}", X-Set = "\${FAR_SET}" }
models = { haiku = "small" }
`
  const remarks = [
    ["custom_headers.X-Team", "FAR_TEAM"],
    ["base_url", "FAR_HOST"],
    ["default_model", "FAR_MODEL"]
  ].map(
    ([name, variable]) =>
      `claudex: Profile "far" takes its ${name} from the environment variable ${variable}, which is not set. Type: export ${variable}=...\n`
  )

  it("shows all the rest, and names each of them", async () => {
    const user = await makeUser(refers)
    const { code, stderr, stdout } = await user.run(["profile", "show", "far"], { env: { FAR_SET: "canary" } })
    expect([code, stderr]).toEqual([0, remarks.join("")])
    expect(stdout).toContain("\nendpoint   none: base_url needs FAR_HOST, which is not set\n")
    expect(stdout).toContain("\nkey        missing: FAR_KEY is not set\n")
    expect(stdout).toContain("\nmodels     haiku   small\n           sonnet  ${FAR_MODEL}\n")
    expect(stdout).not.toContain("canary")
  })

  it("has them in the document, with null for the address", async () => {
    const user = await makeUser(refers)
    const outcome = await user.run(["profile", "show", "far", "--json"], { env: { FAR_SET: "s", FAR_TEAM: "t" } })
    expect([outcome.code, outcome.stderr]).toEqual([0, remarks.slice(1).join("")])
    expect(viewIn(outcome)).toMatchObject({
      endpoint: null,
      models: { haiku: "small", opus: "${FAR_MODEL}" },
      missing_variables: [
        { key: "base_url", variable: "FAR_HOST" },
        { key: "default_model", variable: "FAR_MODEL" }
      ]
    })
    const set = { FAR_HOST: "far.example", FAR_MODEL: "m", FAR_SET: "s", FAR_TEAM: "t" }
    const all = viewIn(await user.run(["profile", "show", "far", "--json"], { env: set }))
    expect(all).toMatchObject({ endpoint: "https://far.example/v1/chat/completions", missing_variables: [] })
  })
})

describe("claudex profile show --reveal", () => {
  it("is refused where there is no terminal, with the command that shows the rest", async () => {
    const user = await makeUser(config)
    for (const more of [[], ["--json"]]) {
      const { code, stderr, stdout } = await user.run(["profile", "show", "grok", "--reveal", ...more], { env })
      expect([code, stdout]).toEqual([2, ""])
      expect(stderr).toContain("only on a terminal")
      expect(stderr).toContain("Next: claudex profile show grok\n")
      expect(stderr).not.toContain("canary")
    }
  })

  const question = 'Show the secrets of the profile "grok" in clear, on this screen? [y/N]'
  const open = async (user: User, ...more: ReadonlyArray<string>) => {
    const terminal = openTerminal(user, ["profile", "show", "grok", "--reveal", ...more], {
      columns: 120,
      rows: 150,
      env
    })
    await terminal.until(question)
    expect(terminal.screen().join("\n")).not.toContain("canary")
    return terminal
  }

  it("shows the key, the headers and the address in clear to somebody who says yes", async () => {
    const terminal = await open(await makeUser(config))
    terminal.type("y\r")
    await terminal.until("in clear   canary-key")
    expect(await terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
    const screen = terminal.screen().join("\n")
    for (const secret of ["api_key=canary-b", "X-Team: canary-c"]) expect(screen).toContain(secret)
  })

  it("has the secrets in the document too, for who says yes", async () => {
    const terminal = await open(await makeUser(config), "--json")
    terminal.type("yes\r")
    await terminal.until('"value": "canary-key"')
    expect(await terminal.ended()).toMatchObject({ code: 0 })
    const screen = terminal.screen().join("\n")
    for (const secret of ["canary-a", "canary-b", "canary-c", "canary-d"]) expect(screen).toContain(secret)
  })

  it("masks them for who says no, or just presses Enter", async () => {
    const user = await makeUser(config)
    for (const no of ["n\r", key.enter]) {
      const terminal = await open(user)
      terminal.type(no)
      await terminal.until("with values that are not shown")
      expect(await terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
      expect(terminal.screen().join("\n")).not.toContain("canary")
    }
  })

  it("ends at Ctrl-C with 130, and shows nothing", async () => {
    const user = await makeUser(config)
    for (const more of [[], ["--json"]]) {
      const terminal = await open(user, ...more)
      terminal.type(key.ctrlC)
      expect(await terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
      expect(terminal.screen().join("\n").trimEnd()).toBe(question)
    }
  })
})
