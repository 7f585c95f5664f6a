import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, FastCheck as fc, Fiber, Scope, TestClock, TestContext } from "effect"
import type { ProfileLimits } from "../../src/domain/Profile.ts"
import { Limiter } from "../../src/resilience/Limiter.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

const make = Effect.provide(Limiter, Limiter.layer)

/** One who wants in: notes its name when it is let in, and stays until told to go. */
const visitors = (limiter: typeof Limiter.Service, first: ProfileLimits, baseUrl = "https://provider.test") => {
  let limits = first
  const inside: Array<string> = []
  const come = (name: string, agent?: string, tokens = 0) =>
    Effect.gen(function* () {
      const leave = yield* Deferred.make<void>()
      const visit = Effect.gen(function* () {
        yield* limiter.enter({ profile: "p", baseUrl, limits, agent, tokens }) ?? Effect.void
        inside.push(name)
        yield* Deferred.await(leave)
      })
      const fiber = yield* Effect.fork(Effect.scoped(visit))
      yield* settle
      return {
        name,
        leave: Effect.zipRight(Deferred.succeed(leave, undefined), Fiber.await(fiber)),
        giveUp: Fiber.interrupt(fiber)
      }
    })
  const limit = (changed: ProfileLimits) => {
    limits = changed
  }
  return { inside, come, limit }
}

/** Lets every fiber that can run do so. */
const settle = TestClock.adjust(0)

describe("the limits of a profile", () => {
  it.effect("cost nothing where there are none", () =>
    Effect.gen(function* () {
      const limiter = yield* make
      expect(limiter.enter({ profile: "p", baseUrl: "u", limits: {}, agent: undefined, tokens: 1 })).toBeUndefined()
    })
  )

  it.effect("let in the main conversation first, then subagents in turn, each in its order", () =>
    Effect.gen(function* () {
      const limiter = yield* make
      const { come, inside } = visitors(limiter, { concurrent: 1 })
      const first = yield* come("first")
      const others = yield* Effect.all([
        come("a1", "a"),
        come("a2", "a"),
        come("b1", "b"),
        come("main"),
        come("a3", "a"),
        come("b2", "b")
      ])
      expect(yield* limiter.states).toEqual([{ profile: "p", running: 1, waiting: 6 }])
      const byName = new Map([first, ...others].map((visitor) => [visitor.name, visitor]))
      for (let i = 0; i < 7; i++) {
        yield* byName.get(inside.at(-1) ?? "")?.leave ?? Effect.void
        yield* settle
      }
      expect(inside).toEqual(["first", "main", "a1", "b1", "a2", "b2", "a3"])
      expect(yield* limiter.states).toEqual([{ profile: "p", running: 0, waiting: 0 }])
    })
  )

  it.effect("spread requests over the minute", () =>
    Effect.gen(function* () {
      const limiter = yield* make
      const { come, inside } = visitors(limiter, { requestsPerMinute: 2 })
      for (const name of ["1", "2", "3", "4"]) yield* come(name)
      expect(inside).toEqual(["1", "2"])
      yield* TestClock.adjust("29 seconds")
      expect(inside).toHaveLength(2)
      yield* TestClock.adjust("2 seconds")
      expect(inside).toEqual(["1", "2", "3"])
      yield* TestClock.adjust("30 seconds")
      expect(inside).toEqual(["1", "2", "3", "4"])
    })
  )

  it.effect("spread tokens over the minute, and let in what is larger than a minute's when all of it is free", () =>
    Effect.gen(function* () {
      const limiter = yield* make
      const { come, inside } = visitors(limiter, { tokensPerMinute: 1_000 })
      yield* come("small", undefined, 600)
      yield* come("huge", undefined, 3_000)
      yield* come("last", undefined, 100)
      expect(inside).toEqual(["small"])
      yield* TestClock.adjust("37 seconds")
      expect(inside).toEqual(["small", "huge"])
      // it left two minutes' worth of debt
      yield* TestClock.adjust("2 minutes")
      expect(inside).toEqual(["small", "huge"])
      yield* TestClock.adjust("10 seconds")
      expect(inside).toEqual(["small", "huge", "last"])
    })
  )

  it.effect("free the place of who leaves the queue or ends, at once", () =>
    Effect.gen(function* () {
      const limiter = yield* make
      const { come, inside } = visitors(limiter, { concurrent: 1 })
      const first = yield* come("first")
      const second = yield* come("second")
      yield* come("third")
      yield* second.giveUp
      yield* first.giveUp
      yield* settle
      expect(inside).toEqual(["first", "third"])
    })
  )

  it.effect("follow what is configured now, also for those who wait already", () =>
    Effect.gen(function* () {
      const limiter = yield* make
      const { come, inside, limit } = visitors(limiter, { concurrent: 1 })
      yield* come("1")
      yield* come("2")
      expect(inside).toEqual(["1"])
      limit({ concurrent: 3 })
      yield* come("3")
      yield* come("4")
      expect(inside.toSorted()).toEqual(["1", "2", "3"])
      limit({})
      yield* come("5")
      expect(inside.toSorted()).toEqual(["1", "2", "3", "4", "5"])
      // who came while there was no limit is counted when there is one again
      limit({ concurrent: 5 })
      yield* come("6")
      expect(inside).toHaveLength(5)
    })
  )

  it.effect("keep profiles of one name apart that lead to different providers", () =>
    Effect.gen(function* () {
      const limiter = yield* make
      const { come, inside } = visitors(limiter, { concurrent: 1 })
      const elsewhere = visitors(limiter, { concurrent: 1 }, "https://elsewhere.test")
      yield* come("1")
      yield* come("2")
      yield* elsewhere.come("3")
      expect([...inside, ...elsewhere.inside]).toEqual(["1", "3"])
    })
  )

  it.effect("do not take a clock that is set back for an allowance that is used up", () =>
    Effect.gen(function* () {
      const limiter = yield* make
      const { come, inside } = visitors(limiter, { requestsPerMinute: 2 })
      yield* TestClock.adjust("2 hours")
      yield* come("1")
      yield* TestClock.setTime(0)
      yield* come("2")
      expect(inside).toEqual(["1", "2"])
    })
  )
})

