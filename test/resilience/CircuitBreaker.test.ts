import { describe, expect, it } from "@effect/vitest"
import { Chunk, Clock, Deferred, Effect, FastCheck as fc, Fiber, Stream, TestClock } from "effect"
import { gatewayError, type GatewayError } from "../../src/protocol/errors.ts"
import { closed, type Thresholds } from "../../src/resilience/breaker.ts"
import { type BreakerKey, CircuitBreaker, type Permit } from "../../src/resilience/CircuitBreaker.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const key: BreakerKey = { profile: "grok", baseUrl: "https://api.example", model: "grok-4" }

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

  it.effect("keeps a bounded number of breakers, the open ones before the closed", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      fails(breaker, 3)
      for (let i = 0; i < 2_000; i++) admitted(breaker, usual, { ...key, model: `model-${i}` }).end("success")
      expect((yield* breaker.states).length).toBeLessThanOrEqual(512)
      refused(breaker)
    })
  )

  for (const probes of [1, 3]) {
    it.effect(`admits exactly ${probes} of 1,000 concurrent calls when it is half open`, () =>
      Effect.gen(function* () {
        const breaker = yield* make
        const to = { ...usual, probes, successes: probes }
        fails(breaker, 3, to)
        yield* TestClock.adjust("5 seconds")
        const go = yield* Deferred.make<void>()
        const call = Effect.gen(function* () {
          yield* Deferred.await(go)
          const answer = breaker.admit(key, to)
          if (answer._tag === "Refusal") return 0
          yield* Effect.yieldNow()
          answer.end("success")
          return 1
        })
        // all have asked before the first one ends
        const asked = Effect.gen(function* () {
          yield* Deferred.await(go)
          const answer = breaker.admit(key, to)
          return answer._tag === "Permit" ? [answer] : []
        })
        const fibers = yield* Effect.forEach(Array.from({ length: 1_000 }), () => Effect.fork(asked))
        yield* Deferred.succeed(go, undefined)
        const permits = (yield* Effect.forEach(fibers, Fiber.join)).flat()
        expect(permits).toHaveLength(probes)
        expect(permits.every(({ isProbe }) => isProbe)).toBe(true)
        for (const permit of permits) permit.end("success")
        expect((yield* stateIn(breaker))._tag).toBe("Closed")
        // closed it admits them all
        const all = yield* Effect.forEach(Array.from({ length: 1_000 }), () => Effect.fork(call))
        expect((yield* Effect.forEach(all, Fiber.join)).reduce<number>((sum, one) => sum + one, 0)).toBe(1_000)
      })
    )
  }
})

/** The same, written down plainly: a list of what ended, and flags. */
const reference = (to: Thresholds) => {
  let now = 0
  let mode: "closed" | "open" | "trying" = "closed"
  let generation = 0
  let inRow = 0
  let ended: Array<{ readonly at: number; readonly bad: boolean }> = []
  let times = 0
  let until = 0
  let trying = 0
  let good = 0
  const enter = (next: typeof mode) => {
    mode = next
    generation += 1
    if (next === "closed") [inRow, ended, times] = [0, [], 0]
    if (next === "trying") [trying, good] = [0, 0]
  }
  const note = (bad: boolean) => {
    const last = ended.at(-1)?.at
    ended.push({ at: last !== undefined && now - last < to.window * 100 ? last : now, bad })
  }
  const open = (wait: number | undefined) => {
    times += 1
    const grown = Math.min(to.maxOpen, to.open * 2 ** (times - 1))
    until = now + (wait ?? grown) * 1000
    enter("open")
  }
  return {
    mode: () => mode,
    pass: (millis: number) => {
      now += millis
    },
    ask: () => {
      if (mode === "closed") return { generation, probe: false }
      if (mode === "open" && now >= until) enter("trying")
      if (mode === "open" || trying >= to.probes) return undefined
      trying += 1
      return { generation, probe: true }
    },
    good: (call: { readonly generation: number }) => {
      if (call.generation !== generation) return
      if (mode === "closed") {
        inRow = 0
        note(false)
      } else if (mode === "trying") {
        good += 1
        trying -= 1
        if (good >= to.successes) enter("closed")
      }
    },
    bad: (call: { readonly generation: number }, wait: number | undefined, late: boolean) => {
      if (mode === "closed" && (late || call.generation === generation)) {
        inRow += 1
        note(true)
        const recent = ended.filter(({ at }) => now - at < to.window * 1000)
        const rate = recent.filter(({ bad }) => bad).length / recent.length
        const often = recent.length >= to.minimumCalls && rate >= to.failureRate
        if (wait !== undefined || inRow >= to.failures || often) {
          times = 0
          open(wait)
        }
      } else if (mode === "trying" && call.generation === generation) open(wait)
    },
    gone: (call: { readonly generation: number; readonly probe: boolean }) => {
      if (mode === "trying" && call.probe && call.generation === generation) trying -= 1
    }
  }
}

