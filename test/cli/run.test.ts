import { describe, expect, it } from "vitest"
import { eventually, makeUser } from "../support/claudex.ts"

/** A `claude` that writes down how it was started. */
const recorder = `
const fs = require("node:fs")
fs.writeFileSync(process.env.HOME + "/seen.json", JSON.stringify({
  args: process.argv.slice(2), env: process.env, cwd: process.cwd()
}))
`

const started = async (config = "") => {
  const user = await makeUser(config)
  await user.claude(recorder)
  const seen = async () => JSON.parse(await user.read("home/seen.json"))
  return { ...user, seen }
}

const grok = (more = "", top = "") => `
${top}
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
default_model = "grok-4"
${more}
`

describe("claudex run", () => {
  it("ends with the exit code of Claude Code", async () => {
    const user = await makeUser()
    await user.claude("#!/bin/sh\nexit 42\n")
    expect((await user.run(["run", "demo", "-p", "hi"])).code).toBe(42)
    expect((await user.run(["run", "demo", "--version"])).code).toBe(42)
  })

  it("ends with 128+n when a signal ended Claude Code", async () => {
    const user = await makeUser()
    await user.claude("#!/bin/sh\nkill -TERM $$\n")
    expect(await user.run(["run", "demo", "--version"])).toMatchObject({ code: 143, signal: null })
    await user.claude("#!/bin/sh\nkill -KILL $$\n")
    expect(await user.run(["run", "demo", "--version"])).toMatchObject({ code: 137, signal: null })
  })

  for (const [signal, code] of [
    ["SIGTERM", 43],
    ["SIGHUP", 44]
  ] as const) {
    it(`hands ${signal} on to Claude Code and waits for what it makes of it`, async () => {
      const user = await makeUser()
      await user.claude(`
        process.on("SIGTERM", () => process.exit(43)).on("SIGHUP", () => process.exit(44))
        setInterval(() => {}, 1000)
        console.log("ready")
      `)
      const session = user.start(["run", "demo", "--version"])
      await new Promise((done) => session.child.stdout?.once("data", done))
      session.child.kill(signal)
      expect((await session.ended).code).toBe(code)
    })
  }

  it("leaves Ctrl-C to Claude Code", async () => {
    const user = await makeUser()
    await user.claude(`
      let count = 0
      process.on("SIGINT", () => { count += 1; console.log("interrupted " + count); if (count === 2) process.exit(42) })
      setInterval(() => {}, 1000)
      console.log("ready")
    `)
    const session = user.start(["run", "demo", "--version"], { group: true })
    const said = () => new Promise<string>((done) => session.child.stdout?.once("data", (text) => done(String(text))))
    expect(await said()).toContain("ready")
    process.kill(-session.pid, "SIGINT")
    expect(await said()).toContain("interrupted 1")
    process.kill(-session.pid, "SIGINT")
    expect(await session.ended).toMatchObject({ code: 42, signal: null })
  })

  it("gives Claude Code its own standard streams, process group and session", async () => {
    const user = await makeUser()
    await user.claude(`
      const { execFileSync } = require("node:child_process")
      let input = ""
      process.stdin.on("data", (piece) => (input += piece)).on("end", () => {
        const ids = (pid) => execFileSync("ps", ["-o", "pgid=,sid=", "-p", String(pid)], { encoding: "utf8" })
        console.error("to stderr")
        console.log(JSON.stringify({ input, same: ids(process.pid) === ids(process.ppid) }))
      })
    `)
    const outcome = await user.run(["run", "demo", "--version"], { input: "from the pipe\n" })
    expect(JSON.parse(outcome.stdout)).toEqual({ input: "from the pipe\n", same: true })
    expect(outcome.stderr).toBe("to stderr\n")
  })

  it("passes every argument after the profile as it is", async () => {
    const user = await started()
    const words = ["-p", "say 'hi'\n\t", "--model", "", "--config", "x", "--", "--help", "é✓"]
    expect((await user.run(["run", "demo", "-m", "other", ...words])).code).toBe(0)
    const { args, env, cwd } = await user.seen()
    expect(args).toEqual(words)
    expect(env.ANTHROPIC_MODEL).toBe("other")
    expect(cwd).toBe(user.work)
  })

  it("starts an interactive session in an asking permission mode, and says so", async () => {
    const user = await started()
    const outcome = await user.run(["run", "demo", "fix the tests"])
    expect((await user.seen()).args).toEqual(["--permission-mode", "default", "fix the tests"])
    expect(outcome.stderr).toContain("--permission-mode default")
    expect(outcome.stdout).toBe("")
  })

  it("says nothing of its own in a pipe", async () => {
    const user = await started()
    expect(await user.run(["run", "demo", "hi", "--print"])).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
  })

  it("starts no gateway for what needs none, and leaves no trace", async () => {
    const user = await started()
    for (const args of [["--help"], ["mcp", "list"]]) {
      expect((await user.run(["run", "demo", ...args])).code).toBe(0)
      expect((await user.seen()).args).toEqual(args)
    }
    expect(await user.stateFiles()).toEqual([])
  })

  it("tells Claude Code how long a prompt the model takes, as the user says before what is known", async () => {
    const user = await started(`
      [model_info."gpt-5-*"]
      context_window = 64000
      [[profiles]]
      name = "local"
      provider_type = "OpenAICompatible"
      base_url = "http://127.0.0.1:9/v1"
      default_model = "gpt-5"
    `)
    const windowFor = async (model: string) => {
      expect((await user.run(["run", "-m", model, "local", "-p", "hi"])).code).toBe(0)
      return (await user.seen()).env.CLAUDE_CODE_MAX_CONTEXT_TOKENS
    }
    expect(await windowFor("gpt-5")).toBe("272000")
    expect(await windowFor("gpt-5-mini")).toBe("64000")
    expect(await windowFor("stranger")).toBeUndefined()
  })

  it("takes an alias of the configuration for -m, wherever it stands", async () => {
    const user = await started(`
      [model_aliases]
      grok3 = "grok-3-beta"
      ${grok('api_key = "k"')}
    `)
    for (const words of [
      ["run", "-m", "grok3", "grok"],
      ["run", "grok", "-m", "grok3"],
      ["run", "grok", "--model=grok3"]
    ]) {
      expect(await user.run([...words, "-p", "hi"])).toMatchObject({ code: 0, stderr: "" })
      const { args, env } = await user.seen()
      expect(args).toEqual(["-p", "hi"])
      expect([env.ANTHROPIC_MODEL, env.ANTHROPIC_DEFAULT_MODEL]).toEqual(["grok-3-beta", "grok-3-beta"])
    }
  })

  it("tells the gateway from where the session's configuration comes, and which variables are its own", async () => {
    const user = await started()
    const file = await user.write("other/my config.toml", "")
    await user.run(["--config", "../other/my config.toml", "run", "demo", "-p", "hi"])
    const { env } = await user.seen()
    expect(env.ANTHROPIC_CUSTOM_HEADERS.split("\n")).toEqual([
      `x-claudex-workspace: ${encodeURIComponent(user.work)}`,
      `x-claudex-config: ${encodeURIComponent(file)}`,
      expect.stringMatching(/^x-claudex-environment: [0-9a-f]{32}$/)
    ])
    expect(env.ANTHROPIC_BASE_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/proxy\/demo$/)
  })

  const subscription = `
      [[profiles]]
      name = "max"
      base_url = "https://api.anthropic.com"
      default_model = "claude-opus-4-6"
      auth_type = "oauth"
      oauth_provider = "claude"
  `

  it("starts Claude Code with its own login for a Claude subscription, without gateway or token", async () => {
    const user = await started(subscription)
    const outcome = await user.run(["run", "max", "hello"])
    expect(outcome).toMatchObject({ code: 0, stderr: "claudex: profile max, Claude Code's own model\n" })
    const { args, env } = await user.seen()
    expect(args).toEqual(["hello"])
    expect(Object.keys(env).filter((name) => name.startsWith("ANTHROPIC"))).toEqual([])
    expect(await user.stateFiles()).toEqual([])
    expect(await user.run(["run", "max", "-m", "claude-haiku-4-5", "hello"])).toMatchObject({
      stderr: "claudex: profile max, model claude-haiku-4-5\n"
    })
    expect((await user.seen()).env.ANTHROPIC_MODEL).toBe("claude-haiku-4-5")
  })

  it("lets nothing stand between Claude Code's own login and Anthropic with --no-gateway", async () => {
    const user = await started(subscription)
    const env = { ANTHROPIC_BASE_URL: "http://127.0.0.1:9", ANTHROPIC_AUTH_TOKEN: "t", ANTHROPIC_UNIX_SOCKET: "/s" }
    for (const args of [
      ["run", "--no-gateway", "max", "hello"],
      ["run", "max", "--no-gateway", "hello"]
    ]) {
      expect(await user.run(args, { env })).toMatchObject({ code: 0 })
      const seen = await user.seen()
      expect(seen.args).toEqual(["hello"])
      expect(Object.keys(seen.env).filter((name) => name.startsWith("ANTHROPIC"))).toEqual([])
    }
    // whoever has an address of their own for it keeps that otherwise
    await user.run(["run", "max", "hello"], { env })
    expect((await user.seen()).env.ANTHROPIC_BASE_URL).toBe("http://127.0.0.1:9")
    expect(await user.stateFiles()).toEqual([])
  })
})

