import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Fiber, Random, Stream, TestClock } from "effect"
import { gatewayError, type GatewayError } from "../../src/protocol/errors.ts"
import { closed, type Thresholds } from "../../src/resilience/breaker.ts"
import { type BreakerKey, CircuitBreaker, type Permit } from "../../src/resilience/CircuitBreaker.ts"

const key: BreakerKey = { profile: "grok", baseUrl: "https://api.example", model: "grok-4", credentials: "" }

const usual: Thresholds = {
  failures: 3,
  failureRate: 0.5,
  window: 60,
  minimumCalls: 10,
  open: 5,
  maxOpen: 60,
  probes: 1,
  successes: 1
}

const broken = gatewayError("api_error", "grok: broken", { status: 502 })
const slowDown = (retryAfter: number) => gatewayError("rate_limit_error", "grok: slow down", { retryAfter })

const make = Effect.provide(CircuitBreaker, CircuitBreaker.layer)

const admitted = (breaker: typeof CircuitBreaker.Service, to = usual, at = key): Permit => {
  const answer = breaker.admit(at, to)
  if (answer._tag === "Refusal") throw new Error(`refused: ${answer.error.message}`)
  return answer
}

const refused = (breaker: typeof CircuitBreaker.Service, to = usual): GatewayError => {
  const answer = breaker.admit(key, to)
  if (answer._tag === "Permit") throw new Error("admitted")
  return answer.error
}

const stateIn = (breaker: typeof CircuitBreaker.Service) =>
  Effect.map(breaker.states, (all) => all.find(({ model }) => model === key.model)?.state ?? closed())

const fails = (breaker: typeof CircuitBreaker.Service, times: number, to = usual, error = broken) => {
  for (let i = 0; i < times; i++) admitted(breaker, to).end(error)
}

