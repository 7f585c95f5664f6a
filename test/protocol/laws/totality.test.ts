import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { decodeRequest } from "../../../src/protocol/anthropic/request.ts"
import type { Policy } from "../../../src/protocol/policy.ts"
import { decodeRequest as decodeChat } from "../../../src/protocol/chat/request.ts"
import { decodeRequest as decodeResponses } from "../../../src/protocol/responses/requestDecoder.ts"
import type { GatewayError } from "../../../src/protocol/errors.ts"
import { anthropicRequest, brokenRequest } from "../../../src/testing/anthropicRequests.ts"
import { wrongChoice } from "../../../src/testing/anthropicTools.ts"
import { broken, type Json, jsonValue, oneOf } from "../../../src/testing/json.ts"
import { runs } from "../../support/runs.ts"
import { policies } from "./support/exchange.ts"
import { ownSignature } from "./support/signatures.ts"
import { goUp, sentOver, type Way, ways, wentUp, wireBody } from "./support/ways.ts"
import { holds } from "../../support/holds.ts"

const policy = fc.constantFrom(...policies)

/** A refusal of the client's own making: says what is wrong. */
const expectRefusal = (error: GatewayError): void => {
  expect(error).toMatchObject({ status: 400, type: "invalid_request_error" })
  expect(error.message.trim()).not.toBe("")
}

/** A body that a strict server takes, or a local answer, or a refusal. */
const expectTotal = (way: Way, request: Json, target: Policy): void =>
  Either.match(goUp(way, request, target), {
    onLeft: expectRefusal,
    onRight: (exchange) => {
      const violations = exchange.local === undefined ? way.violations(wireBody(exchange), target) : []
      expect(violations).toEqual([])
    }
  })

const request = anthropicRequest({ signature: ownSignature })

describe.each(ways)("L1 totality of $protocol requests", (way) => {
  it("every request, however broken, yields a body that a strict server takes, or a 400; it never throws", async () => {
    await holds(
      fc.property(brokenRequest, policy, (body, target) => expectTotal(way, body, target)),
      { numRuns: runs * 2 }
    )
  })

  it("a proper request is never refused, and its body is one that a strict server takes", async () => {
    await holds(
      fc.property(request, policy, (body, target) => {
        wentUp(way, body, target)
        expectTotal(way, body, target)
      }),
      { numRuns: runs * 2 }
    )
  })
})

describe("L1 totality", () => {
  it("every JSON value as a request is decoded or refused", async () => {
    await holds(
      fc.property(jsonValue, (value) => {
        const refused = Either.flip(decodeRequest(value))
        expect(Either.isRight(refused)).toBe(true)
        Either.match(refused, { onLeft: () => undefined, onRight: expectRefusal })
      }),
      { numRuns: runs }
    )
  })

  it.each<readonly [string, Json, string]>([
    ["no messages", { model: "m", max_tokens: 1 }, "messages"],
    ["an empty list of messages", { model: "m", messages: [] }, "messages"],
    ["an unknown role", { model: "m", messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
    [
      "a call without an id",
      { model: "m", messages: [{ role: "assistant", content: [{ type: "tool_use", name: "Read", input: {} }] }] },
      "id"
    ],
    [
      "a call without a name",
      { model: "m", messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", input: {} }] }] },
      "name"
    ],
    [
      "a call with input that is a list",
      {
        model: "m",
        messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", name: "Read", input: [] }] }]
      },
      "input"
    ],
    [
      "a result without the id of its call",
      { model: "m", messages: [{ role: "user", content: [{ type: "tool_result", content: "x" }] }] },
      "tool_use_id"
    ],
    ["a lone blank user message", { model: "m", messages: [{ role: "user", content: "  " }] }, "messages"],
    [
      "a choice without a name",
      {
        model: "m",
        messages: [{ role: "user", content: "x" }],
        tools: [{ name: "a", input_schema: {} }],
        tool_choice: { type: "tool" }
      },
      "tool_choice"
    ],
    [
      "a choice of a tool that is not there",
      {
        model: "m",
        messages: [{ role: "user", content: "x" }],
        tools: [{ name: "a", input_schema: {} }],
        tool_choice: wrongChoice
      },
      "tool_choice"
    ]
  ])("%s is refused with the path of the fault", (_, body, path) => {
    for (const [target, way] of policies.flatMap((one) => ways.map((each) => [one, each] as const))) {
      const refused = Either.flip(goUp(way, body, target))
      expect(Either.getOrUndefined(refused)).toMatchObject({ status: 400, type: "invalid_request_error" })
      expect(Either.getOrUndefined(refused)?.message).toContain(path)
    }
  })

  it.each(ways)("every $protocol request, however broken, is decoded or refused", async (way) => {
    const sent = request.chain((body) =>
      policy.chain((target) => broken(fc.constant<Json>(wireBody(wentUp(way, body, target)))))
    )
    const read = way.protocol === "chat" ? decodeChat : decodeResponses
    await holds(
      fc.property(oneOf({ weight: 6, arbitrary: sent }, { weight: 1, arbitrary: jsonValue }), (body) => {
        Either.match(read(body), {
          onLeft: expectRefusal,
          onRight: (conversation) => expect(conversation.messages).toBeInstanceOf(Array)
        })
      }),
      { numRuns: runs }
    )
  })
})

describe("L2 pairing", () => {
  it.each(ways)(
    "each call of a $protocol request has exactly one result behind it, and there are no others",
    async (way) => {
      const any = oneOf<Json>({ weight: 2, arbitrary: request }, { weight: 1, arbitrary: brokenRequest })
      await holds(
        fc.property(any, policy, (body, target) => {
          const sent = Either.match(goUp(way, body, target), {
            onLeft: () => [],
            onRight: (exchange) => sentOver(way, exchange)
          })
          expect(way.pairing(sent)).toEqual([])
        }),
        { numRuns: runs * 2 }
      )
    }
  )
})
