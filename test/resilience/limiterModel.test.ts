/** The queue of the limiter against a plain model of what it promises: who goes next, and when. */
import { Clock, Duration, Effect, FastCheck as fc, Fiber } from "effect"
import { expect, it } from "vitest"
import type { ProfileLimits } from "../../src/domain/Profile.ts"
import { Limiter } from "../../src/resilience/Limiter.ts"
import { holds } from "../support/holds.ts"
import { runs } from "../support/runs.ts"

/** Everything that can run does. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Virtual time that costs little: sleepers are woken one moment after the other. */
const makeTime = () => {
  let now = 0
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  const schedule = (task: () => void, duration: Duration.Duration) => {
    const sleeper = { at: now + Duration.toMillis(duration), wake: task }
    sleepers.add(sleeper)
    return () => sleepers.delete(sleeper)
  }
  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(now) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    sleep: (duration) =>
      Effect.async((resume) => {
        const cancel = schedule(() => resume(Effect.void), duration)
        return Effect.sync(cancel)
      })
  }
  const passTo = async (until: number) => {
    for (;;) {
      const next = Math.min(...[...sleepers].map(({ at }) => at))
      if (next > until) break
      now = next
      for (const sleeper of [...sleepers].filter(({ at }) => at <= now)) {
        sleepers.delete(sleeper)
        sleeper.wake()
      }
      await settle()
    }
    now = until
  }
  return { clock, now: () => now, passTo }
}

/** A limiter in its own time, with visitors who note when they are let in and stay until they are sent away. */
const house = async (limits: ProfileLimits) => {
  const time = makeTime()
  const limiter = await Effect.runPromise(Effect.withClock(Effect.provide(Limiter, Limiter.layer), time.clock))
  const inside: Array<{ readonly id: number; readonly at: number }> = []
  const come = async (id: number, agent?: string, tokens = 0) => {
    const enter =
      limiter.enter({ profile: "p", baseUrl: "https://provider.test", limits, agent, tokens }) ?? Effect.void
    const noted = Effect.sync(() => void inside.push({ id, at: time.now() }))
    const visit = Effect.scoped(Effect.zipRight(Effect.zipRight(enter, noted), Effect.never))
    const fiber = Effect.runFork(Effect.withClock(visit, time.clock))
    await settle()
    return async () => {
      await Effect.runPromise(Fiber.interrupt(fiber))
      await settle()
    }
  }
  return { come, inside, time, states: () => Effect.runPromise(limiter.states) }
}

/** Who is let in, by what is said of the queue. */
const makeModel = (places: number) => {
  const inside: Array<number> = []
  let present: Array<number> = []
  let waiting: Array<{ readonly id: number; readonly agent: string | undefined }> = []
  /** Since when each subagent has been waiting for its turn. */
  const since = new Map<string | undefined, number>()
  let moment = 0
  const letIn = () => {
    while (present.length < places && waiting.length > 0) {
      const turnOf = ({ agent }: { readonly agent: string | undefined }) =>
        agent === undefined ? -1 : (since.get(agent) ?? 0)
      const next = waiting.reduce((best, one) => (turnOf(one) < turnOf(best) ? one : best))
      waiting = waiting.filter((one) => one !== next)
      present.push(next.id)
      inside.push(next.id)
      if (waiting.some(({ agent }) => agent === next.agent)) since.set(next.agent, moment++)
      else since.delete(next.agent)
    }
  }
  return {
    inside,
    waiting: () => waiting.length,
    running: () => present.length,
    come: (id: number, agent: string | undefined) => {
      if (!since.has(agent)) since.set(agent, moment++)
      waiting.push({ id, agent })
      letIn()
    },
    leave: (id: number) => {
      const gone = waiting.find((one) => one.id === id)
      waiting = waiting.filter((one) => one !== gone)
      if (gone !== undefined && !waiting.some(({ agent }) => agent === gone.agent)) since.delete(gone.agent)
      present = present.filter((one) => one !== id)
      letIn()
    }
  }
}

it("lets in the main conversation first, subagents in turn, each in its order, whoever comes, leaves and gives up", async () => {
  const step = fc.record({
    comes: fc.boolean(),
    who: fc.nat(7),
    agent: fc.constantFrom(undefined, "a", "b", "c")
  })
  await holds(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { maxLength: 40, size: "max" }),
      async (concurrent, steps) => {
        const { come, inside, states } = await house({ concurrent })
        const model = makeModel(concurrent)
        const present: Array<{ readonly id: number; readonly leave: () => Promise<void> }> = []
        for (const [id, { agent, comes, who }] of steps.entries()) {
          const [one] = comes ? [] : present.splice(who % Math.max(1, present.length), 1)
          if (one === undefined) {
            model.come(id, agent)
            present.push({ id, leave: await come(id, agent) })
          } else {
            model.leave(one.id)
            await one.leave()
          }
          expect(inside.map((visitor) => visitor.id)).toEqual(model.inside)
          expect(await states()).toEqual([{ profile: "p", running: model.running(), waiting: model.waiting() }])
        }
        for (const { leave } of present) await leave()
      }
    ),
    { numRuns: runs }
  )
})

/** When each may go, by two buckets that fill evenly. Milliseconds. */
const momentsOf = (
  arrivals: ReadonlyArray<{ readonly at: number; readonly tokens: number }>,
  requests: number,
  tokens: number
): ReadonlyArray<number> => {
  const levels = [requests, tokens]
  const caps = [requests, tokens]
  let last = 0
  return arrivals.map(({ at, tokens: amount }) => {
    const amounts = [1, amount]
    const waits = caps.map((cap, i) => {
      const missing = Math.min(amounts[i] ?? 0, cap) - (levels[i] ?? 0)
      return missing <= 0 ? 0 : (missing * 60_000) / cap
    })
    const goes = Math.max(at, last, last + Math.max(...waits))
    for (const [i, cap] of caps.entries()) {
      levels[i] = Math.min(cap, (levels[i] ?? 0) + ((goes - last) * cap) / 60_000) - (amounts[i] ?? 0)
    }
    last = goes
    return goes
  })
}

it("lets each request go as soon as a minute's requests and tokens allow, and no sooner", async () => {
  const arrival = fc.record({
    gap: fc.constantFrom(0, 1, 900, 7_000, 40_000),
    tokens: fc.integer({ min: 0, max: 1_500 })
  })
  await holds(
    fc.asyncProperty(
      fc.constantFrom(3, 10, 60),
      fc.constantFrom(1_000, 5_000),
      fc.array(arrival, { minLength: 1, maxLength: 6 }),
      async (requestsPerMinute, tokensPerMinute, gaps) => {
        const { come, inside, time } = await house({ requestsPerMinute, tokensPerMinute })
        let at = 0
        const arrivals = gaps.map(({ gap, tokens }) => ({ at: (at += gap), tokens }))
        const leaves: Array<() => Promise<void>> = []
        for (const [id, one] of arrivals.entries()) {
          await time.passTo(one.at)
          leaves.push(await come(id, undefined, one.tokens))
        }
        const moments = momentsOf(arrivals, requestsPerMinute, tokensPerMinute)
        await time.passTo((moments.at(-1) ?? 0) + 100)
        expect(inside.map(({ id }) => id)).toEqual(arrivals.map((_, id) => id))
        // whole milliseconds, each rounded up
        const late = inside.map((visitor, i) => visitor.at - (moments[i] ?? 0))
        expect(late.filter((by) => by < -0.001 || by > arrivals.length)).toEqual([])
        for (const leave of leaves) await leave()
      }
    ),
    { numRuns: runs }
  )
})
