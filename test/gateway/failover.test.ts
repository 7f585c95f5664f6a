import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Queue } from "effect"
import { AnthropicScript, ChatScript, ResponsesScript, UpstreamScript } from "../../src/testing/index.ts"
import { pair, passUntil, reached, saysOf, settings } from "./failoverSupport.ts"
import { type Ask, eventsOf, hello, start, streamed } from "./support.ts"

const refusals = [
  UpstreamScript.respond(429, { error: { message: "slow down" } }),
  UpstreamScript.respond(500, { error: { message: "boom" } }),
  UpstreamScript.respond(502, "<html>bad gateway</html>"),
  UpstreamScript.respond(503, { error: { message: "busy" } }),
  UpstreamScript.respond(529, { error: { message: "overloaded" } }),
  UpstreamScript.respond(408, { error: { message: "too slow" } }),
  UpstreamScript.respond(409, { error: { message: "conflict" } }),
  UpstreamScript.respond(401, { error: { message: "wrong key" } }),
  UpstreamScript.respond(402, { error: { message: "no money" } }),
  UpstreamScript.respond(403, { error: { message: "no access" } }),
  UpstreamScript.respond(404, { error: { message: "no such model" } }),
  UpstreamScript.respond(200, { error: { message: "an error under a success", code: "server_error" } }),
  UpstreamScript.stream([ChatScript.record({ error: { message: "overloaded", code: 529 } })]),
  UpstreamScript.stream([UpstreamScript.destroy]),
  UpstreamScript.reset
]

const deterministic = [
  UpstreamScript.respond(400, { error: { message: "tools: bad schema" } }),
  UpstreamScript.respond(413, { error: { message: "the body is too large" } }),
  UpstreamScript.respond(422, { error: { message: "unprocessable" } })
]

const bodies: ReadonlyArray<readonly [string, Ask]> = [
  ["a whole answer", { body: hello() }],
  ["a stream", { body: streamed() }]
]

