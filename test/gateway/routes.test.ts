import * as Http from "node:http"
import { gzipSync, deflateSync, brotliCompressSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ConfigError } from "../../src/config/errors.ts"
import { readPickerId } from "../../src/provider/models.ts"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { type Answer, eventually, hello, start, streamed, token } from "./support.ts"

const problem = (answer: Answer) => {
  const body = JSON.parse(answer.text) as {
    readonly type: string
    readonly error: { readonly type: string; readonly message: string }
    readonly request_id: string
  }
  expect(body.type).toBe("error")
  expect(body.request_id).toBe(answer.headers["request-id"])
  return { status: answer.status, ...body.error }
}

describe("paths", () => {
  it.scoped("serve messages under a doubled version, with any query, a trailing slash, and an encoded name", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: { name: "my box/ü" } })
      yield* upstream.fallback(() => ChatScript.whole({ text: "hi" }))
      const name = encodeURIComponent("my box/ü")
      for (const path of ["/v1/messages", "/v1/v1/messages?beta=true&x=%", "/v1/messages/", "//v1//messages"]) {
        const answer = yield* ask({ path: `/proxy/${name}${path}`, body: hello() })
        expect(answer.status).toBe(200)
        expect(answer.headers["x-claudex-profile"]).toBe("my box/%C3%BC")
      }
    })
  )

  it.scoped("that do not exist, or not with this method, are refused in the client's terms", () =>
    Effect.gen(function* () {
      const { ask } = yield* start()
      const unknown = ["/nowhere", "/proxy/p/v1/complete", "/proxy/%E0%A4%A/v1/messages", "/proxy//v1/messages"]
      for (const path of unknown) {
        expect(problem(yield* ask({ path, body: hello() }))).toMatchObject({ status: 404, type: "not_found_error" })
      }
      const wrong = yield* ask({ method: "GET", path: "/proxy/p/v1/messages" })
      expect(problem(wrong)).toMatchObject({ status: 405, type: "invalid_request_error" })
      expect(wrong.headers["allow"]).toBe("POST")
      expect((yield* ask({ method: "DELETE", path: "/health" })).status).toBe(405)
      expect((yield* ask({ method: "OPTIONS", path: "/proxy/p/v1/messages" })).status).toBe(405)
    })
  )
})

