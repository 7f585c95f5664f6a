import { readFile } from "node:fs/promises"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Fiber, Option, Redacted, Schema, Arbitrary, TestClock } from "effect"
import { Check, Diagnosis, diagnosis } from "../../src/cli/doctor/check.ts"
import { gatewayCheck, type GatewayFacts, portCheck } from "../../src/cli/doctor/gateway.ts"
import { loopbackCheck } from "../../src/cli/doctor/loopback.ts"
import {
  caChecks,
  claudeCheck,
  configChecks,
  maskedProxy,
  nodeCheck,
  oldestNode,
  proxyChecks
} from "../../src/cli/doctor/machine.ts"
import { clockCheck, keyCheck, providerCheck } from "../../src/cli/doctor/providers.ts"
import { displayWidth } from "../../src/cli/displayWidth.ts"
import { doctorReport } from "../../src/cli/doctor/report.ts"
import { aheadOf, lookAt } from "../../src/cli/reachability/look.ts"
import type { Look } from "../../src/cli/reachability/verdict.ts"
import { ConfigError } from "../../src/config/errors.ts"
import { MissingKey, noKeys } from "../../src/credentials/ApiKey.ts"
import { Profile } from "../../src/domain/Profile.ts"
import { MissingExecutable } from "../../src/launcher/executable.ts"
import { bodyOf, UpstreamHttp } from "../../src/upstream/UpstreamHttp.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const profileOf = (fields: Readonly<Record<string, unknown>> = {}): Profile =>
  Schema.decodeUnknownSync(Profile)({
    name: "grok",
    provider_type: "OpenAICompatible",
    base_url: "http://127.0.0.1:1/v1",
    default_model: "m",
    ...fields
  })

describe("the report of the doctor", () => {
  it("has a line for each check, what to do below those that are not well, and a count", () => {
    const lines = doctorReport(
      diagnosis("1.2.3", [
        { check: "node", status: "ok", message: "20.1.0" },
        { check: "proxy", status: "warn", message: "is odd", remedy: "Look at it." },
        { check: "key", profile: "grok", status: "fail", message: "is missing", remedy: "export K=..." }
      ])
    )
    expect(lines).toEqual([
      "ok    node      20.1.0",
      "warn  proxy     is odd",
      "                Remedy: Look at it.",
      "fail  key       grok: is missing",
      "                Remedy: export K=...",
      "",
      "1 check failed, 1 warning."
    ])
    expect(doctorReport(diagnosis("1.2.3", [])).at(-1)).toBe("All is well.")
  })

  const checks = fc.array(Arbitrary.make(Check))

  it("stays within the columns of the terminal, 80 unless told, and tells every remedy, whatever was found", () =>
    holds(
      fc.property(checks, fc.integer({ min: 40, max: 100 }), (all, width) => {
        const widest = (lines: ReadonlyArray<string>) => Math.max(...lines.map(displayWidth))
        const lines = doctorReport(diagnosis("1.2.3", all))
        expect(widest(lines)).toBeLessThanOrEqual(80)
        expect(widest(doctorReport(diagnosis("1.2.3", all), width))).toBeLessThanOrEqual(width)
        const remedies = lines.filter((line) => /^ {16}Remedy:/.test(line)).length
        expect(remedies).toBeGreaterThanOrEqual(all.filter(({ status }) => status !== "ok").length)
      }),
      { numRuns: runs }
    ))

  it("is as well as its worst check, and comes back from JSON as it was", () =>
    holds(
      fc.property(checks, (all) => {
        const found = diagnosis("1.2.3", all)
        expect(found.ok).toBe(!all.some(({ status }) => status === "fail"))
        const json = JSON.stringify(Schema.encodeSync(Diagnosis)(found))
        expect(Schema.decodeUnknownSync(Diagnosis)(JSON.parse(json))).toEqual(found)
      }),
      { numRuns: runs }
    ))
})

