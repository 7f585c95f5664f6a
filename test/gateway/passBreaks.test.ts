/** Answers of an Anthropic upstream that stop, stall or are not wanted any more: never taken for finished ones. */
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Queue, Scope, TestClock } from "effect"
import { UpstreamScript } from "../../src/testing/index.ts"
import { delta, expectRefused, half, kinds, opening, profile, record } from "./passSupport.ts"
import { type Answer, breathe, eventsOf, eventually, hello, inTime, type Kind, start, streamed } from "./support.ts"

const whole = '{"type":"message","content":[],"usage":{"input_tokens":3,"output_tokens":4}}'

/** What a reader of events makes of an answer: an `error` event, or a record that breaks off. */
const expectBroken = (kind: Kind, answer: Answer, sent: string, atRecord: boolean) => {
  expect(answer.status).toBe(200)
  // a server that can cut does so
  expect(answer.complete).toBe(kind === "portable")
  const own = answer.text.slice(sent.length)
  expect(answer.text.slice(0, sent.length)).toBe(sent)
  const events = own === "" ? [] : eventsOf(own.trimStart()).map(({ type }) => type)
  expect(events).toEqual(atRecord || kind === "portable" ? ["error"] : [])
  expect(answer.text).not.toContain("message_stop")
}

describe.each(kinds)("an answer that is handed on over the %s wire", (kind) => {
  it.scoped("ends as a broken stream, wherever it breaks", () =>
    Effect.gen(function* () {
      const { ask, breaker, log, upstream } = yield* start({ kind, profile })
      const bytes = Buffer.from(half)
      const length = Buffer.byteLength(opening)
      for (const cut of [1, length - 1, length, length + 1, bytes.length - 12, bytes.length - 1, bytes.length]) {
        yield* upstream.enqueue(UpstreamScript.stream([bytes.subarray(0, cut), UpstreamScript.destroy]))
        const answer = yield* ask({ body: streamed() })
        const sent = bytes.subarray(0, cut).toString()
        if (cut < length) expectRefused(answer, 502, /^p: .*ended early/)
        else expectBroken(kind, answer, sent, sent.endsWith("\n\n"))
        yield* breaker.reset("p")
      }
      const lines = () => log.lines.filter((line) => line.includes("/v1/messages"))
      yield* eventually(() => lines().length === 7)
      for (const line of lines()) expect(line).toMatch(/^WARN.* (200|502) .*failed: api_error: p: /)
      expect(lines().at(-1)).toContain("9 in (0 cached) 1 out")
    })
  )

  it.scoped("is a failure when it is somebody's page under a success status, in words and without its markup", () =>
    Effect.gen(function* () {
      const { ask, breaker, upstream } = yield* start({ kind, profile })
      for (const body of [hello(), streamed()]) {
        yield* upstream.enqueue(
          UpstreamScript.respond(200, "<html><body><h1>Welcome to the guest network</h1></body></html>", {
            "content-type": "text/html; charset=utf-8"
          })
        )
        const answer = yield* ask({ body })
        expect(answer.status).toBe(502)
        expect(JSON.parse(answer.text)).toMatchObject({
          type: "error",
          error: { type: "api_error", message: expect.stringMatching(/^p: .*Welcome to the guest network/) }
        })
        expect(answer.text).not.toContain("<h1>")
        yield* breaker.reset("p")
      }
    })
  )

  it.scoped("is a failure when it is none of Anthropic's under a success status", () =>
    Effect.gen(function* () {
      const { ask, breaker, upstream } = yield* start({ kind, profile })
      const json = { "content-type": "application/json" }
      const glm = '{"code":500,"msg":"404 NOT_FOUND","success":false}'
      const slow = '{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}'
      for (const [status, sent, told, words] of [
        [200, glm, 404, /^p: 404 NOT_FOUND\. .*base URL of profile "p"/],
        [200, slow, 429, /^p: slow down$/],
        [200, '{"error":"no such thing"}', 502, /^p: no such thing$/],
        [200, "", 502, /empty response/],
        [204, "", 502, /empty response/],
        [200, whole.slice(0, -20), 502, /ended early/]
      ] as const) {
        for (const body of [hello(), streamed()]) {
          yield* upstream.enqueue(UpstreamScript.respond(status, sent, json))
          const answer = yield* ask({ body })
          expect(answer.status).toBe(told)
          expect(JSON.parse(answer.text)).toMatchObject({
            type: "error",
            error: { message: expect.stringMatching(words) }
          })
          yield* breaker.reset("p")
        }
      }
      yield* upstream.enqueue(UpstreamScript.respond(200, '{"type":"message","content":[],"error":null}', json))
      expect((yield* ask({ body: hello() })).status).toBe(200)
    })
  )

  it.scoped("ends as a broken stream when fewer bytes come than were announced, or their compression breaks off", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile })
      const packed = gzipSync(half)
      const headers = { "content-type": "text/event-stream" }
      yield* upstream.enqueue(
        {
          ...UpstreamScript.stream([half, UpstreamScript.destroy]),
          headers: { ...headers, "content-length": String(half.length + 1000) }
        },
        UpstreamScript.stream([packed.subarray(0, packed.length - 4)], { ...headers, "content-encoding": "gzip" })
      )
      for (const _ of [1, 2]) expectBroken("node", yield* ask({ body: streamed() }), half, true)
    })
  )

  it.scoped("ends as a broken stream when its connection just closes before the last record", () =>
    Effect.gen(function* () {
      const { ask, breaker, log, upstream } = yield* start({ kind, profile })
      const talk = delta('an event: error is {"type":"error"}')
      for (const sent of [half, opening + talk, half + record("message_stop").slice(0, 15)]) {
        yield* upstream.enqueue(UpstreamScript.stream([sent]))
        expectBroken(kind, yield* ask({ body: streamed() }), sent, sent.endsWith("\n\n"))
      }
      yield* eventually(() => log.lines.filter((line) => line.includes("ended early")).length === 3)
      for (const sent of ["", opening.slice(0, -1), ": hello\n\n", record("ping")]) {
        yield* upstream.enqueue(UpstreamScript.stream([sent]))
        expectRefused(yield* ask({ body: streamed() }), 502, /^p: .*ended early/)
        yield* breaker.reset("p")
      }
      for (const end of [record("message_stop").trimEnd(), record("error", { error: { type: "overloaded_error" } })]) {
        yield* upstream.enqueue(UpstreamScript.stream([half + end]))
        const answer = yield* ask({ body: streamed() })
        expect([answer.complete, answer.text]).toEqual([true, half + end])
      }
    })
  )

  it.scoped("that is no stream is an error of its own when it breaks", () =>
    Effect.gen(function* () {
      const { ask, breaker, upstream } = yield* start({ kind, profile })
      for (const length of [0, 1, whole.length - 1]) {
        yield* upstream.enqueue({
          ...UpstreamScript.respond(200, ""),
          steps: [UpstreamScript.write(whole.slice(0, length)), UpstreamScript.destroy]
        })
        const answer = yield* ask({ body: hello() })
        expect([answer.status, answer.complete]).toEqual([502, true])
        expect(JSON.parse(answer.text)).toMatchObject({ type: "error", error: { type: "api_error" } })
      }
      yield* upstream.enqueue({
        ...UpstreamScript.respond(429, "", { "retry-after": "9" }),
        steps: [UpstreamScript.write('{"type":"err'), UpstreamScript.destroy]
      })
      const refused = yield* ask({ body: hello() })
      expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "9"])
      expect(JSON.parse(refused.text)).toMatchObject({ error: { type: "rate_limit_error" } })
      yield* breaker.reset("p")
      yield* upstream.enqueue(UpstreamScript.reset)
      expect((yield* ask({ body: streamed() })).status).toBe(502)
    })
  )

  it.scoped("is kept alive by pings between its records, and never inside of one", () =>
    Effect.gen(function* () {
      const { converse, upstream } = yield* start({ kind, profile })
      const [more, rest] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const last = record("message_stop")
      yield* upstream.enqueue(
        UpstreamScript.stream([
          half,
          UpstreamScript.wait(Deferred.await(more)),
          last.slice(0, 20),
          UpstreamScript.wait(Deferred.await(rest)),
          last.slice(20)
        ])
      )
      const open = yield* converse({ body: streamed() })
      let seen = ""
      const until = (text: string) =>
        Effect.gen(function* () {
          while (!seen.endsWith(text)) seen += yield* Queue.take(open.pieces)
        })
      yield* until(half)
      yield* TestClock.adjust("11 seconds")
      yield* until(record("ping"))
      yield* Deferred.succeed(more, undefined)
      yield* until(last.slice(0, 20))
      for (const _ of [1, 2, 3]) yield* TestClock.adjust("11 seconds")
      yield* Deferred.succeed(rest, undefined)
      expect((yield* open.rest).text).toBe(`${half}${record("ping")}${last}`)
    })
  )

  it.scoped("times out by the profile's deadlines", () =>
    Effect.gen(function* () {
      const { ask, converse, upstream } = yield* start({
        kind,
        profile: { ...profile, timeouts: { first_byte_seconds: 5, idle_seconds: 20 } }
      })
      const begun = UpstreamScript.stream([opening.slice(0, 30), UpstreamScript.stall])
      for (const [script, seconds] of [
        [UpstreamScript.silence, 6],
        [UpstreamScript.stream([UpstreamScript.stall]), 6],
        [begun, 21]
      ] as const) {
        yield* upstream.enqueue(script)
        const pending = yield* Effect.fork(ask({ body: hello() }))
        const asked = yield* upstream.take
        for (let i = 0; i < 20; i++) yield* breathe
        yield* TestClock.adjust(`${seconds} seconds`)
        const answer = yield* Fiber.join(pending)
        expect(answer.status).toBe(504)
        expect(JSON.parse(answer.text)).toMatchObject({ error: { type: "timeout_error" } })
        expect(yield* asked.outcome).toBe("abandoned")
      }
      const sent = half + delta("x").slice(0, 30)
      yield* upstream.enqueue(UpstreamScript.stream([sent, UpstreamScript.stall]))
      const open = yield* converse({ body: streamed() })
      yield* Queue.take(open.pieces)
      yield* TestClock.adjust("21 seconds")
      expectBroken(kind, yield* open.rest, sent, false)
    })
  )

  it.scoped("is over when it says so, though its connection stays open", () =>
    Effect.gen(function* () {
      const { converse, log, upstream } = yield* start({ kind, profile })
      const last = record("message_stop")
      for (const said of [half + last, `${half}${last}: bye\n\n`]) {
        yield* upstream.enqueue(UpstreamScript.stream([said, UpstreamScript.stall]))
        const open = yield* converse({ body: streamed() })
        yield* Queue.take(open.pieces)
        for (const _ of [1, 2, 3]) yield* TestClock.adjust("1 second")
        const { complete, text } = yield* open.rest
        expect([complete, text]).toEqual([true, said])
      }
      expect(log.lines.filter((line) => line.includes("failed"))).toEqual([])
    })
  )

  it.scoped("is over when it is whole, though its connection stays open or breaks", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start({ kind, profile })
      const tooLong = { "content-length": String(whole.length + 1) }
      const document = (ending: UpstreamScript.Step, headers: Readonly<Record<string, string>> = {}) => ({
        ...UpstreamScript.respond(200, "", headers),
        steps: [UpstreamScript.write(whole), ending]
      })
      for (const script of [
        document(UpstreamScript.stall),
        document(UpstreamScript.stall, tooLong),
        document(UpstreamScript.destroy, tooLong),
        document(UpstreamScript.destroy)
      ]) {
        yield* upstream.enqueue(script)
        const { complete, status, text } = yield* inTime(ask({ body: hello() }))
        expect([status, complete, text]).toEqual([200, true, whole])
      }
      const said = half + record("message_stop")
      yield* upstream.enqueue(UpstreamScript.stream([said, UpstreamScript.destroy]))
      const { complete, text } = yield* ask({ body: streamed() })
      expect([complete, text]).toEqual([true, said])
      expect(log.lines.filter((line) => line.includes("failed"))).toEqual([])
    })
  )

  it.scoped("stops the upstream at once when the client hangs up", () =>
    Effect.gen(function* () {
      const { converse, log, upstream } = yield* start({ kind, profile })
      yield* upstream.enqueue(UpstreamScript.silence, UpstreamScript.stream([half, UpstreamScript.stall]))
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
      for (const script of [UpstreamScript.silence, UpstreamScript.stream([record("ping"), UpstreamScript.stall])]) {
        yield* upstream.enqueue(script)
        const waiting = yield* Effect.fork(converse({ body: streamed() }))
        const asked = yield* upstream.take
        for (let i = 0; i < 20; i++) yield* breathe
        yield* TestClock.adjust("11 seconds")
        const late = yield* Fiber.join(waiting)
        yield* late.hangUp
        expect(yield* asked.outcome).toBe("abandoned")
      }
      yield* eventually(() => log.lines.filter((line) => line.includes("client gone")).length === 4)
    })
  )

  it.scoped("does not read on when the client does not", () =>
    Effect.gen(function* () {
      const { listenNot, upstream } = yield* start({ kind, profile })
      let written = 0
      const piece = delta("x".repeat(60_000))
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
})

describe("a gateway that is asked to go", () => {
  it.scoped("cuts what it hands on after the grace period, and says why", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { converse, upstream } = yield* Scope.extend(start({ profile }), scope)
      yield* upstream.enqueue(UpstreamScript.stream([half, UpstreamScript.stall]))
      const open = yield* converse({ body: streamed() })
      yield* Queue.take(open.pieces)
      const ending = yield* Effect.fork(Scope.close(scope, Exit.void))
      for (let i = 0; i < 20; i++) yield* breathe
      yield* TestClock.adjust("10 seconds")
      const answer = yield* open.rest
      expectBroken("node", answer, half + record("ping"), true)
      expect(answer.text).toContain("claudex is shutting down")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(ending)
    })
  )
})