describe("a profile", () => {
  it.scoped(
    "that is unknown, disabled, of another protocol or without its key is told so, and no retry is wanted",
    () =>
      Effect.gen(function* () {
        const more = { provider_type: "OpenAICompatible", base_url: "http://127.0.0.1:1", default_model: "m" }
        const { ask } = yield* start({
          profiles: [
            { ...more, name: "off", enabled: false },
            { ...more, name: "direct", provider_type: "DirectAnthropic", base_url: "https://api.anthropic.com" },
            {
              ...more,
              name: "login",
              provider_type: "DirectAnthropic",
              auth_type: "oauth",
              oauth_provider: "claude",
              base_url: "https://api.anthropic.com"
            },
            { ...more, name: "keyless", api_key_env: "NO_SUCH_KEY" },
            { ...more, name: "template", base_url: "http://${NO_SUCH_HOST}/v1" },
            { ...more, name: "nourl", base_url: "ftp://x" }
          ]
        })
        const cases: ReadonlyArray<readonly [string, number, string]> = [
          ["nobody", 404, 'claudex has no profile "nobody"; there are: p, off'],
          ["off", 403, "disabled"],
          ["direct", 401, "api_key_env, or set api_key"],
          ["login", 400, "its own login"],
          ["keyless", 401, "NO_SUCH_KEY"],
          ["template", 401, "NO_SUCH_HOST"],
          ["nourl", 500, "base_url of profile nourl"]
        ]
        for (const [name, status, words] of cases) {
          const answer = yield* ask({ path: `/proxy/${name}/v1/messages`, body: hello() })
          expect(problem(answer)).toMatchObject({ status, message: expect.stringContaining(words) })
          expect(answer.headers["x-should-retry"]).toBe("false")
        }
      })
  )

  it.scoped("takes its key from the variables a session lends", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({
        profile: { api_key: "", api_key_env: "P_KEY" },
        environment: { P_KEY: "own-key" }
      })
      yield* upstream.fallback(() => ChatScript.whole({ text: "hi" }))
      const path = "/claudex/environment"
      yield* ask({ body: hello() })
      expect((yield* ask({ method: "PUT", path, body: { P_KEY: "lent-key", OTHER: "x" } })).status).toBe(200)
      yield* ask({ body: hello() })
      const keys = (yield* upstream.requests).map((request) => request.headers["authorization"])
      expect(keys).toEqual(["Bearer own-key", "Bearer lent-key"])
      for (const body of [{ P_KEY: 1 }, ["a"], "text", { "": "x" }, { "a=b": "x" }]) {
        const refused = yield* ask({ method: "PUT", path, body: JSON.stringify(body) })
        expect(problem(refused)).toMatchObject({ status: 400, type: "invalid_request_error" })
      }
      expect((yield* ask({ method: "PUT", path, body: { P_KEY: "x" }, anonymous: true })).status).toBe(401)
    })
  )

  it.scoped("decides which model answers, which fields are sent and how much may be said", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({
        profile: {
          models: { haiku: "small-1" },
          max_tokens: 50,
          strip_params: "temperature, stop",
          query_params: { "api-version": "1" },
          custom_headers: { "X-Team": "blue" }
        },
        profiles: [
          {
            name: "q",
            provider_type: "OpenAICompatible",
            base_url: "http://127.0.0.1:1/v1",
            default_model: "q-model",
            enabled: false
          }
        ],
        settings: { model_aliases: { quick: "small-2" } }
      })
      yield* upstream.fallback(() => ChatScript.whole({ text: "hi" }))
      const asked = ["claude-haiku-4-5-20251001", "claude-opus-4-1[1m]", "quick", "other/model", "claudex-p__small-1"]
      for (const model of asked) {
        const answer = yield* ask({ body: hello({ model, temperature: 1, stop_sequences: ["x"] }) })
        expect(JSON.parse(answer.text)).toMatchObject({ model })
      }
      const sent = yield* upstream.requests
      const models = ["small-1", "model-1", "small-2", "other/model", "small-1"]
      expect(sent.map((request) => (request.body as { readonly model: string }).model)).toEqual(models)
      expect(sent[0]).toMatchObject({
        url: "/v1/chat/completions?api-version=1",
        headers: { "x-team": "blue" },
        body: { max_tokens: 50 }
      })
      expect(sent[0]?.body).not.toHaveProperty("temperature")
      expect(sent[0]?.body).not.toHaveProperty("stop")
      const gone = yield* ask({ body: hello({ model: "claudex-old__m" }) })
      expect(problem(gone)).toMatchObject({ status: 404, message: expect.stringContaining('no profile "old"') })
      expect((yield* ask({ body: hello({ model: "claudex-q__q-model" }) })).status).toBe(403)
    })
  )

  it.scoped("is looked up in the workspace of the client", () =>
    Effect.gen(function* () {
      const anchors: Array<unknown> = []
      const { ask } = yield* start({
        config: {
          load: (anchor) => {
            anchors.push(anchor)
            return Effect.fail(
              new ConfigError({
                faults: [{ source: "/ws/claudex.toml", line: 3, path: "profiles", message: "is wrong" }]
              })
            )
          }
        }
      })
      // the gateway itself looks at its own place when it starts
      anchors.splice(0)
      const headers = { "x-claudex-workspace": "/home/%C3%BC/ws", "x-claudex-config": "/etc/my%20claudex.toml" }
      const answer = yield* ask({ body: hello(), headers })
      expect(problem(answer)).toMatchObject({
        status: 500,
        message: expect.stringContaining("/ws/claudex.toml:3: profiles: is wrong")
      })
      expect(answer.headers["x-should-retry"]).toBe("false")
      yield* ask({ body: hello() })
      expect(anchors).toMatchObject([
        { cwd: "/home/ü/ws", explicit: { _tag: "Some", value: "/etc/my claudex.toml" } },
        { cwd: "/", explicit: { _tag: "None" } }
      ])
      for (const path of ["relative", "%E0%A4%A"]) {
        const refused = yield* ask({ body: hello(), headers: { "x-claudex-workspace": path } })
        expect(problem(refused)).toMatchObject({ status: 400, message: expect.stringContaining("x-claudex-workspace") })
      }
    })
  )
})

