import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { envDocument, type EnvFacts, envReport, shellScript } from "../../src/cli/envReport.ts"
import { bin } from "../support/build.ts"
import { makeUser, type User } from "../support/claudex.ts"

const facts: EnvFacts = {
  profile: "grok",
  model: "grok-4",
  gateway: { url: "http://127.0.0.1:13456", running: true },
  changes: [
    { name: "ANTHROPIC_API_KEY", reason: "the profile decides who is paid" },
    { name: "ANTHROPIC_AUTH_TOKEN", value: Redacted.make("canary"), reason: "opens the local gateway" },
    { name: "ANTHROPIC_DEFAULT_OPUS_MODEL_NAME", value: "grok-4 (grok)", reason: "what the menu shows" },
    { name: "MY_VARIABLE", value: "first", reason: "of the launcher" },
    { name: "MY_VARIABLE", value: Redacted.make("canary's last"), reason: "extra_env of\nthe profile" }
  ],
  added: [{ argument: "--permission-mode default", reason: "the automatic mode needs a check" }]
}

describe("the report of an environment", () => {
  it("lists what is set, taken away and added, each variable once, as it ends up", () => {
    expect(envReport(facts, false)).toEqual([
      "Set:",
      "  ANTHROPIC_AUTH_TOKEN=[masked]",
      "  ANTHROPIC_DEFAULT_OPUS_MODEL_NAME='grok-4 (grok)'",
      "  MY_VARIABLE=[masked]",
      "",
      "Taken away:",
      "  ANTHROPIC_API_KEY",
      "",
      "Added to the arguments:",
      "  --permission-mode default"
    ])
  })

  it("gives the reason for each with --explain", () => {
    expect(envReport(facts, true).slice(0, 5)).toEqual([
      "Set:",
      "  ANTHROPIC_AUTH_TOKEN=[masked]",
      "      opens the local gateway",
      "  ANTHROPIC_DEFAULT_OPUS_MODEL_NAME='grok-4 (grok)'",
      "      what the menu shows"
    ])
    for (const { reason } of [...facts.changes.filter(({ value }) => value !== "first"), ...facts.added]) {
      expect(envReport(facts, true)).toContain(`      ${reason.replace("\n", " ")}`)
    }
  })

  it("says so when there is nothing to tell", () => {
    const nothing = { ...facts, gateway: undefined, changes: [], added: [] }
    expect(envReport(nothing, true)).toEqual(["Claude Code is started with your environment as it is."])
  })

  it("leaves secrets out of the document for programs", () => {
    const document = envDocument(facts)
    expect(JSON.stringify(document)).not.toContain("canary")
    expect(document).toEqual({
      profile: "grok",
      model: "grok-4",
      gateway: { url: "http://127.0.0.1:13456", running: true },
      set: [
        { name: "ANTHROPIC_AUTH_TOKEN", value: null, masked: true, reason: "opens the local gateway" },
        {
          name: "ANTHROPIC_DEFAULT_OPUS_MODEL_NAME",
          value: "grok-4 (grok)",
          masked: false,
          reason: "what the menu shows"
        },
        { name: "MY_VARIABLE", value: null, masked: true, reason: "extra_env of\nthe profile" }
      ],
      removed: [{ name: "ANTHROPIC_API_KEY", reason: "the profile decides who is paid" }],
      arguments: [{ argument: "--permission-mode default", reason: "the automatic mode needs a check" }]
    })
  })

  it("is for a shell a line a variable, whose reason cannot become a statement", () => {
    expect(shellScript(facts.changes, false).lines).toEqual([
      "unset ANTHROPIC_API_KEY;",
      "export ANTHROPIC_AUTH_TOKEN=canary;",
      "export ANTHROPIC_DEFAULT_OPUS_MODEL_NAME='grok-4 (grok)';",
      "export MY_VARIABLE='canary'\\''s last';"
    ])
    expect(shellScript(facts.changes, true).lines.slice(-2)).toEqual([
      "# extra_env of the profile",
      "export MY_VARIABLE='canary'\\''s last';"
    ])
  })
})

const config = `
[[profiles]]
name = "grok"
provider_type = "OpenAICompatible"
base_url = "https://api.x.ai/v1"
api_key_env = "XAI_API_KEY"
default_model = "grok-4"
[profiles.extra_env]
TEAM = "canary-team"
"not-a-name; touch owned" = "x"

[[profiles]]
name = "local"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
default_model = "own-1"
[profiles.extra_env]
QUOTED = "it's \\"so\\" $HOME \`id\`\\n\\u001b\\\\"

[[profiles]]
name = "max"
base_url = "https://api.anthropic.com"
default_model = "claude-opus-4-6"
auth_type = "oauth"
oauth_provider = "claude"
`

const key = { XAI_API_KEY: "canary-key", ANTHROPIC_API_KEY: "canary-anthropic" }

