import * as Http from "node:http"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Fiber, HashMap, Option, Schema, Stream, SubscriptionRef, TestClock } from "effect"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { noKeys } from "../../src/credentials/ApiKey.ts"
import { probeOf } from "../../src/gateway/probe.ts"
import { HealthBoard } from "../../src/resilience/HealthBoard.ts"
import { checkHealth, look, type Rounds, sightOf } from "../../src/resilience/HealthChecker.ts"
import { ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"
import { UpstreamHttp } from "../../src/upstream/UpstreamHttp.ts"
import * as Network from "../../src/upstream/undici.node.ts"

const board = Effect.provide(HealthBoard, HealthBoard.layer)

const roundsFor = (
  profiles: ReadonlyArray<Readonly<Record<string, unknown>>>,
  health: Readonly<Record<string, unknown>> = {}
): Rounds => {
  const file = Schema.decodeUnknownSync(ConfigFile)({
    health: { interval_seconds: 60, ...health },
    profiles: profiles.map((profile) => ({
      provider_type: "OpenAICompatible",
      default_model: "m",
      api_key: "sk-health",
      ...profile
    }))
  })
  return { settings: file.health, profiles: file.profiles, probe: (profile) => probeOf(profile, {}, noKeys) }
}

const statusOf = (of: typeof HealthBoard.Service, profile: string) => of.of(profile)?.status

/** Lets virtual time pass until the condition holds. */
const passUntil = (condition: Effect.Effect<boolean>) =>
  Effect.gen(function* () {
    while (!(yield* condition)) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* TestClock.adjust("100 millis")
    }
  })

describe("the health board", () => {
  it.effect("writes down what is new, and keeps since when it holds", () =>
    Effect.gen(function* () {
      const health = yield* board
      yield* TestClock.adjust("1 seconds")
      health.passive("p", { status: "up", latency: 12.4 })
      yield* TestClock.adjust("5 seconds")
      health.passive("p", { status: "up", latency: 99 })
      expect(health.of("p")).toEqual({ status: "up", since: 1_000, checked: 1_000, source: "traffic", latency_ms: 12 })
      yield* TestClock.adjust("5 seconds")
      health.passive("p", { status: "up", latency: 20 })
      expect(health.of("p")).toMatchObject({ since: 1_000, checked: 11_000, latency_ms: 20 })
      health.passive("p", { status: "down", error: "p: broken" })
      expect(health.of("p")).toEqual({
        status: "down",
        since: 11_000,
        checked: 11_000,
        source: "traffic",
        error: "p: broken"
      })
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      expect(HashMap.toEntries(yield* SubscriptionRef.get(health.ref))).toEqual([["p", health.of("p")]])
      yield* health.keepOnly(["q"])
      expect(HashMap.size(yield* SubscriptionRef.get(health.ref))).toBe(0)
    })
  )

  it.effect("tells each change of a status", () =>
    Effect.gen(function* () {
      const health = yield* board
      const listening = yield* Deferred.make<void>()
      const changes = yield* health.changes.pipe(
        Stream.onStart(Deferred.succeed(listening, undefined)),
        Stream.take(3),
        Stream.runCollect,
        Effect.fork
      )
      yield* Deferred.await(listening)
      const tell = (profile: string, sight: Parameters<typeof health.probed>[1]) =>
        Effect.zipRight(health.probed(profile, sight), Effect.repeatN(Effect.yieldNow(), 20))
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      yield* tell("p", { status: "up" })
      yield* tell("p", { status: "up", latency: 5 })
      yield* tell("q", { status: "down", error: "q: broken" })
      yield* tell("p", { status: "down", error: "p: broken" })
      const told = Chunk.toReadonlyArray(yield* Fiber.join(changes))
      expect(told.map(({ health: { status }, profile }) => `${profile} ${status}`)).toEqual([
        "p up",
        "q down",
        "p down"
      ])
    })
  )
})

describe("a look at a provider", () => {
  it("takes no list of models, and too many requests, for no fault", () => {
    expect([200, 204, 404, 405, 429, 400].map((status) => sightOf(status, 1).status)).toEqual(Array(6).fill("up"))
    expect([401, 403, 500, 503, 529].map((status) => sightOf(status, 1).status)).toEqual(Array(5).fill("down"))
  })

  it.scoped("asks for the models with the profile's own key, in its protocol, and closes the connection", () =>
    Effect.gen(function* () {
      const http = yield* UpstreamHttp
      const upstream = yield* ScriptedUpstream.make
      yield* upstream.fallback(() => UpstreamScript.stream(["x", UpstreamScript.stall]))
      const { profiles } = roundsFor([
        { name: "chat", base_url: `${upstream.url}/v1`, query_params: { "api-version": "1" } },
        { name: "whole", base_url: `${upstream.url}/v1/chat/completions`, custom_headers: { "x-team": "t" } },
        { name: "direct", base_url: upstream.url, provider_type: "DirectAnthropic", auth_header: "x-api-key" }
      ])
      for (const profile of profiles) {
        expect((yield* look(http, probeOf(profile, {}, noKeys), 5)).status).toBe("up")
        expect(yield* (yield* upstream.take).outcome).toBe("abandoned")
      }
      const requests = yield* upstream.requests
      expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
        "GET /v1/models?api-version=1",
        "GET /v1/models",
        "GET /v1/models"
      ])
      expect(requests.map(({ headers }) => headers["authorization"] ?? headers["x-api-key"])).toEqual([
        "Bearer sk-health",
        "Bearer sk-health",
        "sk-health"
      ])
      expect(requests[1]?.headers["x-team"]).toBe("t")
    }).pipe(Effect.provide(Network.layer))
  )

  it.scoped("tells what is wrong without a secret: no key, no server, no answer", () =>
    Effect.gen(function* () {
      const http = yield* UpstreamHttp
      const upstream = yield* ScriptedUpstream.make
      yield* upstream.fallback(() => UpstreamScript.silence)
      const { profiles } = roundsFor([
        { name: "keyless", base_url: upstream.url, api_key: "", api_key_env: "NO_SUCH_KEY" },
        { name: "gone", base_url: "http://127.0.0.1:1/v1" },
        { name: "silent", base_url: upstream.url }
      ])
      const looks = yield* Effect.fork(
        Effect.forEach(profiles, (profile) => look(http, probeOf(profile, {}, noKeys), 5))
      )
      yield* passUntil(Effect.sync(() => looks.unsafePoll() !== null))
      const [keyless, gone, silent] = yield* Fiber.join(looks)
      expect(keyless).toMatchObject({ status: "unknown", error: expect.stringContaining("NO_SUCH_KEY") })
      expect(gone).toMatchObject({ status: "down", error: expect.stringContaining("127.0.0.1:1") })
      expect(silent).toEqual({ status: "down", error: "no answer within 5 s" })
      expect(JSON.stringify([keyless, gone, silent])).not.toContain("sk-health")
    }).pipe(Effect.provide(Network.layer))
  )
})

