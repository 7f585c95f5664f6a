/** Clocks that are set, and a gateway that is held up: neither is a provider that does not answer. */
import { describe, expect, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Queue, TestClock } from "effect"
import { makeTimekeeper } from "../../src/gateway/Timekeeper.ts"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { breathe, eventually, start, streamed, textOf } from "./support.ts"

/** The clock of the test with a time of day that somebody may set, and a time that passes while nothing is looked at. */
const adjustable = Effect.map(Effect.clock, (base) => {
  let ofDay = 0
  let passed = 0
  const millis = () => base.unsafeCurrentTimeMillis() + ofDay
  const nanos = () => base.unsafeCurrentTimeNanos() + BigInt(passed) * 1_000_000n
  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) => base.sleep(duration)
  }
  return { clock, set: (by: number) => void (ofDay += by), hold: (time: number) => void (passed += time) }
})

const hour = 3_600_000
const breathing = Effect.forEach(Array.from({ length: 20 }), () => breathe, { discard: true })

describe("an answer under way", () => {
  for (const [direction, by] of [
    ["forward", hour],
    ["back", -hour]
  ] as const) {
    it.scoped(`goes on when the clock is set ${direction}`, () =>
      Effect.gen(function* () {
        const { clock, set } = yield* adjustable
        const profile = { timeouts: { idle_seconds: 30, first_byte_seconds: 30 } }
        const { converse, journal, upstream } = yield* Effect.withClock(start({ profile }), clock)
        const more = yield* Deferred.make<void>()
        yield* upstream.enqueue(
          UpstreamScript.stream([
            ChatScript.text("one"),
            UpstreamScript.wait(Deferred.await(more)),
            ChatScript.text("two"),
            ChatScript.finish("stop"),
            ChatScript.done
          ])
        )
        const open = yield* converse({ body: streamed() })
        let seen = ""
        while (!seen.includes("one")) seen += yield* Queue.take(open.pieces)
        set(by)
        yield* TestClock.adjust("5 seconds")
        yield* breathing
        yield* Deferred.succeed(more, undefined)
        expect(textOf((yield* open.rest).text)).toBe("onetwo")
        yield* eventually(() => journal.recent(1).length === 1)
        for (const { attempts, duration_ms, first_byte_ms } of journal.recent(1)) {
          for (const time of [duration_ms, first_byte_ms, ...attempts.map((attempt) => attempt.duration_ms)]) {
            expect(time).toBeGreaterThanOrEqual(0)
          }
        }
      })
    )
  }

  it.scoped("ends when its provider is silent for too long, whatever the clock says", () =>
    Effect.gen(function* () {
      const { clock, set } = yield* adjustable
      const profile = { timeouts: { idle_seconds: 30 } }
      const { converse, upstream } = yield* Effect.withClock(start({ profile }), clock)
      yield* upstream.enqueue(UpstreamScript.stream([ChatScript.text("one"), UpstreamScript.stall]))
      const open = yield* converse({ body: streamed() })
      let seen = ""
      while (!seen.includes("one")) seen += yield* Queue.take(open.pieces)
      set(-hour)
      yield* TestClock.adjust("40 seconds")
      expect((yield* open.rest).text).toContain("stopped sending in the middle of the answer")
    })
  )
})

describe("the timekeeper", () => {
  it.scoped("lets what came meanwhile be read when it was held up, before it looks again", () =>
    Effect.gen(function* () {
      const { clock, hold } = yield* adjustable
      const timekeeper = yield* Effect.withClock(makeTimekeeper, clock)
      let looks = 0
      timekeeper.watch({
        tick: () => {
          looks += 1
          return 1_000
        }
      })
      yield* breathing
      expect(looks).toBe(1)
      yield* TestClock.adjust("1 second")
      yield* breathing
      expect(looks).toBe(2)
      hold(10 * 60_000)
      yield* TestClock.adjust("1 second")
      yield* breathing
      expect(looks).toBe(2)
      yield* TestClock.adjust("1 second")
      yield* breathing
      expect(looks).toBe(3)
    })
  )
})
