import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { genericPolicy } from "../../../src/protocol/policy.ts"
import { streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import { accumulateSse, messageViolations } from "../../../src/testing/anthropicMessage.ts"
import { badEnd, decidedArguments, goodEnd, ruinedArguments, turnScript } from "../../../src/testing/chatScript.ts"
import { broken, type JsonObject, jsonValue, oneOf } from "../../../src/testing/json.ts"
import { chunking, cut, damaged, frame, framing } from "../../../src/testing/sseBytes.ts"
import { text, toolName } from "../../../src/testing/text.ts"
import { runs } from "../../support/runs.ts"
import { dialects } from "./support/dialects.ts"
import { contextFor, play, type Played, playWhole } from "./support/exchange.ts"
import { readWithBetaSdk, readWithSdk, type SdkVerdict } from "./support/sdk.ts"
import { holds } from "../../support/holds.ts"

const utf8 = new TextEncoder()

/** Turns of any end with names and arguments of any kind. */
const turn = turnScript({
  end: oneOf(goodEnd, badEnd),
  name: oneOf(fc.constantFrom("Read", "Bash"), toolName),
  args: oneOf(decidedArguments, ruinedArguments, text)
})

const sseOfJson = fc.tuple(fc.array(jsonValue, { maxLength: 4 }), framing).map(
  ([values, how]) =>
    frame(
      values.map((data) => ({ data, terminal: false })),
      how
    ).bytes
)

const knownErrors =
  /^(invalid_request|authentication|billing|permission|not_found|conflict|rate_limit|api|timeout|overloaded)_error$|^request_too_large$/

/** An HTTP error for the client, or a stream that keeps the grammar and says the same as `failure`. */
const expectLegal = ({ sse, failure }: Played): void => {
  if (failure !== undefined) {
    expect(failure.type).toMatch(knownErrors)
    expect(failure.message.trim()).not.toBe("")
    expect(failure.status).toBeGreaterThanOrEqual(400)
    expect(failure.status).toBeLessThan(600)
  }
  if (sse === "") {
    expect(failure).toBeDefined()
    return
  }
  expect(streamViolations(sse)).toEqual([])
  const { complete, error } = accumulateSse(sse)
  expect(complete).toBe(failure === undefined)
  if (failure !== undefined) expect(error).toMatchObject({ type: failure.type, message: failure.message })
}

/** The vendor's client came to the same end; a cut call at the token limit is the one thing it completes by itself. */
const expectVerdict = (
  verdict: SdkVerdict,
  complete: boolean,
  message: JsonObject | undefined,
  failure: string | undefined
): void => {
  if (!complete) expect(verdict).toMatchObject({ type: "api-error", body: { error: { type: failure } } })
  else if (message?.["stop_reason"] === "max_tokens") expect(verdict.type).toBe("message")
  else expect(verdict).toMatchObject({ type: "message", message: { content: message?.["content"] } })
}

describe.each(dialects)("in $protocol", ({ protocol, render }) => {
  const context = contextFor({ protocol, policy: genericPolicy, stopSequences: ["a", "b", "c", "d", "lorem"] })
  const rendered = fc.tuple(render(turn), framing).map(([{ records }, how]) => frame(records, how).bytes)

  /** Chunks whose JSON is fine but whose fields are not what they should be. */
  const strange = fc.tuple(render(turn), framing).chain(([{ records }, how]) =>
    fc
      .tuple(
        ...records.map((record) =>
          oneOf(
            { weight: 3, arbitrary: fc.constant(record.data) },
            { weight: 1, arbitrary: broken(fc.constant(record.data)) }
          )
        )
      )
      .map(
        (data) =>
          frame(
            data.map((value) => ({ data: value, terminal: false })),
            how
          ).bytes
      )
  )

  const wholeBodies = fc
    .tuple(render(turn), fc.constantFrom("", " \n", "\ufeff"))
    .map(([{ body }, before]) => utf8.encode(before + JSON.stringify(body)))

  /** Every kind of upstream body. */
  const upstream = oneOf(
    { weight: 3, arbitrary: rendered },
    { weight: 3, arbitrary: damaged(rendered) },
    { weight: 3, arbitrary: strange },
    { weight: 1, arbitrary: sseOfJson },
    { weight: 1, arbitrary: wholeBodies },
    { weight: 1, arbitrary: damaged(wholeBodies) },
    { weight: 1, arbitrary: jsonValue.map((value) => utf8.encode(JSON.stringify(value))) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }).map((value) => utf8.encode(value)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          "<html><body>502</body></html>",
          "data:",
          "data: {}\n\n",
          "[DONE]",
          "data: [DONE]\n\n",
          "{",
          "[",
          "event: error\n\n"
        )
        .map((value) => utf8.encode(value))
    }
  )

  describe("L12 grammar", () => {
    it("whatever bytes the provider sends, the client gets an HTTP error or a legal stream", async () => {
      await holds(
        fc.property(upstream, chunking, (body, how) => expectLegal(play(context, cut(body, how)))),
        { numRuns: runs * 2 }
      )
    })

    it("whatever whole body the provider sends, the client gets an error or a legal message", async () => {
      const anyBody = oneOf(jsonValue, broken(render(turn).map(({ body }) => body)))
      await holds(
        fc.property(anyBody, (body) => {
          const { message, failure } = playWhole(context, body)
          expect(message === undefined ? [] : messageViolations(message)).toEqual([])
          expect(message === undefined ? failure?.type : "api_error").toMatch(knownErrors)
        }),
        { numRuns: runs }
      )
    })

    it("the vendor's client reads every such stream to the same message, or to the API error that it carries", async () => {
      await holds(
        fc.asyncProperty(upstream, chunking, async (body, how) => {
          const { sse, failure } = play(context, cut(body, how))
          if (sse === "") return
          const verdicts = [await readWithSdk(sse), await readWithBetaSdk(sse)]
          const { message, complete } = accumulateSse(sse)
          verdicts.forEach((verdict) => expectVerdict(verdict, complete, message, failure?.type))
        }),
        { numRuns: runs }
      )
    })
  })
})
