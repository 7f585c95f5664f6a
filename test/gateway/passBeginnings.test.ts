/** How streams of an Anthropic upstream begin: as an answer, which passes as it is, or as a failure, which gets a status. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { UpstreamScript } from "../../src/testing/index.ts"
import { delta, expectRefused, half, kinds, profile, record } from "./passSupport.ts"
import { breathe, start, streamed } from "./support.ts"

describe.each(kinds)("a stream that is handed on over the %s wire", (kind) => {
  it.scoped("is a failure with a status when its stream begins with one, however its bytes are cut", () =>
    Effect.gen(function* () {
      const { ask, breaker, upstream } = yield* start({ kind, profile })
      const overloaded = record("error", { error: { type: "overloaded_error", message: "Overloaded" } })
      const before = `: hello\n\n${record("ping")}`
      const said = {
        "content-type": "text/event-stream",
        "retry-after": "7",
        "anthropic-ratelimit-unified-status": "rejected"
      }
      for (const [sent, status, words] of [
        [overloaded, 529, /^p: Overloaded$/],
        [before + overloaded, 529, /^p: Overloaded$/],
        [overloaded.trimEnd(), 529, /^p: Overloaded$/],
        [overloaded.replaceAll("\n", "\r\n"), 529, /^p: Overloaded$/],
        [record("error", { error: { type: "rate_limit_error", message: "slow down" } }), 429, /^p: slow down$/],
        ['data: {"error":{"message":"no such thing"}}\n\n', 502, /^p: no such thing$/],
        ['data: {"error":"no such thing"}\n\n', 502, /^p: no such thing$/],
        ['data: {"code":500,"msg":"boom","success":false}\n\n', 500, /^p: boom$/],
        ['data: [{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]\n\n', 429, /^p: slow$/],
        ["event: error\ndata: upstream gone\n\n", 502, /^p: upstream gone$/],
        [`data: keep-alive\n\n${overloaded}`, 529, /^p: Overloaded$/]
      ] as const) {
        for (const pieces of [[sent], Array.from(sent)]) {
          yield* upstream.enqueue(UpstreamScript.stream(pieces, said))
          const answer = yield* ask({ body: streamed() })
          expectRefused(answer, status, words)
          expect(answer.headers).toMatchObject({ "retry-after": "7", "anthropic-ratelimit-unified-status": "rejected" })
          yield* breaker.reset("p")
        }
      }
    })
  )

  it.scoped(
    "is the failure that its first record tells, though the connection breaks off or stays open behind it",
    () =>
      Effect.gen(function* () {
        const { ask, breaker, upstream } = yield* start({ kind, profile })
        const overloaded = record("error", { error: { type: "overloaded_error", message: "Overloaded" } })
        const unended = overloaded.slice(0, -1)
        yield* upstream.enqueue(UpstreamScript.stream([unended, UpstreamScript.destroy]))
        expectRefused(yield* ask({ body: streamed() }), 529, /^p: Overloaded$/)
        yield* upstream.enqueue(UpstreamScript.stream([unended.slice(0, -9), UpstreamScript.destroy]))
        expectRefused(yield* ask({ body: streamed() }), 502, /^p: .*ended early/)
        yield* breaker.reset("p")
        const end = record("message_stop").slice(0, -1)
        for (const [sent, status] of [
          [unended, 529],
          [end, 200]
        ] as const) {
          yield* upstream.enqueue(UpstreamScript.stream([sent, UpstreamScript.stall]))
          const pending = yield* Effect.fork(ask({ body: streamed() }))
          yield* upstream.take
          for (let i = 0; i < 20; i++) yield* breathe
          for (const _ of [1, 2, 3]) yield* TestClock.adjust("1 second")
          const answer = yield* Fiber.join(pending)
          if (status === 200) expect([answer.status, answer.text]).toEqual([200, end])
          else expectRefused(answer, status, /^p: Overloaded$/)
        }
      })
  )

  it.scoped("is what came when it begins with anything else", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind, profile })
      const end = record("message_stop")
      for (const sent of [
        record("ping") + half + end,
        `: hello\n\n${half}${end}`,
        `data: what is this\n\n${end}`,
        `${delta('an event: error is {"type":"error"}')}${end}`,
        delta("x".repeat(100_000)) + end,
        end.trimEnd(),
        `: ${"x".repeat(70_000)}\n\n${end}`
      ]) {
        yield* upstream.enqueue(UpstreamScript.stream([sent.slice(0, 9), sent.slice(9)]))
        const answer = yield* ask({ body: streamed() })
        expect([answer.status, answer.complete, answer.text]).toEqual([200, true, sent])
      }
    })
  )
})
