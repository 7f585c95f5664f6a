/** A circuit breaker that is half open: what others hear while a probe is under way. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { gatewayError } from "../../src/protocol/errors.ts"
import type { Thresholds } from "../../src/resilience/breaker.ts"
import { CircuitBreaker, type Permit, type Refusal } from "../../src/resilience/CircuitBreaker.ts"

const key = { profile: "grok", baseUrl: "https://api.example", model: "grok-4", credentials: "" }

const to: Thresholds = {
  failures: 1,
  failureRate: 1,
  window: 60,
  minimumCalls: 10,
  open: 5,
  maxOpen: 60,
  probes: 1,
  successes: 1
}

const broken = gatewayError("api_error", "grok: broken", { status: 502 })

const admitted = (breaker: typeof CircuitBreaker.Service, thresholds = to): Permit => {
  const answer = breaker.admit(key, thresholds)
  if (answer._tag === "Refusal") throw new Error(`refused: ${answer.error.message}`)
  return answer
}

const refused = (breaker: typeof CircuitBreaker.Service, thresholds = to): Refusal => {
  const answer = breaker.admit(key, thresholds)
  if (answer._tag === "Permit") throw new Error("admitted")
  return answer
}

/** A breaker that a call opened, and whose time is over. */
const due = Effect.gen(function* () {
  const breaker = yield* CircuitBreaker
  admitted(breaker).end(broken)
  yield* TestClock.adjust("5 seconds")
  return breaker
}).pipe(Effect.provide(CircuitBreaker.layer))

/** Whether somebody who was refused is told to ask again, once everything that is ready has run. */
const isWoken = (fiber: Fiber.Fiber<void>) =>
  Effect.map(Effect.zipRight(Effect.yieldNow(), Fiber.poll(fiber)), ({ _tag }) => _tag === "Some")

const waitFor = ({ decided }: Refusal) => {
  if (decided === undefined) throw new Error("nothing to wait for")
  return Effect.tap(Effect.fork(decided), Effect.yieldNow())
}

describe("a circuit breaker with a probe under way", () => {
  it.effect("tells others to come back later, the longer that takes", () =>
    Effect.gen(function* () {
      const breaker = yield* due
      admitted(breaker)
      const waits: Array<number | undefined> = []
      for (const seconds of [0, 1, 9, 10, 30]) {
        yield* TestClock.adjust(`${seconds} seconds`)
        waits.push(refused(breaker).error.retryAfter)
      }
      expect(waits).toEqual([1, 1, 10, 20, 30])
    })
  )

  for (const [how, end] of [
    ["begins to be answered", (probe: Permit) => probe.began()],
    ["is answered", (probe: Permit) => probe.end("success")],
    ["fails", (probe: Permit) => probe.end(broken)],
    ["is cancelled", (probe: Permit) => probe.end("cancelled")]
  ] as const) {
    it.effect(`wakes who waits when it ${how}`, () =>
      Effect.gen(function* () {
        const breaker = yield* due
        const probe = admitted(breaker)
        const waiting = yield* waitFor(refused(breaker))
        yield* TestClock.adjust("40 seconds")
        expect(yield* isWoken(waiting)).toBe(false)
        end(probe)
        yield* Fiber.join(waiting)
        expect(breaker.admit(key, to)._tag).toBe(how === "fails" ? "Refusal" : "Permit")
      })
    )
  }

  it.effect("wakes who waits when it is closed by hand, and when nothing is heard of the probe for too long", () =>
    Effect.gen(function* () {
      const breaker = yield* due
      admitted(breaker)
      const first = yield* waitFor(refused(breaker))
      yield* breaker.reset("grok")
      yield* Fiber.join(first)
      admitted(breaker).end(broken)
      yield* TestClock.adjust("5 seconds")
      admitted(breaker)
      yield* TestClock.adjust("20 seconds")
      const second = yield* waitFor(refused(breaker))
      yield* TestClock.adjust("40 seconds")
      yield* Fiber.join(second)
      expect(admitted(breaker).isProbe).toBe(true)
    })
  )

  it.effect("wakes nobody for another probe, nor for a call of before", () =>
    Effect.gen(function* () {
      const two = { ...to, probes: 2, successes: 2 }
      const breaker = yield* CircuitBreaker
      const old = admitted(breaker)
      admitted(breaker).end(broken)
      yield* TestClock.adjust("5 seconds")
      admitted(breaker, two)
      admitted(breaker, two)
      const waiting = yield* waitFor(refused(breaker, two))
      old.end(broken)
      expect(yield* isWoken(waiting)).toBe(false)
      yield* Fiber.interrupt(waiting)
    }).pipe(Effect.provide(CircuitBreaker.layer))
  )

  it.effect("has nothing to wait for while it is open", () =>
    Effect.gen(function* () {
      const breaker = yield* CircuitBreaker
      admitted(breaker).end(broken)
      expect(refused(breaker).decided).toBeUndefined()
    }).pipe(Effect.provide(CircuitBreaker.layer))
  )
})
