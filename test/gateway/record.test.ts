import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, FastCheck as fc, Fiber, Schema, Stream } from "effect"
import { RequestRecord } from "../../src/domain/RequestRecord.ts"
import { type Exchange, openExchange } from "../../src/gateway/Exchange.ts"
import { recordOf } from "../../src/gateway/record.ts"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { pair } from "./failoverSupport.ts"
import { canary, eventually, hello, start, streamed } from "./support.ts"

const exchange = (fields: Partial<Exchange> = {}): Exchange => ({
  ...openExchange("POST", "/proxy/p/v1/messages?beta=true", 1_000),
  named: "p",
  asksModel: true,
  ...fields
})

describe("a record", () => {
  it("is made of requests for an answer alone", () => {
    expect(recordOf(openExchange("GET", "/health", 1_000), 2_000)).toBeUndefined()
    expect(recordOf(exchange(), 2_500)).toMatchObject({ profile: "p", time: 1_000, duration_ms: 1_500, status: 500 })
  })

  it("holds no credential in a name, wherever the client put one", () => {
    const record = recordOf(
      exchange({
        named: canary,
        asked: canary,
        session: canary,
        agent: `agent ${canary}`,
        upstreamId: canary,
        served: canary,
        attempts: [
          {
            profile: "p",
            model: canary,
            reason: "the client's profile",
            started: 1,
            duration_ms: 1,
            outcome: "answered"
          }
        ]
      }),
      2_000
    )
    expect(JSON.stringify(record)).not.toContain(canary.slice(0, 12))
    expect(record?.agent).toBe("agent [masked]")
  })

  it("has the name of a profile that was asked as it is, though it may look like a key", () => {
    const about = {
      model: "m",
      reason: "the client's profile",
      started: 1,
      duration_ms: 1,
      outcome: "answered"
    } as const
    const named = "xai-personal"
    const record = recordOf(exchange({ named, profile: named, attempts: [{ ...about, profile: named }] }), 2_000)
    expect([record?.profile, record?.served_by]).toEqual([named, named])
  })

  it("is never long, and reads back from its line as it was, whatever the texts of both sides are", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary", minLength: 50, maxLength: 100 }).map((part) => part.repeat(200))
    )
    const loss = fc.record({ kind: fc.constant("dropped" as const), path: text, what: text, why: text })
    const error = fc.record({ status: fc.constant(500), type: fc.constant("api_error"), message: text })
    const attempt = fc.record({
      profile: fc.constant("p"),
      model: text,
      reason: fc.constant("again"),
      started: fc.nat(),
      duration_ms: fc.nat(),
      outcome: fc.constant("failed" as const),
      error
    })
    const filled = fc.record({
      asked: text,
      session: text,
      agent: text,
      served: text,
      upstreamId: text,
      failure: text,
      attempts: fc.array(attempt, { maxLength: 5 }),
      losses: fc.array(loss, { maxLength: 5 })
    })
    const decode = Schema.decodeUnknownSync(Schema.parseJson(RequestRecord))
    fc.assert(
      fc.property(filled, (fields) => {
        const record = recordOf(exchange(fields), 2_000)
        const line = JSON.stringify(record)
        // a character may take six in JSON
        expect(line.length).toBeLessThan(6 * (6 * 300 + 700 + 5 * 1_200 + 5 * 1_900))
        expect(line).not.toContain("\n")
        expect(decode(line)).toEqual(record)
      }),
      { numRuns: 100 }
    )
  })
})

