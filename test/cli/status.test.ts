import { describe, expect, it } from "vitest"
import { statusReport } from "../../src/cli/statusReport.ts"
import type { ProfileView, Status } from "../../src/gateway/admin/schemas.ts"
import { makeUser, type User } from "../support/claudex.ts"

const none = { complete: true, requests: 0, failed: 0, cancelled: 0, cost_usd: 0 }

const status: Status = {
  instance: "i",
  pid: 42,
  versions: { claudex: "1.2.3", runtime: "node 20" },
  started: 0,
  uptime_seconds: 11_105,
  in_flight: 1,
  draining: false,
  configuration: { files: [{ layer: "global", path: "/home/u/config.toml" }] },
  last_hour: { complete: false, requests: 1_234, failed: 2, cancelled: 1, cost_usd: 1.2345 }
}

const profile = (fields: Partial<ProfileView>): ProfileView => ({
  name: "p",
  enabled: true,
  provider_type: "OpenAICompatible",
  provider: "xAI",
  default_model: "m",
  models: { haiku: "m", sonnet: "m", opus: "m", fable: "m" },
  backups: [],
  priority: 100,
  breakers: [],
  last_hour: none,
  ...fields
})

const report = (profiles: ReadonlyArray<ProfileView>, more: Partial<Status> = {}) =>
  statusReport({ url: "http://127.0.0.1:1", log: "/log", status: { ...status, ...more }, profiles, now: 1_000_000 })

describe("the report of the gateway", () => {
  it("tells what it does, what it costs, and how each profile is", () => {
    const profiles = [
      profile({
        name: "grok",
        health: { status: "up", since: 0, checked: 0, source: "probe", latency_ms: 120 },
        breakers: [
          { profile: "grok", model: "small", state: "closed" },
          {
            profile: "grok",
            model: "grok-4",
            state: "open",
            since: 0,
            until: 1_011_500,
            reason: { status: 429, type: "rate_limit_error", message: "slow down" }
          }
        ],
        last_hour: { ...none, requests: 3, failed: 1 }
      }),
      profile({
        name: "kimi",
        health: { status: "down", since: 700_000, checked: 0, source: "traffic", error: "could not connect" }
      }),
      profile({ name: "off", enabled: false })
    ]
    expect(report(profiles)).toEqual([
      "The gateway runs on http://127.0.0.1:1",
      "  process 42, claudex 1.2.3, up 3 hours 5 minutes",
      "  1 request under way",
      "  in the last hour: at least 1,234 requests, 2 failed, 1 cancelled, $1.23",
      "  configuration: /home/u/config.toml (global)",
      "  log: /log",
      "",
      "profile  health      breaker  last hour",
      "grok     up, 120 ms  open     3 requests, 1 failed",
      "  grok-4: open, next try in 12 s: 429 slow down",
      "kimi     down        closed   0 requests",
      "  down for 5 minutes: could not connect",
      "off      disabled             0 requests"
    ])
  })

  it("keeps its table within 80 columns whatever names and providers say", () => {
    const long = "x".repeat(200)
    const reason = { status: 500, type: "api_error", message: `${long}\n${long}` }
    const lines = report([
      profile({
        name: long,
        health: { status: "down", since: 0, checked: 0, source: "probe", latency_ms: 1e9, error: long },
        breakers: [{ profile: long, model: long, state: "half_open", since: 0, reason }],
        last_hour: { complete: true, requests: 1e9, failed: 1e9, cancelled: 1e9, cost_usd: 1e9 }
      })
    ])
    expect(Math.max(...lines.map((line) => line.length))).toBe(80)
  })

  it("cuts no name where no terminal sets a width, and wraps what is no table", () => {
    const name = "a profile whose name is long ".repeat(4).trim()
    const error = "no answer ".repeat(12).trim()
    const lines = statusReport({
      url: "http://127.0.0.1:1",
      log: "/log",
      status,
      profiles: [profile({ name, health: { status: "down", since: 0, checked: 0, source: "probe", error } })],
      now: 1_000_000,
      tableWidth: Infinity
    })
    const at = lines.findIndex((line) => line.startsWith(`${name}  down  `))
    expect(at).toBeGreaterThan(0)
    expect(lines.slice(at + 1)).toHaveLength(2)
  })

  it("tells all of it in a narrow terminal too, a profile in a few lines", () => {
    const busy = { ...none, requests: 3, failed: 1, cancelled: 2 }
    const error = "could not connect (ECONNREFUSED 127.0.0.1:9)"
    const down = { status: "down", since: 700_000, checked: 0, source: "traffic", error } as const
    const lines = statusReport({
      url: "http://127.0.0.1:1",
      log: "/log",
      status: {
        ...status,
        configuration: { files: [], problem: "/a/file.toml:1: one is not what was expected there" }
      },
      profiles: [profile({ name: "kimi", health: down, last_hour: busy })],
      now: 1_000_000,
      width: 40
    })
    expect(lines.slice(3)).toEqual([
      "  in the last hour: at least 1,234",
      "    requests, 2 failed, 1 cancelled,",
      "    $1.23",
      "  The last edit of the configuration is",
      "    not usable:",
      "    /a/file.toml:1: one is not what was",
      "    expected there",
      "  log: /log",
      "",
      "kimi",
      "  health     down",
      "  breaker    closed",
      "  last hour  3 requests, 1 failed, 2",
      "             cancelled",
      "  down for 5 minutes: could not connect",
      "    (ECONNREFUSED 127.0.0.1:9)"
    ])
  })

  it("shows the last edit of the configuration where it is wrong, and that the gateway is about to end", () => {
    const lines = report([], { draining: true, configuration: { files: [], problem: "a:1: one\nb:2: two" } })
    expect(lines).toContain("  1 request under way; it is about to end")
    expect(lines.join("\n")).toContain("not usable:\n    a:1: one\n    b:2: two\n")
  })
})

