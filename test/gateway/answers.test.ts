import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Queue, TestClock } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { breathe, canary, eventsOf, eventually, hello, type Kind, start, streamed, textOf, token } from "./support.ts"

const kinds: ReadonlyArray<Kind> = ["node", "portable"]

describe.each(kinds)("an answer over the %s wire", (kind) => {
  it.scoped("is whole when the client asked for a whole one", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      yield* upstream.enqueue(ChatScript.whole({ text: "good morning", usage: { prompt: 11, completion: 3 } }))
      const answer = yield* ask({ body: hello() })
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text)).toMatchObject({
        type: "message",
        role: "assistant",
        model: "claude-sonnet-4-5",
        content: [{ type: "text", text: "good morning" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 11, output_tokens: 3 }
      })
      expect(answer.headers).toMatchObject({
        "content-type": "application/json",
        "request-id": expect.stringMatching(/^req_[A-Za-z0-9]{24}$/),
        "x-claudex-profile": "p",
        "x-claudex-model": "model-1"
      })
      const sent = yield* upstream.take
      expect(sent).toMatchObject({ method: "POST", url: "/v1/chat/completions" })
      expect(sent.body).toMatchObject({ model: "model-1", messages: [{ role: "user", content: "hi" }] })
      expect(sent.body).not.toHaveProperty("stream")
    })
  )

  it.scoped("is a stream when the client asked for one, however the provider's bytes are cut", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      const turn = ChatScript.text("grüße, ") + ChatScript.text("你好 👩‍👩‍👧‍👦") + ChatScript.finish("stop")
      const body = (turn + ChatScript.done).replaceAll("\n", "\r\n")
      yield* upstream.enqueue(UpstreamScript.stream([...UpstreamScript.inPieces(body, 1)]))
      const answer = yield* ask({ body: streamed() })
      expect(answer.status).toBe(200)
      expect(answer.complete).toBe(true)
      expect(answer.headers).toMatchObject({
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "request-id": expect.stringMatching(/^req_/),
        "x-claudex-profile": "p"
      })
      expect(textOf(answer.text)).toBe("grüße, 你好 👩‍👩‍👧‍👦")
      expect(eventsOf(answer.text).at(-1)).toEqual({ type: "message_stop" })
      expect((yield* upstream.take).body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    })
  )

  it.scoped("reaches the client while the provider is still speaking", () =>
    Effect.gen(function* () {
      const { converse, upstream } = yield* start({ kind })
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
      expect(seen).not.toContain("two")
      yield* Deferred.succeed(more, undefined)
      expect(textOf((yield* open.rest).text)).toBe("onetwo")
    })
  )

  it.scoped("comes in a stream too when the provider answers a stream request in one piece", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      yield* upstream.enqueue(ChatScript.whole({ text: "all at once" }))
      const answer = yield* ask({ body: streamed() })
      expect(answer.headers["content-type"]).toBe("text/event-stream; charset=utf-8")
      expect(textOf(answer.text)).toBe("all at once")
    })
  )

  it.scoped("has the provider's own status when it fails before the first word", () =>
    Effect.gen(function* () {
      const { ask, breaker, upstream } = yield* start({ kind })
      const slow = { error: { message: "slow down", type: "rate_limit", code: null } }
      const limits = { "retry-after": "7", "x-ratelimit-remaining-requests": "0" }
      yield* upstream.enqueue(
        UpstreamScript.respond(429, slow, limits),
        UpstreamScript.respond(429, slow, limits),
        UpstreamScript.stream([ChatScript.record({ error: { message: "overloaded", code: 529 } })])
      )
      for (const body of [hello(), streamed()]) {
        const answer = yield* ask({ body })
        expect(answer.status).toBe(429)
        expect(answer.headers).toMatchObject({
          "content-type": "application/json",
          "retry-after": "7",
          "anthropic-ratelimit-requests-remaining": "0"
        })
        expect(JSON.parse(answer.text)).toMatchObject({
          type: "error",
          error: { type: "rate_limit_error", message: expect.stringContaining("slow down") },
          request_id: answer.headers["request-id"]
        })
        // else it would be left alone for the 7 seconds
        yield* breaker.reset("p")
      }
      const inside = yield* ask({ body: streamed() })
      expect(inside.status).toBe(529)
      expect(JSON.parse(inside.text)).toMatchObject({ error: { type: "overloaded_error" } })
    })
  )

  it.scoped("ends in an error event, and never as a finished turn, when the provider breaks off", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      yield* upstream.enqueue(
        UpstreamScript.stream([ChatScript.text("half a sen"), UpstreamScript.destroy]),
        UpstreamScript.stream([ChatScript.text("half a sen"), UpstreamScript.end]),
        UpstreamScript.stream([ChatScript.text("half a sen"), ChatScript.record({ error: { message: "boom" } })])
      )
      for (const _ of [1, 2, 3]) {
        const answer = yield* ask({ body: streamed() })
        const types = eventsOf(answer.text).map((event) => event.type)
        expect(answer.status).toBe(200)
        expect(types[0]).toBe("message_start")
        expect(types.at(-1)).toBe("error")
        expect(types).not.toContain("message_stop")
        expect(types).not.toContain("message_delta")
      }
    })
  )

  it.scoped("is a 502 when the connection breaks before the first word", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ kind })
      for (const script of [UpstreamScript.reset, UpstreamScript.stream([UpstreamScript.destroy])]) {
        for (const body of [hello(), streamed()]) {
          yield* upstream.enqueue(script)
          const answer = yield* ask({ body })
          expect(answer.status).toBe(502)
          expect(JSON.parse(answer.text)).toMatchObject({ error: { type: "api_error" } })
        }
      }
    })
  )

  it.scoped("[4.4.13] is promised after ten seconds of silence and kept alive by pings", () =>
    Effect.gen(function* () {
      const { converse, upstream } = yield* start({ kind })
      const speak = yield* Deferred.make<void>()
      yield* upstream.enqueue({
        ...UpstreamScript.stream([
          UpstreamScript.wait(Deferred.await(speak)),
          ChatScript.text("at last"),
          ChatScript.finish("stop"),
          ChatScript.done
        ]),
        lateHeaders: true
      })
      const pending = yield* Effect.fork(converse({ body: streamed() }))
      yield* upstream.take
      yield* TestClock.adjust("10 seconds")
      const open = yield* Fiber.join(pending)
      expect(open.status).toBe(200)
      let seen = yield* Queue.take(open.pieces)
      // a ping promises nothing about who answers, so that somebody else still may
      expect(eventsOf(seen).map((event) => event.type)).toEqual(["ping"])
      for (const _ of [1, 2]) {
        yield* TestClock.adjust("11 seconds")
        const piece = yield* Queue.take(open.pieces)
        expect(eventsOf(piece)).toEqual([{ type: "ping" }])
        seen += piece
      }
      yield* Deferred.succeed(speak, undefined)
      const answer = yield* open.rest
      expect(textOf(answer.text)).toBe("at last")
      expect(eventsOf(answer.text).filter((event) => event.type === "message_start")).toHaveLength(1)
    })
  )

  it.scoped("ends with an error event when the provider fails after the promise", () =>
    Effect.gen(function* () {
      const { converse, upstream } = yield* start({ kind })
      const speak = yield* Deferred.make<void>()
      yield* upstream.enqueue({
        status: 503,
        headers: { "content-type": "application/json" },
        lateHeaders: true,
        steps: [UpstreamScript.wait(Deferred.await(speak)), UpstreamScript.write('{"error":{"message":"full"}}')]
      })
      const pending = yield* Effect.fork(converse({ body: streamed() }))
      yield* upstream.take
      yield* TestClock.adjust("10 seconds")
      const open = yield* Fiber.join(pending)
      yield* Deferred.succeed(speak, undefined)
      const answer = yield* open.rest
      expect(eventsOf(answer.text).at(-1)).toMatchObject({
        type: "error",
        error: { type: "overloaded_error", message: expect.stringContaining("full") }
      })
    })
  )

  it.scoped("is complete without a last word once the provider was silent after its finish reason", () =>
    Effect.gen(function* () {
      const { converse, upstream } = yield* start({ kind })
      yield* upstream.enqueue(
        UpstreamScript.stream([ChatScript.text("done"), ChatScript.finish("stop"), UpstreamScript.stall])
      )
      const open = yield* converse({ body: streamed() })
      let seen = ""
      while (!seen.includes("done")) seen += yield* Queue.take(open.pieces)
      expect(seen).not.toContain("message_stop")
      yield* TestClock.adjust("4 seconds")
      expect(eventsOf((yield* open.rest).text).at(-1)).toEqual({ type: "message_stop" })
    })
  )

  it.scoped("times out by the profile's deadlines", () =>
    Effect.gen(function* () {
      const { ask, converse, upstream } = yield* start({
        kind,
        settings: { timeouts: { first_byte_seconds: 600, idle_seconds: 20 } },
        profile: { timeouts: { first_byte_seconds: 5 } }
      })
      yield* upstream.enqueue(UpstreamScript.silence, UpstreamScript.silence)
      for (const body of [hello(), streamed()]) {
        const pending = yield* Effect.fork(ask({ body }))
        const asked = yield* upstream.take
        yield* TestClock.adjust("6 seconds")
        const answer = yield* Fiber.join(pending)
        expect(answer.status).toBe(504)
        expect(JSON.parse(answer.text)).toMatchObject({ error: { type: "timeout_error" } })
        expect(yield* asked.outcome).toBe("abandoned")
      }
      yield* upstream.enqueue(UpstreamScript.stream([ChatScript.text("wait"), UpstreamScript.stall]))
      const open = yield* converse({ body: streamed() })
      let seen = ""
      while (!seen.includes("wait")) seen += yield* Queue.take(open.pieces)
      yield* TestClock.adjust("21 seconds")
      expect(eventsOf((yield* open.rest).text).at(-1)).toMatchObject({ error: { type: "timeout_error" } })
    })
  )

  it.scoped("[4.4.13] stops the provider at once when the client hangs up, before and after its first word", () =>
    Effect.gen(function* () {
      const { converse, log, upstream } = yield* start({ kind })
      yield* upstream.enqueue(
        UpstreamScript.silence,
        UpstreamScript.stream([ChatScript.text("word"), UpstreamScript.stall])
      )
      const early = yield* Effect.fork(Effect.scoped(converse({ body: streamed() })))
      const silent = yield* upstream.take
      yield* Fiber.interrupt(early)
      expect(yield* silent.outcome).toBe("abandoned")

      const open = yield* converse({ body: streamed() })
      const speaking = yield* upstream.take
      yield* Queue.take(open.pieces)
      yield* open.hangUp
      expect(yield* speaking.outcome).toBe("abandoned")
      yield* eventually(() => log.lines.filter((line) => line.includes("client gone")).length === 2)
    })
  )

  it.scoped("[4.4.13] does not read on when the client does not", () =>
    Effect.gen(function* () {
      const { listenNot, upstream } = yield* start({ kind })
      let written = 0
      const piece = ChatScript.text("x".repeat(60_000))
      const endless = Array.from({ length: 2_000 }, () => [
        UpstreamScript.write(piece),
        UpstreamScript.wait(
          Effect.sync(() => {
            written += piece.length
          })
        )
      ]).flat()
      yield* upstream.enqueue(UpstreamScript.stream(endless))
      const open = yield* listenNot({ body: streamed() })
      const asked = yield* upstream.take
      // Everything between the two ends is full when the provider's writes stand still.
      let before = -1
      while (before !== written) {
        before = written
        for (let turn = 0; turn < 200; turn++) yield* breathe
      }
      expect(written).toBeLessThan(30_000_000)
      yield* open.hangUp
      expect(yield* asked.outcome).toBe("abandoned")
    })
  )

  it.scoped("carries nothing of the client's to the provider, and the provider's key nowhere else", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start({ kind })
      yield* upstream.enqueue(
        UpstreamScript.respond(401, { error: { message: `Incorrect API key provided: ${canary}` } }),
        UpstreamScript.respond(400, `no such key: Bearer ${canary}`),
        UpstreamScript.stream([ChatScript.text("a"), ChatScript.record({ error: { message: canary } })])
      )
      const headers = {
        "x-client": "yes",
        "anthropic-beta": "b",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      }
      for (const body of [hello(), hello(), streamed()]) {
        const answer = yield* ask({ body, headers })
        expect(JSON.stringify(answer)).not.toContain(canary)
        expect(answer.text).toContain("error")
      }
      yield* eventually(() => log.lines.length === 3)
      expect(log.lines.join("\n")).not.toContain(canary)
      expect(log.lines.join("\n")).not.toContain(token)
      const sent = yield* upstream.take
      expect(sent.headers["authorization"]).toBe(`Bearer ${canary}`)
      expect(Object.keys(sent.headers).sort()).toEqual(
        [
          "accept-encoding",
          "authorization",
          "connection",
          "content-length",
          "content-type",
          "host",
          "user-agent"
        ].sort()
      )
      expect(JSON.stringify(sent)).not.toContain(token)
    })
  )
})
