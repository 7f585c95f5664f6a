import { describe, expect, it } from "vitest"
import { makeUser } from "../support/claudex.ts"

const config = `
[model_aliases]
fast = "grok-4-fast"

[model_info."own-*"]
efforts = ["low", "high"]

[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://user:canary-a@api.x.ai/v1?api_key=canary-b&region=eu"
api_key_env = "XAI_API_KEY"
default_model = "grok-4.3"
models = { haiku = "grok-3-mini" }
[profiles.custom_headers]
X-Team = "canary-c"
[profiles.query_params]
signature = "canary-d"
[profiles.quirks]
max_stop = 2
schema_level = "base"

[[profiles]]
name = "openai"
provider_type = "OpenAIResponses"
base_url = "https://api.openai.com/v1"
api_key = "canary-e"
default_model = "gpt-5.6"

[[profiles]]
name = "relay"
provider_type = "OpenAICompatible"
base_url = "https://relay.example.com/v1"
default_model = "own-1"
dialect = "vllm"
enabled = false

[[profiles]]
name = "short"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
default_model = "fast"

[[profiles]]
name = "unknown"
provider_type = "OpenAICompatible"
base_url = "https://relay.example.com/v1"
default_model = "some-model"

[[profiles]]
name = "claude"
base_url = "https://api.anthropic.com"
default_model = "claude-sonnet-4-6"

[[profiles]]
name = "login"
base_url = "https://api.anthropic.com"
default_model = "claude-sonnet-4-6"
auth_type = "oauth"
oauth_provider = "claude"

[[profiles]]
name = "templated"
provider_type = "OpenAICompatible"
base_url = "https://\${RELAY_HOST}/v1"
default_model = "m"
`

const shown = async (line: string, env: Readonly<Record<string, string>> = {}) => {
  const user = await makeUser(config)
  const outcome = await user.run(["profile", "show", ...line.split(" ")], { env })
  expect(await user.stateFiles()).toEqual([])
  return outcome
}

/** The lines below a heading. */
const section = (text: string, heading: string): ReadonlyArray<string> => {
  const lines = text.split("\n")
  const start = lines.findIndex((line) => line.startsWith(heading)) + 1
  expect(start, heading).toBeGreaterThan(0)
  const end = lines.findIndex((line, i) => i >= start && line === "")
  return lines.slice(start, end < 0 ? undefined : end).map((line) => line.trim())
}

