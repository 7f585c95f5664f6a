import { describe, expect, it } from "@effect/vitest"
import { Validator } from "@seriousme/openapi-schema-validator"
import { Deferred, Effect, Fiber, Queue, Schema, TestClock } from "effect"
import type { Config } from "../../../src/config/Config.ts"
import { ConfigFile } from "../../../src/config/ConfigFile.ts"
import { ConfigError } from "../../../src/config/errors.ts"
import { version } from "../../../src/domain/version.ts"
import { ChatScript, UpstreamScript } from "../../../src/testing/index.ts"
import { canary, eventsOf, hello, start, streamed } from "../support.ts"

const base = "/claudex/admin"
const get = (path: string) => ({ method: "GET", path: `${base}${path}` })
const post = (path: string) => ({ method: "POST", path: `${base}${path}` })

const all = [
  get("/status"),
  get("/profiles"),
  get("/requests"),
  get("/requests/last"),
  get("/events"),
  get("/openapi.json"),
  post("/reload"),
  post("/profiles/p/reset")
]

describe("the admin API", () => {
  it.scoped("tells nothing to whoever cannot show the token or comes from a web page", () =>
    Effect.gen(function* () {
      const { ask } = yield* start()
      for (const path of all) {
        const anonymous = yield* ask({ ...path, anonymous: true })
        expect([path.path, anonymous.status]).toEqual([path.path, 401])
        expect(JSON.parse(anonymous.text)).toMatchObject({ type: "error", error: { type: "authentication_error" } })
        const web = yield* ask({ ...path, headers: { origin: "http://localhost" } })
        expect([path.path, web.status]).toEqual([path.path, 403])
        const elsewhere = yield* ask({ ...path, headers: { host: "example.com" } })
        expect([path.path, elsewhere.status]).toEqual([path.path, 403])
      }
    })
  )

  it.scoped("describes itself in a valid OpenAPI document that has every endpoint", () =>
    Effect.gen(function* () {
      const { ask } = yield* start()
      const answer = yield* ask(get("/openapi.json"))
      expect(answer.status).toBe(200)
      const document = JSON.parse(answer.text)
      const result = yield* Effect.promise(() => new Validator().validate(document))
      expect(result).toMatchObject({ valid: true })
      expect(document.info).toMatchObject({ title: "claudex admin API", version })
      const operations = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path.slice(base.length)}`)
      )
      expect(operations.sort()).toEqual([
        "get /events",
        "get /openapi.json",
        "get /profiles",
        "get /requests",
        "get /requests/{id}",
        "get /status",
        "post /profiles/{profile}/reset",
        "post /reload"
      ])
      expect(document.components.securitySchemes.token).toMatchObject({ type: "http", scheme: "bearer" })
    })
  )

  it.scoped("tells how the gateway is", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      const more = yield* Deferred.make<void>()
      yield* upstream.enqueue(
        UpstreamScript.stream([
          ChatScript.text("one"),
          UpstreamScript.wait(Deferred.await(more)),
          ChatScript.finish("stop"),
          ChatScript.done
        ])
      )
      const open = yield* Effect.fork(ask({ body: streamed() }))
      yield* upstream.take
      const answer = yield* ask(get("/status"))
      expect(answer.headers["request-id"]).toMatch(/^req_/)
      expect(answer.headers["content-type"]).toBe("application/json")
      expect(JSON.parse(answer.text)).toMatchObject({
        instance: "i-1",
        pid: 42,
        versions: { claudex: "0.0.0", runtime: `node ${process.versions.node}` },
        in_flight: 1,
        draining: false,
        configuration: { files: [] }
      })
      yield* Deferred.succeed(more, undefined)
      yield* Fiber.join(open)
      expect(JSON.parse((yield* ask(get("/status"))).text)).toMatchObject({ in_flight: 0 })
    })
  )

  it.scoped("lists profiles with their models, and no key of theirs", () =>
    Effect.gen(function* () {
      const { ask } = yield* start({
        profile: { models: { haiku: "small" }, backup_providers: ["q"], custom_headers: { "x-secret": canary } },
        profiles: [{ name: "q", base_url: `https://u:${canary}@api.x.ai/v1`, default_model: "grok-4", enabled: false }]
      })
      const answer = yield* ask(get("/profiles"))
      expect(answer.text).not.toContain(canary)
      const [p, q] = JSON.parse(answer.text).profiles
      expect(p).toMatchObject({
        name: "p",
        enabled: true,
        provider_type: "OpenAICompatible",
        default_model: "model-1",
        models: { haiku: "small", sonnet: "model-1", opus: "model-1", fable: "model-1" },
        backups: ["q"],
        breakers: []
      })
      expect(q).toMatchObject({ name: "q", enabled: false, provider: "xAI" })
    })
  )

  it.scoped("tells why nobody is let through to a model, and lets them through again when told to", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ settings: { resilience: { retries: 0, failures: 1 } } })
      yield* upstream.enqueue(UpstreamScript.respond(500, { error: { message: `no: ${canary}` } }))
      yield* ask({ body: hello() })
      const breakers = Effect.map(ask(get("/profiles")), ({ text }) => JSON.parse(text).profiles[0].breakers)
      const [open] = yield* breakers
      expect(open).toMatchObject({ profile: "p", model: "model-1", state: "open", reason: { type: "api_error" } })
      expect(JSON.stringify(open)).not.toContain(canary)
      const other = yield* ask(post("/profiles/p/reset?model=other"))
      expect([other.status, other.text]).toEqual([200, '{"reset":0}'])
      expect((yield* breakers)[0]).toMatchObject({ state: "open" })
      expect((yield* ask(post("/profiles/p/reset"))).text).toBe('{"reset":1}')
      expect((yield* breakers)[0]).toMatchObject({ state: "closed" })
      const unknown = yield* ask(post("/profiles/nobody/reset"))
      expect(unknown.status).toBe(404)
      expect(JSON.parse(unknown.text)).toMatchObject({ type: "error", error: { type: "not_found_error" } })
    })
  )

  it.scoped("lists the requests that are over, the newest first, of one profile if asked so", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({
        profiles: [
          {
            name: "q",
            provider_type: "OpenAICompatible",
            base_url: "http://127.0.0.1:1/v1",
            default_model: "m",
            backup_providers: ["p"]
          }
        ]
      })
      yield* upstream.enqueue(
        ChatScript.whole({ text: "one" }),
        ChatScript.whole({ text: "two" }),
        ChatScript.whole({ text: "three" })
      )
      const paths = ["/proxy/p/v1/messages", "/proxy/q/v1/messages", "/proxy/p/v1/messages"]
      const ids: Array<string> = []
      for (const path of paths) ids.unshift(String((yield* ask({ path, body: hello() })).headers["request-id"]))
      const listed = (query: string) =>
        Effect.map(ask(get(`/requests${query}`)), ({ text }) =>
          JSON.parse(text).requests.map(({ id }: { readonly id: string }) => id)
        )
      expect(yield* listed("")).toEqual(ids)
      expect(yield* listed("?limit=2")).toEqual(ids.slice(0, 2))
      expect(yield* listed("?profile=q")).toEqual([ids[1]])
      expect(yield* listed("?profile=p")).toEqual(ids)
      expect(yield* listed("?profile=p&limit=1")).toEqual([ids[0]])
      const status = JSON.parse((yield* ask(get("/status"))).text)
      expect(status.last_hour).toEqual({ complete: true, requests: 3, failed: 0, cancelled: 0, cost_usd: 0 })
      const { profiles } = JSON.parse((yield* ask(get("/profiles"))).text)
      expect(profiles.map(({ last_hour }: { readonly last_hour: object }) => last_hour)).toMatchObject([
        { requests: 3 },
        { requests: 1 }
      ])
    })
  )

  it.scoped("tells one request in detail, by its id, by how that begins, or as the last", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      yield* upstream.enqueue(UpstreamScript.respond(429, { error: { message: `slow down: ${canary}` } }))
      yield* upstream.enqueue(ChatScript.whole({ text: "two" }))
      const id = String((yield* ask({ body: hello() })).headers["request-id"])
      yield* ask({ body: hello() })
      for (const typed of [id, id.slice(0, -1)]) {
        const answer = yield* ask(get(`/requests/${typed}`))
        expect(answer.text).not.toContain(canary)
        expect(JSON.parse(answer.text)).toMatchObject({
          id,
          profile: "p",
          status: 429,
          attempts: [{ profile: "p", model: "model-1", outcome: "failed", error: { type: "rate_limit_error" } }]
        })
      }
      expect(JSON.parse((yield* ask(get("/requests/last"))).text)).toMatchObject({ served_by: "p", status: 200 })
      const several = yield* ask(get("/requests/req_"))
      expect(several.status).toBe(400)
      expect(several.text).toContain(id)
    })
  )

  it.scoped("answers 404 and 405 in the shape of all errors", () =>
    Effect.gen(function* () {
      const { ask } = yield* start()
      for (const path of [get("/nothing"), post("/status"), get("/requests/req_none"), get("/requests/last")]) {
        const answer = yield* ask(path)
        expect([path, answer.status]).toEqual([path, 404])
        expect(JSON.parse(answer.text)).toMatchObject({ type: "error", error: { type: "not_found_error" } })
      }
      const put = yield* ask({ method: "PUT", path: `${base}/status` })
      expect([put.status, put.headers["allow"]]).toEqual([405, "GET, POST"])
      expect((yield* ask(get("/requests?limit=0"))).status).toBe(400)
      expect((yield* ask(get("/requests?limit=201"))).status).toBe(400)
      const place = yield* ask({ ...get("/profiles"), headers: { "x-claudex-workspace": "here" } })
      expect(place.status).toBe(400)
      expect(JSON.parse(place.text)).toMatchObject({ type: "error", error: { type: "invalid_request_error" } })
    })
  )

  it.scoped("reads the configuration again when told to, and tells what is wrong with it", () =>
    Effect.gen(function* () {
      const settings = Schema.decodeUnknownSync(ConfigFile)({})
      const looks: Array<string | undefined> = []
      const fault = new ConfigError({
        faults: [{ path: "log_level", message: `is "api_key=${canary}"`, source: "/c.toml", line: 3 }]
      })
      let isFaulty = false
      const config: typeof Config.Service = {
        load: (_, look) =>
          Effect.suspend(() => {
            looks.push(look)
            if (isFaulty) return Effect.fail(fault)
            const files = [{ layer: "global" as const, path: "/c.toml" }]
            return Effect.succeed({ settings, files, origin: () => ({ layer: "default" as const }) })
          })
      }
      const { ask, converse } = yield* start({ config })
      const feed = yield* converse(get("/events"))
      yield* Queue.take(feed.pieces)
      const fine = yield* ask(post("/reload"))
      expect([fine.status, fine.text]).toEqual([200, '{"files":[{"layer":"global","path":"/c.toml"}]}'])
      expect(looks).toContain("again")
      isFaulty = true
      const faulty = yield* ask(post("/reload"))
      expect(faulty.status).toBe(200)
      expect(JSON.parse(faulty.text)).toMatchObject({
        files: [{ path: "/c.toml" }],
        problem: expect.stringContaining("/c.toml:3")
      })
      expect(faulty.text).not.toContain(canary)
      expect(eventsOf(yield* Queue.take(feed.pieces)).at(-1)).toEqual({
        type: "configuration",
        configuration: JSON.parse(faulty.text)
      })
    })
  )

  it.scoped("tells how a provider is, as soon as a request has shown it", () =>
    Effect.gen(function* () {
      const { ask, converse, upstream } = yield* start()
      const feed = yield* converse(get("/events"))
      yield* Queue.take(feed.pieces)
      yield* upstream.enqueue(ChatScript.whole({ text: "hi" }))
      yield* ask({ body: hello() })
      let seen = ""
      while (!/event: health\n.*\n\n/.test(seen)) seen += yield* Queue.take(feed.pieces)
      const event = eventsOf(seen).find(({ type }) => type === "health")
      expect(event).toMatchObject({ profile: "p", health: { status: "up", source: "traffic" } })
      const [p] = JSON.parse((yield* ask(get("/profiles"))).text).profiles
      expect(p.health).toEqual(event?.["health"])
    })
  )

  it.scoped("feeds what happens to whoever listens, until the gateway goes", () =>
    Effect.gen(function* () {
      const { ask, converse, lifecycle, upstream } = yield* start({
        settings: { resilience: { retries: 0, failures: 1 } }
      })
      const open = yield* converse(get("/events"))
      expect(open.headers["content-type"]).toBe("text/event-stream")
      expect(yield* Queue.take(open.pieces)).toBe(": claudex\n\n")
      yield* TestClock.adjust("15 seconds")
      expect(yield* Queue.take(open.pieces)).toBe(": keep-alive\n\n")
      yield* upstream.enqueue(UpstreamScript.respond(500, { error: { message: `no: ${canary}` } }))
      const id = String((yield* ask({ body: hello() })).headers["request-id"])
      const seen: Array<string> = []
      while (!/event: request\n.*\n\n$/.test(seen.join(""))) seen.push(yield* Queue.take(open.pieces))
      const events = eventsOf(seen.join(""))
      expect(events).toContainEqual(
        expect.objectContaining({ type: "breaker", breaker: expect.objectContaining({ profile: "p", state: "open" }) })
      )
      expect(events).toContainEqual(
        expect.objectContaining({ type: "request", request: expect.objectContaining({ id, status: 500 }) })
      )
      expect(lifecycle.inFlight()).toBe(0)
      yield* Effect.fork(lifecycle.drain("10 seconds"))
      const rest = yield* open.rest
      expect(rest.complete).toBe(true)
      expect(rest.text).toMatch(/: the gateway goes\n\n$/)
      expect(rest.text).not.toContain(canary)
    })
  )

  it.scoped("keeps nobody waiting for a listener that has hung up", () =>
    Effect.gen(function* () {
      const { converse, lifecycle } = yield* start()
      const gone = yield* converse(get("/events"))
      yield* Queue.take(gone.pieces)
      yield* gone.hangUp
      // the clock stands still: it ends only when nothing is waited for
      yield* lifecycle.drain("10 seconds")
      const late = yield* converse(get("/events"))
      expect((yield* late.rest).text).toBe(": claudex\n\n: the gateway goes\n\n")
      expect(JSON.parse((yield* converse(get("/status")).pipe(Effect.flatMap(({ rest }) => rest))).text)).toMatchObject(
        {
          draining: true
        }
      )
    })
  )
})
