import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { profileQuestion } from "../../src/cli/wizard/profilePicker.ts"
import { gatewayWord } from "../../src/daemon/gatewayWord.ts"
import { offlineScheme } from "../../src/provider/endpoint.ts"
import { profileOf } from "../provider/support.ts"
import { eventually, makeUser, runs, type User } from "../support/claudex.ts"
import { key, openTerminal } from "../support/terminal.ts"

const config = `
[[profiles]]
name = "grok"
base_url = "https://api.x.ai/v1"
default_model = "grok-4"

[[profiles]]
name = "local"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
default_model = "own-1"

[[profiles]]
name = "off"
base_url = "https://llm.example/v1"
default_model = "none"
enabled = false
`

/** A `claude` that reads one line from its terminal as any program does, and tells what it was started with. */
const reader = `
const { isRaw, isTTY } = process.stdin
process.stdin.once("data", (line) => {
  console.log("read " + JSON.stringify(String(line)) + " " + isRaw + isTTY + " for " + process.env.ANTHROPIC_MODEL)
  process.exit(7)
})
console.log("claude is there")
`

const begin = async (words: ReadonlyArray<string> = ["run"]) => {
  const user = await makeUser(config)
  await user.claude(reader)
  return { user, terminal: openTerminal(user, words) }
}

describe("the question for a profile to run with", () => {
  const shown = (...profiles: Parameters<typeof profileQuestion>[0]) =>
    profileQuestion(profiles).choices.map((choice) => choice.shown)
  const demo = profileOf({ name: "demo", base_url: offlineScheme, default_model: "demo" })

  it("offers each enabled profile with its provider and model, the built-in one last", () => {
    const off = profileOf({ name: "off", enabled: false })
    const xai = profileOf({ name: "grok", base_url: "https://api.x.ai/v1", default_model: "grok-4" })
    const own = profileOf({ name: "own", base_url: "https://llm.example:8000/v1?key=secret", default_model: "m" })
    const max = profileOf({ name: "max", auth_type: "oauth", oauth_provider: "claude", default_model: "opus" })
    const lines = shown(demo, off, xai, own, max)
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["grok", "xAI", "grok-4"],
      ["own", "llm.example:8000", "m"],
      ["max", "Claude Code's own login", "opus"],
      ["demo", "answered inside claudex", "demo"]
    ])
  })

  it("tells how to make a profile where there is only the built-in one", () => {
    expect(profileQuestion([demo]).hint).toContain("claudex profile add")
    expect(profileQuestion([demo, profileOf({ name: "a" })]).hint).toBeUndefined()
  })
})