describe("request bodies", () => {
  it.scoped("may be compressed, and need no content type", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      yield* upstream.fallback(() => ChatScript.whole({ text: "hi" }))
      const body = JSON.stringify(hello())
      const sent: ReadonlyArray<readonly [string, Uint8Array]> = [
        ["gzip", gzipSync(body)],
        ["GZIP", gzipSync(body, { level: 0 })],
        ["deflate", deflateSync(body)],
        ["identity", Buffer.from(body)]
      ]
      for (const [encoding, bytes] of sent) {
        const headers = { "content-encoding": encoding, "content-type": "text/plain" }
        expect((yield* ask({ body: bytes, headers })).status).toBe(200)
      }
      const br = yield* ask({ body: brotliCompressSync(body), headers: { "content-encoding": "br" } })
      expect(problem(br)).toMatchObject({ status: 400, message: expect.stringContaining("content-encoding br") })
      const broken = yield* ask({ body: gzipSync(body).subarray(0, 40), headers: { "content-encoding": "gzip" } })
      expect(problem(broken)).toMatchObject({ status: 400, message: expect.stringContaining("not valid gzip") })
    })
  )

  it.scoped("over the limit get a 413, announced, chunked or inflated", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start({ gateway: { maxBody: 1024 * 1024 } })
      const large = JSON.stringify(hello({ messages: [{ role: "user", content: "x".repeat(2 * 1024 * 1024) }] }))
      const pieces = large.match(/[^]{1,100000}/g) ?? []
      const tries = [
        { body: large },
        { body: pieces },
        { body: gzipSync(large), headers: { "content-encoding": "gzip" } }
      ]
      for (const one of tries) {
        const answer = yield* ask(one)
        expect(problem(answer)).toMatchObject({ status: 413, type: "request_too_large" })
        expect(answer.headers["x-should-retry"]).toBe("false")
      }
      expect(yield* upstream.requests).toEqual([])
      yield* eventually(() => log.lines.length === 3)
    })
  )

  it.scoped("over the limit need no end to get it, and are not under way any more", () =>
    Effect.gen(function* () {
      const { lifecycle, port } = yield* start({ gateway: { maxBody: 1024 * 1024 } })
      const headers = { authorization: `Bearer ${token}` }
      const path = "/proxy/p/v1/messages"
      const status = yield* Effect.async<number | undefined>((resume) => {
        const request = Http.request({ host: "127.0.0.1", port, method: "POST", path, headers, agent: false })
        request.once("response", (response) => resume(Effect.succeed(response.statusCode)))
        for (let size = 0; size <= 1024 * 1024; size += 64 * 1024) request.write("x".repeat(64 * 1024))
        return Effect.sync(() => void request.destroy())
      })
      expect(status).toBe(413)
      yield* eventually(() => lifecycle.inFlight() === 0)
    })
  )

  it.scoped("that are no JSON, or no request, are refused with the place", () =>
    Effect.gen(function* () {
      const { ask } = yield* start()
      const cases: ReadonlyArray<readonly [string, string]> = [
        ['{"model": "m",\n "messages": [}', "line 2, column 15"],
        ['{"model": "m"', "ends too early"],
        ["", "ends too early"],
        ["hello", "line 1, column 1"],
        ["[]", "must be a JSON object"],
        ['{"model":"m"}', "messages"]
      ]
      for (const [body, words] of cases) {
        expect(problem(yield* ask({ body }))).toMatchObject({
          status: 400,
          type: "invalid_request_error",
          message: expect.stringContaining(words)
        })
      }
    })
  )

  it.scoped("of 32 MB pass", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      yield* upstream.enqueue(ChatScript.whole({ text: "seen" }))
      const data = "A".repeat(32 * 1024 * 1024)
      const image = { type: "image", source: { type: "base64", media_type: "image/png", data } }
      const answer = yield* ask({ body: hello({ messages: [{ role: "user", content: [image] }] }) })
      expect(answer.status).toBe(200)
      expect((yield* upstream.take).text.length).toBeGreaterThan(data.length)
    })
  )
})

describe("count_tokens", () => {
  it.scoped("is answered here, many at once", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      const body = { model: "m", messages: [{ role: "user", content: "one two three four ".repeat(500) }] }
      const path = "/proxy/p/v1/messages/count_tokens?beta=true"
      const answers = yield* Effect.all(
        Array.from({ length: 26 }, () => ask({ path, body })),
        { concurrency: 26 }
      )
      for (const answer of answers) {
        const { input_tokens } = JSON.parse(answer.text) as { readonly input_tokens: number }
        expect(input_tokens).toBeGreaterThan(1500)
        expect(input_tokens).toBeLessThan(4000)
      }
      expect(yield* upstream.requests).toEqual([])
    })
  )
})