describe("the record of a request", () => {
  it.scoped("tells each attempt, why it was made and what followed", () =>
    Effect.gen(function* () {
      const gateway = yield* pair()
      yield* gateway.first.enqueue(UpstreamScript.respond(529, { error: { message: "overloaded" } }))
      const headers = { "x-claude-code-session-id": "s-1", "x-claude-code-agent-id": "a-1" }
      const answer = yield* gateway.ask({ body: streamed(), headers })
      yield* eventually(() => gateway.journal.recent(9).length === 1)
      const [found] = gateway.journal.recent(1)
      expect(found).toMatchObject({
        id: answer.headers["request-id"],
        session: "s-1",
        agent: "a-1",
        profile: "p",
        asked: "claude-sonnet-4-5",
        served_by: "b",
        served: "backup-1",
        stream: true,
        status: 200,
        client_gone: false,
        attempts: [
          {
            profile: "p",
            model: "model-1",
            reason: "the client's profile",
            outcome: "failed",
            error: { status: 529, type: "overloaded_error", message: "p: overloaded" },
            next: "the next one was asked"
          },
          { profile: "b", model: "backup-1", reason: "backup of p", outcome: "answered" }
        ]
      })
    })
  )

  it.scoped("is one for each request for an answer, whatever becomes of it, and none for others", () =>
    Effect.gen(function* () {
      const gateway = yield* start()
      yield* gateway.upstream.enqueue(
        ChatScript.whole({ text: "hi", usage: { prompt: 100, completion: 10, cached: 0, reasoning: 0 } }),
        UpstreamScript.respond(400, { error: { message: `the key ${canary} is no good` } }),
        UpstreamScript.stream([ChatScript.text("half"), UpstreamScript.destroy]),
        UpstreamScript.stream([ChatScript.text("half"), UpstreamScript.stall])
      )
      yield* gateway.ask({ body: hello() })
      yield* gateway.ask({ body: hello() })
      yield* gateway.ask({ body: streamed() })
      const open = yield* gateway.converse({ body: streamed() })
      yield* Stream.runHead(Stream.fromQueue(open.pieces))
      yield* open.hangUp
      yield* gateway.ask({ body: "no json" })
      yield* gateway.ask({ path: "/proxy/nobody/v1/messages", body: hello() })
      yield* gateway.ask({ path: "/proxy/p/v1/messages/count_tokens", body: hello() })
      yield* gateway.ask({ method: "GET", path: "/health" })
      yield* gateway.ask({ body: hello(), anonymous: true })
      yield* eventually(() => gateway.journal.recent(9).length === 6)
      const records = gateway.journal.recent(9).toReversed()
      const of = (status: number) => records.filter((one) => one.status === status)
      expect(of(200).map((one) => [one.attempts[0]?.outcome, one.client_gone])).toEqual([
        ["answered", false],
        ["failed", false],
        ["cancelled", true]
      ])
      expect(of(200)[0]).toMatchObject({ usage: { input_tokens: 100, output_tokens: 10 }, served: "model-1" })
      expect(of(200)[1]?.error).toContain("ended early")
      expect(of(400)).toHaveLength(2)
      expect(of(404)).toHaveLength(1)
      expect(JSON.stringify(records)).not.toContain(canary)
      expect(JSON.stringify(records)).not.toContain('"hi"')
    })
  )

  it.scoped("has its cost where the price is known", () =>
    Effect.gen(function* () {
      const gateway = yield* start({
        settings: { model_info: { "model-1": { price_input: 2, price_cached: 1, price_output: 10 } } }
      })
      const usage = { prompt: 1_000_000, completion: 100_000, cached: 500_000, reasoning: 0 }
      yield* gateway.upstream.enqueue(ChatScript.whole({ text: "hi", usage }))
      yield* gateway.ask({ body: hello() })
      yield* eventually(() => gateway.journal.recent(9).length === 1)
      expect(gateway.journal.recent(1)[0]?.cost_usd).toBeCloseTo(1 + 0.5 + 1, 10)
    })
  )

  it.scoped("is told to whoever listens", () =>
    Effect.gen(function* () {
      const gateway = yield* start()
      const listening = yield* Deferred.make<void>()
      const next = yield* gateway.journal.changes.pipe(
        Stream.onStart(Deferred.succeed(listening, undefined)),
        Stream.take(1),
        Stream.runCollect,
        Effect.fork
      )
      yield* Deferred.await(listening)
      yield* Effect.yieldNow()
      yield* gateway.upstream.enqueue(ChatScript.whole({ text: "hi" }))
      const answer = yield* gateway.ask({ body: hello() })
      expect(Chunk.toReadonlyArray(yield* Fiber.join(next)).map(({ id }) => id)).toEqual([answer.headers["request-id"]])
    })
  )
})
