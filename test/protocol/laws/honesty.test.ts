import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import type { TurnContext } from "../../../src/protocol/context.ts"
import { genericPolicy } from "../../../src/protocol/policy.ts"
import { streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import { heard, meaning } from "../../../src/testing/chatMeaning.ts"
import { chatStyle, plainStyle, renderChatStream } from "../../../src/testing/chatRender.ts"
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
import {
  type Chunking,
  chunking,
  cut,
  frame,
  type Framing,
  framing,
  plainFraming,
  type StreamRecord
} from "../../../src/testing/sseBytes.ts"
import { placesOf, runs } from "../../support/runs.ts"
import { dialects } from "./support/dialects.ts"
import { contextFor, play, playWhole } from "./support/exchange.ts"
import { readWithSdk } from "./support/sdk.ts"
import { holds } from "../../support/holds.ts"

const small = (script: TurnScript): TurnScript => ({ ...script, steps: script.steps.slice(0, 3) })

/** How the records of an answer travel. */
interface Sending {
  readonly framing: Framing
  readonly chunking: Chunking
}

const sending: fc.Arbitrary<Sending> = fc.record({ framing, chunking })

/** The client was told that the turn failed, and never that it ended. */
const expectFailedIn = (context: TurnContext, bytes: Uint8Array): void => {
  const { sse, failure } = play(context, [bytes])
  expect(failure).toBeDefined()
  expect(sse).not.toContain("message_stop")
  expect(sse).not.toContain("message_delta")
  if (sse !== "") expect(accumulateSse(sse).error).toMatchObject({ type: failure?.type })
}

const inputs = (message: JsonObject | undefined): ReadonlyArray<JsonObject> =>
  heard(message ?? {}).calls.map(({ input }) => input)

const isFilled = (input: JsonObject): boolean => Object.keys(input).length > 0

describe.each(dialects)("L13 honesty, in $protocol", ({ protocol, render, stops }) => {
  const context = contextFor({ protocol, policy: genericPolicy, stopSequences: stops })
  const expectFailed = (bytes: Uint8Array): void => expectFailedIn(context, bytes)
  const send = (records: ReadonlyArray<StreamRecord>, how: Sending) =>
    play(context, cut(frame(records, how.framing).bytes, how.chunking))

  const rendered = fc
    .tuple(render(turnScript({ end: goodEnd }).map(small)), framing)
    .map(([{ records, script }, how]) => ({ script, records, ...frame(records, how) }))

  it("message_stop is emitted if and only if the provider ended the turn", async () => {
    const knows = { down: (name: string) => name, stopSequences: scriptStops, thinkTags: true }
    await holds(
      fc.property(render(turnScript({ end: oneOf(goodEnd, badEnd) })), sending, ({ records, script }, how) => {
        const { sse, failure } = send(records, how)
        const ended = meaning(script, knows).outcome === "message"
        expect(sse.includes("event: message_stop")).toBe(ended)
        expect(failure === undefined).toBe(ended)
      }),
      { numRuns: runs }
    )
  })

  it("a stream cut at any byte before its terminal signal is an error, never a message", async () => {
    await holds(
      fc.property(
        rendered,
        fc.array(fc.nat(0xffff), { maxLength: 12 }),
        ({ script, records, readable, complete, bytes }, cuts) => {
          const end = readable[records.findIndex((record) => record.terminal)]
          if (end === undefined || (script.end.type === "done" && script.steps.length === 0)) return
          const edges = [...readable, ...complete].flatMap((at) => [at - 1, at])
          const lengths = [...edges, ...cuts.map((at) => at % end)].filter((length) => length >= 0 && length < end)
          placesOf(lengths, bytes.length).forEach((length) => expectFailed(bytes.subarray(0, length)))
        }
      ),
      { numRuns: runs }
    )
  })

  it("a stream that ends behind any whole record after its terminal signal is a message", async () => {
    await holds(
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

  it("a broken connection after the terminal signal still gives the message, before it an error", async () => {
    await holds(
      fc.property(rendered, fc.nat(), ({ bytes }, at) => {
        const { sse } = play(context, [bytes.subarray(0, at % (bytes.length + 1))])
        expect(sse === "" ? [] : streamViolations(sse)).toEqual([])
      }),
      { numRuns: runs }
    )
  })

  it("a record that cannot be read fails the turn, whatever follows it: something is missing", async () => {
    await holds(
      fc.property(render(turnScript({ end: goodEnd })), fc.nat(), fc.nat(), ({ records }, which, at) => {
        const first = records.findIndex((record) => record.terminal)
        const ruined = records[which % (first + 1)]
        const { bytes, readable, complete } = frame(records, plainFraming)
        const place = records.findIndex((record) => record === ruined)
        const from = Buffer.from(bytes).indexOf("data: ", complete[place - 1] ?? 0)
        // Behind "data: {" and before the closing brace: JSON that breaks off.
        const end = Math.min(from + 7 + (at % 40), (readable[place] ?? 0) - 1)
        const broken = [...bytes.subarray(0, end), 10, 10, ...bytes.subarray(complete[place] ?? 0)]
        expectFailed(Uint8Array.from(broken))
      }),
      { numRuns: runs }
    )
  })

  it("arguments that never became an object are never completed: the turn fails, or the call has none", async () => {
    const turn = turnScript({ args: ruinedArguments, end: goodEnd }).filter(
      ({ end, steps }) =>
        steps.some((step) => step.type === "call") &&
        !(end.type === "finish" && ["length", "max_tokens"].includes(end.reason))
    )
    await holds(
      fc.property(render(turn), sending, ({ body, records }, how) => {
        const { sse } = send(records, how)
        const { message, complete } = accumulateSse(sse)
        expect(sse === "" ? [] : streamViolations(sse)).toEqual([])
        const whole = playWhole(context, body).message
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
    await holds(
      fc.asyncProperty(render(turn), sending, async ({ body, records, script }, how) => {
        const { sse } = send(records, how)
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
        expect(inputs(playWhole(context, body).message).filter(isFilled)).toEqual([])
      }),
      { numRuns: runs }
    )
  })

  it("an error in the middle reaches the client with the provider's own words", async () => {
    await holds(
      fc.property(
        render(
          turnScript({ end: fc.constant({ type: "error", error: { message: "the GPU caught fire", code: 500 } }) })
        ),
        sending,
        ({ records }, how) => {
          const { sse, failure } = send(records, how)
          expect(failure?.message).toContain("the GPU caught fire")
          expect(sse === "" ? failure : accumulateSse(sse).error).toMatchObject({ message: failure?.message })
        }
      ),
      { numRuns: runs }
    )
  })

  it("what was received before the failure is the beginning of what was meant", async () => {
    const knows = { down: (name: string) => name, stopSequences: scriptStops, thinkTags: false }
    const strict = contextFor({ protocol, stopSequences: stops })
    await holds(
      fc.property(render(turnScript({ end: badEnd })), sending, fc.nat(0xffff), ({ records, script }, how, at) => {
        const { bytes } = frame(records, how.framing)
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

describe("L13 honesty of Chat's own ends", () => {
  const context = contextFor({ policy: genericPolicy })
  const expectFailed = (bytes: Uint8Array): void => expectFailedIn(context, bytes)

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

  it.each(["", null])("a finish reason of %j ends nothing", async (reason) => {
    await holds(
      fc.property(turnScript({ end: fc.constant({ type: "cut" }) }), chatStyle, (script, style) => {
        const end = { data: { choices: [{ index: 0, delta: {}, finish_reason: reason }] }, terminal: false }
        expectFailed(frame([...renderChatStream(script, style), end], { ...plainFraming, seed: style.seed }).bytes)
      }),
      { numRuns: runs }
    )
  })
})
