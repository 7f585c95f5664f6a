/** A provider that failed and is tried again by one request: what becomes of all others meanwhile. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, TestClock } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { pair, passUntil, saysOf } from "./failoverSupport.ts"
import { breathe, hello, inTime, type Setup, start, streamed } from "./support.ts"

const resilience = { retries: 0, failures: 1, open_seconds: 5, budget_seconds: 120 }
const settings = { resilience }
const boom = UpstreamScript.respond(500, { error: { message: "boom" } })

/** Its provider failed, was left alone, and is tried by a request that it answers as the script says. */
const tried = (setup: Setup, script: UpstreamScript.Script) =>
  Effect.gen(function* () {
    const gateway = yield* start({ settings, ...setup })
    yield* gateway.upstream.fallback((request) => ChatScript.answer(request, { text: "well again" }))
    yield* gateway.upstream.enqueue(boom, script)
    yield* gateway.ask({ body: hello() })
    yield* gateway.upstream.take
    yield* TestClock.adjust("5 seconds")
    const probe = yield* Effect.fork(gateway.ask({ body: hello() }))
    yield* gateway.upstream.take
    return { ...gateway, probe }
  })

const requestsUnderWay = (lifecycle: { readonly inFlight: () => number }, times: number) =>
  passUntil(Effect.sync(() => lifecycle.inFlight() === times))

describe("while one request tries a provider that failed", () => {
  it.scoped("others wait for how that goes, and are answered when it does", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const well = UpstreamScript.stream([
        UpstreamScript.wait(Deferred.await(go)),
        ChatScript.text("well"),
        ChatScript.finish("stop"),
        ChatScript.done
      ])
      const { ask, journal, lifecycle, probe, upstream } = yield* tried({}, well)
      const others = yield* Effect.forkAll([streamed(), hello(), streamed()].map((body) => ask({ body })))
      yield* requestsUnderWay(lifecycle, 4)
      yield* TestClock.adjust("40 seconds")
      for (let turn = 0; turn < 50; turn++) yield* breathe
      expect(yield* upstream.requests).toHaveLength(2)
      yield* Deferred.succeed(go, undefined)
      expect(saysOf(yield* Fiber.join(probe))).toBe("well")
      expect((yield* Fiber.join(others)).map(saysOf)).toEqual(["well again", "well again", "well again"])
      yield* passUntil(Effect.sync(() => journal.recent(9).length === 5))
      const [last] = journal.recent(1)
      expect(last?.attempts).toMatchObject([
        { outcome: "skipped", next: "tried by another request" },
        { outcome: "answered" }
      ])
    })
  )

  it.scoped("others are refused with it when it fails, for as long as it is left alone then", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const failing = { ...boom, lateHeaders: true, steps: [UpstreamScript.wait(Deferred.await(go)), ...boom.steps] }
      const { ask, lifecycle, probe, upstream } = yield* tried({}, failing)
      const other = yield* Effect.fork(ask({ body: hello() }))
      yield* requestsUnderWay(lifecycle, 2)
      yield* Deferred.succeed(go, undefined)
      expect((yield* Fiber.join(probe)).status).toBe(500)
      const { headers, status } = yield* Fiber.join(other)
      expect([status, headers["retry-after"]]).toEqual([503, "10"])
      expect(yield* upstream.requests).toHaveLength(2)
    })
  )

  it.scoped("others wait no longer than a request may take to be tried", () =>
    Effect.gen(function* () {
      const { ask, probe, upstream } = yield* tried({}, UpstreamScript.silence)
      const { headers, status } = yield* inTime(ask({ body: hello() }))
      expect([status, headers["retry-after"]]).toEqual([503, "30"])
      expect(yield* upstream.requests).toHaveLength(2)
      yield* Fiber.interrupt(probe)
    })
  )

  it.scoped("nobody waits who has somebody else to ask", () =>
    Effect.gen(function* () {
      const gateway = yield* pair({ settings })
      yield* gateway.first.enqueue(boom, UpstreamScript.silence)
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("from the backup")
      yield* gateway.first.take
      yield* TestClock.adjust("5 seconds")
      const probe = yield* Effect.fork(gateway.ask({ body: hello() }))
      yield* gateway.first.take
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("from the backup")
      yield* Fiber.interrupt(probe)
    })
  )
})
