import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { gatewayError } from "../../../src/protocol/gatewayError.ts"
import { genericPolicy } from "../../../src/protocol/policy.ts"
import { prefixViolations, readAnthropicSse, streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import { badEnd, goodEnd, ruinedArguments, turnScript } from "../../../src/testing/chatScript.ts"
import { dice, oneOf, seed } from "../../../src/testing/json.ts"
import { chunking, cut, damaged, frame, framing, plainFraming } from "../../../src/testing/sseBytes.ts"
import { turnStream } from "../../../src/protocol/translate.ts"
import { runs } from "../../support/runs.ts"
import { comparable } from "./support/compare.ts"
import { dialects } from "./support/dialects.ts"
import { contextFor, play, type Played, richPolicy, withoutRandomIds } from "./support/exchange.ts"
import { holds } from "../../support/holds.ts"

/** Turns of every end, broken arguments included. */
const turn = oneOf(
  turnScript({ end: oneOf(goodEnd, badEnd) }),
  turnScript({ end: oneOf(goodEnd, badEnd), args: ruinedArguments })
)

/** What the client gets, up to random ids and to how deltas were cut. */
const outcome = (played: Played) => {
  const { message, complete, error } = accumulateSse(played.sse)
  return { message: comparable(message), complete, error, failure: played.failure, usage: played.usage }
}

/** A legal stream, or nothing and the failure that becomes an HTTP error. */
const expectLegal = (sse: string, failure: unknown): void => {
  if (sse === "") expect(failure).toBeDefined()
  else expect(streamViolations(sse)).toEqual([])
}

/** What one push may give, by the phases before and after it. */
const expectPhase = (before: string, after: string, out: string, failed: boolean): void => {
  if (before === "done" || after === "waiting") expect(out).toBe("")
  if (before === "waiting" && after !== "waiting" && !failed) {
    expect(readAnthropicSse(out).events[0]?.type).toBe("message_start")
  }
}

describe.each(dialects)("in $protocol", ({ protocol, render }) => {
  const context = contextFor({ protocol, policy: genericPolicy })
  const enforcing = contextFor({
    protocol,
    policy: { ...richPolicy, maxStop: 0 },
    stopSequences: ["um", "\n", "o d", "lorem", "re"]
  })

  const rendered = render(turn)
  const bytes = fc.tuple(rendered, framing).map(([{ records }, how]) => frame(records, how).bytes)

  describe("L10 chunking invariance", () => {
    it("every partition of the bytes gives the same events", async () => {
      await holds(
        fc.property(bytes, chunking, (body, how) => {
          const whole = play(context, [body])
          const parts = play(context, cut(body, how))
          expect(withoutRandomIds(parts.sse)).toBe(withoutRandomIds(whole.sse))
          expect(parts.failure).toEqual(whole.failure)
          expect(parts.usage).toEqual(whole.usage)
        }),
        { numRuns: runs }
      )
    })

    it("also for bytes that are no valid answer, and for stop sequences that we enforce", async () => {
      await holds(
        fc.property(oneOf(damaged(bytes), bytes, fc.uint8Array({ maxLength: 60 })), chunking, (body, how) => {
          const whole = play(enforcing, [body])
          const parts = play(enforcing, cut(body, how))
          expect(withoutRandomIds(parts.sse)).toBe(withoutRandomIds(whole.sse))
          expect(parts.failure).toEqual(whole.failure)
        }),
        { numRuns: runs }
      )
    })
  })

  describe("L11 framing invariance", () => {
    it("line ends, marks, comments, spaces, split data and a missing last blank line change nothing", async () => {
      await holds(
        fc.property(rendered, framing, chunking, ({ records }, how, cuts) => {
          const plain = play(context, [frame(records, plainFraming).bytes])
          const odd = play(context, cut(frame(records, how).bytes, cuts))
          expect(withoutRandomIds(odd.sse)).toBe(withoutRandomIds(plain.sse))
          expect(odd.failure).toEqual(plain.failure)
          expect(odd.usage).toEqual(plain.usage)
        }),
        { numRuns: runs }
      )
    })
  })

  describe("L23 isolation", () => {
    it("turns that run at the same time give what they give one after the other", async () => {
      const contexts = [
        context,
        enforcing,
        contextFor({ protocol, tools: ["read", "bash", "mcp__srv__find_and_more", "A"] })
      ]
      await holds(
        fc.property(fc.array(bytes, { minLength: 2, maxLength: 3 }), chunking, seed, (bodies, cuts, order) => {
          const { roll } = dice(order)
          const contextOf = (at: number) => contexts[at % contexts.length] ?? context
          const running = bodies.map((body, at) => ({
            stream: turnStream(contextOf(at)),
            queue: [...cut(body, cuts)],
            sse: ""
          }))
          for (;;) {
            const open = running.filter(({ stream, queue }) => queue.length > 0 && stream.phase() !== "done")
            const next = open[roll(open.length)]
            if (next === undefined) break
            const chunk = next.queue.shift()
            if (chunk !== undefined) next.sse += next.stream.push(chunk)
          }
          const together = running.map(({ stream, sse }) => sse + (stream.phase() === "done" ? "" : stream.end()))
          const alone = bodies.map((body, at) => play(contextOf(at), cut(body, cuts)).sse)
          expect(together.map(withoutRandomIds)).toEqual(alone.map(withoutRandomIds))
        }),
        { numRuns: runs }
      )
    })
  })

  describe("L24 monotone prefixes", () => {
    it("at every moment whole events are out, and they begin a legal stream", async () => {
      await holds(
        fc.property(
          oneOf({ weight: 3, arbitrary: bytes }, { weight: 1, arbitrary: damaged(bytes) }),
          chunking,
          (body, cuts) => {
            const { pieces, sse, failure } = play(context, cut(body, cuts))
            pieces.forEach((piece) => expect(readAnthropicSse(piece).violations).toEqual([]))
            // The judge reads forward: what is wrong with a beginning stays wrong, so the longest one stands for all.
            expect(prefixViolations(sse)).toEqual([])
            expectLegal(sse, failure)
          }
        ),
        { numRuns: runs }
      )
    })

    it("nothing comes before success is decided, and nothing after the end", async () => {
      await holds(
        fc.property(bytes, chunking, (body, cuts) => {
          const stream = turnStream(context)
          for (const chunk of cut(body, cuts)) {
            const before = stream.phase()
            const out = stream.push(chunk)
            expectPhase(before, stream.phase(), out, stream.failure() !== undefined)
          }
          stream.end()
          expect(stream.phase()).toBe("done")
          expect(stream.push(body) + stream.end() + stream.ping() + stream.commit()).toBe("")
        }),
        { numRuns: runs }
      )
    })

    it("a commit and pings at any moment leave the stream legal and its message the same", async () => {
      await holds(
        fc.property(bytes, chunking, seed, (body, cuts, when) => {
          const { roll } = dice(when)
          const stream = turnStream(context)
          let sse = ""
          for (const chunk of cut(body, cuts)) {
            if (roll(5) === 0) sse += stream.commit()
            if (roll(3) === 0) sse += stream.ping()
            sse += stream.push(chunk)
          }
          sse += stream.commit() + stream.end()
          expectLegal(sse, stream.failure())
          const plain = outcome(play(context, cut(body, cuts)))
          const pinged = outcome({ pieces: [], sse, failure: stream.failure(), usage: stream.usage() })
          expect(pinged.failure).toEqual(plain.failure)
          expect(plain.message === undefined ? plain : pinged).toEqual(plain)
        }),
        { numRuns: runs }
      )
    })

    it("a break at any moment ends in an error that says how", async () => {
      const error = gatewayError("timeout_error", "no byte for 300 seconds")
      await holds(
        fc.property(bytes, chunking, fc.nat(20), (body, cuts, after) => {
          const stream = turnStream(context)
          let sse = ""
          for (const chunk of cut(body, cuts).slice(0, after)) sse += stream.push(chunk)
          const settled = stream.phase() === "settled"
          const done = stream.phase() === "done"
          sse += stream.abort(error)
          expect(stream.phase()).toBe("done")
          expectLegal(sse, stream.failure())
          if (done || settled) return
          expect(stream.failure()).toMatchObject(error)
          expect(accumulateSse(sse).complete).toBe(false)
        }),
        { numRuns: runs }
      )
    })
  })
})