it("never more than the limit, nobody is lost, whoever comes, leaves and gives up", async () => {
  const step = fc.record({
    // whoever goes was inside, or still waiting
    do: fc.constantFrom("come" as const, "come" as const, "go" as const),
    who: fc.nat(),
    agent: fc.constantFrom(undefined, "a", "b")
  })
  await holds(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { maxLength: 40, size: "max" }),
      (concurrent, steps) =>
        Effect.gen(function* () {
          const limiter = yield* make
          let running = 0
          let most = 0
          const present: Array<{ readonly scope: Scope.CloseableScope; readonly fiber: Fiber.RuntimeFiber<void> }> = []
          for (const { agent, do: what, who } of steps) {
            if (what === "come") {
              const scope = yield* Scope.make()
              const entering =
                limiter.enter({ profile: "p", baseUrl: "u", limits: { concurrent }, agent, tokens: 0 }) ?? Effect.void
              const inside = Effect.acquireRelease(
                Effect.sync(() => {
                  running += 1
                  most = Math.max(most, running)
                }),
                () => Effect.sync(() => void (running -= 1))
              )
              const fiber = yield* Effect.zipRight(entering, inside).pipe(Scope.extend(scope), Effect.fork)
              present.push({ scope, fiber })
            } else if (present.length > 0) {
              const [one] = present.splice(who % present.length, 1)
              if (one === undefined) continue
              yield* Fiber.interrupt(one.fiber)
              yield* Scope.close(one.scope, Exit.void)
            }
            yield* Effect.yieldNow()
            expect(most).toBeLessThanOrEqual(concurrent)
          }
          // everybody who is left gets in, as places become free
          while (present.length > 0) {
            const inside = () => present.findIndex(({ fiber }) => fiber.unsafePoll() !== null)
            // the runner's patience is the limit
            yield* Effect.repeat(Effect.yieldNow(), { until: () => inside() >= 0 })
            const [one] = present.splice(inside(), 1)
            if (one !== undefined) yield* Scope.close(one.scope, Exit.void)
          }
          expect(yield* limiter.states).toEqual(
            steps.some(({ do: what }) => what === "come") ? [{ profile: "p", running: 0, waiting: 0 }] : []
          )
        }).pipe(Effect.provide(TestContext.TestContext), Effect.runPromise)
    ),
    { numRuns: runs }
  )
})
