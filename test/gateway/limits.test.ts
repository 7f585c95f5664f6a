import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Queue, TestClock } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { pair, passUntil, saysOf } from "./failoverSupport.ts"
import { type Ask, eventsOf, eventually, hello, start, streamed } from "./support.ts"

const agent = (name: string) => ({ headers: { "x-claude-code-agent-id": name } })

describe("limits", () => {
  it.scoped("let the main conversation go before subagents, and keep the waiting company with pings", () =>
    Effect.gen(function* () {
      const gateway = yield* start({ profile: { limits: { max_concurrent: 1 } } })
      const go = yield* Deferred.make<void>()
      yield* gateway.upstream.enqueue(
        UpstreamScript.stream([
          ChatScript.text("first"),
          UpstreamScript.wait(Deferred.await(go)),
          ChatScript.finish("stop"),
          ChatScript.done
        ])
      )
      yield* gateway.upstream.fallback((request) => ChatScript.answer(request, { text: "next" }))
      const first = yield* gateway.converse({ body: streamed() })
      yield* gateway.upstream.take
      const waiting = (count: number) =>
        passUntil(Effect.map(gateway.limiter.states, (all) => all[0]?.waiting === count))
      const subagent = yield* Effect.fork(gateway.converse({ body: streamed({ max_tokens: 11 }), ...agent("a") }))
      yield* waiting(1)
      const main = yield* Effect.fork(gateway.converse({ body: streamed({ max_tokens: 22 }) }))
      yield* waiting(2)
      yield* passUntil(Effect.sync(() => subagent.unsafePoll() !== null && main.unsafePoll() !== null))
      const queued = yield* Fiber.join(subagent)
      expect(eventsOf(yield* Queue.take(queued.pieces))).toEqual([{ type: "ping" }])
      yield* Deferred.succeed(go, undefined)
      expect(saysOf(yield* (yield* Fiber.join(main)).rest)).toBe("next")
      expect(saysOf(yield* queued.rest)).toBe("next")
      expect(saysOf(yield* first.rest)).toBe("first")
      const [, second, third] = yield* gateway.upstream.requests
      expect([second?.body, third?.body]).toMatchObject([{ max_tokens: 22 }, { max_tokens: 11 }])
    })
  )

  it.scoped("give up after a while, and ask the backup instead where there is one", () =>
    Effect.gen(function* () {
      const settings = { limits: { queue_seconds: 5 } }
      const profile = { limits: { max_concurrent: 1 } }
      const busy = UpstreamScript.stream([ChatScript.text("busy"), UpstreamScript.stall])
      const alone = yield* start({ settings, profile })
      yield* alone.upstream.enqueue(busy)
      yield* alone.converse({ body: streamed() })
      const asking = yield* Effect.fork(alone.ask({ body: hello() }))
      yield* passUntil(Effect.sync(() => asking.unsafePoll() !== null))
      const answer = yield* Fiber.join(asking)
      expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "5"])
      expect(JSON.parse(answer.text).error.message).toContain("p: no turn within 5 s")

      const gateway = yield* pair({ settings, profile })
      yield* gateway.first.enqueue(busy)
      yield* gateway.converse({ body: streamed() })
      const second = yield* Effect.fork(gateway.ask({ body: hello() }))
      yield* passUntil(Effect.sync(() => second.unsafePoll() !== null))
      expect(saysOf(yield* Fiber.join(second))).toBe("from the backup")
      expect(yield* gateway.first.requests).toHaveLength(1)
    })
  )

  it.scoped(
    "count an image as what it is to a model, not as what it weighs, and waiting as nothing of a provider's",
    () =>
      Effect.gen(function* () {
        const gateway = yield* start({ profile: { limits: { tokens_per_minute: 5_000 } } })
        yield* gateway.upstream.fallback((request) => ChatScript.answer(request, { text: "seen" }))
        const source = { type: "base64", media_type: "image/png", data: "A".repeat(200_000) }
        const body = hello({ messages: [{ role: "user", content: [{ type: "image", source }] }] })
        for (const _ of [1, 2, 3]) expect(saysOf(yield* gateway.ask({ body }))).toBe("seen")
        const fourth = yield* Effect.fork(gateway.ask({ body }))
        yield* passUntil(Effect.map(gateway.limiter.states, (all) => all[0]?.waiting === 1))
        yield* passUntil(Effect.sync(() => fourth.unsafePoll() !== null))
        expect(saysOf(yield* Fiber.join(fourth))).toBe("seen")
        expect(gateway.health.of("p")?.latency_ms).toBeLessThan(2_000)
      })
  )

  it.scoped("hold no place for a client that is gone", () =>
    Effect.gen(function* () {
      const gateway = yield* start({ profile: { limits: { max_concurrent: 1 } } })
      yield* gateway.upstream.enqueue(UpstreamScript.stream([ChatScript.text("busy"), UpstreamScript.stall]))
      const first = yield* gateway.converse({ body: streamed() })
      const leaving = yield* Effect.fork(Effect.scoped(gateway.converse({ body: hello() })))
      yield* passUntil(Effect.map(gateway.limiter.states, (all) => all[0]?.waiting === 1))
      yield* Fiber.interrupt(leaving)
      yield* first.hangUp
      yield* passUntil(Effect.map(gateway.limiter.states, (all) => all[0]?.waiting === 0 && all[0].running === 0))
      yield* gateway.upstream.enqueue(ChatScript.whole({ text: "mine" }))
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("mine")
    })
  )

  it.scoped("bound the memory of all requests under way", () =>
    Effect.gen(function* () {
      const gateway = yield* start({ settings: { limits: { memory_mb: 0.01 } } })
      yield* gateway.upstream.enqueue(UpstreamScript.silence)
      const long = hello({ messages: [{ role: "user", content: "x".repeat(20_000) }] })
      // alone it may be as large as it likes
      const first = yield* Effect.fork(Effect.scoped(gateway.converse({ body: long })))
      yield* gateway.upstream.take
      const answer = yield* gateway.ask({
        body: hello(),
        headers: { "content-length": String(JSON.stringify(hello()).length) }
      })
      expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "2"])
      expect(JSON.parse(answer.text).error.type).toBe("rate_limit_error")
      yield* Fiber.interrupt(first)
      yield* eventually(() => gateway.log.lines.some((line) => line.includes("client gone")))
      yield* gateway.upstream.enqueue(ChatScript.whole({ text: "there is room again" }))
      expect(saysOf(yield* gateway.ask({ body: hello() }))).toBe("there is room again")
    })
  )

  it.scoped("know what a body weighs that does not tell its size, or was packed, or is only to be counted", () =>
    Effect.gen(function* () {
      const gateway = yield* start({ settings: { limits: { memory_mb: 0.01 } }, gateway: { maxBody: 50_000 } })
      yield* gateway.upstream.enqueue(UpstreamScript.silence)
      const long = JSON.stringify(hello({ messages: [{ role: "user", content: "x".repeat(20_000) }] }))
      const short = JSON.stringify(hello())
      const pieces = [long.slice(0, 9_000), long.slice(9_000)]
      const first = yield* Effect.fork(Effect.scoped(gateway.converse({ body: pieces })))
      yield* gateway.upstream.take
      const packed = gzipSync(long)
      const asks: ReadonlyArray<Ask> = [
        { body: [short] },
        { body: packed, headers: { "content-encoding": "gzip", "content-length": String(packed.length) } },
        { body: short, path: "/proxy/p/v1/messages/count_tokens" }
      ]
      for (const ask of asks) {
        const { headers, status, text } = yield* gateway.ask(ask)
        expect([status, headers["retry-after"], JSON.parse(text).error.type]).toEqual([429, "2", "rate_limit_error"])
      }
      // what is too large for ever is not told to come back
      const never = yield* gateway.ask({ body: "x".repeat(60_000), headers: { "content-length": "60000" } })
      expect([never.status, never.headers["x-should-retry"]]).toEqual([413, "false"])
      yield* Fiber.interrupt(first)
    })
  )

  it.scoped("end an answer of which only keep-alives come", () =>
    Effect.gen(function* () {
      const gateway = yield* start({ profile: { timeouts: { progress_seconds: 60 } } })
      const go = yield* Queue.unbounded<void>()
      const alive = [UpstreamScript.wait(Queue.take(go)), UpstreamScript.write(": PROCESSING\n\n")]
      yield* gateway.upstream.enqueue(UpstreamScript.stream([ChatScript.text("begin"), ...alive, ...alive, ...alive]))
      const open = yield* gateway.converse({ body: streamed() })
      yield* Queue.take(open.pieces)
      for (const _ of [1, 2, 3]) {
        yield* TestClock.adjust("25 seconds")
        yield* Queue.offer(go, undefined)
      }
      const answer = yield* open.rest
      expect(eventsOf(answer.text).at(-1)).toMatchObject({
        type: "error",
        error: { type: "timeout_error", message: expect.stringContaining("keep-alives") }
      })
    })
  )

  it.scoped("end an answer that comes too slowly", () =>
    Effect.gen(function* () {
      const gateway = yield* start({ profile: { timeouts: { min_bytes_per_second: 100 } } })
      const go = yield* Queue.unbounded<void>()
      const drop = [UpstreamScript.wait(Queue.take(go)), ChatScript.text("x")]
      yield* gateway.upstream.enqueue(
        UpstreamScript.stream([ChatScript.text("begin"), ...drop, ...drop, ...drop, ...drop])
      )
      const open = yield* gateway.converse({ body: streamed() })
      yield* Queue.take(open.pieces)
      for (const _ of [1, 2]) {
        yield* TestClock.adjust("12 seconds")
        yield* Queue.offer(go, undefined)
        yield* Queue.take(open.pieces)
      }
      yield* TestClock.adjust("12 seconds")
      const answer = yield* open.rest
      expect(eventsOf(answer.text).at(-1)).toMatchObject({ type: "error", error: { type: "timeout_error" } })
    })
  )
})
