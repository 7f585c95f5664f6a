/** The circuit breaker beside a plain model of it: whatever happens to both, they say the same. */
import { expect, it } from "@effect/vitest"
import { Clock, Deferred, Effect, FastCheck as fc, Fiber, Stream } from "effect"
import { gatewayError } from "../../src/protocol/errors.ts"
import type { State, Thresholds } from "../../src/resilience/breaker.ts"
import { CircuitBreaker, type Permit } from "../../src/resilience/CircuitBreaker.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"
import { type Call, type Reference, reference } from "./breakerReference.ts"

type Step =
  | { readonly do: "ask"; readonly which: 0 | 1 }
  | { readonly do: "pass"; readonly millis: number }
  /** To the moment at which it is due, or just before it. */
  | { readonly do: "due"; readonly which: 0 | 1; readonly early: number }
  | { readonly do: "reset"; readonly which: 0 | 1 }
  | {
      readonly do: "began" | "success" | "cancelled" | "interrupted" | "failure"
      readonly nth: number
      readonly wait?: number
    }

const either = fc.constantFrom(0 as const, 0 as const, 0 as const, 1 as const)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ do: fc.constant("ask" as const), which: either }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant("pass" as const), millis: fc.integer({ min: 0, max: 20_000 }) })
  },
  // somebody sets the clock
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("pass" as const), millis: fc.integer({ min: -90_000, max: 0 }) })
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("due" as const), which: either, early: fc.constantFrom(0, 0, 1) })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reset" as const), which: either }) },
  {
    weight: 60,
    arbitrary: fc.record(
      {
        do: fc.constantFrom(
          "began" as const,
          "success" as const,
          "cancelled" as const,
          "interrupted" as const,
          "failure" as const,
          "failure" as const
        ),
        nth: fc.nat(),
        wait: fc.integer({ min: 1, max: 30 })
      },
      { requiredKeys: ["do", "nth"] }
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

const keyOf = (which: 0 | 1) => ({ profile: `${which}`, baseUrl: "https://api.example", model: "m", credentials: "" })
/** Its only change is the last one of all. */
const bell = { ...keyOf(0), model: "bell" }

/** What the model tells of a state as well. */
const seen = (state: State | undefined) => {
  if (state === undefined) return { mode: "Closed", inRow: 0 }
  const mode = state._tag
  if (state._tag === "Closed") return { mode, inRow: state.failures }
  const { reason, times } = state
  const also = { times, reason: reason.message }
  return state._tag === "Open"
    ? { mode, until: state.until, ...also }
    : { mode, out: state.probes, good: state.successes, ...also }
}

interface UnderWay {
  readonly permit: Permit
  readonly call: Call
  readonly model: Reference
}

/** A fiber that waits for an answer is interrupted. */
const interrupted = (end: () => void) =>
  Effect.gen(function* () {
    const waiting = yield* Effect.fork(Effect.onInterrupt(Effect.never, () => Effect.sync(end)))
    yield* Effect.yieldNow()
    yield* Fiber.interrupt(waiting)
  })

/** Does the steps to both and notes what each said. */
const compared = (to: Thresholds, steps: ReadonlyArray<Step>) => {
  let now = 1_000_000
  const clock = Object.assign(Clock.make(), { unsafeCurrentTimeMillis: () => now })
  return Effect.gen(function* () {
    const breaker = yield* Effect.provide(CircuitBreaker, CircuitBreaker.layer)
    const [said, expected]: [Array<unknown>, Array<unknown>] = [[], []]
    const changes: Array<string> = []
    const models = [
      reference(to, (mode) => changes.push(`0 ${mode}`)),
      reference(to, (mode) => changes.push(`1 ${mode}`))
    ] as const
    const calls: Array<UnderWay> = []
    let failures = 0

    const listening = yield* Deferred.make<void>()
    const heard = yield* breaker.changes.pipe(
      Stream.onStart(Deferred.succeed(listening, undefined)),
      Stream.takeWhile(({ model }) => model !== bell.model),
      Stream.map(({ profile, state }) => `${profile} ${state._tag}`),
      Stream.runCollect,
      Effect.fork
    )
    yield* Deferred.await(listening)
    yield* Effect.yieldNow()

    const ask = (which: 0 | 1) => {
      const model = models[which]
      const answer = breaker.admit(keyOf(which), to)
      const call = model.ask(now)
      said.push(answer._tag === "Permit" ? { probe: answer.isProbe } : { until: answer.until })
      expected.push(call._tag === "Call" ? { probe: call.probe } : { until: call.until })
      if (answer._tag === "Refusal" && call._tag === "No") expect(answer.error.message).toContain(call.reason)
      if (answer._tag === "Permit" && call._tag === "Call") calls.push({ permit: answer, call, model })
    }

    const end = (how: "success" | "cancelled" | "interrupted" | "failure", one: UnderWay, wait: number | undefined) =>
      Effect.gen(function* () {
        const { call, model, permit } = one
        calls.splice(calls.indexOf(one), 1)
        failures += 1
        const error = gatewayError("api_error", `failure ${failures}`, wait === undefined ? {} : { retryAfter: wait })
        const outcome = how === "failure" ? error : how
        if (outcome === "interrupted") yield* interrupted(() => permit.end("cancelled"))
        else permit.end(outcome)
        model.end(call, outcome === "interrupted" ? "cancelled" : outcome, now)
        // what comes after the end changes nothing
        permit.began()
        permit.end(error)
      })

    const take = (one: Step) => {
      if (one.do === "pass") return Effect.sync(() => (now += one.millis))
      if (one.do === "ask") return Effect.sync(() => ask(one.which))
      if (one.do === "due")
        return Effect.sync(() => (now = Math.max(now, (models[one.which].due() ?? now) - one.early)))
      if (one.do === "reset") {
        models[one.which].reset()
        return breaker.reset(keyOf(one.which).profile)
      }
      const chosen = calls.at(one.nth % Math.max(1, calls.length))
      if (chosen === undefined) return Effect.void
      if (one.do !== "began") return end(one.do, chosen, one.wait)
      chosen.permit.began()
      chosen.model.begin(chosen.call)
      return Effect.void
    }

    for (const one of steps) {
      yield* take(one)
      const states = yield* breaker.states
      for (const which of [0, 1] as const) {
        said.push(seen(states.find(({ profile }) => profile === keyOf(which).profile)?.state))
        expected.push(models[which].seen())
      }
    }
    const ring = breaker.admit(bell, { ...to, failures: 1 })
    if (ring._tag === "Permit") ring.end(gatewayError("api_error", "ring"))
    said.push(...(yield* Fiber.join(heard)))
    expected.push(...changes)
    return { said, expected }
  }).pipe(Effect.withClock(clock), Effect.runPromise)
}

it("does what a plain model does, whatever calls, outcomes, interruptions and times come", async () => {
  const property = fc.asyncProperty(thresholds, fc.array(step, { maxLength: 40, size: "max" }), async (to, steps) => {
    const { expected, said } = await compared(to, steps)
    expect(said).toEqual(expected)
  })
  await holds(property, { numRuns: Math.max(2_000, runs) })
})