const running = async (config = ""): Promise<User> => {
  const user = await makeUser(config)
  expect((await user.run(["proxy", "start", "-d"])).code).toBe(0)
  return user
}

describe("claudex proxy status", () => {
  it("says that no gateway runs, for people and for programs, and neither starts one nor leaves files", async () => {
    const user = await makeUser()
    const people = await user.run(["proxy", "status"])
    expect(people).toMatchObject({ code: 1, stderr: "" })
    expect(people.stdout).toMatch(/^The gateway does not run\./)
    const programs = await user.run(["proxy", "status", "--json"])
    expect(programs).toMatchObject({ code: 1, stderr: "" })
    expect(JSON.parse(programs.stdout)).toEqual({ running: false })
    expect(await user.stateFiles()).toEqual([])
  })

  it("tells of the profiles of the directory where it is typed, without colours or secrets", async () => {
    const key = "sk-canary-5e1f0c7a9b3d4e6f8a0b2c4d6e8f0a1b"
    const user = await running()
    const line = `[[profiles]]\nname = "mine"\nbase_url = "http://127.0.0.1:1"\ndefault_model = "m"\napi_key = "${key}"\n`
    await user.write("work/claudex.toml", line)
    await user.run(["config", "trust"])
    const { stderr, stdout } = await user.run(["proxy", "status"], { env: { FORCE_COLOR: "1" } })
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^profile +health +breaker +last hour$/m)
    expect(stdout).toMatch(/^demo +not known +closed +0 requests$/m)
    expect(stdout).toMatch(/^mine /m)
    expect(stdout).not.toContain("\u001b")
    expect(stdout).not.toContain(key)
    const elsewhere = await user.run(["proxy", "status"], { cwd: user.home })
    expect(elsewhere.stdout).not.toMatch(/^mine /m)
  })

  it("prints one document with what the admin API tells", async () => {
    const user = await running()
    const state = await user.state()
    const { code, stdout } = await user.run(["proxy", "status", "--json"])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      running: true,
      url: `http://127.0.0.1:${state?.port}`,
      health: { service: "claudex", pid: state?.pid },
      status: { instance: state?.instance, in_flight: 0, draining: false, last_hour: none },
      profiles: [{ name: "demo", enabled: true }]
    })
  })

  it("tells what little it can when the gateway knows another token", async () => {
    const user = await running()
    const { code, stderr, stdout } = await user.run(["proxy", "status"], {
      env: { CLAUDEX_PROXY_TOKEN: "another-token-0123456789" }
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^The gateway runs on /)
    expect(stderr).toMatch(/tells no more of itself: .*the client token is not the one of this gateway/)
  })
})
