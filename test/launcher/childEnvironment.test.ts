import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc, Redacted, Schema } from "effect"
import { Profile } from "../../src/domain/Profile.ts"
import { applyChanges, type Change, childEnvironment, type LaunchFacts } from "../../src/launcher/childEnvironment.ts"
import { runs } from "../support/runs.ts"
import { holds } from "../support/holds.ts"

const profileOf = (fields: Partial<typeof Profile.Encoded>): Profile =>
  Schema.decodeSync(Profile)({
    name: "grok",
    provider_type: "OpenAICompatible",
    base_url: "https://api.x.ai/v1",
    default_model: "grok-4",
    ...fields
  })

const factsOf = (fields: Partial<LaunchFacts>): LaunchFacts => ({
  profile: profileOf({}),
  model: undefined,
  aliases: {},
  gateway: { url: "http://127.0.0.1:13456", token: Redacted.make("token-of-the-install") },
  inherited: {},
  workspace: "/home/ann/my project",
  configFile: undefined,
  contextWindow: undefined,
  interactive: true,
  direct: false,
  ...fields
})

const started = (fields: Partial<LaunchFacts>) => {
  const facts = factsOf(fields)
  return applyChanges(facts.inherited, childEnvironment(facts))
}

const claudeLogin = profileOf({ name: "max", auth_type: "oauth", oauth_provider: "claude", default_model: "opus" })

