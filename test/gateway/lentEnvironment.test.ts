import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema, TestClock } from "effect"
import { ConfigFile } from "../../src/config/ConfigFile.ts"
import { Environment } from "../../src/config/Environment.ts"
import { noKeys } from "../../src/credentials/ApiKey.ts"
import { makeCandidates } from "../../src/gateway/candidates.ts"
import { LentEnvironment } from "../../src/gateway/LentEnvironment.ts"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { hello, start } from "./support.ts"

const path = "/claudex/environment"
const asking = (name: string) => ({ "x-claudex-environment": name })

/** A gateway whose profiles take their key and their address from the variables, and sessions that use it. */
const shared = Effect.gen(function* () {
  const fields = { base_url: "${PLACE}/v1", api_key: "", api_key_env: "KEY" }
  const gateway = yield* start({
    profile: fields,
    profiles: [{ ...fields, name: "direct", provider_type: "DirectAnthropic", default_model: "m" }],
    environment: { KEY: "own", PLACE: "http://127.0.0.1:9/own" }
  })
  const { ask, upstream } = gateway
  yield* upstream.fallback(() => ChatScript.whole({ text: "hi" }))
  const lend = (name: string, variables: Readonly<Record<string, string>>) =>
    ask({ method: "PUT", path, headers: asking(name), body: variables })
  const session = (name: string) => ({
    lend: lend(name, { KEY: `key-of-${name}`, PLACE: `${upstream.url}/${name}` }),
    ask: ask({ headers: asking(name), body: hello() })
  })
  const seen = Effect.map(upstream.requests, (all) => all.map(({ headers, url }) => [url, headers["authorization"]]))
  return { ...gateway, lend, session, seen }
})

const sentTo = (name: string, end = "chat/completions") => [`/${name}/v1/${end}`, `Bearer key-of-${name}`]

describe("what a session lent", () => {
  it.scoped("holds for its own requests, whatever others lend later", () =>
    Effect.gen(function* () {
      const { ask, seen, session } = yield* shared
      const [a, b] = [session("a"), session("b")]
      yield* a.lend
      yield* a.ask
      yield* b.lend
      yield* b.ask
      yield* a.ask
      // no session's
      yield* ask({ body: hello() })
      expect(yield* seen).toEqual([sentTo("a"), sentTo("b"), sentTo("a"), sentTo("b")])
    })
  )

  it.scoped("holds for whatever it asks of a provider", () =>
    Effect.gen(function* () {
      const { ask, seen, session, upstream } = yield* shared
      yield* upstream.fallback(() => UpstreamScript.respond(200, { data: [], input_tokens: 1 }))
      yield* session("a").lend
      yield* session("b").lend
      const headers = asking("a")
      yield* ask({ path: "/proxy/direct/v1/messages/count_tokens", headers, body: hello() })
      yield* ask({ method: "GET", path: "/proxy/direct/v1/models", headers })
      expect(yield* seen).toEqual([sentTo("a", "messages/count_tokens"), sentTo("a", "models")])
    })
  )

  it.scoped("is all that holds for it besides the gateway's own variables", () =>
    Effect.gen(function* () {
      const { ask, lend, seen, session, upstream } = yield* shared
      yield* session("a").lend
      yield* lend("c", { PLACE: `${upstream.url}/c` })
      yield* ask({ headers: asking("c"), body: hello() })
      expect(yield* seen).toEqual([["/c/v1/chat/completions", "Bearer own"]])
    })
  )
})

describe("a session whose variables the gateway does not know", () => {
  it.scoped("is told to ask again until it has lent them, and never served with those of another one", () =>
    Effect.gen(function* () {
      const { seen, session } = yield* shared
      const [a, b] = [session("a"), session("b")]
      yield* b.lend
      for (const _ of [1, 2]) {
        const { headers, status, text } = yield* a.ask
        expect([status, headers["retry-after"], headers["x-should-retry"]]).toEqual([503, "2", undefined])
        expect(text).toContain("environment variables")
        yield* TestClock.adjust("30 seconds")
      }
      expect(yield* seen).toEqual([])
      yield* a.lend
      expect((yield* a.ask).status).toBe(200)
      expect(yield* seen).toEqual([sentTo("a")])
    })
  )
})

describe("the variables of many sessions", () => {
  const lentOf = Effect.provide(LentEnvironment, LentEnvironment.layer)

  it.effect("are forgotten beyond a bound, those first that nobody used for the longest time", () =>
    Effect.gen(function* () {
      const lent = yield* lentOf
      yield* lent.lend({ KEY: "old" }, "in use")
      yield* lent.lend({ KEY: "idle" }, "idle")
      for (let i = 0; i < 600; i++) {
        yield* lent.lend({ KEY: String(i) }, `session ${i}`)
        expect(lent.of("in use")).toEqual({ KEY: "old" })
      }
      expect(lent.of("idle")).toBeUndefined()
      expect(lent.of("session 599")).toEqual({ KEY: "599" })
    }).pipe(Effect.provide(Environment.layerOf({})))
  )

  it.effect("are those that were lent last under a name, whatever was lent under it or by others before", () =>
    Effect.gen(function* () {
      const lent = yield* lentOf
      yield* lent.lend({ KEY: "a", PLACE: "a" }, "a")
      yield* lent.lend({ KEY: "b" }, "b")
      expect(lent.of("b")).toEqual({ OWN: "own", KEY: "b" })
      yield* lent.lend({ PLACE: "c" }, "a")
      expect(lent.of("a")).toEqual({ OWN: "own", PLACE: "c" })
      expect(lent.of("")).toEqual({ OWN: "own", KEY: "b", PLACE: "c" })
    }).pipe(Effect.provide(Environment.layerOf({ OWN: "own" })))
  )

  it.effect("do not make the gateway work out again who may answer", () =>
    Effect.gen(function* () {
      const lent = yield* lentOf
      const settings = Schema.decodeSync(ConfigFile)({
        profiles: [{ name: "p", base_url: "http://127.0.0.1:9/v1", default_model: "m", api_key_env: "KEY" }]
      })
      const candidatesFor = makeCandidates({ get: noKeys, generation: () => 0 }, (one) => one)
      const found = (name: string) => candidatesFor("p", "m", settings, lent.of(name) ?? {})
      yield* lent.lend({ KEY: "a" }, "a")
      yield* lent.lend({ KEY: "b" }, "b")
      const before = [yield* found("a"), yield* found("b")]
      // another session with the same variables, and the same one to the same gateway
      yield* lent.lend({ KEY: "a" }, "a")
      const after = [yield* found("a"), yield* found("b")]
      expect(after.map((one, at) => one === before[at])).toEqual([true, true])
      expect(before[0]).not.toEqual(before[1])
    }).pipe(Effect.provide(Environment.layerOf({})))
  )
})
