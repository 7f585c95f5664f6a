import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { ChatScript, ScriptedUpstream, UpstreamScript } from "../../src/testing/index.ts"
import { pair, passUntil, saysOf } from "./failoverSupport.ts"
import { eventually, hello, start, streamed } from "./support.ts"

describe("whom failover asks, and what it tells", () => {
  it.scoped("asks only who has a larger window when the prompt is too long", () =>
    Effect.gen(function* () {
      const small = yield* ScriptedUpstream.make
      const large = yield* ScriptedUpstream.make
      const other = { provider_type: "OpenAICompatible", default_model: "m", api_key: "sk-x" }
      const gateway = yield* pair(
        {
          profile: { context_window: 100_000, backup_providers: ["b", "small", "large"] },
          profiles: [
            { ...other, name: "small", base_url: `${small.url}/v1`, context_window: 50_000 },
            { ...other, name: "large", base_url: `${large.url}/v1`, context_window: 400_000 }
          ]
        },
        { default_model: "of-unknown-size" }
      )
      const tooLong = { error: { message: "maximum context length is 100000 tokens", code: "context_length_exceeded" } }
      yield* gateway.first.enqueue(UpstreamScript.respond(400, tooLong))
      yield* large.enqueue(ChatScript.whole({ text: "it fits" }))
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("it fits")
      expect(yield* small.requests).toEqual([])
      expect(yield* gateway.second.requests).toEqual([])
      // where it fits nowhere, the client hears the sentence on which it compacts
      yield* gateway.first.enqueue(UpstreamScript.respond(400, tooLong))
      yield* large.enqueue(UpstreamScript.respond(500, { error: { message: "boom" } }))
      const answer = yield* gateway.ask({ body: hello() })
      expect(answer.status).toBe(400)
      yield* eventually(() => gateway.journal.recent(9).length === 2)
      expect(gateway.journal.recent(1)[0]?.attempts.map(({ next }) => next)).toEqual([
        "the next one was asked",
        "told the client: nobody else is left"
      ])
      expect(JSON.parse(answer.text).error.message).toMatch(/^prompt is too long.*\nclaudex also asked: large/s)
    })
  )

  it.scoped("does not claim that another was asked when the prompt fits none of those who are left", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ profile: { context_window: 100_000 } }, { context_window: 50_000 })
      const error = { message: "maximum context length is 100000 tokens", code: "context_length_exceeded" }
      yield* gateway.first.enqueue(UpstreamScript.respond(400, { error }))
      expect((yield* gateway.ask({ body: hello() })).status).toBe(400)
      yield* eventually(() => gateway.journal.recent(9).length === 1)
      const [record] = gateway.journal.recent(1)
      expect(record?.attempts.map(({ next, profile }) => [profile, next])).toEqual([
        ["p", "told the client: nobody else is left"]
      ])
    })
  )

  it.scoped("writes down the provider's id of the request that was answered, not of one that failed before", () =>
    Effect.gen(function* () {
      const gateway = yield* pair()
      const id = { "x-request-id": "req_first" }
      yield* gateway.first.enqueue(
        UpstreamScript.respond(500, "", id),
        UpstreamScript.respond(200, { choices: [{ message: { content: "here" }, finish_reason: "stop" }] }, id)
      )
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("from the backup")
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("here")
      yield* eventually(() => gateway.journal.recent(9).length === 2)
      expect(gateway.journal.recent(9).map((record) => record.upstream_id)).toEqual(["req_first", undefined])
    })
  )

  it.scoped("tells the failure that the client can act on, and who else was asked", () =>
    Effect.gen(function* () {
      const gateway = yield* pair()
      yield* gateway.first.enqueue(
        UpstreamScript.respond(429, { error: { message: "slow down" } }, { "retry-after": "30" })
      )
      yield* gateway.second.enqueue(UpstreamScript.respond(401, { error: { message: "wrong key" } }))
      const answer = yield* gateway.ask({ body: hello() })
      expect(answer.status).toBe(429)
      expect(answer.headers).toMatchObject({ "retry-after": "30", "x-claudex-attempts": "2" })
      expect(answer.headers["x-should-retry"]).toBeUndefined()
      expect(JSON.parse(answer.text).error.message).toBe(
        "p: slow down\nclaudex also asked: b (401 authentication_error)."
      )
    })
  )

  it.scoped("passes over a profile that is left alone, and says so when there is nobody else", () =>
    Effect.gen(function* () {
      const gateway = yield* pair()
      const slow = UpstreamScript.respond(429, { error: { message: "slow down" } }, { "retry-after": "60" })
      yield* gateway.first.enqueue(slow)
      for (const attempts of ["2", "1"]) {
        const answer = yield* gateway.ask({ body: hello() })
        expect(saysOf(answer)).toBe("from the backup")
        expect(answer.headers["x-claudex-attempts"]).toBe(attempts)
      }
      yield* gateway.second.enqueue(slow)
      yield* gateway.ask({ body: hello() })
      yield* TestClock.adjust("20 seconds")
      const answer = yield* gateway.ask({ body: hello() })
      expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "40"])
      expect(yield* gateway.first.requests).toHaveLength(1)
      yield* TestClock.adjust("40 seconds")
      yield* gateway.first.enqueue(ChatScript.whole({ text: "well again" }))
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("well again")
    })
  )

  it.scoped("does not hold it against a provider that the request, the key or the client was at fault", () =>
    Effect.gen(function* () {
      const gateway = yield* start({ settings: { resilience: { retries: 0, failures: 1, minimum_calls: 1 } } })
      for (const status of [400, 413, 422, 401, 403, 404]) {
        yield* gateway.upstream.enqueue(UpstreamScript.respond(status, { error: { message: "no" } }))
        yield* gateway.ask({ body: hello() })
        yield* gateway.upstream.take
      }
      yield* gateway.upstream.enqueue(UpstreamScript.silence)
      const leaving = yield* Effect.fork(Effect.scoped(gateway.converse({ body: streamed() })))
      const left = yield* gateway.upstream.take
      yield* Fiber.interrupt(leaving)
      expect(yield* left.outcome).toBe("abandoned")
      yield* gateway.upstream.enqueue(ChatScript.whole({ text: "still asked" }))
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("still asked")
    })
  )

  it.scoped("goes on to the backup when the profile's key is missing", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ profile: { api_key: "${NO_SUCH_KEY}" } })
      const answer = yield* gateway.ask({ body: hello() })
      expect(saysOf(answer)).toBe("from the backup")
      const alone = yield* start({ profile: { api_key: "${NO_SUCH_KEY}" } })
      expect((yield* alone.ask({ body: hello() })).status).toBe(401)
    })
  )

  it.scoped("asks no profile that is disabled, and others by their priority only where the user says so", () =>
    Effect.gen(function* () {
      const others = yield* Effect.all([ScriptedUpstream.make, ScriptedUpstream.make, ScriptedUpstream.make])
      const profiles = others.map((upstream, at) => ({
        name: `other-${at}`,
        provider_type: "OpenAICompatible",
        base_url: `${upstream.url}/v1`,
        default_model: "m",
        api_key: "sk-x",
        priority: 10 - at,
        enabled: at !== 2
      }))
      for (const upstream of others) yield* upstream.fallback(() => UpstreamScript.respond(500, ""))
      for (const any_profile of [false, true]) {
        const gateway = yield* pair(
          { settings: { resilience: { retries: 0, any_profile } }, profiles },
          { enabled: false }
        )
        yield* gateway.first.fallback(() => UpstreamScript.respond(500, ""))
        const answer = yield* gateway.ask({ body: hello() })
        const asked = JSON.parse(answer.text).error.message.split("claudex also asked: ")[1] ?? ""
        expect(asked).toBe(any_profile ? "p (500 api_error), other-1 (500 api_error)." : "")
        expect(yield* gateway.second.requests).toEqual([])
      }
    })
  )

  it.scoped("begins nothing new while the gateway goes", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ settings: { resilience: { retries: 1 } } })
      yield* gateway.first.fallback(() => UpstreamScript.respond(500, { error: { message: "boom" } }))
      yield* gateway.second.fallback(() => UpstreamScript.respond(500, { error: { message: "boom" } }))
      yield* gateway.first.enqueue(UpstreamScript.silence)
      const asking = yield* Effect.fork(gateway.ask({ body: streamed() }))
      yield* gateway.first.take
      const going = yield* Effect.fork(gateway.lifecycle.drain("10 seconds"))
      yield* passUntil(Effect.sync(() => going.unsafePoll() !== null))
      const answer = yield* Fiber.join(asking)
      expect(answer.text).toContain("claudex is shutting down")
      expect(yield* gateway.second.requests).toEqual([])
    })
  )
})