describe("the environment of Claude Code", () => {
  it("leads it to the profile on the gateway, with models for every tier", () => {
    expect(started({ contextWindow: 256_000 })).toEqual({
      ANTHROPIC_BASE_URL: "http://127.0.0.1:13456/proxy/grok",
      ANTHROPIC_AUTH_TOKEN: "token-of-the-install",
      ANTHROPIC_CUSTOM_HEADERS: "x-claudex-workspace: %2Fhome%2Fann%2Fmy%20project",
      ANTHROPIC_MODEL: "grok-4",
      ANTHROPIC_DEFAULT_MODEL: "grok-4",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "grok-4",
      ANTHROPIC_DEFAULT_HAIKU_MODEL_NAME: "grok-4 (grok)",
      ANTHROPIC_DEFAULT_SONNET_MODEL: "grok-4",
      ANTHROPIC_DEFAULT_SONNET_MODEL_NAME: "grok-4 (grok)",
      ANTHROPIC_DEFAULT_OPUS_MODEL: "grok-4",
      ANTHROPIC_DEFAULT_OPUS_MODEL_NAME: "grok-4 (grok)",
      ANTHROPIC_DEFAULT_FABLE_MODEL: "grok-4",
      ANTHROPIC_DEFAULT_FABLE_MODEL_NAME: "grok-4 (grok)",
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: "256000",
      CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
      ENABLE_TOOL_SEARCH: "true",
      CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: "1"
    })
  })

  it("leaves the tiers of Anthropic's own API to the client's names, save those the profile has a model for", () => {
    const profile = profileOf({
      name: "direct",
      provider_type: "DirectAnthropic",
      base_url: "https://api.anthropic.com",
      default_model: "claude-opus-4-1",
      models: { haiku: "claude-haiku-4-5" }
    })
    const tiers = (child: Readonly<Record<string, string>>) =>
      Object.keys(child).filter((name) => /^ANTHROPIC_DEFAULT_\w+_MODEL/.test(name))
    const own = ["ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL_NAME"]
    expect(tiers(started({ profile }))).toEqual(own)
    expect(started({ profile })).toMatchObject({
      ANTHROPIC_MODEL: "claude-opus-4-1",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-haiku-4-5"
    })
    // an enclosing session's tiers name another provider's models
    const inherited = started({})
    expect(tiers(started({ profile, inherited })).sort()).toEqual(own)
    const chosen = { ANTHROPIC_DEFAULT_SONNET_MODEL: "claude-sonnet-4-5" }
    expect(started({ profile, inherited: chosen })).toMatchObject(chosen)
  })

  it("says with every request under which name the session's variables were lent", () => {
    const gateway = { url: "http://127.0.0.1:13456", token: Redacted.make("t"), lent: "name-of-the-variables" }
    const workspace = "x-claudex-workspace: %2Fhome%2Fann%2Fmy%20project"
    const inherited = { ANTHROPIC_CUSTOM_HEADERS: "x-team: blue\nx-claudex-environment: that-of-an-enclosing-session" }
    expect(started({ gateway, inherited })["ANTHROPIC_CUSTOM_HEADERS"]?.split("\n")).toEqual([
      "x-team: blue",
      workspace,
      "x-claudex-environment: name-of-the-variables"
    ])
  })

  it("takes the model of -m as the main one, and leaves the tiers to the profile", () => {
    const child = started({
      profile: profileOf({ models: { haiku: "small", opus: "grok-4-heavy" } }),
      model: "fast",
      aliases: { fast: "grok-4-fast", small: "grok-3-mini" }
    })
    expect(child["ANTHROPIC_MODEL"]).toBe("grok-4-fast")
    expect(child["ANTHROPIC_DEFAULT_HAIKU_MODEL"]).toBe("grok-3-mini")
    expect(child["ANTHROPIC_DEFAULT_HAIKU_MODEL_NAME"]).toBe("grok-3-mini (grok)")
    expect(child["ANTHROPIC_DEFAULT_SONNET_MODEL"]).toBe("grok-4")
    expect(child["ANTHROPIC_DEFAULT_OPUS_MODEL"]).toBe("grok-4-heavy")
  })

  it("does not take the names that every object has for aliases", () => {
    expect(started({ model: "constructor" })["ANTHROPIC_MODEL"]).toBe("constructor")
  })

  it("encodes a profile name that would break the URL", () => {
    const child = started({ profile: profileOf({ name: "my grok/4?#" }) })
    expect(child["ANTHROPIC_BASE_URL"]).toBe("http://127.0.0.1:13456/proxy/my%20grok%2F4%3F%23")
  })

  it("removes what would lead elsewhere, and keeps everything else", () => {
    const child = started({
      inherited: {
        PATH: "/usr/bin",
        ANTHROPIC_API_KEY: "sk-ant-1",
        ANTHROPIC_BASE_URL: "https://elsewhere.example",
        ANTHROPIC_AUTH_TOKEN: "other",
        ANTHROPIC_MODEL: "claude-x",
        ANTHROPIC_SMALL_FAST_MODEL: "claude-y",
        ANTHROPIC_DEFAULT_MODEL: "claude-z",
        ANTHROPIC_DEFAULT_OPUS_MODEL_DESCRIPTION: "the best",
        ANTHROPIC_UNIX_SOCKET: "/tmp/x",
        CLAUDE_CODE_OAUTH_TOKEN: "oauth",
        CLAUDE_CODE_USE_BEDROCK: "1",
        CLAUDE_CODE_USE_VERTEX: "1",
        CLAUDE_CODE_USE_FOUNDRY: "1",
        CLAUDE_CODE_SUBAGENT_MODEL: "haiku",
        ANTHROPIC_BETAS: "x"
      }
    })
    const removed = [
      "ANTHROPIC_API_KEY",
      "ANTHROPIC_SMALL_FAST_MODEL",
      "ANTHROPIC_DEFAULT_OPUS_MODEL_DESCRIPTION",
      "ANTHROPIC_UNIX_SOCKET",
      "CLAUDE_CODE_OAUTH_TOKEN",
      "CLAUDE_CODE_USE_BEDROCK",
      "CLAUDE_CODE_USE_VERTEX",
      "CLAUDE_CODE_USE_FOUNDRY"
    ]
    for (const name of removed) expect(child).not.toHaveProperty(name)
    expect(child).toMatchObject({
      PATH: "/usr/bin",
      ANTHROPIC_BASE_URL: "http://127.0.0.1:13456/proxy/grok",
      ANTHROPIC_AUTH_TOKEN: "token-of-the-install",
      ANTHROPIC_MODEL: "grok-4",
      ANTHROPIC_DEFAULT_MODEL: "grok-4",
      CLAUDE_CODE_SUBAGENT_MODEL: "haiku",
      ANTHROPIC_BETAS: "x"
    })
  })

  it("keeps the user's own headers, one per line, and replaces those of an enclosing session", () => {
    const child = started({
      configFile: "/etc/claudex.toml",
      inherited: {
        ANTHROPIC_CUSTOM_HEADERS: "X-Team: a, b\r\nX-Claudex-Workspace: %2Fold\nx-claudex-config: %2Fold\nx-b: c"
      }
    })
    expect(child["ANTHROPIC_CUSTOM_HEADERS"]?.split("\n")).toEqual([
      "X-Team: a, b",
      "x-b: c",
      "x-claudex-workspace: %2Fhome%2Fann%2Fmy%20project",
      "x-claudex-config: %2Fetc%2Fclaudex.toml"
    ])
  })

  it("turns tool search on where Anthropic's API or the gateway understands it, and not where requests are handed on", () => {
    const passed = (base_url: string) => profileOf({ provider_type: "DirectAnthropic", base_url })
    const local = passed("http://127.0.0.1:11434")
    expect(started({ profile: passed("https://api.anthropic.com") })).toHaveProperty("ENABLE_TOOL_SEARCH", "true")
    expect(started({ profile: local })).not.toHaveProperty("ENABLE_TOOL_SEARCH")
    const inherited = { ENABLE_TOOL_SEARCH: "true" }
    expect(started({ profile: local, inherited })).toMatchObject(inherited)
    const nested = { ...inherited, ANTHROPIC_CUSTOM_HEADERS: "x-claudex-workspace: %2Fold" }
    expect(started({ profile: local, inherited: nested })).not.toHaveProperty("ENABLE_TOOL_SEARCH")
  })

  it("never hands the profile's headers for the provider to Claude Code", () => {
    const child = started({ profile: profileOf({ custom_headers: { "x-secret": "canary" } }) })
    expect(JSON.stringify(child)).not.toContain("canary")
  })

  it("lists the gateway's models only where there is a menu for them", () => {
    expect(started({ interactive: false })).not.toHaveProperty("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY")
  })

  it("leaves the choice of tool search and of the model list to a user who made it", () => {
    const inherited = { ENABLE_TOOL_SEARCH: "false", CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: "0" }
    expect(started({ inherited })).toMatchObject(inherited)
  })

  it("says nothing about a context window that nobody knows", () => {
    expect(started({})).not.toHaveProperty("CLAUDE_CODE_MAX_CONTEXT_TOKENS")
  })

  it("takes over the user's word about the context window, and not that of an enclosing session", () => {
    const inherited = { CLAUDE_CODE_MAX_CONTEXT_TOKENS: "256000" }
    expect(started({ inherited })).toMatchObject(inherited)
    const nested = { ...inherited, ANTHROPIC_CUSTOM_HEADERS: "x-claudex-workspace: %2Fold" }
    expect(started({ inherited: nested })).not.toHaveProperty("CLAUDE_CODE_MAX_CONTEXT_TOKENS")
    expect(started({ inherited: nested, contextWindow: 1000 })).toMatchObject({
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: "1000"
    })
  })

  it("lets extra_env of the profile have the last word", () => {
    const child = started({ profile: profileOf({ extra_env: { ENABLE_TOOL_SEARCH: "false", FOO: "bar" } }) })
    expect(child).toMatchObject({ ENABLE_TOOL_SEARCH: "false", FOO: "bar" })
  })

  it("sets neither address nor token when no model will be asked", () => {
    const child = started({ gateway: undefined, inherited: { HTTP_PROXY: "http://proxy:3128" } })
    for (const name of ["ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "NO_PROXY"]) {
      expect(child).not.toHaveProperty(name)
    }
  })

  const proxies: ReadonlyArray<readonly [string, Record<string, string>, Record<string, string | undefined>]> = [
    ["sets NO_PROXY where only a proxy was set", { HTTPS_PROXY: "http://p" }, { NO_PROXY: "127.0.0.1" }],
    [
      "adds to the list there is",
      { http_proxy: "http://p", NO_PROXY: "a.example, b.example" },
      { NO_PROXY: "a.example,b.example,127.0.0.1", no_proxy: undefined }
    ],
    [
      "adds to both spellings, because programs differ in which they read",
      { ALL_PROXY: "http://p", NO_PROXY: "a", no_proxy: "b" },
      { NO_PROXY: "a,127.0.0.1", no_proxy: "b,127.0.0.1" }
    ],
    [
      "copies the lower-case list for programs that read the other",
      { HTTP_PROXY: "http://p", no_proxy: "b" },
      { NO_PROXY: "b,127.0.0.1", no_proxy: "b,127.0.0.1" }
    ],
    ["leaves a list that holds it alone", { HTTP_PROXY: "p", NO_PROXY: "x,127.0.0.1" }, { NO_PROXY: "x,127.0.0.1" }],
    ["leaves a list that excludes everything alone", { HTTP_PROXY: "p", NO_PROXY: "*" }, { NO_PROXY: "*" }],
    ["touches nothing where no proxy is set", { NO_PROXY: "a" }, { NO_PROXY: "a" }]
  ]
  for (const [title, inherited, expected] of proxies) {
    it(`keeps the user's HTTP proxy away from the gateway: ${title}`, () => {
      const child = started({ inherited })
      for (const [name, value] of Object.entries(expected)) expect(child[name]).toBe(value)
    })
  }

  it("names an IPv6 gateway in NO_PROXY without brackets", () => {
    const gateway = { url: "http://[::1]:9000", token: Redacted.make("t") }
    expect(started({ gateway, inherited: { HTTP_PROXY: "p" } })["NO_PROXY"]).toBe("::1")
  })
})

describe("the environment of Claude Code with its own login", () => {
  it("sets no address, token or model, and removes only what would replace the login", () => {
    expect(
      started({
        profile: claudeLogin,
        inherited: {
          PATH: "/bin",
          ANTHROPIC_API_KEY: "sk",
          ANTHROPIC_AUTH_TOKEN: "t",
          CLAUDE_CODE_USE_BEDROCK: "1",
          CLAUDE_CODE_OAUTH_TOKEN: "its own",
          ANTHROPIC_BASE_URL: "https://company.example",
          ANTHROPIC_CUSTOM_HEADERS: "x-team: a"
        }
      })
    ).toEqual({
      PATH: "/bin",
      CLAUDE_CODE_OAUTH_TOKEN: "its own",
      ANTHROPIC_BASE_URL: "https://company.example",
      ANTHROPIC_CUSTOM_HEADERS: "x-team: a"
    })
  })

  it("passes on a model that was asked for, and tiers that the profile sets", () => {
    const profile = profileOf({
      name: "max",
      auth_type: "oauth",
      oauth_provider: "claude",
      models: { haiku: "claude-haiku-4-5" },
      extra_env: { FOO: "bar" }
    })
    expect(started({ profile, model: "o", aliases: { o: "claude-opus-4-6" } })).toEqual({
      ANTHROPIC_MODEL: "claude-opus-4-6",
      ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-haiku-4-5",
      FOO: "bar"
    })
  })

  it("is not led to the profile of a session around it", () => {
    const outer = started({ inherited: { PATH: "/bin", ANTHROPIC_CUSTOM_HEADERS: "x-team: a" }, contextWindow: 1000 })
    expect(started({ profile: claudeLogin, inherited: outer })).toEqual({
      PATH: "/bin",
      ANTHROPIC_CUSTOM_HEADERS: "x-team: a"
    })
  })
})

describe("every change of the environment", () => {
  const variables = fc.dictionary(
    fc.constantFrom(
      "PATH",
      "HTTP_PROXY",
      "NO_PROXY",
      "ANTHROPIC_API_KEY",
      "ANTHROPIC_CUSTOM_HEADERS",
      "FOO",
      "__proto__"
    ),
    fc.string()
  )
  const secret = "canary-of-the-token"

  it("has a reason, and shows no secret when it is printed", async () => {
    await holds(
      fc.property(variables, fc.boolean(), (inherited, interactive) => {
        const changes = childEnvironment(
          factsOf({
            inherited: { ...inherited, ANTHROPIC_CUSTOM_HEADERS: `x-key: ${secret}` },
            interactive,
            gateway: { url: "http://127.0.0.1:1", token: Redacted.make(secret) },
            profile: profileOf({ extra_env: { KEY: secret } })
          })
        )
        for (const { reason } of changes) expect(reason.length).toBeGreaterThan(0)
        expect(JSON.stringify(changes)).not.toContain(secret)
      }),
      { numRuns: runs }
    )
  })

  it("applied twice gives what it gives applied once", async () => {
    await holds(
      fc.property(variables, (inherited) => {
        const once = started({ inherited })
        expect(started({ inherited: once })).toEqual(once)
      }),
      { numRuns: runs }
    )
  })

  it("touches no variable that it does not name", async () => {
    await holds(
      fc.property(variables, (inherited) => {
        const changes: ReadonlyArray<Change> = childEnvironment(factsOf({ inherited }))
        const named = new Set(changes.map(({ name }) => name))
        const child = applyChanges(inherited, changes)
        const others = (all: object) => Object.entries(all).filter(([name]) => !named.has(name))
        expect(others(child)).toEqual(others(inherited))
      }),
      { numRuns: runs }
    )
  })
})
