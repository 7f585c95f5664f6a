import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { gatewayError } from "../../src/protocol/errors.ts"
import { type Thresholds } from "../../src/resilience/breaker.ts"
import { type BreakerKey, CircuitBreaker } from "../../src/resilience/CircuitBreaker.ts"

const thresholds: Thresholds = {
  failures: 1,
  failureRate: 0.5,
  window: 60,
  minimumCalls: 10,
  open: 5,
  maxOpen: 60,
  probes: 1,
  successes: 1
}
const one: BreakerKey = { profile: "grok", baseUrl: "https://api.example", model: "grok-4", credentials: "c0ffee01" }
const other: BreakerKey = { ...one, credentials: "c0ffee02" }

const make = Effect.provide(CircuitBreaker, CircuitBreaker.layer)

/** What became of a call; one that is admitted ends well, unless it is told to fail. */
const call = (breaker: typeof CircuitBreaker.Service, key: BreakerKey, fails = false): string => {
  const answer = breaker.admit(key, thresholds)
  if (answer._tag === "Permit")
    answer.end(fails ? gatewayError("rate_limit_error", "used up", { retryAfter: 7200 }) : "success")
  return answer._tag
}

describe("the breakers of two accounts at one provider", () => {
  it.effect("know nothing of each other", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      call(breaker, one, true)
      expect([call(breaker, one), call(breaker, other), call(breaker, one)]).toEqual(["Refusal", "Permit", "Refusal"])
    })
  )

  it.effect("look like one, that of the account which was used last, and show nothing of either", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      const shown = Effect.map(breaker.states, (all) => all.map(({ state }) => state._tag))
      call(breaker, one, true)
      expect(yield* shown).toEqual(["Open"])
      call(breaker, other)
      expect(yield* shown).toEqual(["Closed"])
      call(breaker, one)
      expect(yield* shown).toEqual(["Open"])
      expect(JSON.stringify(yield* breaker.states)).not.toContain("c0ffee")
    })
  )

  it.effect("are closed together by whoever asks for it", () =>
    Effect.gen(function* () {
      const breaker = yield* make
      call(breaker, one, true)
      call(breaker, other, true)
      expect(yield* breaker.reset("grok")).toBe(2)
      expect([call(breaker, one), call(breaker, other)]).toEqual(["Permit", "Permit"])
    })
  )
})
