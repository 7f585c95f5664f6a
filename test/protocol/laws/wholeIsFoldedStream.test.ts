import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { genericPolicy } from "../../../src/protocol/policy.ts"
import { accumulateSse, messageViolations } from "../../../src/testing/anthropicMessage.ts"
import { heard, meaning } from "../../../src/testing/chatMeaning.ts"
import { type ChatStyle, renderChatBody } from "../../../src/testing/chatRender.ts"
import {
  finishWords,
  goodEnd,
  inBodyOrder,
  scriptStops,
  turnScript,
  type TurnScript
} from "../../../src/testing/chatScript.ts"
import { type JsonObject, oneOf } from "../../../src/testing/json.ts"
import { runs } from "../../support/runs.ts"
import { comparable, withoutCallIds } from "./support/compare.ts"
import { contextFor, playScript, playWhole, richPolicy } from "./support/exchange.ts"
import { manner } from "./support/manners.ts"
import { holds } from "../../support/holds.ts"

/** Scripts that a whole body can say: something was answered, or a finish reason was given. */
const script = turnScript({
  end: oneOf(
    { weight: 8, arbitrary: goodEnd },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...finishWords.failure).map((reason) => ({ type: "finish" as const, reason }))
    }
  )
}).filter((turn) => turn.end.type === "finish" || turn.steps.length > 0)

const sequential = (style: ChatStyle): ChatStyle => ({ ...style, calls: { ...style.calls, interleaved: false } })

const context = contextFor()

const tagged: fc.Arbitrary<TurnScript> = fc
  .record({
    turn: script,
    before: fc.constantFrom("", "\n", "  "),
    tag: fc.constantFrom("think", "thinking"),
    inside: fc.constantFrom("", "a", "hm\n</thin", "<think>", "two\nlines"),
    closed: fc.boolean(),
    after: fc.constantFrom("", "\n\n", "b")
  })
  .map(({ turn, before, tag, inside, closed, after }) => {
    const text = `${before}<${tag}>${inside}${closed ? `</${tag}>` : ""}${after}`
    const rest = turn.steps.filter((step) => step.type !== "reasoning")
    return { ...turn, steps: [{ type: "text", text }, ...rest] }
  })