describe("the doctor on the machine", () => {
  it("wants the Node that the package wants", async () => {
    const { engines } = JSON.parse(await readFile("package.json", "utf8"))
    expect(engines.node).toBe(`>=${oldestNode}`)
    expect(nodeCheck(`${oldestNode}.0.0`).status).toBe("ok")
    expect(nodeCheck(`${oldestNode - 1}.9.9`).status).toBe("fail")
    expect(nodeCheck("100.0.0").status).toBe("ok")
  })

  it("says how to get Claude Code, or where to correct its place", () => {
    const missing = (program: string) =>
      claudeCheck({ _tag: "Missing", error: new MissingExecutable({ program, notExecutable: false }) })
    expect(missing("claude")).toMatchObject({ status: "fail", remedy: "npm install -g @anthropic-ai/claude-code" })
    expect(missing("cluade")).toMatchObject({ status: "fail", remedy: expect.stringContaining("claude_binary") })
    expect(missing("/opt/claude")).toMatchObject({ status: "fail", remedy: expect.stringContaining("claude_binary") })
  })

  it("tells each fault of the configuration with its file, line and key", () => {
    const faults = [
      { source: "/w/claudex.toml", line: 3, path: "profiles.grok.base_url", message: "is no address" },
      { source: "CLAUDEX_PROXY_PRT", path: "", message: "is no setting" }
    ]
    expect(configChecks(new ConfigError({ faults }), {}).map(({ message, status }) => [status, message])).toEqual([
      ["fail", "/w/claudex.toml:3: profiles.grok.base_url: is no address"],
      ["fail", "CLAUDEX_PROXY_PRT: is no setting"]
    ])
  })

  it("names the variables that set something, and never what they hold", () => {
    const loaded = {
      settings: {} as never, // not looked at
      files: [{ layer: "global", path: "/h/config.toml" } as const],
      origin: () => ({ layer: "default" as const })
    }
    const environment = { CLAUDEX_PROXY_PORT: "canary", CLAUDEX_PROXY_TOKEN: "canary", CLAUDEX_LOG_LEVEL: "" }
    expect(configChecks(loaded, environment)).toEqual([
      { check: "config", status: "ok", message: "CLAUDEX_PROXY_PORT, /h/config.toml (global)" }
    ])
  })

  it("tells a proxy without the name and password in its address", () => {
    expect(proxyChecks({ HTTPS_PROXY: "http://canary:canary@proxy:8080/canary", NO_PROXY: "a,b" })).toEqual([
      { check: "proxy", status: "ok", message: "HTTPS_PROXY = http://[masked]@proxy:8080" },
      { check: "proxy", status: "ok", message: "NO_PROXY = a,b" }
    ])
    expect(proxyChecks({})).toEqual([{ check: "proxy", status: "ok", message: "none named in the environment" }])
  })

  it("fails for a proxy without a scheme, and shows nothing of it", () => {
    for (const http_proxy of ["canary:canary@proxy:80", "proxy:8080", "http://", "canary"]) {
      const [check] = proxyChecks({ http_proxy })
      expect(check).toMatchObject({ status: "fail", message: "http_proxy is no address of a proxy" })
    }
  })

  it("takes the proxy variable that is used, in lower case first, and warns of one that is not", () => {
    expect(proxyChecks({ https_proxy: "http://one", HTTPS_PROXY: "http://two" })).toEqual([
      { check: "proxy", status: "ok", message: "https_proxy = http://one" }
    ])
    expect(proxyChecks({ ALL_PROXY: "http://one" })).toMatchObject([{ status: "warn" }])
  })

  it("lets nothing through of a name and password in a proxy's address", () =>
    holds(
      fc.property(fc.stringMatching(/^[a-z0-9!$%&=-]{8,20}$/), (secret) => {
        const proxy = `http://${encodeURIComponent(secret)}:${encodeURIComponent(secret)}@proxy.example:1`
        expect(maskedProxy(proxy)).toBe("http://[masked]@proxy.example:1")
      }),
      { numRuns: runs }
    ))

  it("warns of a file of certificates that holds none, and of certificates that are not checked", () => {
    const named = { NODE_EXTRA_CA_CERTS: "/ca.pem" }
    expect(caChecks(named, "certificates")).toMatchObject([{ status: "ok" }])
    expect(caChecks(named, "nothing")).toMatchObject([{ status: "warn" }])
    expect(caChecks(named, "unreadable")).toMatchObject([{ status: "warn" }])
    expect(caChecks({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }, "nothing")).toMatchObject([
      { status: "ok" },
      { status: "warn" }
    ])
  })
})