type Step =
  | { readonly do: "ask" }
  | { readonly do: "wait"; readonly millis: number }
  | { readonly do: "began" | "success" | "cancelled" | "failure"; readonly which: number; readonly wait?: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ do: "ask" }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait" as const), millis: fc.integer({ min: 0, max: 20_000 }) })
  },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        do: fc.constantFrom("began" as const, "success" as const, "cancelled" as const, "failure" as const),
        which: fc.nat(),
        wait: fc.integer({ min: 1, max: 30 })
      },
      { requiredKeys: ["do", "which"] }
    )
  }
)

const thresholds: fc.Arbitrary<Thresholds> = fc.record({
  failures: fc.integer({ min: 1, max: 5 }),
  failureRate: fc.constantFrom(0.1, 0.3, 0.5, 1),
  window: fc.constantFrom(1, 10, 60),
  minimumCalls: fc.integer({ min: 1, max: 6 }),
  open: fc.integer({ min: 1, max: 10 }),
  maxOpen: fc.integer({ min: 10, max: 40 }),
  probes: fc.integer({ min: 1, max: 3 }),
  successes: fc.integer({ min: 1, max: 3 })
})

const names = { closed: "Closed", open: "Open", trying: "HalfOpen" } as const

it("does what the plain model does, whatever calls, outcomes, interruptions and pauses come", async () => {
  await holds(
    fc.property(thresholds, fc.array(step, { maxLength: 60, size: "max" }), (to, steps) => {
      let now = 0
      const clock = Object.assign(Clock.make(), { unsafeCurrentTimeMillis: () => now })
      Effect.gen(function* () {
        const breaker = yield* make
        const model = reference(to)
        const calls: Array<{
          readonly permit: Permit
          readonly call: { readonly generation: number; readonly probe: boolean }
          began: boolean
        }> = []
        /** What both say to a call: refused, admitted, or admitted as a probe. */
        const ask = () => {
          const answer = breaker.admit(key, to)
          const call = model.ask()
          if (answer._tag === "Permit" && call !== undefined) calls.push({ permit: answer, call, began: false })
          return [
            answer._tag === "Permit" && answer.isProbe,
            answer._tag === "Permit",
            call?.probe ?? false,
            call !== undefined
          ]
        }
        const end = (at: number, how: Exclude<Step["do"], "ask" | "wait">, wait: number | undefined) => {
          const chosen = calls[at]
          if (chosen === undefined) return
          const { call, permit } = chosen
          if (how === "began") {
            permit.began()
            if (call.probe && !chosen.began) model.good(call)
            chosen.began = true
            return
          }
          calls.splice(at, 1)
          const decided = call.probe && chosen.began
          permit.end(how === "failure" ? (wait === undefined ? broken : slowDown(wait)) : how)
          if (how === "failure") model.bad(call, wait, chosen.began)
          else if (!decided) (how === "success" ? model.good : model.gone)(call)
          // what comes after the end changes nothing
          permit.began()
          permit.end(broken)
        }
        for (const one of steps) {
          let said = [false, false, false, false]
          if (one.do === "ask") said = ask()
          else if (one.do === "wait") {
            model.pass(one.millis)
            now += one.millis
          } else if (calls.length > 0) end(one.which % calls.length, one.do, one.wait)
          expect(said.slice(0, 2)).toEqual(said.slice(2))
          expect((yield* stateIn(breaker))._tag).toBe(names[model.mode()])
        }
      }).pipe(Effect.withClock(clock), Effect.runSync)
    }),
    { numRuns: Math.max(2_000, runs) }
  )
})