describe("claudex profile show", () => {
  it("tells the provider, the protocol, where requests go, the key's place and the models", async () => {
    const { code, stderr, stdout } = await shown("grok", { XAI_API_KEY: "canary-key" })
    expect([code, stderr]).toEqual([0, ""])
    expect(section(`top\n${stdout}`, "top")).toEqual([
      "profile    grok",
      "provider   xAI (xai), told by the host",
      "protocol   OpenAI Chat Completions (OpenAICompatible)",
      "endpoint   https://api.x.ai/v1/chat/completions?api_key=[masked]&region=eu&signature=[masked]",
      "key        in the environment variable XAI_API_KEY",
      "headers    X-Team, with values that are not shown",
      "models     haiku   grok-3-mini",
      "sonnet  grok-4.3",
      "opus    grok-4.3",
      "fable   grok-4.3"
    ])
    expect(stdout).toMatch(/^model {6}grok-4\.3\nwindow {5}\d+ tokens$/m)
  })

  it("tells what differs from other servers, by its origin, as it would be written in the file", async () => {
    const { stdout } = await shown("grok")
    expect(section(stdout, "Because the provider is xAI:")).toContain('session_header = "x-grok-conv-id"')
    expect(section(stdout, "Because xAI has the model grok-4.3:")).toContain('efforts = ["low", "medium", "high"]')
    expect(section(stdout, "As [profiles.quirks] says:")).toEqual(["max_stop = 2", 'schema_level = "base"'])
    expect(stdout).not.toContain("As for any other server")
    expect(stdout).not.toContain("stream_usage")
  })

  it("tells of another model, or of an alias", async () => {
    const { stdout } = await shown("grok -m fast")
    expect(stdout).toContain("model      grok-4-fast\n")
    expect(stdout).toContain("[profiles.quirks]")
    const short = (await shown("short")).stdout
    expect(short).toContain("haiku   grok-4-fast\n")
    expect(short).toContain("model      grok-4-fast\n")
    expect((await shown("-m grok-3-mini grok")).stdout).toContain('efforts = ["low", "high"]')
  })

  it("tells all there is to say with --all, and where the facts come from", async () => {
    const { stdout } = await shown("--all grok")
    expect(section(stdout, "As for any other server:")).toEqual(
      expect.arrayContaining(["stream_usage = true", "# name_pattern = /^[a-zA-Z0-9_-]{1,64}$/"])
    )
    expect(section(stdout, "Sources (§ of the wire specification):")[0]).toMatch(/^§4/)
  })

  it("knows what holds in Responses", async () => {
    const { stdout } = await shown("openai")
    expect(stdout).toContain("endpoint   https://api.openai.com/v1/responses\n")
    expect(stdout).toContain("key        in the configuration\n")
    expect(section(stdout, "Because the provider is OpenAI:")).toContain("min_tokens = 16")
  })

  it("knows a dialect that is named, a word about a model, and that a profile is disabled", async () => {
    const { code, stdout } = await shown("relay")
    expect(code).toBe(0)
    expect(stdout).toContain("profile    relay (disabled)\nprovider   vLLM (vllm), named by dialect\n")
    expect(section(stdout, "As [model_info] says:")).toEqual(['efforts = ["low", "high"]'])
  })

  it("has nothing to say about a server that nobody knows", async () => {
    const { stdout } = await shown("unknown")
    expect(stdout).toContain("provider   Any other server (generic), no known host\n")
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("Spoken to like any other server.")
  })

  it("says that nothing is translated for Anthropic, and that the demo needs no network", async () => {
    const claude = (await shown("claude")).stdout
    expect(claude).toContain("provider   Anthropic (anthropic), told by the host\n")
    expect(claude).toContain("endpoint   https://api.anthropic.com/v1/messages\n")
    expect(claude.trimEnd().split("\n").at(-1)).toBe("Nothing is translated.")
    expect((await shown("demo")).stdout).toContain("endpoint   none, answered inside claudex\n")
  })

  it("shows no secret, wherever it is written, and stays within 80 columns", async () => {
    for (const line of ["--all grok", "--all openai", "--all demo", "relay", "claude"]) {
      const { stderr, stdout } = await shown(line, { XAI_API_KEY: "canary-key" })
      expect(stdout + stderr).not.toContain("canary")
      const long = stdout.split("\n").filter((text) => text.length > 80 && !text.startsWith("endpoint"))
      expect(long).toEqual([])
    }
  })

  it("says that Claude Code's own login is none of its business", async () => {
    const { stdout } = await shown("login")
    expect(stdout).toContain("endpoint   none, Claude Code asks Anthropic by itself\n")
    expect(stdout).toContain("key        none of yours: Claude Code uses its own login\n")
  })

  it("says what is missing", async () => {
    expect((await shown("grok")).stdout).toContain("key        missing: XAI_API_KEY is not set\n")
    expect((await shown("claude")).stdout).toContain("key        missing: name its variable in api_key_env\n")
    const templated = await shown("templated")
    expect(templated.code).toBe(0)
    expect(templated.stdout).toContain("endpoint   none: base_url needs RELAY_HOST, which is not set\n")
    expect(templated.stderr).toContain("Type: export RELAY_HOST=...")
  })

  it("fails with 1 for a profile that does not exist, and suggests one", async () => {
    expect(await shown("grk")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: 'claudex: There is no profile "grk". Did you mean "grok"?\nNext: claudex profile show grok\n'
    })
  })
})
