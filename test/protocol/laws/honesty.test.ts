import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { genericPolicy } from "../../../src/protocol/policy.ts"
import { streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import { heard, meaning } from "../../../src/testing/chatMeaning.ts"
import { chatStyle, plainStyle, renderChatBody, renderChatStream } from "../../../src/testing/chatRender.ts"
import {
  badEnd,
  goodEnd,
  inBodyOrder,
  ruinedArguments,
  scriptStops,
  turnScript,
  type TurnScript
} from "../../../src/testing/chatScript.ts"
import { type JsonObject, oneOf } from "../../../src/testing/json.ts"
import { cut, frame, type Framing, framing, plainFraming } from "../../../src/testing/sseBytes.ts"
import { runs } from "../../support/runs.ts"
import { contextFor, play, playScript, playWhole } from "./support/exchange.ts"
import { manner } from "./support/manners.ts"
import { readWithSdk } from "./support/sdk.ts"

const context = contextFor({ policy: genericPolicy })

const small = (script: TurnScript): TurnScript => ({ ...script, steps: script.steps.slice(0, 3) })

const rendered = fc
  .tuple(turnScript({ end: goodEnd }).map(small), chatStyle, framing)
  .map(([script, style, how]) => ({ script, records: renderChatStream(script, style), how }))
  .map(({ script, records, how }) => ({ script, records, ...frame(records, how) }))

/** The client was told that the turn failed, and never that it ended. */
const expectFailed = (bytes: Uint8Array): void => {
  const { sse, failure } = play(context, [bytes])
  expect(failure).toBeDefined()
  expect(sse).not.toContain("message_stop")
  expect(sse).not.toContain("message_delta")
  if (sse !== "") expect(accumulateSse(sse).error).toMatchObject({ type: failure?.type })
}

const inputs = (message: JsonObject | undefined): ReadonlyArray<JsonObject> =>
  heard(message ?? {}).calls.map(({ input }) => input)

const isFilled = (input: JsonObject): boolean => Object.keys(input).length > 0

describe("L13 honesty", () => {
  it("message_stop is emitted if and only if the provider ended the turn", () => {
    const knows = { down: (name: string) => name, stopSequences: scriptStops, thinkTags: true }
    fc.assert(
      fc.property(turnScript({ end: oneOf(goodEnd, badEnd) }), manner, (script, how) => {
        const { sse, failure } = playScript(context, script, how)
        const ended = meaning(script, knows).outcome === "message"
        expect(sse.includes("event: message_stop")).toBe(ended)
        expect(failure === undefined).toBe(ended)
      }),
      { numRuns: runs }
    )
  })

  it("a stream cut at any byte before its terminal signal is an error, never a message", () => {
    fc.assert(
      fc.property(
        rendered,
        fc.array(fc.nat(0xffff), { maxLength: 12 }),
        ({ script, records, readable, complete, bytes }, cuts) => {
          const end = readable[records.findIndex((record) => record.terminal)]
          if (end === undefined || (script.end.type === "done" && script.steps.length === 0)) return
          const edges = [...readable, ...complete].flatMap((at) => [at - 1, at])
          const lengths = [...edges, ...cuts.map((at) => at % end)].filter((length) => length >= 0 && length < end)
          lengths.forEach((length) => expectFailed(bytes.subarray(0, length)))
        }
      ),
      { numRuns: runs }
    )
  })

  it.each<readonly [string, TurnScript["end"], Partial<Framing>]>([
    ["a finish reason", { type: "finish", reason: "stop" }, {}],
    [
      "a finish reason, CRLF and split data",
      { type: "finish", reason: "tool_calls" },
      { newline: "\r\n", split: true, mark: true }
    ],
    ["[DONE] alone", { type: "done" }, { newline: "\r", ascii: true, space: "never" }]
  ])("of a turn that ends in %s, every single byte before it is needed", (_, end, how) => {
    const script: TurnScript = {
      steps: [
        { type: "reasoning", text: "hm 日本" },
        { type: "text", text: "é😀" },
        { type: "call", name: "Read", id: "call_1", args: '{"file_path":"/ü"}' },
        { type: "call", name: "Bash", id: "", args: "{}" }
      ],
      usage: undefined,
      end
    }
    const records = renderChatStream(script, plainStyle)
    const { bytes, readable } = frame(records, { ...plainFraming, ...how })
    const terminal = readable[records.findIndex((record) => record.terminal)] ?? 0
    expect(terminal).toBeGreaterThan(500)
    for (let length = 0; length < terminal; length++) expectFailed(bytes.subarray(0, length))
    expect(accumulateSse(play(context, [bytes.subarray(0, terminal)]).sse).complete).toBe(true)
  })

  it("a stream that ends behind any whole record after its terminal signal is a message", () => {
    fc.assert(
      fc.property(rendered, ({ script, records, bytes, complete }) => {
        fc.pre(script.end.type === "finish" || script.steps.length > 0)
        const first = records.findIndex((record) => record.terminal)
        for (const length of complete.slice(first)) {
          const { sse, failure } = play(context, [bytes.subarray(0, length)])
          expect(failure).toBeUndefined()
          expect(accumulateSse(sse).complete).toBe(true)
        }
      }),
      { numRuns: runs }
    )
  })

  it("a broken connection after the terminal signal still gives the message, before it an error", () => {
    fc.assert(
      fc.property(rendered, fc.nat(), ({ bytes }, at) => {
        const { sse } = play(context, [bytes.subarray(0, at % (bytes.length + 1))])
        expect(sse === "" ? [] : streamViolations(sse)).toEqual([])
      }),
      { numRuns: runs }
    )
  })

  it.each(["", null])("a finish reason of %j ends nothing", (reason) => {
    fc.assert(
      fc.property(turnScript({ end: fc.constant({ type: "cut" }) }), chatStyle, (script, style) => {
        const end = { data: { choices: [{ index: 0, delta: {}, finish_reason: reason }] }, terminal: false }
        expectFailed(frame([...renderChatStream(script, style), end], { ...plainFraming, seed: style.seed }).bytes)
      }),
      { numRuns: runs }
    )
  })

  it("a record that cannot be read fails the turn, whatever follows it: something is missing", () => {
    fc.assert(
      fc.property(turnScript({ end: goodEnd }), chatStyle, fc.nat(), fc.nat(), (script, style, which, at) => {
        const records = renderChatStream(script, style)
        const first = records.findIndex((record) => record.terminal)
        const ruined = records[which % (first + 1)]
        const { bytes, readable, complete } = frame(records, plainFraming)
        const place = records.findIndex((record) => record === ruined)
        const from = complete[place - 1] ?? 0
        // Behind "data: {" and before the closing brace: JSON that breaks off.
        const end = Math.min(from + 7 + (at % 40), (readable[place] ?? 0) - 1)
        const broken = [...bytes.subarray(0, end), 10, 10, ...bytes.subarray(complete[place] ?? 0)]
        expectFailed(Uint8Array.from(broken))
      }),
      { numRuns: runs }
    )
  })

  it("arguments that never became an object are never completed: the turn fails, or the call has none", () => {
    const turn = turnScript({ args: ruinedArguments, end: goodEnd }).filter(
      ({ end, steps }) =>
        steps.some((step) => step.type === "call") &&
        !(end.type === "finish" && ["length", "max_tokens"].includes(end.reason))
    )
    fc.assert(
      fc.property(turn, manner, (script, how) => {
        const { sse } = playScript(context, script, how)
        const { message, complete } = accumulateSse(sse)
        expect(sse === "" ? [] : streamViolations(sse)).toEqual([])
        const whole = playWhole(context, renderChatBody(script, how.style)).message
        expect(inputs(complete ? message : undefined).filter(isFilled)).toEqual([])
        expect(inputs(whole).filter(isFilled)).toEqual([])
      }),
      { numRuns: runs }
    )
  })

  it("at the token limit a cut call is only ever shown as cut", async () => {
    const turn = turnScript({
      args: ruinedArguments,
      end: fc.constantFrom("length", "max_tokens").map((reason) => ({ type: "finish", reason }))
    }).map(inBodyOrder)
    await fc.assert(
      fc.asyncProperty(turn, manner, async (script, how) => {
        const { sse } = playScript(context, script, how)
        const { message, complete } = accumulateSse(sse)
        if (!complete) return
        expect(message).toMatchObject({ stop_reason: "max_tokens" })
        expect(await readWithSdk(sse)).toMatchObject({ type: "message", message: { stop_reason: "max_tokens" } })
        const written = script.steps.flatMap((step) => (step.type === "call" ? [step.args] : []))
        const shown = inputs(message)
          .filter(isFilled)
          .map((input) => input["(incomplete)"])
        expect(
          shown.filter((partial) => !written.some((args) => typeof partial === "string" && args.startsWith(partial)))
        ).toEqual([])
        expect(inputs(playWhole(context, renderChatBody(script, how.style)).message).filter(isFilled)).toEqual([])
      }),
      { numRuns: runs }
    )
  })

  it("an error in the middle reaches the client with the provider's own words", () => {
    fc.assert(
      fc.property(
        turnScript({ end: fc.constant({ type: "error", error: { message: "the GPU caught fire", code: 500 } }) }),
        manner,
        (script, how) => {
          const { sse, failure } = playScript(context, script, how)
          expect(failure?.message).toContain("the GPU caught fire")
          expect(sse === "" ? failure : accumulateSse(sse).error).toMatchObject({ message: failure?.message })
        }
      ),
      { numRuns: runs }
    )
  })

  it("what was received before the failure is the beginning of what was meant", () => {
    const knows = { down: (name: string) => name, stopSequences: scriptStops, thinkTags: false }
    const strict = contextFor()
    fc.assert(
      fc.property(turnScript({ end: badEnd }), manner, fc.nat(0xffff), (script, how, at) => {
        const bytes = frame(renderChatStream(script, how.style), how.framing).bytes
        const { sse } = play(strict, cut(bytes.subarray(0, at % (bytes.length + 1)), how.chunking))
        const { message } = accumulateSse(sse)
        if (message === undefined) return
        const meant = meaning(script, knows)
        expect(meant.text.startsWith(heard(message).text)).toBe(true)
        expect(meant.thinking.startsWith(heard(message).thinking)).toBe(true)
      }),
      { numRuns: runs }
    )
  })
})
