import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc, Schema } from "effect"
import { RequestRecord } from "../../src/domain/RequestRecord.ts"
import { type Exchange, openExchange } from "../../src/gateway/Exchange.ts"
import { recordOf } from "../../src/gateway/record.ts"
import { canary } from "./support.ts"

const exchange = (fields: Partial<Exchange> = {}): Exchange => ({
  ...openExchange("POST", "/proxy/p/v1/messages?beta=true", 1_000),
  named: "p",
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