describe("claudex run in front of a terminal, without a profile", () => {
  it("asks for one, and leaves the terminal to Claude Code as it was", async () => {
    const { terminal, user } = await begin()
    await terminal.until("> grok")
    expect(terminal.screen().join("\n")).not.toContain("off ")
    terminal.type("own-1")
    await terminal.until("> local")
    terminal.type(key.enter)
    await terminal.until("claude is there")
    terminal.type(`hello${key.enter}`)
    expect(await terminal.ended()).toEqual({ code: 7, asBefore: true, cursorShown: true })
    const screen = terminal.screen().join("\n")
    expect(screen).toContain("to be asked no more, type: claudex profile use local")
    expect(screen).toContain('read "hello\\n" falsetrue for own-1')
    expect(await user.read("home/.config/claudex/config.toml")).toBe(`proxy_port = 0\n${config}`)
  })

  for (const [name, typed] of [
    ["Esc", "\u001b"],
    ["Ctrl-C", key.ctrlC]
  ] as const) {
    it(`starts nothing when the question is left with ${name}, and ends with 130`, async () => {
      const { terminal, user } = await begin()
      await terminal.until("> grok")
      terminal.type(`lo${typed}`)
      expect(await terminal.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
      expect(terminal.screen().join("\n")).not.toContain("claude is there")
      expect(await user.stateFiles()).toEqual([])
    })
  }

  it("takes the default profile where there is one, and does not ask", async () => {
    const { terminal, user } = await begin(["profile", "use", "local"])
    expect(await terminal.ended()).toMatchObject({ code: 0 })
    const next = openTerminal(user, ["run"])
    await next.until("claude is there")
    next.type(key.enter)
    expect(await next.ended()).toMatchObject({ code: 7, asBefore: true })
    expect(next.screen().join("\n")).toContain("for own-1")
  })
})

const ids = ["53756490-6be9-41da-a262-506e5d5b4dde", "bcc74ae6-ee45-47ea-b312-94544141500c"]

/** A `claude` that keeps its conversations where the real one does; what it is asked names them. */
const keeper = `
const { appendFileSync, mkdirSync } = require("node:fs")
const folder = process.env.HOME + "/.claude/projects/" + process.cwd().replace(/[^a-zA-Z0-9]/g, "-")
mkdirSync(folder, { recursive: true })
for (const id of process.argv.at(-1).split(",")) if (id.length === 36) appendFileSync(folder + "/" + id + ".jsonl", "{}\\n")
`

describe("the hint after a session", () => {
  const after = async (...words: ReadonlyArray<string>) => {
    const user = await makeUser(config)
    await user.claude(keeper)
    // an older conversation, which stays as it is
    await user.run(["run", "demo", "-p", "11111111-1111-4111-8111-111111111111"])
    const terminal = openTerminal(user, ["run", ...words])
    expect(await terminal.ended()).toEqual({ code: 0, asBefore: true, cursorShown: true })
    return { user, screen: terminal.screen().join("\n") }
  }

  it("resumes the conversation with its profile and model", async () => {
    const { screen, user } = await after("local", "-m", "own 2", ids[0] ?? "")
    expect(screen).toContain("To resume this session with the profile local:")
    expect(screen.replaceAll("\n", "")).toContain(`Next: claudex run local -m 'own 2' --resume ${ids[0]}`)
    const kept = await readdir(join(user.home, ".claude"), { recursive: true })
    expect(kept.filter((name) => name.endsWith(".jsonl"))).toHaveLength(2)
  })

  it("names none of several, for another session may have gone on beside this one", async () => {
    const { screen } = await after("demo", ids.join(","))
    expect(screen.split("\n").at(-1)).toBe("Next: claudex run demo --resume")
  })

  it("is not there where nothing was said, for one answer, and in a pipe", async () => {
    expect((await after("demo", "nothing")).screen).not.toContain("--resume")
    const { screen, user } = await after("demo", "-p", ids[0] ?? "")
    expect(screen).not.toContain("--resume")
    expect((await user.run(["run", "demo", ids[1] ?? ""])).stderr).not.toContain("--resume")
  })
})

/** The processes of gateways that were started from this home and still run. */
const gatewaysOf = async ({ root }: User): Promise<ReadonlyArray<number>> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [environment, command] = await Promise.all(
        ["environ", "cmdline"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => ""))
      )
      const isGateway = environment?.includes(root) === true && command?.includes(gatewayWord) === true
      return isGateway && (await runs(pid)) ? [pid] : []
    })
  )
  return found.flat()
}

describe("Ctrl-C while the gateway is being started", () => {
  it("ends with 130, leaves the terminal as it was and no Claude Code, and the next run has its gateway", async () => {
    const user = await makeUser(config)
    await user.claude(reader)
    const first = openTerminal(user, ["run", "demo"])
    // it is held from just before the process is started until it answers
    await eventually(async () => ((await user.stateFiles()).includes("gateway.start.lock") ? true : undefined))
    first.type(key.ctrlC)
    expect(await first.ended()).toEqual({ code: 130, asBefore: true, cursorShown: true })
    expect(first.screen().join("\n")).not.toContain("claude is there")
    const next = openTerminal(user, ["run", "demo"])
    await next.until("claude is there")
    next.type(key.enter)
    expect(await next.ended()).toEqual({ code: 7, asBefore: true, cursorShown: true })
    expect(await user.stateFiles()).not.toContain("gateway.start.lock")
    // of two that were started, the slower one finds the other and ends by itself
    await eventually(async () => ((await gatewaysOf(user)).length === 1 ? true : undefined))
    expect(await gatewaysOf(user)).toEqual([(await user.state())?.pid])
  })
})
