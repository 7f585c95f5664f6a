import { Arbitrary, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { displayWidth } from "../../src/cli/displayWidth.ts"
import { requestReport } from "../../src/cli/requestReport.ts"
import { RequestRecord } from "../../src/domain/RequestRecord.ts"
import { makeUser, type User } from "../support/claudex.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const record: RequestRecord = {
  id: "req_1",
  time: Date.UTC(2026, 10, 25, 23, 51, 54),
  session: "s-1",
  profile: "grok",
  asked: "claude-sonnet-4-5",
  served_by: "kimi",
  served: "kimi-k2",
  stream: true,
  status: 200,
  attempts: [
    {
      profile: "grok",
      model: "grok-4",
      reason: "the client's profile",
      started: 0,
      duration_ms: 120,
      outcome: "failed",
      error: { status: 429, type: "rate_limit_error", message: "grok: slow down" },
      next: "the next one was asked"
    },
    { profile: "kimi", model: "kimi-k2", reason: "backup of grok", started: 0, duration_ms: 4_100, outcome: "answered" }
  ],
  losses: [
    {
      kind: "replaced",
      path: "messages[0].content[1]",
      what: "the image became a note",
      why: "kimi-k2 reads no images"
    }
  ],
  request_bytes: 77_123,
  usage: {
    input_tokens: 10,
    cache_read_tokens: 10_000,
    cache_write_tokens: 20,
    output_tokens: 321,
    reasoning_tokens: 100
  },
  cost_usd: 0.01234,
  first_byte_ms: 812,
  duration_ms: 4_230,
  client_gone: false
}

describe("the report of a request", () => {
  it("tells the route and why, each attempt, each loss with its place, usage, cost and times", () => {
    expect(requestReport(record, record.time + 65_000)).toEqual([
      "Request req_1, 2026-11-25 23:51:54 UTC, 1 minute 5 seconds ago",
      "  asked     claude-sonnet-4-5 of grok, as a stream",
      "  route     grok (failed: 429) → kimi (answered)",
      "  answered  by kimi with kimi-k2, status 200",
      "  time      first byte after 812 ms, over after 4.2 s",
      "  usage     10,030 tokens in (10,000 cached, 20 written to the cache), 321 out",
      "            (100 reasoning)",
      "  cost      $0.0123",
      "  size      77,123 bytes",
      "  session   s-1",
      "",
      "Attempts",
      "  1. grok, grok-4: the client's profile",
      "     failed after 120 ms: 429 rate_limit_error",
      "       grok: slow down",
      "     → the next one was asked",
      "  2. kimi, kimi-k2: backup of grok",
      "     answered after 4.1 s",
      "",
      "Changed on the way to the provider",
      "  messages[0].content[1]",
      "    replaced: the image became a note (kimi-k2 reads no images)"
    ])
  })

  it("never says that an answer which broke off, or that nobody waited for, was a whole one", () => {
    const lines = (fields: Partial<RequestRecord>) => requestReport({ ...record, ...fields }, record.time).join("\n")
    expect(lines({ error: "api_error: cut" })).toContain("by kimi with kimi-k2, status 200, broken off")
    expect(lines({ client_gone: true })).toContain("answered  none: the client gave up")
  })

  it("fits into 80 columns, and into as many as the terminal has, whatever was recorded", async () => {
    const time = fc.integer({ min: 0, max: 4e12 })
    await holds(
      fc.property(Arbitrary.make(RequestRecord), time, fc.integer({ min: 40, max: 100 }), (any, at, width) => {
        for (const line of requestReport({ ...any, time: at }, at)) expect(displayWidth(line)).toBeLessThanOrEqual(80)
        for (const line of requestReport({ ...any, time: at }, at, width))
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
      }),
      { numRuns: runs }
    )
  })
})

/** One question to a profile of the running gateway; answers the id of the request. */
const ask = async (user: User, profile: string): Promise<string> => {
  const state = await user.state()
  const token = (await user.run(["proxy", "token"])).stdout.trim()
  const response = await fetch(`http://127.0.0.1:${state?.port}/proxy/${profile}/v1/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "sonnet", max_tokens: 100, messages: [{ role: "user", content: "hello" }] })
  })
  await response.text()
  return response.headers.get("request-id") ?? ""
}

/** A profile whose provider nobody serves, with the demo behind it. */
const lost = `
[[profiles]]
name = "lost"
provider_type = "OpenAICompatible"
base_url = "http://127.0.0.1:9/v1"
default_model = "m-1"
backup_providers = ["demo"]
`

const running = async (): Promise<User> => {
  const user = await makeUser(lost)
  expect((await user.run(["proxy", "start", "-d"])).code).toBe(0)
  return user
}

describe("claudex explain", () => {
  it("shows both attempts of the last request after a failover, with reasons", async () => {
    const user = await running()
    const id = await ask(user, "lost")
    for (const words of [["explain"], ["explain", "last"], ["explain", id], ["explain", id.slice(0, 12)]]) {
      const { code, stderr, stdout } = await user.run(words, { env: { FORCE_COLOR: "1" } })
      expect([code, stderr]).toEqual([0, ""])
      expect(stdout).toContain(`Request ${id}`)
      expect(stdout).toMatch(/^ {2}1\. lost, m-1: the client's profile$/m)
      expect(stdout).toMatch(/^ {2}\d\. demo, demo: backup of lost$/m)
      expect(stdout).toMatch(/^ {5}failed after .*: 502 api_error$/m)
      expect(stdout).not.toContain("\u001b")
    }
  })

  it("tells the same when the gateway is gone, to programs too", async () => {
    const user = await running()
    const id = await ask(user, "demo")
    const before = await user.run(["explain", "--json"])
    expect(JSON.parse(before.stdout)).toMatchObject({ id, profile: "demo", served_by: "demo", status: 200 })
    await user.run(["proxy", "stop"])
    expect((await user.run(["explain", "--json", id])).stdout).toBe(before.stdout)
    expect((await user.run(["explain"])).stdout).toContain(`Request ${id}`)
  })

  it("says so where nothing is recorded, and leaves no files", async () => {
    const user = await makeUser()
    expect(await user.run(["explain"])).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: "claudex: No request is recorded yet.\nNext: claudex run demo\n"
    })
    expect(await user.stateFiles()).toEqual([])
  })

  it("does not know an id that is none, and wants more of one that many have", async () => {
    const user = await running()
    const ids = [await ask(user, "demo"), await ask(user, "demo")]
    const unknown = await user.run(["explain", "req_nobody/../x"])
    expect(unknown).toMatchObject({ code: 1, stdout: "" })
    expect(unknown.stderr).toBe('claudex: No request "req_nobody/../x" is recorded.\nNext: claudex explain last\n')
    const several = await user.run(["explain", "req_"])
    expect(several).toMatchObject({ code: 1, stdout: "" })
    for (const id of ids) expect(several.stderr).toContain(id)
  })
})