describe("a circuit breaker", () => {
  it.effect("opens after so many failures in a row, and says until when and why", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      fails(breaker, 2)
      admitted(breaker).end("success")
      fails(breaker, 2)
      expect((yield* stateIn(breaker))._tag).toBe("Closed")
      fails(breaker, 1)
      const error = refused(breaker)
      expect(error).toMatchObject({ status: 503, type: "overloaded_error", retryAfter: 5 })
      expect(error.message).toBe("grok is left alone for 5 s, because it failed. grok: broken")
    })
  )

  it.effect("opens by the share of failures, from so many calls on, and forgets what is out of the window", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const half = (times: number) => {
        for (let i = 0; i < times; i++) {
          admitted(breaker).end(broken)
          admitted(breaker).end("success")
        }
      }
      half(4)
      yield* TestClock.adjust("61 seconds")
      half(4)
      expect((yield* stateIn(breaker))._tag).toBe("Closed")
      admitted(breaker).end("success")
      admitted(breaker).end(broken)
      expect((yield* stateIn(breaker))._tag).toBe("Open")
    })
  )

  it.effect("counts nothing that ended before the window, also where it was counted just now", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const to = { ...usual, failures: 100, minimumCalls: 4 }
      fails(breaker, 3, to)
      yield* TestClock.adjust("57 seconds")
      admitted(breaker, to).end("success")
      yield* TestClock.adjust("4 seconds")
      fails(breaker, 1, to)
      expect((yield* stateIn(breaker))._tag).toBe("Closed")
      fails(breaker, 2, to)
      expect((yield* stateIn(breaker))._tag).toBe("Open")
    })
  )

  it.effect(
    "stays open twice as long each time it opens again, up to a limit, and from the start after it closed",
    () =>
      Effect.gen(function* () {
        const breaker = yield* make
        fails(breaker, 3)
        for (const wait of [5, 10, 20, 40, 60, 60]) {
          expect(refused(breaker).retryAfter).toBe(wait)
          yield* TestClock.adjust(`${wait * 1000 - 1} millis`)
          refused(breaker)
          yield* TestClock.adjust("1 millis")
          admitted(breaker).end(broken)
        }
        yield* TestClock.adjust("60 seconds")
        admitted(breaker).end("success")
        fails(breaker, 3)
        expect(refused(breaker).retryAfter).toBe(5)
      })
  )

  it.effect("opens at once until the provider's own time, which is believed for a day at most", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      fails(breaker, 1, usual, slowDown(90))
      expect(refused(breaker)).toMatchObject({ status: 429, type: "rate_limit_error", retryAfter: 90 })
      yield* TestClock.adjust("90 seconds")
      admitted(breaker).end(slowDown(10_000_000))
      expect(refused(breaker).retryAfter).toBe(86_400)
      yield* TestClock.adjust("86400 seconds")
      // no time at all is nothing that the provider said
      admitted(breaker).end(slowDown(0))
      expect(refused(breaker).retryAfter).toBe(20)
    })
  )

  it.effect("lets a probe's answer begin and others in, and hears it when that answer breaks", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const to = { ...usual, failures: 1 }
      fails(breaker, 1, to)
      yield* TestClock.adjust("5 seconds")
      const probe = admitted(breaker, to)
      expect(probe.isProbe).toBe(true)
      expect(refused(breaker, to).retryAfter).toBe(1)
      probe.began()
      expect((yield* stateIn(breaker))._tag).toBe("Closed")
      probe.end(broken)
      expect((yield* stateIn(breaker))._tag).toBe("Open")
    })
  )

  it.effect("takes no notice of an answer that begins while it is closed", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      fails(breaker, 2)
      const before = yield* stateIn(breaker)
      admitted(breaker).began()
      expect(yield* stateIn(breaker)).toBe(before)
    })
  )

  it.effect("closes after so many probes succeeded, and opens for longer when one of several fails", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const to = { ...usual, probes: 2, successes: 3 }
      fails(breaker, 3, to)
      yield* TestClock.adjust("5 seconds")
      const [first, second] = [admitted(breaker, to), admitted(breaker, to)]
      refused(breaker, to)
      first.began()
      const third = admitted(breaker, to)
      refused(breaker, to)
      second.end("success")
      first.end("success")
      expect(yield* stateIn(breaker)).toMatchObject({ _tag: "HalfOpen", probes: 1, successes: 2 })
      third.end(broken)
      expect(refused(breaker, to).retryAfter).toBe(10)
      yield* TestClock.adjust("10 seconds")
      for (let i = 0; i < 3; i++) admitted(breaker, to).end("success")
      expect((yield* stateIn(breaker))._tag).toBe("Closed")
    })
  )

  it.effect("frees the place of a probe that was cancelled", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      fails(breaker, 3)
      yield* TestClock.adjust("5 seconds")
      admitted(breaker).end("cancelled")
      admitted(breaker).end("success")
      expect((yield* stateIn(breaker))._tag).toBe("Closed")
    })
  )

  it.effect("does not take the end of an older call for a probe's, nor for one more failure", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const [slow, slower] = [admitted(breaker), admitted(breaker)]
      fails(breaker, 3)
      slow.end(broken)
      yield* TestClock.adjust("5 seconds")
      admitted(breaker)
      slower.end("success")
      expect(yield* stateIn(breaker)).toMatchObject({ _tag: "HalfOpen", probes: 1, successes: 0 })
    })
  )

  it.effect("hears of an older call only when its answer had begun: it was well until then", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const [silent, broke, whole] = [admitted(breaker), admitted(breaker), admitted(breaker)]
      broke.began()
      whole.began()
      fails(breaker, 3)
      yield* TestClock.adjust("5 seconds")
      admitted(breaker).end("success")
      silent.end(broken)
      expect(yield* stateIn(breaker)).toMatchObject({ _tag: "Closed", failures: 0 })
      broke.end(broken)
      expect(yield* stateIn(breaker)).toMatchObject({ _tag: "Closed", failures: 1 })
      whole.end("success")
      expect(yield* stateIn(breaker)).toMatchObject({ _tag: "Closed", failures: 0 })
    })
  )

  it.effect("hears each permit once", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const permit = admitted(breaker)
      permit.end(broken)
      const after = yield* stateIn(breaker)
      for (const outcome of ["success", "cancelled", broken] as const) permit.end(outcome)
      permit.began()
      expect(yield* stateIn(breaker)).toBe(after)
      const to = { ...usual, successes: 2 }
      fails(breaker, 2)
      yield* TestClock.adjust("5 seconds")
      const probe = admitted(breaker, to)
      probe.began()
      probe.began()
      probe.end("success")
      expect(yield* stateIn(breaker)).toMatchObject({ _tag: "HalfOpen", probes: 0, successes: 1 })
    })
  )

  it.effect("does not wait for ever for a probe of which nothing is heard", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      fails(breaker, 3)
      yield* TestClock.adjust("5 seconds")
      const lost = admitted(breaker)
      yield* TestClock.adjust("59 seconds")
      refused(breaker)
      yield* TestClock.adjust("1 second")
      const probe = admitted(breaker)
      refused(breaker)
      lost.end(broken)
      expect((yield* stateIn(breaker))._tag).toBe("HalfOpen")
      probe.end("success")
      expect((yield* stateIn(breaker))._tag).toBe("Closed")
    })
  )

  it.effect("asks again when the clock was set back to before it opened", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_000)
      const breaker = yield* make
      fails(breaker, 1, usual, slowDown(86_400))
      yield* TestClock.setTime(999_999)
      expect(admitted(breaker).isProbe).toBe(true)
    })
  )

  it.effect("keeps profiles, addresses and models apart, and is closed by hand", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const mini = { ...key, model: "grok-mini" }
      const elsewhere = { ...key, baseUrl: "http://127.0.0.1:1" }
      fails(breaker, 3)
      admitted(breaker, usual, mini).end("success")
      admitted(breaker, usual, elsewhere).end("success")
      expect(yield* breaker.reset("other")).toBe(0)
      expect(yield* breaker.reset("grok", "grok-mini")).toBe(0)
      refused(breaker)
      expect(yield* breaker.reset("grok")).toBe(1)
      admitted(breaker).end("success")
    })
  )

  it.effect("tells each change of state", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const listening = yield* Deferred.make<void>()
      const changes = yield* breaker.changes.pipe(
        Stream.onStart(Deferred.succeed(listening, undefined)),
        Stream.map(({ state }) => state._tag),
        Stream.take(3),
        Stream.runCollect,
        Effect.fork
      )
      yield* Deferred.await(listening)
      yield* Effect.yieldNow()
      fails(breaker, 3)
      yield* TestClock.adjust("5 seconds")
      admitted(breaker).end("success")
      expect(Chunk.toReadonlyArray(yield* Fiber.join(changes))).toEqual(["Open", "HalfOpen", "Closed"])
    })
  )

  it.effect("lets whoever listens slowly miss old changes, never the latest", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const listening = yield* Deferred.make<void>()
      const last = yield* breaker.changes.pipe(
        Stream.onStart(Deferred.succeed(listening, undefined)),
        Stream.takeUntil(({ model }) => model === "the last"),
        Stream.runCount,
        Effect.fork
      )
      yield* Deferred.await(listening)
      yield* Effect.yieldNow()
      for (let i = 0; i < 500; i++) {
        fails(breaker, 1, usual, slowDown(1))
        yield* breaker.reset(key.profile)
      }
      admitted(breaker, usual, { ...key, model: "the last" }).end(slowDown(1))
      expect(yield* Fiber.join(last)).toBeLessThan(1_001)
    })
  )

  it.effect("keeps a bounded number of breakers: the open ones, and those that were asked last", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const busy = { ...key, model: "busy" }
      admitted(breaker, usual, busy).end(broken)
      fails(breaker, 3)
      for (let i = 0; i < 2_000; i++) {
        admitted(breaker, usual, { ...key, model: `model-${i}` }).end("success")
        if (i % 100 === 0) admitted(breaker, usual, busy).end("cancelled")
      }
      const states = yield* breaker.states
      expect(states.length).toBeLessThanOrEqual(512)
      expect(states.find(({ model }) => model === "busy")?.state).toMatchObject({ failures: 1 })
      refused(breaker)
    })
  )

  it.effect("forgets an open one when all are open", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const once = { ...usual, failures: 1 }
      for (let i = 0; i < 600; i++) admitted(breaker, once, { ...key, model: `model-${i}` }).end(broken)
      const states = yield* breaker.states
      expect(states).toHaveLength(512)
      expect(states.some(({ model }) => model === "model-599")).toBe(true)
    })
  )

  it.effect("keeps no name that no model has", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const permit = admitted(breaker, { ...usual, failures: 1 }, { ...key, model: "x".repeat(100_000) })
      permit.began()
      permit.end(broken)
      expect(yield* breaker.states).toEqual([])
    })
  )

  for (const probes of [1, 3]) {
    it.effect(`admits exactly ${probes} of 1,000 concurrent calls when it is half open`, () =>
      Effect.gen(function* () {
        const breaker = yield* make
        const to = { ...usual, probes, successes: probes }
        fails(breaker, 3, to)
        yield* TestClock.adjust("5 seconds")
        const [go, done] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
        let waiting = 1_000
        /** Asks at a moment of its own; none ends before all have asked. */
        const call = Effect.gen(function* () {
          yield* Deferred.await(go)
          yield* Effect.repeatN(Effect.yieldNow(), yield* Random.nextIntBetween(0, 20))
          const answer = breaker.admit(key, to)
          waiting -= 1
          if (waiting === 0) yield* Deferred.succeed(done, undefined)
          if (answer._tag === "Refusal") return []
          yield* Deferred.await(done)
          answer.end("success")
          return [answer]
        })
        const calls = Effect.gen(function* () {
          const fibers = yield* Effect.forEach(Array.from({ length: 1_000 }), () => Effect.fork(call))
          yield* Deferred.succeed(go, undefined)
          return (yield* Effect.forEach(fibers, Fiber.join)).flat()
        })
        const permits = yield* calls
        expect(permits).toHaveLength(probes)
        expect(permits.every(({ isProbe }) => isProbe)).toBe(true)
        expect((yield* stateIn(breaker))._tag).toBe("Closed")
        // closed it admits them all
        waiting = 1_000
        expect(yield* calls).toHaveLength(1_000)
      })
    )
  }
})