describe("the health checker", () => {
  /** A checker over one provider for all profiles, each under its own path. */
  const checker = (rounds: (url: string) => Rounds | undefined) =>
    Effect.gen(function* () {
      const http = yield* UpstreamHttp
      const health = yield* board
      const upstream = yield* ScriptedUpstream.make
      yield* upstream.fallback(() => UpstreamScript.respond(200, { data: [] }))
      yield* Effect.forkScoped(
        checkHealth(
          http,
          health,
          Effect.sync(() => Option.fromNullable(rounds(upstream.url)))
        )
      )
      const asked = Effect.map(upstream.requests, (all) => all.map(({ url }) => url))
      return { health, upstream, asked }
    })

  it.scoped("looks at enabled profiles that have a network, at the interval, and follows the configuration", () =>
    Effect.gen(function* () {
      let current: Rounds | undefined
      const { asked, health } = yield* checker((url) => {
        current ??= roundsFor([
          { name: "a", base_url: `${url}/a` },
          { name: "off", base_url: `${url}/off`, enabled: false },
          { name: "demo", base_url: "demo:" },
          { name: "claude", base_url: `${url}/claude`, auth_type: "oauth", oauth_provider: "claude" }
        ])
        return current
      })
      yield* passUntil(Effect.sync(() => statusOf(health, "a") === "up"))
      expect(yield* asked).toEqual(["/a/models"])
      yield* passUntil(Effect.map(asked, (urls) => urls.length === 2))
      const { settings = roundsFor([]).settings, ...others } = current ?? roundsFor([])
      current = { ...others, settings: { ...settings, enabled: false } }
      // virtual minutes pass without a further look
      for (let i = 0; i < 10; i++) yield* TestClock.adjust("30 seconds")
      expect(yield* asked).toHaveLength(2)
    }).pipe(Effect.provide(Network.layer))
  )

  it.scoped("leaves alone whom requests have just told about, and is quiet when nobody uses the gateway", () =>
    Effect.gen(function* () {
      const { asked, health } = yield* checker((url) => roundsFor([{ name: "a", base_url: `${url}/a` }]))
      for (let i = 0; i < 8; i++) {
        health.passive("a", { status: "up" })
        yield* TestClock.adjust("15 seconds")
      }
      expect(yield* asked).toEqual([])
      yield* passUntil(Effect.map(asked, (urls) => urls.length > 0))
      // the last use was long ago: the rounds end
      yield* TestClock.adjust("11 minutes")
      const before = (yield* asked).length
      for (let i = 0; i < 20; i++) yield* TestClock.adjust("1 minutes")
      expect((yield* asked).length - before).toBeLessThanOrEqual(1)
    }).pipe(Effect.provide(Network.layer))
  )

  it.scoped("looks at no more profiles at a time than it may", () =>
    Effect.gen(function* () {
      let now = 0
      let most = 0
      const waiting: Array<() => void> = []
      const server = yield* Effect.acquireRelease(
        Effect.async<Http.Server>((resume) => {
          const made = Http.createServer((_, response) => {
            now += 1
            most = Math.max(most, now)
            waiting.push(() => {
              now -= 1
              response.end("{}")
            })
          })
          made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
        }),
        (made) => Effect.sync(() => made.close().closeAllConnections())
      )
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const names = Array.from({ length: 9 }, (_, i) => `p${i}`)
      const { health } = yield* checker(() =>
        roundsFor(
          names.map((name) => ({ name, base_url: `http://127.0.0.1:${port}/${name}` })),
          { concurrent: 3, timeout_seconds: 10_000 }
        )
      )
      yield* passUntil(
        Effect.sync(() => {
          if (waiting.length >= 3 || now + names.filter((name) => statusOf(health, name) === "up").length === 9)
            for (const finish of waiting.splice(0)) finish()
          return names.every((name) => statusOf(health, name) === "up")
        })
      )
      expect(most).toBe(3)
    }).pipe(Effect.provide(Network.layer))
  )
})