describe("claudex run, when it cannot", () => {
  it("says how to get Claude Code when it is not installed", async () => {
    const user = await makeUser()
    const outcome = await user.run(["run", "demo"])
    expect(outcome).toMatchObject({ code: 1, stdout: "" })
    expect(outcome.stderr).toContain('there is no program "claude" on PATH')
    expect(outcome.stderr).toContain("npm install -g @anthropic-ai/claude-code")
    expect(await user.stateFiles()).toEqual([])
  })

  it("says so when claude_binary is not a program", async () => {
    const user = await makeUser('claude_binary = "~/notes.txt"')
    await user.write("home/notes.txt", "hello")
    const outcome = await user.run(["run", "demo"])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('"~/notes.txt" is not an executable file')
    expect(outcome.stderr).toContain("claude_binary")
    // what another program is called is no reason to install this one
    await user.write("home/.config/claudex/config.toml", 'claude_binary = "cluade"')
    expect(await user.run(["run", "demo"])).toMatchObject({
      code: 1,
      stderr:
        'claudex: Claude Code was not found: there is no program "cluade" on PATH. Correct claude_binary in the configuration.\nNext: claudex config set claude_binary PATH\n'
    })
  })

  it("says so when the program cannot be started", async () => {
    const user = await makeUser()
    await user.claude("#!/no/such/interpreter\n")
    const outcome = await user.run(["run", "demo", "--version"])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/^claudex: "[^"]*\/claude" could not be started \(ENOENT\)\.\n$/)
  })

  it("takes the default profile where none is named, and says how to choose one where there is none", async () => {
    const user = await started(grok())
    const none = await user.run(["run"])
    expect(none).toMatchObject({ code: 2, stdout: "" })
    expect(none.stderr).toBe(
      "claudex: No profile was named, and there is no default_profile in the configuration. The profiles are: demo, grok.\nNext: claudex profile use demo\n"
    )
    expect(await user.run(["profile", "use", "demo"])).toMatchObject({ code: 0 })
    expect(await user.run(["run", "-m", "small"])).toMatchObject({ code: 0 })
    expect((await user.seen()).env.ANTHROPIC_BASE_URL).toMatch(/\/proxy\/demo$/)
  })

  for (const [profile, reason] of [
    ["demo", "answers in the provider's place"],
    ["grok", "translates for the provider, which does not speak Claude Code's protocol"],
    ["direct", "holds the provider's key, which Claude Code is not given"]
  ] as const) {
    it(`says why the profile ${profile} needs the gateway when it is to do without`, async () => {
      const direct = grok('api_key = "k"').replaceAll("grok", "direct").replace("OpenAICompatible", "DirectAnthropic")
      const user = await started(grok() + direct)
      const outcome = await user.run(["run", profile, "--no-gateway"])
      expect(outcome).toMatchObject({ code: 2, stdout: "" })
      expect(outcome.stderr).toContain(`The profile "${profile}" needs the gateway: it ${reason}. --no-gateway is for`)
      expect(outcome.stderr).toContain(`Next: claudex run ${profile}\n`)
      expect(await user.stateFiles()).toEqual([])
    })
  }

  it("suggests the profile that was probably meant", async () => {
    const user = await started(grok())
    const outcome = await user.run(["run", "grk"])
    expect(outcome).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: 'claudex: There is no profile "grk". Did you mean "grok"?\nNext: claudex run grok\n'
    })
  })

  it("says where a disabled profile can be enabled", async () => {
    const user = await started(grok("enabled = false"))
    const outcome = await user.run(["run", "grok"])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/The profile "grok" is disabled: set enabled = true in .*config\.toml:\d+\./)
    expect(outcome.stderr).toMatch(/\nNext: claudex config set profiles\.grok\.enabled true\n$/)
  })

  it("refuses a profile for Anthropic's API without a key before anything is started", async () => {
    const direct = grok().replace("OpenAICompatible", "DirectAnthropic").replace("api.x.ai", "api.anthropic.com")
    const user = await started(direct)
    const outcome = await user.run(["run", "grok"])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/Profile "grok" names no API key.* api_key_env, or set api_key/)
  })

  it("names the variable that should hold the key, before anything is started", async () => {
    const user = await started(grok('api_key_env = "XAI_API_KEY"'))
    const outcome = await user.run(["run", "grok", "-p", "hi"])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toContain("export XAI_API_KEY=")
    expect(await user.stateFiles()).toEqual([])
    expect(await user.read("home/seen.json")).toBe("")
  })

  it("reports every fault of the configuration at once, with exit code 2", async () => {
    const user = await started(grok('prioritty = 3\nenabled = "yes"'))
    const outcome = await user.run(["run", "grok"])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/config\.toml:\d+: .*prioritty/)
    expect(outcome.stderr).toMatch(/config\.toml:\d+: .*enabled/)
    expect(outcome.stderr).not.toMatch(/\n\s+at /)
  })

  it("asks for consent to what a project file decides", async () => {
    const user = await started()
    await user.write("work/claudex.toml", 'claude_binary = "./evil.sh"\n')
    await user.write("work/evil.sh", "#!/bin/sh\necho owned\n", 0o755)
    const refused = await user.run(["run", "demo", "--version"])
    expect(refused).toMatchObject({ code: 2, stdout: "" })
    expect(refused.stderr).toContain("claude_binary")
    expect(refused.stderr).toContain("Next: claudex config trust")
    const trusted = await user.run(["config", "trust"])
    expect(trusted.stdout).toContain("line 1: claude_binary")
    expect((await user.run(["run", "demo", "--version"])).stdout).toBe("owned\n")
  })

  it("ends with 130 when it is interrupted while it prepares", async () => {
    const user = await started(grok('api_key = "k"'))
    // somebody else seems to start the gateway for ever
    await user.write(
      "home/.local/state/claudex/gateway.start.lock",
      JSON.stringify({ pid: process.pid, start: "", id: "x", since: Date.now() })
    )
    const session = user.start(["run", "grok", "-p", "hi"])
    // the token is made just before the gateway is looked for
    await eventually(async () => ((await user.stateFiles()).includes("token") ? true : undefined))
    session.child.kill("SIGINT")
    expect((await session.ended).code).toBe(130)
  })
})