/** The variables a program was started with, without those that the shell makes up for itself. */
const seen = async (user: User): Promise<Readonly<Record<string, string>>> => {
  const { PWD: _, OLDPWD: __, SHLVL: ___, _: ____, ...env } = JSON.parse(await user.read("home/seen.json"))
  return env
}

const recorder = `
require("node:fs").writeFileSync(process.env.HOME + "/seen.json", JSON.stringify(process.env))
`

describe("claudex env", () => {
  it("shows what run would set, without secrets, and starts nothing", async () => {
    const user = await makeUser(`proxy_port = 23456\n${config}`)
    const outcome = await user.run(["env", "grok"], { env: key })
    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    expect(outcome.stdout).toContain("  ANTHROPIC_BASE_URL=http://127.0.0.1:23456/proxy/grok\n")
    expect(outcome.stdout).toContain("  ANTHROPIC_AUTH_TOKEN=[masked]\n")
    expect(outcome.stdout).toContain("  TEAM=[masked]\n")
    expect(outcome.stdout).toContain("Taken away:\n  ANTHROPIC_API_KEY\n")
    expect(outcome.stdout).toContain("Added to the arguments:\n  --permission-mode default\n")
    expect(outcome.stdout).toContain("\nNo gateway answers now. The address is the configured one")
    expect(outcome.stdout).toContain("there, if that port is free.")
    expect(outcome.stdout).not.toContain("canary")
    expect(await user.stateFiles()).toEqual([])
  })

  it("tells the reasons with --explain, in 80 columns", async () => {
    const user = await makeUser(config)
    const { stdout } = await user.run(["env", "--explain", "-m", "grok-3", "grok"], { env: key })
    expect(stdout).toContain("  ANTHROPIC_MODEL=grok-3\n      the model asked for with -m\n")
    expect(stdout).toMatch(/ {2}ANTHROPIC_API_KEY\n {6}Claude Code would send it along/)
    expect(stdout).toMatch(/ {2}--permission-mode default\n {6}the automatic mode needs/)
    expect(stdout).not.toContain("canary")
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  it("is a document for programs with --json", async () => {
    const user = await makeUser(`proxy_port = 23456\n${config}`)
    const { code, stdout } = await user.run(["env", "grok", "--json"], { env: key })
    expect(code).toBe(0)
    expect(stdout).not.toContain("canary")
    expect(JSON.parse(stdout)).toMatchObject({
      profile: "grok",
      model: "grok-4",
      gateway: { url: "http://127.0.0.1:23456", running: false },
      removed: [{ name: "ANTHROPIC_API_KEY" }],
      arguments: [{ argument: "--permission-mode default" }]
    })
  })

  it("lets a user start Claude Code by hand just as run does", async () => {
    const user = await makeUser(config)
    await user.claude(recorder)
    const inherited = { ...key, ANTHROPIC_SMALL_FAST_MODEL: "x", ANTHROPIC_CUSTOM_HEADERS: "X-Mine: a  b" }
    expect((await user.run(["run", "local", "hello"], { env: inherited })).code).toBe(0)
    const wanted = await seen(user)
    const byHand = spawnSync("/bin/sh", ["-c", `eval "$("$NODE" "$BIN" env local --shell)" && exec claude hello`], {
      cwd: user.work,
      encoding: "utf8",
      env: { HOME: user.home, PATH: wanted["PATH"], NODE: process.execPath, BIN: bin, ...inherited }
    })
    expect(byHand.status).toBe(0)
    expect(byHand.stderr).toMatch(/^claudex: start Claude Code with: claude --permission-mode default \(the automatic/)
    const { NODE: _, BIN: __, ...found } = await seen(user)
    expect(found).toEqual(wanted)
    expect(found["QUOTED"]).toBe('it\'s "so" $HOME `id`\n\u001b\\')
    // the gateway that runs now is the one that is shown
    const { stdout } = await user.run(["env", "local"])
    expect(stdout).toContain(`ANTHROPIC_BASE_URL=${wanted["ANTHROPIC_BASE_URL"]}\n`)
    expect(stdout).not.toContain("No gateway answers")
  })

  const shells: ReadonlyArray<readonly [shell: string, flag: string, start: string]> = [
    ["/bin/bash", "--shell", 'eval "$("$NODE" "$BIN" env local --shell)" && exec claude hello'],
    ["/bin/zsh", "--shell", 'eval "$("$NODE" "$BIN" env local --shell)" && exec claude hello'],
    ["/usr/bin/fish", "--fish", "$NODE $BIN env local --fish | source; and exec claude hello"]
  ]
  for (const [shell, flag, start] of shells.filter(([program]) => existsSync(program))) {
    it(`does so in ${shell} with ${flag} too, and starts nothing where it cannot`, async () => {
      const user = await makeUser(config)
      await user.claude(recorder)
      const inherited = { ANTHROPIC_API_KEY: "canary-anthropic", ANTHROPIC_CUSTOM_HEADERS: "X-Mine: a  b" }
      expect((await user.run(["run", "local", "hello"], { env: inherited })).code).toBe(0)
      const wanted = await seen(user)
      const byHand = (line: string) =>
        spawnSync(shell, ["-c", line], {
          cwd: user.work,
          encoding: "utf8",
          env: { ...user.env, NODE: process.execPath, BIN: bin, ...inherited }
        })
      expect(byHand(start)).toMatchObject({ status: 0, stdout: "" })
      expect(await seen(user)).toMatchObject(wanted)
      expect(await seen(user)).not.toHaveProperty("ANTHROPIC_API_KEY")
      await user.write("home/seen.json", "")
      const refused = byHand(start.replace("env local", "env grok"))
      expect(refused.status).toBe(1)
      expect(refused.stderr).toContain("export XAI_API_KEY=")
      expect(await user.read("home/seen.json")).toBe("")
    })
  }

  it("leaves out what no shell can set, and says so", async () => {
    const user = await makeUser(config)
    const { code, stderr, stdout } = await user.run(["env", "grok", "--shell"], { env: key })
    expect(code).toBe(0)
    expect(stdout).toContain("export TEAM=canary-team;\n")
    expect(stdout).not.toContain("touch owned")
    expect(stderr).toContain('left out: a shell cannot set the variable "not-a-name; touch owned" of extra_env\n')
  })

  it("has nothing to do for a Claude subscription, and needs no gateway for it", async () => {
    const user = await makeUser(config)
    const same = "Claude Code is started with your environment as it is.\n"
    expect(await user.run(["env", "max"])).toMatchObject({ code: 0, stdout: same, stderr: "" })
    expect(await user.run(["env", "max", "--shell"])).toMatchObject({ code: 0, stdout: "", stderr: "" })
    // nor is it told a model
    expect(JSON.parse((await user.run(["env", "max", "--json"])).stdout).model).toBeNull()
    expect(await user.stateFiles()).toEqual([])
  })

  it("says that the key is missing, which with --shell is a failure before anything is started", async () => {
    const user = await makeUser(config)
    const shown = await user.run(["env", "grok"])
    expect(shown.code).toBe(0)
    expect(shown.stderr).toContain("export XAI_API_KEY=")
    const refused = await user.run(["env", "grok", "--shell"])
    // for eval that is a failure too, so that `eval … && claude` ends there
    expect(refused).toMatchObject({ code: 2, stdout: "false\n" })
    expect(refused.stderr).toContain("export XAI_API_KEY=")
    expect(await user.stateFiles()).toEqual([])
  })

  it("is a failure for eval too where the command line itself is wrong, so that Claude Code is not started without a profile", async () => {
    const user = await makeUser(config)
    for (const words of [
      ["env", "--shell"],
      ["env", "--fish"],
      ["env", "--shel", "--shell", "local"],
      ["env", "--shell", "local", "more"],
      ["--config", "nowhere.toml", "env", "local", "--shell"],
      ["env", "--fish", "local", "--config"]
    ]) {
      const { code, stderr, stdout } = await user.run(words)
      expect([words, stdout, code]).toEqual([words, "false\n", 2])
      expect(stderr).toMatch(/^claudex: /)
    }
    const started = spawnSync("/bin/sh", ["-c", `eval "$("$NODE" "$BIN" env --shell)" && echo started`], {
      cwd: user.work,
      encoding: "utf8",
      env: { ...user.env, NODE: process.execPath, BIN: bin }
    })
    expect(started).toMatchObject({ status: 1, stdout: "" })
    // help is no failure, and neither is a word of another command
    expect((await user.run(["env", "--shell", "--help"])).stdout).not.toContain("false\n")
    expect((await user.run(["profile", "show", "env", "--shell"])).stdout).toBe("")
  })

  it("suggests the profile that was probably meant", async () => {
    const user = await makeUser(config)
    expect(await user.run(["env", "grk"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: 'claudex: There is no profile "grk". Did you mean "grok"?\nNext: claudex env grok\n'
    })
  })

  it("cannot be for a shell and for programs at once", async () => {
    const user = await makeUser(config)
    for (const [flags, stdout] of [
      // programs that read JSON find nothing, as after any failure
      [["--shell", "--json"], ""],
      [["--fish", "--json"], ""],
      [["--shell", "--fish"], "false\n"]
    ] as const) {
      const outcome = await user.run(["env", "grok", ...flags])
      expect(outcome).toMatchObject({ code: 2, stdout })
      expect(outcome.stderr).toContain(`${flags.join(" and ")} are forms of one answer`)
      expect(outcome.stderr).toContain("Next: claudex env --help\n")
    }
  })
})