describe("the doctor on the gateway", () => {
  const state = {
    instance: "i",
    pid: 42,
    process_start: "",
    host: "127.0.0.1",
    port: 1,
    version: "1.2.3",
    token_fingerprint: "",
    started: ""
  }
  const running = (fields: Partial<GatewayFacts> = {}, version = "1.2.3") =>
    gatewayCheck({
      presence: {
        _tag: "Running",
        state,
        health: { service: "claudex", instance: "i", version, pid: 42, uptime_seconds: 1 },
        url: "http://127.0.0.1:1"
      },
      version: "1.2.3",
      compatible: true,
      token: "same",
      ...fields
    })

  it("tells whose it is, and warns of another version, which makes way", () => {
    expect(running()).toEqual({
      check: "gateway",
      status: "ok",
      message: "http://127.0.0.1:1, process 42, claudex 1.2.3"
    })
    expect(running({}, "1.2.4").status).toBe("warn")
    expect(running({ compatible: false }, "9.0.0")).toMatchObject({ status: "fail", remedy: "claudex proxy stop" })
  })

  it("fails for one that would not take our token, or does not answer", () => {
    expect(running({ token: "other" }).status).toBe("fail")
    expect(running({ token: "unusable" }).status).toBe("fail")
    expect(running({ presence: { _tag: "Silent", state, suspended: false } })).toMatchObject({
      status: "fail",
      remedy: "claudex proxy stop"
    })
    expect(running({ presence: { _tag: "Silent", state, suspended: true } })).toMatchObject({
      status: "fail",
      remedy: expect.stringMatching(/^kill -CONT \d+$/)
    })
  })

  it("finds nothing wrong with none, and remarks on one that did not tidy up", () => {
    expect(running({ presence: { _tag: "Absent", leftover: Option.none() } }).status).toBe("ok")
    expect(running({ presence: { _tag: "Absent", leftover: Option.some(state) } }).status).toBe("warn")
  })

  it("warns of a port that somebody else has, for the gateway takes another, and fails where none can be had", () => {
    const at = (code: string, port = 80) => portCheck({ host: "127.0.0.1", port, state: code, runs: false })
    expect(at("free").status).toBe("ok")
    expect(at("own").status).toBe("ok")
    expect(at("free", 0).message).toContain("proxy_port = 0")
    expect(at("EADDRINUSE").status).toBe("warn")
    expect(at("EACCES")).toMatchObject({ status: "fail", message: expect.stringContaining("does not allow") })
    expect(at("EWHATEVER")).toMatchObject({ status: "fail", message: expect.stringContaining("EWHATEVER") })
  })
})

describe("the doctor on a conversation with the demo", () => {
  it("believes what only the demo says", () => {
    expect(loopbackCheck({ _tag: "Told", text: "I am the demo model of claudex: …" }, 4_200)).toEqual({
      check: "loopback",
      status: "ok",
      message: "Claude Code had a conversation with demo, 4.2 s"
    })
    expect(loopbackCheck({ _tag: "Told", text: "I am somebody" }, 1)).toMatchObject({ status: "fail" })
    expect(loopbackCheck({ _tag: "Failed", reason: "why" }, 1)).toMatchObject({ status: "fail" })
    expect(loopbackCheck({ _tag: "Silent", seconds: 60 }, 1)).toMatchObject({ status: "fail", remedy: "claudex logs" })
  })
})