describe("the model list", () => {
  const setup = {
    profile: { name: "p", models: { haiku: "small" }, context_window: 1000 },
    profiles: [
      { name: "q", provider_type: "OpenAICompatible", base_url: "http://x/v1", default_model: "gpt-4o" },
      { name: "off", provider_type: "OpenAICompatible", base_url: "http://x/v1", default_model: "o", enabled: false }
    ],
    settings: { model_aliases: { quick: "small" }, model_info: { "small*": { context_window: 2000, output_limit: 9 } } }
  }

  it.scoped("shows what the client's picker takes, under true names", () =>
    Effect.gen(function* () {
      const { ask } = yield* start(setup)
      const list = JSON.parse((yield* ask({ method: "GET", path: "/proxy/p/v1/models?limit=1000" })).text)
      expect(list.data.map((model: { readonly display_name: string }) => model.display_name)).toEqual([
        "model-1 (p)",
        "small (p)",
        "quick (alias of small)",
        "gpt-4o (q)"
      ])
      expect(list).toMatchObject({ has_more: false, first_id: list.data[0].id, last_id: list.data[3].id })
      for (const model of list.data) {
        expect(model).toMatchObject({ type: "model", created_at: "1970-01-01T00:00:00Z" })
        expect(model.id).toMatch(/^claude/)
        expect(readPickerId(model.id)).toBeDefined()
      }
      expect(list.data[0].max_input_tokens).toBe(1000)
      expect(list.data[2]).toMatchObject({ max_input_tokens: 1000, max_tokens: 9 })
      expect(list.data[3]).toMatchObject({ max_input_tokens: 128_000, max_tokens: 16_384 })
      const all = JSON.parse((yield* ask({ method: "GET", path: "/v1/models" })).text)
      expect(all.data).toHaveLength(4)
      expect((yield* ask({ method: "GET", path: "/v1/models", anonymous: true })).status).toBe(401)
    })
  )

  it.scoped("is paged as the API does", () =>
    Effect.gen(function* () {
      const { ask } = yield* start(setup)
      const page = (query: string) =>
        Effect.map(ask({ method: "GET", path: `/proxy/p/v1/v1/models?${query}` }), (answer) => JSON.parse(answer.text))
      const ids = (list: { readonly data: ReadonlyArray<{ readonly id: string }> }) =>
        list.data.map((model) => model.id)
      const all = ids(yield* page("limit=nonsense"))
      const first = yield* page("limit=3")
      expect([ids(first), first.has_more]).toEqual([all.slice(0, 3), true])
      const second = yield* page(`limit=3&after_id=${first.last_id}`)
      expect([ids(second), second.has_more]).toEqual([all.slice(3), false])
      const back = yield* page(`limit=2&before_id=${all[3]}`)
      expect([ids(back), back.has_more]).toEqual([all.slice(1, 3), true])
      const none = yield* page(`after_id=${all[3]}`)
      expect(none).toEqual({ data: [], has_more: false, first_id: null, last_id: null })
    })
  )

  it.scoped("answers for single models, and every id it shows can be used", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start(setup)
      yield* upstream.fallback(() => ChatScript.whole({ text: "hi" }))
      const one = yield* ask({ method: "GET", path: "/proxy/p/v1/models/claudex-p__small" })
      expect(JSON.parse(one.text)).toMatchObject({ id: "claudex-p__small", display_name: "small (p)" })
      const none = yield* ask({ method: "GET", path: "/v1/models/gpt-9" })
      expect(problem(none)).toMatchObject({ status: 404, type: "not_found_error" })
      yield* ask({ body: streamed({ model: "claudex-p__small" }) })
      expect((yield* upstream.take).body).toMatchObject({ model: "small" })
    })
  )
})

describe("nothing known about a request", () => {
  it.scoped("lets a redirect of the provider take the key elsewhere", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      yield* upstream.enqueue(UpstreamScript.respond(307, "", { location: "http://127.0.0.1:1/steal" }))
      const answer = yield* ask({ body: hello() })
      expect(problem(answer)).toMatchObject({ status: 502, message: expect.stringContaining("redirects") })
      expect(yield* upstream.requests).toHaveLength(1)
    })
  )
})