describe("L9 whole = folded stream", () => {
  it("a whole body gives the message that a stream of the same turn gives, block by block", async () => {
    await holds(
      fc.property(script.map(inBodyOrder), manner, (turn, how) => {
        const style = sequential(how.style)
        const streamed = playScript(context, turn, { ...how, style })
        const whole = playWhole(context, renderChatBody(turn, style))
        const sees = style.calls.id === "late" ? withoutCallIds : comparable
        const { message, complete } = accumulateSse(streamed.sse)
        expect(whole.message === undefined ? [] : messageViolations(whole.message)).toEqual([])
        expect(sees(complete ? message : undefined)).toEqual(sees(whole.message))
        expect(streamed.failure?.type).toEqual(whole.failure?.type)
      }),
      { numRuns: runs }
    )
  })

  // White space behind the last call of a turn has no block to stand in: one of nothing else would be refused.
  it("for steps in any order it gives the same texts, thinking, calls and end", async () => {
    await holds(
      fc.property(script, manner, (turn, how) => {
        const { message, complete } = accumulateSse(playScript(context, turn, how).sse)
        const whole = playWhole(context, renderChatBody(turn, how.style)).message
        expect(complete).toBe(whole !== undefined)
        if (whole === undefined || message === undefined) return
        const ids = (calls: ReadonlyArray<{ readonly name: string; readonly input: unknown }>) =>
          calls.map(({ name, input }) => ({ name, input }))
        const facts = (answer: JsonObject) => {
          const got = heard(answer)
          return { ...got, text: got.text.trimEnd(), calls: ids(got.calls) }
        }
        expect(facts(message)).toEqual(facts(whole))
        expect(message["usage"]).toEqual(whole["usage"])
      }),
      { numRuns: runs }
    )
  })

  it("both give what the provider meant", async () => {
    const knows = { down: (name: string) => name, stopSequences: scriptStops, thinkTags: false }
    await holds(
      fc.property(script, manner, (turn, how) => {
        const meant = meaning(turn, knows)
        const played = playScript(context, turn, how)
        const { message = {}, complete } = accumulateSse(played.sse)
        expect(complete).toBe(meant.outcome === "message")
        expect(played.failure === undefined).toBe(meant.outcome === "message")
        if (!complete) return
        const got = heard(message)
        expect(got.text.trimEnd()).toBe(meant.text.trimEnd())
        expect(got.thinking).toBe(meant.thinking)
        expect(got.calls.map(({ name, input }) => ({ name, input }))).toEqual(
          meant.calls.map(({ name, input }) => ({ name, input }))
        )
        expect({ reason: got.stopReason, sequence: got.stopSequence }).toEqual({
          reason: meant.stopReason,
          sequence: meant.stopSequence
        })
        expect(JSON.stringify(message["stop_details"] ?? meant.refusal)).toContain(
          JSON.stringify(meant.refusal).slice(1, -1)
        )
      }),
      { numRuns: runs }
    )
  })

  it("reasoning between tags at the start of the text is thinking, in both", async () => {
    const local = contextFor({ policy: { ...genericPolicy, thinkTags: true } })
    const knows = { down: (name: string) => name, stopSequences: scriptStops, thinkTags: true }
    await holds(
      fc.property(tagged.map(inBodyOrder), manner, (turn, how) => {
        const style = sequential(how.style)
        const { message, complete } = accumulateSse(playScript(local, turn, { ...how, style }).sse)
        const whole = playWhole(local, renderChatBody(turn, style)).message
        expect(withoutCallIds(complete ? message : undefined)).toEqual(withoutCallIds(whole))
        if (message === undefined || !complete) return
        const meant = meaning(turn, knows)
        expect(heard(message).thinking).toBe(meant.thinking)
        expect(heard(message).text).toBe(meant.text)
      }),
      { numRuns: runs }
    )
  })

  it("stop sequences that we enforce end both at the same place", async () => {
    const enforcing = contextFor({
      policy: { ...richPolicy, maxStop: 0 },
      stopSequences: ["ab", "b c", "\n", "Ende", "cabd", "日"]
    })
    const words = fc.constantFrom("a", "b", " ", "c", "d", "cabd", "ab c", "En", "de", "日", "本", "\n")
    const turn = fc
      .tuple(fc.array(words, { minLength: 1, maxLength: 8 }), turnScript())
      .map(([parts, other]) =>
        inBodyOrder({ ...other, steps: [{ type: "text" as const, text: parts.join("") }, ...other.steps] })
      )
    await holds(
      fc.property(turn, manner, (answered, how) => {
        const style = sequential(how.style)
        const { message, complete } = accumulateSse(playScript(enforcing, answered, { ...how, style }).sse)
        const whole = playWhole(enforcing, renderChatBody(answered, style)).message
        const visible = answered.steps.map((step) => (step.type === "text" ? step.text : "")).join("")
        // The sequence that is complete first ends the text, as it would have in the model.
        const ends = enforcing.enforceStop
          .filter((stop) => visible.includes(stop))
          .map((stop) => visible.indexOf(stop) + stop.length)
        const end = Math.min(...ends)
        const starts = enforcing.enforceStop
          .filter((stop) => visible.slice(0, end).endsWith(stop))
          .map((stop) => end - stop.length)
        const before = visible.slice(0, Math.min(...starts))
        const kept = before.trim() === "" ? "" : before
        expect(ends.length === 0 || message === undefined ? kept : heard(message).text).toBe(kept)
        const { usage: _, ...streamed } = withoutCallIds(complete ? message : undefined) ?? {}
        const { usage: __, ...folded } = withoutCallIds(whole) ?? {}
        expect(streamed).toEqual(folded)
      }),
      { numRuns: runs }
    )
  })
})