describe("the doctor on profiles", () => {
  it("tells where a key is, and never the key", () => {
    const found = Either.right(Option.some(Redacted.make("canary")))
    expect(keyCheck(profileOf({ api_key: "canary" }), found)?.message).toBe("in the configuration")
    expect(keyCheck(profileOf({ api_key_env: "K" }), found)?.message).toBe("in the environment variable K")
    expect(keyCheck(profileOf(), Either.right(Option.none()))?.status).toBe("ok")
    const missing = Either.left(new MissingKey({ profile: "grok", variable: "K", message: "" }))
    expect(keyCheck(profileOf({ api_key_env: "K" }), missing)).toMatchObject({ status: "fail", remedy: "export K=..." })
    const foreign = profileOf({ auth_type: "oauth", oauth_provider: "chatgpt" })
    expect(keyCheck(foreign, Either.right(Option.none()))?.status).toBe("warn")
    const login = profileOf({ auth_type: "oauth", oauth_provider: "claude" })
    expect(keyCheck(login, Either.right(Option.none()))?.message).toContain("own login")
  })

  const looks: ReadonlyArray<readonly [what: string, look: Look, status: string, words: string]> = [
    ["that answers", { sight: { status: "up", latency: 120 }, status: 200 }, "ok", "answers, 120 ms"],
    ["that has no list of models", { sight: { status: "up", latency: 1 }, status: 404 }, "warn", "HTTP 404"],
    [
      "that is not there",
      { sight: { status: "down", error: "h: E" }, failure: "connect" },
      "fail",
      "could not connect"
    ],
    [
      "nobody knows",
      { sight: { status: "down", error: "h: E" }, failure: "dns" },
      "fail",
      "the host is not known (h: E)"
    ],
    ["that does not take the key", { sight: { status: "down", error: "no" }, status: 401 }, "fail", "no"],
    ["that is ill", { sight: { status: "down", error: "HTTP 503" }, status: 503 }, "fail", "HTTP 503"],
    ["that cannot be asked", { sight: { status: "unknown", error: "no header" } }, "fail", "cannot be asked: no header"]
  ]
  for (const [what, look, status, words] of looks) {
    it(`says ${status} of a provider ${what}`, () => {
      const check = providerCheck(profileOf(), look, true)
      expect(check.status).toBe(status)
      expect(check.message).toContain(words)
    })
  }

  it("names the variable of a key that is not taken", () => {
    const look: Look = { sight: { status: "down", error: "" }, status: 401 }
    expect(providerCheck(profileOf({ api_key_env: "K" }), look, true)).toMatchObject({
      remedy: "export K=... with a valid key"
    })
  })

  it("lets the clock that is nearest speak for all", () => {
    const at = (ahead: number): Look => ({ sight: { status: "up" }, ahead })
    const looked = (...all: ReadonlyArray<number>) =>
      clockCheck(all.map((ahead, index) => [`p${index}`, at(ahead)] as const))
    expect(looked()).toBeUndefined()
    expect(clockCheck([["p", { sight: { status: "up" } }]])).toBeUndefined()
    expect(looked(9e9, -1_000)).toMatchObject({ status: "ok", message: expect.stringContaining("p1") })
    expect(looked(10_800_000)?.message).toBe("3 hours ahead of that of the provider of p0")
    expect(looked(-120_000)?.message).toBe("2 minutes behind that of the provider of p0")
  })

  it("compares a Date header with the middle of the exchange", () => {
    const date = "Thu, 01 Jan 1970 00:01:00 GMT"
    expect(aheadOf(date, 60_000, 61_000)).toBe(0)
    expect(aheadOf(date, 0, 1_000)).toBe(-60_000)
    expect(aheadOf(undefined, 0, 0)).toBeUndefined()
    expect(aheadOf("yesterday", 0, 0)).toBeUndefined()
  })

  const how = { patience: 5, list: false }

  it.effect("waits no more than a few seconds for a provider that says nothing", () =>
    Effect.gen(function* () {
      const silent = UpstreamHttp.of({ send: () => Effect.never })
      const looking = yield* Effect.fork(
        Effect.provideService(lookAt(profileOf(), {}, noKeys, how), UpstreamHttp, silent)
      )
      yield* TestClock.adjust("5 seconds")
      expect((yield* Fiber.join(looking)).sight).toEqual({ status: "down", error: "no answer within 5 s" })
    })
  )

  it.effect("notes the status and the time of an answer", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(60_500)
      const headers = { date: "Thu, 01 Jan 1970 00:00:00 GMT" }
      const http = UpstreamHttp.of({
        send: () => Effect.succeed({ status: 404, headers, body: bodyOf(new Uint8Array()) })
      })
      expect(yield* Effect.provideService(lookAt(profileOf(), {}, noKeys, how), UpstreamHttp, http)).toEqual({
        sight: { status: "up", latency: 0 },
        status: 404,
        ahead: 60_000
      })
    })
  )
})
