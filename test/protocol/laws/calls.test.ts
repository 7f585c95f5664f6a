import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { upId } from "../../../src/protocol/ids.ts"
import { streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import { type CallMode, callMode, plainCalls } from "../../../src/testing/chatCalls.ts"
import { heard, meantInput, meantStop } from "../../../src/testing/chatMeaning.ts"
import {
  callModeOf,
  chatStyle,
  type ChatStyle,
  plainStyle,
  renderChatBody,
  renderChatStream
} from "../../../src/testing/chatRender.ts"
import {
  type CallStep,
  decidedArguments,
  finishWords,
  inBodyOrder,
  type ScriptStep,
  scriptStops,
  scriptTools,
  turnScript,
  type TurnScript
} from "../../../src/testing/chatScript.ts"
import { oneOf } from "../../../src/testing/json.ts"
import { frame, plainFraming } from "../../../src/testing/sseBytes.ts"
import { callId, plainId, text } from "../../../src/testing/text.ts"
import { runs } from "../../support/runs.ts"
import { contextFor, isGenerated, play, playScript, playWhole } from "./support/exchange.ts"
import { manner } from "./support/manners.ts"
import { holds } from "../../support/holds.ts"

const context = contextFor()

const call = (id: fc.Arbitrary<string>): fc.Arbitrary<CallStep> =>
  fc.record({ type: fc.constant("call"), name: fc.constantFrom(...scriptTools), id, args: decidedArguments })

const finished = (steps: ReadonlyArray<ScriptStep>): TurnScript => ({
  steps,
  usage: undefined,
  end: { type: "finish", reason: "tool_calls" }
})

const named = (calls: ReadonlyArray<{ readonly name: string; readonly input: unknown }>) =>
  calls.map(({ name, input }) => ({ name, input }))

const withCalls = (style: ChatStyle, changes: Partial<CallMode>): ChatStyle => ({
  ...style,
  calls: { ...style.calls, ...changes }
})

describe("L19 interleaving", () => {
  it("all interleavings of the calls' deltas give the same list of tool_use blocks, in order of first appearance", async () => {
    await holds(
      fc.property(fc.array(call(plainId), { minLength: 2, maxLength: 4 }), manner, (calls, how) => {
        const style = withCalls(how.style, { key: "index", interleaved: true })
        const mixed = playScript(context, finished(calls), { ...how, style })
        const ordered = playScript(context, finished(calls), { ...how, style: plainStyle })
        expect(named(heard(accumulateSse(mixed.sse).message ?? {}).calls)).toEqual(
          calls.map(({ name, args }) => ({ name, input: meantInput(args) }))
        )
        expect(named(heard(accumulateSse(ordered.sse).message ?? {}).calls)).toEqual(
          named(heard(accumulateSse(mixed.sse).message ?? {}).calls)
        )
      }),
      { numRuns: runs }
    )
  })

  it("text and reasoning between the deltas of calls are neither lost nor do they cut arguments", async () => {
    const steps = fc
      .tuple(fc.array(call(plainId), { minLength: 1, maxLength: 3 }), fc.array(text, { minLength: 1, maxLength: 2 }))
      .map(([calls, texts]) => [...calls, ...texts.map((value): ScriptStep => ({ type: "text", text: value }))])
    await holds(
      fc.property(steps, fc.boolean(), manner, (all, reasons, how) => {
        const extra: ReadonlyArray<ScriptStep> = reasons ? [{ type: "reasoning", text: "so" }] : []
        const script = finished([...all.slice(0, 1), ...extra, ...all.slice(1)])
        const style = withCalls(how.style, { key: "index", interleaved: true })
        const { sse } = playScript(context, script, { ...how, style })
        expect(streamViolations(sse)).toEqual([])
        const got = heard(accumulateSse(sse).message ?? {})
        const said = script.steps.map((step) => (step.type === "text" ? step.text : "")).join("")
        expect(got.text.trimEnd()).toBe(said.trimEnd())
        expect(got.thinking).toBe(reasons ? "so" : "")
        expect(named(got.calls)).toEqual(
          script.steps.flatMap((step) =>
            step.type === "call" ? [{ name: step.name, input: meantInput(step.args) }] : []
          )
        )
      }),
      { numRuns: runs }
    )
  })

  it("every way of keying and repeating the parts of calls gives the same calls", async () => {
    const ids = oneOf(plainId, fc.constant(""))
    await holds(
      fc.property(fc.array(call(ids), { minLength: 1, maxLength: 3 }), callMode, manner, (calls, mode, how) => {
        const { sse } = playScript(context, finished(calls), { ...how, style: { ...how.style, calls: mode } })
        expect(named(heard(accumulateSse(sse).message ?? {}).calls)).toEqual(
          calls.map(({ name, args }) => ({ name, input: meantInput(args) }))
        )
      }),
      { numRuns: runs * 2 }
    )
  })
})

describe("call ids on the way down", () => {
  it("the provider's id can be found again, unless it gave none, gave it twice or too late", async () => {
    const ids = fc.uniqueArray(oneOf(callId, plainId), { minLength: 1, maxLength: 3 })
    await holds(
      fc.property(ids, manner, (given, how) => {
        const calls = given.map((id): CallStep => ({ type: "call", name: "Read", id, args: "{}" }))
        const style = withCalls(how.style, { id: how.style.calls.id === "late" ? "first" : how.style.calls.id })
        const down = heard(
          accumulateSse(playScript(context, finished(calls), { ...how, style }).sse).message ?? {}
        ).calls
        // the provider takes what it writes
        expect(down.map(({ id }) => upId(id, /^[^]+$/))).toEqual(given)
      }),
      { numRuns: runs }
    )
  })

  it("missing and doubled ids become fresh ones, different in every answer", async () => {
    await holds(
      fc.property(fc.constantFrom("", "same"), manner, (id, how) => {
        const calls = ["a", "b"].map((value): CallStep => ({
          type: "call",
          name: "Read",
          id,
          args: JSON.stringify({ value })
        }))
        const answers = [0, 1].map(
          () => heard(accumulateSse(playScript(context, finished(calls), how).sse).message ?? {}).calls
        )
        const fresh = answers.flatMap((list) => list.map((item) => item.id)).filter(isGenerated)
        expect(fresh.length).toBeGreaterThanOrEqual(id === "" ? 4 : 2)
        expect(new Set(fresh).size).toBe(fresh.length)
        answers.forEach((list) => expect(new Set(list.map((item) => item.id)).size).toBe(2))
      }),
      { numRuns: runs }
    )
  })

  it("an id that the conversation has already seen becomes a fresh one", async () => {
    const seen = { ...context, seenIds: new Set(["toolu_old", "cdx_YTox"]) }
    const calls = ["toolu_old", "a:1", "toolu_new"].map((id): CallStep => ({
      type: "call",
      name: "Read",
      id,
      args: "{}"
    }))
    await holds(
      fc.property(chatStyle, (wanted) => {
        const style = withCalls(wanted, { id: "first" })
        const sent = { style, framing: plainFraming, chunking: "whole" as const }
        const got = heard(accumulateSse(playScript(seen, finished(calls), sent).sse).message ?? {}).calls.map(
          ({ id }) => id
        )
        expect(got.map(isGenerated)).toEqual([true, true, false])
        expect(got[2]).toBe("toolu_new")
      }),
      { numRuns: runs }
    )
  })
})

describe("L21 stop precedence", () => {
  const words = Object.values(finishWords).flat()

  it("stop_reason is a function of finish, calls, refusal and matched stop, regardless of rendering", async () => {
    const facts = fc.record({
      finish: fc.constantFrom(...words),
      calls: fc.array(call(plainId), { maxLength: 2 }),
      said: fc.boolean(),
      refused: fc.boolean(),
      matched: fc.constantFrom(undefined, ...scriptStops, "not asked for", "", 7)
    })
    await holds(
      fc.property(facts, manner, ({ finish, calls, said, refused, matched }, how) => {
        const script: TurnScript = {
          steps: [
            ...(said ? [{ type: "text" as const, text: "hello" }] : []),
            ...calls,
            ...(refused ? [{ type: "refusal" as const, text: "I will not." }] : [])
          ],
          usage: undefined,
          end: { type: "finish", reason: finish, ...(matched === undefined ? {} : { matched }) }
        }
        const expected = meantStop(finish, calls.length > 0, refused, matched, scriptStops)
        const streamed = playScript(context, script, how)
        const whole = playWhole(context, renderChatBody(script, how.style))
        const { message, complete } = accumulateSse(streamed.sse)
        expect(complete).toBe(expected !== undefined)
        expect(whole.message !== undefined).toBe(expected !== undefined)
        if (expected === undefined) return
        for (const answer of [message, whole.message]) {
          expect(answer).toMatchObject({ stop_reason: expected.reason, stop_sequence: expected.sequence })
          expect(answer?.["stop_details"] !== undefined && answer["stop_details"] !== null).toBe(
            expected.reason === "refusal"
          )
        }
      }),
      { numRuns: runs * 2 }
    )
  })

  it("a finish of tool_calls without any call that survived is an ordinary end", async () => {
    await holds(
      fc.property(manner, fc.constantFrom(...finishWords.calls), fc.boolean(), (how, reason, nameless) => {
        const lost: ReadonlyArray<ScriptStep> = nameless ? [{ type: "call", name: "", id: "call_1", args: "{}" }] : []
        const script: TurnScript = {
          steps: [{ type: "text", text: "hello" }, ...lost],
          usage: undefined,
          end: { type: "finish", reason }
        }
        const style = { ...how.style, calls: plainCalls }
        expect(accumulateSse(playScript(context, script, { ...how, style }).sse).message).toMatchObject({
          stop_reason: "end_turn",
          content: [{ type: "text", text: "hello" }]
        })
        expect(playWhole(context, renderChatBody(script, style)).message).toMatchObject({ stop_reason: "end_turn" })
      }),
      { numRuns: runs }
    )
  })

  it("a later, more concrete reason may replace stop, and no other", async () => {
    const pair = fc.constantFrom<readonly [string, string, string]>(
      ["stop", "length", "max_tokens"],
      ["stop", "content_filter", "refusal"],
      ["length", "stop", "max_tokens"],
      ["content_filter", "stop", "refusal"],
      ["length", "content_filter", "max_tokens"]
    )
    await holds(
      fc.property(
        pair,
        turnScript({ end: fc.constant({ type: "cut" }) }).map(inBodyOrder),
        chatStyle,
        ([first, second, expected], script, style) => {
          const records = renderChatStream(
            {
              ...script,
              steps: [{ type: "text", text: "hi" }, ...script.steps.filter(({ type }) => type !== "refusal")]
            },
            style
          )
          const end = (finish_reason: string) => ({
            data: { choices: [{ index: 0, delta: {}, finish_reason }] },
            terminal: true
          })
          const { sse } = play(context, [frame([...records, end(first), end(second)], plainFraming).bytes])
          expect(accumulateSse(sse).message).toMatchObject({ stop_reason: expected })
        }
      ),
      { numRuns: runs }
    )
  })
})

describe("what the renderings of calls cover", () => {
  it("every key of a call mode is used by some rendering of every kind of call list it can carry", async () => {
    const keys = new Set<string>()
    await holds(
      fc.property(
        fc.array(call(oneOf(plainId, fc.constant(""))), { minLength: 1, maxLength: 2 }),
        callMode,
        (calls, mode) => {
          keys.add(callModeOf(finished(calls), { ...plainStyle, calls: mode }).key)
        }
      ),
      { numRuns: 1000, seed: 1 }
    )
    expect([...keys].sort()).toEqual(["id", "index", "latest", "legacy", "zero-id", "zero-name"])
  })
})
