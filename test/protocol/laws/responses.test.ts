/** The laws of answers for Responses streams and bodies, where they say more than those for every protocol. */
import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { accumulateSse, messageViolations } from "../../../src/testing/anthropicMessage.ts"
import { streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import { heard, meantInput, meaning, meantStop, meantUsage } from "../../../src/testing/chatMeaning.ts"
import { chatStyle, renderChatStream } from "../../../src/testing/chatRender.ts"
import {
  badEnd,
  decidedArguments,
  finishWords,
  goodEnd,
  scriptTools,
  turnScript,
  type CallStep,
  type ScriptStep,
  type TurnScript
} from "../../../src/testing/chatScript.ts"
import { isJsonObject, type JsonObject, oneOf } from "../../../src/testing/json.ts"
import { renderResponsesBody, renderResponsesStream, sayable } from "../../../src/testing/responsesRender.ts"
import { responsesStyle, type ResponsesStyle } from "../../../src/testing/responsesStyle.ts"
import { type Chunking, chunking, cut, frame, framing, type Framing } from "../../../src/testing/sseBytes.ts"
import { plainId, text } from "../../../src/testing/text.ts"
import { runs } from "../../support/runs.ts"
import { comparable } from "./support/compare.ts"
import { contextFor, play, type Played, playWhole } from "./support/exchange.ts"
import { holds } from "../../support/holds.ts"

const context = contextFor({ protocol: "responses", stopSequences: [] })

interface Manner {
  readonly style: ResponsesStyle
  readonly framing: Framing
  readonly chunking: Chunking
}

const manner: fc.Arbitrary<Manner> = fc.record({ style: responsesStyle, framing, chunking })
const turns = (end: NonNullable<Parameters<typeof turnScript>[0]>["end"] = goodEnd) => turnScript({ end }).map(sayable)

/** Turns that a whole body can say. */
const answered = turns().filter(({ end, steps }) => end.type === "finish" || steps.length > 0)

const playScript = (script: TurnScript, { chunking: cuts, framing: how, style }: Manner): Played =>
  play(context, cut(frame(renderResponsesStream(script, style), how).bytes, cuts))

const messageOf = ({ sse }: Played): JsonObject | undefined => {
  const { complete, message } = accumulateSse(sse)
  return complete ? message : undefined
}

const knows = { down: (name: string) => name, stopSequences: context.stopSequences, thinkTags: false }

const inputs = (calls: ReadonlyArray<{ readonly name: string; readonly input: unknown }>) =>
  calls.map(({ input, name }) => ({ name, input }))

const sequential = (how: Manner): Manner => ({ ...how, style: { ...how.style, interleaved: false } })

const usageOf = (message: JsonObject | undefined): JsonObject => {
  const usage = message?.["usage"]
  return isJsonObject(usage) ? usage : {}
}

describe("L9 whole = folded stream, for Responses", () => {
  it("a whole body gives the message that a stream of the same turn gives, block by block, envelopes included", async () => {
    await holds(
      fc.property(answered, manner, (script, how) => {
        const { style } = sequential(how)
        const streamed = playScript(script, { ...how, style })
        const whole = playWhole(context, renderResponsesBody(script, style))
        expect(whole.message === undefined ? [] : messageViolations(whole.message)).toEqual([])
        // an estimate of the tokens counts what was shown, white space in arguments included
        const sees = (message: JsonObject | undefined) =>
          script.usage === undefined && message !== undefined
            ? comparable({ ...message, usage: {} })
            : comparable(message)
        expect(sees(messageOf(streamed))).toEqual(sees(whole.message))
        expect(streamed.failure?.type).toEqual(whole.failure?.type)
      }),
      { numRuns: runs }
    )
  })

  it("both give what the provider meant, whoever takes turns", async () => {
    await holds(
      fc.property(turns(oneOf(goodEnd, badEnd)), manner, (script, how) => {
        const meant = meaning(script, knows)
        const played = playScript(script, how)
        const message = messageOf(played)
        expect(message === undefined ? "error" : "message").toBe(meant.outcome)
        expect(played.failure === undefined).toBe(meant.outcome === "message")
        if (message === undefined) return
        const got = heard(message)
        expect(got.text.trimEnd()).toBe(meant.text.trimEnd())
        expect(got.thinking).toBe(meant.thinking)
        expect(inputs(got.calls)).toEqual(inputs(meant.calls))
        expect([got.stopReason, got.stopSequence]).toEqual([meant.stopReason, meant.stopSequence])
      }),
      { numRuns: runs }
    )
  })
})

describe("the same turn through Chat and through Responses", () => {
  it("is the same message, up to ids, envelopes, and white space at its very end", async () => {
    const chat = contextFor({ protocol: "chat", stopSequences: [] })
    await holds(
      fc.property(turns(oneOf(goodEnd, badEnd)), manner, chatStyle, (script, how, style) => {
        const one = messageOf(playScript(script, how))
        const other = messageOf(
          play(chat, cut(frame(renderChatStream(script, style), how.framing).bytes, how.chunking))
        )
        expect(one === undefined).toBe(other === undefined)
        if (one === undefined || other === undefined) return
        const facts = (message: JsonObject) => {
          const { calls, text: said, ...rest } = heard(message)
          return { ...rest, text: said.trimEnd(), calls: inputs(calls), details: message["stop_details"] }
        }
        expect(facts(one)).toEqual(facts(other))
        // silent about tokens, both leave estimates, which count what was shown
        if (script.usage === undefined) return
        const counts = ({ output_tokens_details: _details, ...counters }: JsonObject) => counters
        expect(counts(usageOf(one))).toEqual(counts(usageOf(other)))
      }),
      { numRuns: runs }
    )
  })
})

describe("L14 usage, for Responses", () => {
  it("the three input counters add up to input_tokens and output is output_tokens", async () => {
    await holds(
      fc.property(answered, manner, (script, how) => {
        if (script.usage === undefined) return
        const expected = {
          ...meantUsage(script.usage),
          output_tokens_details: { thinking_tokens: script.usage.reasoning }
        }
        expect(usageOf(messageOf(playScript(script, how)))).toEqual(expected)
        expect(usageOf(playWhole(context, renderResponsesBody(script, how.style)).message)).toEqual(expected)
      }),
      { numRuns: runs }
    )
  })
})

const call: fc.Arbitrary<CallStep> = fc.record({
  type: fc.constant("call"),
  name: fc.constantFrom(...scriptTools),
  id: oneOf(plainId, fc.constantFrom("", "same")),
  args: decidedArguments
})

const finished = (steps: ReadonlyArray<ScriptStep>): TurnScript => ({
  steps,
  usage: undefined,
  end: { type: "finish", reason: "stop" }
})

describe("L19 interleaving, for Responses", () => {
  it("all interleavings of the records of calls and texts give every call whole, in order of first appearance", async () => {
    const steps = fc.tuple(fc.array(call, { minLength: 2, maxLength: 4 }), fc.array(text, { maxLength: 2 }))
    await holds(
      fc.property(steps, manner, ([calls, texts], how) => {
        const said = texts.map((value): ScriptStep => ({ type: "text", text: value }))
        const script = finished([...calls.slice(0, 1), ...said, ...calls.slice(1)])
        const { sse } = playScript(script, { ...how, style: { ...how.style, interleaved: true } })
        expect(streamViolations(sse)).toEqual([])
        const got = heard(accumulateSse(sse).message ?? {})
        expect(inputs(got.calls)).toEqual(calls.map(({ args, name }) => ({ name, input: meantInput(args) })))
        expect(got.text.trimEnd()).toBe(texts.join("").trimEnd())
        expect(new Set(got.calls.map(({ id }) => id)).size).toBe(calls.length)
      }),
      { numRuns: runs }
    )
  })
})

describe("L21 stop precedence, for Responses", () => {
  it("stop_reason is a function of ending, calls and refusal, regardless of rendering", async () => {
    const facts = fc.record({
      finish: fc.constantFrom(...Object.values(finishWords).flat()),
      calls: fc.array(call, { maxLength: 2 }),
      said: fc.boolean(),
      refused: fc.boolean()
    })
    await holds(
      fc.property(facts, manner, ({ calls, finish, refused, said }, how) => {
        const script: TurnScript = {
          steps: [
            ...(said ? [{ type: "text" as const, text: "hello" }] : []),
            ...calls,
            ...(refused ? [{ type: "refusal" as const, text: "I will not." }] : [])
          ],
          usage: undefined,
          end: { type: "finish", reason: finish }
        }
        const expected = meantStop(finish, calls.length > 0, refused, undefined, [])
        const streamed = messageOf(playScript(script, how))
        const whole = playWhole(context, renderResponsesBody(script, how.style)).message
        for (const message of [streamed, whole]) {
          expect(message?.["stop_reason"]).toBe(expected?.reason)
          expect(isJsonObject(message?.["stop_details"])).toBe(expected?.reason === "refusal")
        }
      }),
      { numRuns: runs }
    )
  })
})