describe("failover", () => {
  for (const [what, ask] of bodies) {
    it.scoped(`brings ${what} from the backup, whatever the profile's provider failed with`, () =>
      Effect.gen(function* () {
        const gateway = yield* pair()
        for (const refusal of refusals) {
          yield* gateway.first.enqueue(refusal)
          const answer = yield* gateway.ask(ask)
          expect(saysOf(answer)).toBe("from the backup")
          expect(answer.headers).toMatchObject({
            "x-claudex-profile": "b",
            "x-claudex-model": "backup-1",
            "x-claudex-attempts": "2"
          })
          yield* gateway.breaker.reset("p")
        }
        expect(yield* gateway.first.requests).toHaveLength(refusals.length)
      })
    )

    it.scoped(`does not ask the backup for ${what} where it would fail the same way`, () =>
      Effect.gen(function* () {
        const gateway = yield* pair()
        for (const refusal of deterministic) {
          yield* gateway.first.enqueue(refusal)
          const answer = yield* gateway.ask(ask)
          expect([400, 413]).toContain(answer.status)
          expect(answer.headers["x-claudex-profile"]).toBe("p")
        }
        expect(yield* gateway.second.requests).toEqual([])
      })
    )
  }

  for (const [asked, own, expected] of [
    ["claude-haiku-4-5", { haiku: "small" }, "small"],
    ["claude-haiku-4-5", { opus: "large" }, "backup-1"],
    ["opus", { opus: "large" }, "large"],
    // the launcher gave Claude Code the profile's own name for its haiku tier
    ["model-mini", { haiku: "small" }, "small"],
    ["model-1", { haiku: "small" }, "backup-1"],
    ["something-else", { haiku: "small" }, "backup-1"],
    ["short", { haiku: "small" }, "small"],
    ["backup-1", { haiku: "small" }, "backup-1"]
  ] as const) {
    it.scoped(`asks the backup for its own model where ${asked} was asked for: ${expected}`, () =>
      Effect.gen(function* () {
        const gateway = yield* pair(
          {
            profile: { models: { haiku: "model-mini" } },
            settings: { ...settings, model_aliases: { short: "model-mini" } }
          },
          { models: own }
        )
        yield* gateway.first.enqueue(UpstreamScript.respond(500, ""))
        yield* gateway.ask({ body: hello({ model: asked }) })
        const [request] = yield* gateway.second.requests
        expect(request?.body).toMatchObject({ model: expected })
        expect(request?.headers["authorization"]).toBe("Bearer sk-backup")
      })
    )
  }

  it.scoped("translates for each candidate in its own protocol, and hands on where that is the client's", () =>
    Effect.gen(function* () {
      for (const [type, answer] of [
        ["OpenAIResponses", ResponsesScript.answer],
        ["DirectAnthropic", AnthropicScript.answer]
      ] as const) {
        const gateway = yield* pair({}, { provider_type: type })
        yield* gateway.second.fallback((request) => answer(request, { text: type }))
        for (const [, ask] of bodies) {
          yield* gateway.first.enqueue(UpstreamScript.respond(529, ""))
          expect(saysOf(yield* gateway.ask(ask))).toBe(type)
        }
      }
    })
  )

  it.scoped(
    "leaves a provider of the client's own protocol as well, and hands its last word on when nobody else answers",
    () =>
      Effect.gen(function* () {
        const gateway = yield* pair({ profile: { provider_type: "DirectAnthropic" } })
        const words = '{"type":"error", "error":{"type":"overloaded_error","message":"busy"}}'
        yield* gateway.first.enqueue(UpstreamScript.respond(529, words))
        expect(saysOf(yield* gateway.ask({ body: streamed() }))).toBe("from the backup")
        yield* gateway.first.enqueue(UpstreamScript.stream([`event: error\ndata: ${words}\n\n`]))
        expect(saysOf(yield* gateway.ask({ body: streamed() }))).toBe("from the backup")
        const alone = yield* start({ settings, profile: { provider_type: "DirectAnthropic" } })
        yield* alone.upstream.enqueue(UpstreamScript.respond(529, words))
        const answer = yield* alone.ask({ body: streamed() })
        expect([answer.status, answer.text]).toEqual([529, words])
      })
  )

  it.scoped("does not begin again once something of an answer reached the client", () =>
    Effect.gen(function* () {
      const gateway = yield* pair()
      yield* gateway.first.enqueue(UpstreamScript.stream([ChatScript.text("half a"), UpstreamScript.destroy]))
      const answer = yield* gateway.ask({ body: streamed() })
      expect(saysOf(answer)).toBe("half a")
      expect(eventsOf(answer.text).at(-1)).toMatchObject({ type: "error" })
      expect(yield* gateway.second.requests).toEqual([])
    })
  )

  it.scoped("lets go of a provider that stalls, and closes its connection when it loses", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ profile: { timeouts: { first_byte_seconds: 30 } } })
      yield* gateway.first.enqueue(UpstreamScript.silence)
      const asking = yield* Effect.fork(gateway.converse({ body: streamed() }))
      const stalled = yield* gateway.first.take
      yield* passUntil(Effect.sync(() => asking.unsafePoll() !== null))
      const open = yield* Fiber.join(asking)
      // the client got its headers and pings, while nothing was decided
      expect(open.status).toBe(200)
      expect(eventsOf(yield* Queue.take(open.pieces))).toEqual([{ type: "ping" }])
      yield* reached(gateway.second, 1)
      expect(yield* stalled.outcome).toBe("abandoned")
      const answer = yield* open.rest
      expect(saysOf(answer)).toBe("from the backup")
      const types = eventsOf(answer.text).map(({ type }) => type)
      expect(types.filter((type) => type === "message_start")).toHaveLength(1)
      expect(types.filter((type) => type !== "ping").at(-1)).toBe("message_stop")
    })
  )

  it.scoped("ends a stream that was promised with an honest error when nobody answers", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ profile: { timeouts: { first_byte_seconds: 30 } } })
      yield* gateway.first.enqueue(UpstreamScript.silence)
      yield* gateway.second.enqueue(UpstreamScript.respond(500, { error: { message: "boom" } }))
      const asking = yield* Effect.fork(gateway.converse({ body: streamed() }))
      yield* passUntil(Effect.sync(() => asking.unsafePoll() !== null))
      const open = yield* Fiber.join(asking)
      yield* reached(gateway.second, 1)
      const events = eventsOf((yield* open.rest).text)
      expect(events.at(-1)).toMatchObject({ type: "error", error: { type: "api_error" } })
      expect(events.filter(({ type }) => type !== "ping")).toHaveLength(1)
    })
  )

  it.scoped(
    "asks the same profile again where the failure may pass, after a pause, and no more often than allowed",
    () =>
      Effect.gen(function* () {
        const gateway = yield* pair({ settings: { resilience: { retries: 2, failures: 1_000 } } })
        const boom = UpstreamScript.respond(500, { error: { message: "boom" } })
        yield* gateway.first.enqueue(boom, boom, boom)
        const asking = yield* Effect.fork(gateway.ask({ body: hello() }))
        yield* reached(gateway.second, 1)
        const answer = yield* Fiber.join(asking)
        expect(saysOf(answer)).toBe("from the backup")
        expect(answer.headers["x-claudex-attempts"]).toBe("4")
        expect(yield* gateway.first.requests).toHaveLength(3)
      })
  )

  it.scoped("is well again at the second try, and nobody else is asked", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ settings: { resilience: { retries: 1 } } })
      yield* gateway.first.enqueue(UpstreamScript.reset)
      yield* gateway.first.fallback((request) => ChatScript.answer(request, { text: "well again" }))
      const asking = yield* Effect.fork(gateway.ask({ body: streamed() }))
      yield* reached(gateway.first, 2)
      expect(saysOf(yield* Fiber.join(asking))).toBe("well again")
      expect(yield* gateway.second.requests).toEqual([])
    })
  )

  it.scoped("does not ask a profile again that wants less, or cannot", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ settings: { resilience: { retries: 3, failures: 1_000 } } })
      for (const status of [429, 401]) {
        yield* gateway.first.enqueue(UpstreamScript.respond(status, { error: { message: "no" } }))
        expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("from the backup")
      }
      expect(yield* gateway.first.requests).toHaveLength(2)
    })
  )

  it.scoped("stops at the request's budget of attempts", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ settings: { resilience: { retries: 0, attempts: 1 } } })
      yield* gateway.first.enqueue(UpstreamScript.respond(500, { error: { message: "boom" } }))
      expect((yield* gateway.ask({ body: hello() })).status).toBe(500)
      expect(yield* gateway.second.requests).toEqual([])
    })
  )

  it.scoped("begins no attempt when the request's time is used up", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({
        settings: { resilience: { retries: 0, budget_seconds: 20 } },
        profile: { timeouts: { first_byte_seconds: 30 } }
      })
      yield* gateway.first.enqueue(UpstreamScript.silence)
      const asking = yield* Effect.fork(gateway.ask({ body: hello() }))
      yield* passUntil(Effect.sync(() => asking.unsafePoll() !== null))
      expect((yield* Fiber.join(asking)).status).toBe(504)
      expect(yield* gateway.second.requests).toEqual([])
    })
  )
})
