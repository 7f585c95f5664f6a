/** Everything but messages that a provider is asked in the client's own words. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { canary, start } from "./support.ts"

const direct = { provider_type: "DirectAnthropic", default_model: "claude-sonnet-4-5" }
const whole = '{ "type":"message","content":[]}'

describe("what an Anthropic upstream is asked besides messages", () => {
  it.scoped("counts tokens, 26 times at once", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: { ...direct, models: { haiku: "tiny" } } })
      yield* upstream.fallback(({ text }) => UpstreamScript.respond(200, `{"input_tokens": ${text.length}}`))
      const path = "/proxy/p/v1/messages/count_tokens?beta=true"
      const bodies = Array.from({ length: 26 }, (_, at) => `{"model":"claude-haiku-4-5", "messages":[${at}]}`)
      const answers = yield* Effect.forEach(bodies, (body) => ask({ path, body }), { concurrency: "unbounded" })
      const meant = bodies.map((body) => body.replace("claude-haiku-4-5", "tiny"))
      expect(answers.map(({ text }) => text)).toEqual(meant.map((body) => `{"input_tokens": ${body.length}}`))
      const sent = yield* upstream.requests
      expect(new Set(sent.map(({ text }) => text))).toEqual(new Set(meant))
      expect(new Set(sent.map(({ url }) => url))).toEqual(new Set(["/v1/messages/count_tokens?beta=true"]))
    })
  )

  it.scoped("is estimated where the provider cannot count, and refused where it refuses", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: direct })
      const path = "/proxy/p/v1/messages/count_tokens"
      const body = '{"model":"claude-haiku-4-5","messages":[{"role":"user","content":"how are you today?"}]}'
      for (const status of [404, 405, 501]) {
        yield* upstream.enqueue(UpstreamScript.respond(status, "<html>no</html>", { "content-type": "text/html" }))
        const answer = yield* ask({ path, body })
        expect([answer.status, JSON.parse(answer.text).input_tokens > 3]).toEqual([200, true])
      }
      const unknown = '{"type":"error","error":{"type":"not_found_error","message":"model: x"}}'
      yield* upstream.enqueue(UpstreamScript.respond(404, unknown, { "content-type": "application/json" }))
      expect((yield* ask({ path, body })).text).toBe(unknown)
      yield* upstream.enqueue(UpstreamScript.respond(401, '{"type":"error","error":{"type":"authentication_error"}}'))
      expect((yield* ask({ path, body })).status).toBe(401)
    })
  )

  it.scoped("lists its models", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: direct })
      const list = '{"data":[{"id":"claude-x"}],  "has_more":false}'
      yield* upstream.fallback(({ url }) =>
        url.startsWith("/v1/models/") ? UpstreamScript.respond(404, "{}") : UpstreamScript.respond(200, list)
      )
      const all = yield* ask({
        method: "GET",
        path: "/proxy/p/v1/models?limit=1000",
        headers: { "anthropic-beta": "b" }
      })
      expect([all.status, all.text]).toEqual([200, list])
      expect((yield* ask({ method: "GET", path: "/proxy/p/v1/models/a%2Fb" })).status).toBe(404)
      for (const id of ["%2e%2e", "%2E"])
        expect((yield* ask({ method: "GET", path: `/proxy/p/v1/models/${id}` })).status).toBe(404)
      expect((yield* ask({ method: "HEAD", path: "/proxy/p/v1/models" })).text).toBe("")
      const sent = yield* upstream.requests
      expect(sent.map(({ method, text, url }) => [method, url, text])).toEqual([
        ["GET", "/v1/models?limit=1000", ""],
        ["GET", "/v1/models/a%2Fb", ""],
        ["GET", "/v1/models", ""]
      ])
      expect(sent[0]?.headers).toMatchObject({ authorization: `Bearer ${canary}`, "anthropic-beta": "b" })
    })
  )

  it.scoped("is asked from another profile's place when its model was picked there, and the other way round", () =>
    Effect.gen(function* () {
      const { upstream } = yield* start()
      const chat = { name: "chat", provider_type: "OpenAICompatible", default_model: "m", api_key: "k-chat" }
      const { ask } = yield* start({
        profile: { ...direct, base_url: upstream.url },
        profiles: [{ ...chat, base_url: `${upstream.url}/openai` }]
      })
      yield* upstream.fallback((request) =>
        request.url.startsWith("/openai")
          ? ChatScript.answer(request, { text: "chat" })
          : UpstreamScript.respond(200, whole)
      )
      const body = (model: string) => ` {"model":"${model}","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`
      const picked = yield* ask({ path: "/proxy/chat/v1/messages", body: body("claudex-p__x-1") })
      expect(picked.text).toBe(whole)
      expect((yield* upstream.take).text).toBe(body("x-1"))
      const back = yield* ask({ body: body("claudex-chat__m") })
      expect(JSON.parse(back.text)).toMatchObject({ content: [{ text: "chat" }], model: "claudex-chat__m" })
      const path = "/proxy/chat/v1/messages/count_tokens"
      expect((yield* ask({ path, body: body("claudex-p__x-1") })).text).toBe(whole)
      expect(JSON.parse((yield* ask({ path, body: body("m") })).text)).toHaveProperty("input_tokens")
    })
  )
})
