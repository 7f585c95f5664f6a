import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { decodeRequest } from "../../../src/protocol/anthropic/request.ts"
import type { Policy } from "../../../src/protocol/policy.ts"
import { decodeRequest as decodeChat } from "../../../src/protocol/chat/request.ts"
import type { GatewayError } from "../../../src/protocol/errors.ts"
import { anthropicRequest, brokenRequest } from "../../../src/testing/anthropicRequests.ts"
import { wrongChoice } from "../../../src/testing/anthropicTools.ts"
import { chatBodyViolations, pairingViolations } from "../../../src/testing/chatBody.ts"
import { broken, type Json, jsonValue, oneOf } from "../../../src/testing/json.ts"
import { runs } from "../../support/runs.ts"
import { accepted, ownIds, policies, toChat, wireMessages } from "./support/exchange.ts"
import { ownSignature } from "./support/signatures.ts"

const policy = fc.constantFrom(...policies)

/** A refusal of the client's own making: says what is wrong. */
const expectRefusal = (error: GatewayError): void => {
  expect(error).toMatchObject({ status: 400, type: "invalid_request_error" })
  expect(error.message.trim()).not.toBe("")
}

/** A body that a strict server takes, or a local answer, or a refusal. */
const expectTotal = (request: Json, target: Policy): void =>
  Either.match(toChat(request, target), {
    onLeft: expectRefusal,
    onRight: (exchange) => {
      const sent: unknown = JSON.parse(JSON.stringify(exchange.body))
      const violations =
        exchange.local === undefined ? chatBodyViolations(sent, target, { ownIds: ownIds(request) }) : []
      expect(violations).toEqual([])
    }
  })

const request = anthropicRequest({ signature: ownSignature })

describe("L1 totality", () => {
  it("every request, however broken, yields a body that a strict server takes, or a 400; it never throws", () => {
    fc.assert(
      fc.property(brokenRequest, policy, (body, target) => expectTotal(body, target)),
      { numRuns: runs * 2 }
    )
  })

  it("a proper request is never refused, and its body is one that a strict server takes", () => {
    fc.assert(
      fc.property(request, policy, (body, target) => {
        accepted(body, target)
        expectTotal(body, target)
      }),
      { numRuns: runs * 2 }
    )
  })

  it("every JSON value as a request is decoded or refused", () => {
    fc.assert(
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
    for (const target of policies) {
      const refused = Either.flip(toChat(body, target))
      expect(Either.getOrUndefined(refused)).toMatchObject({ status: 400, type: "invalid_request_error" })
      expect(Either.getOrUndefined(refused)?.message).toContain(path)
    }
  })

  it("every Chat request, however broken, is decoded or refused", () => {
    const chat = request.chain((body) =>
      policy.chain((target) => broken(fc.constant<Json>(JSON.parse(JSON.stringify(accepted(body, target).body)))))
    )
    fc.assert(
      fc.property(oneOf({ weight: 6, arbitrary: chat }, { weight: 1, arbitrary: jsonValue }), (body) => {
        Either.match(decodeChat(body), {
          onLeft: expectRefusal,
          onRight: (conversation) => expect(conversation.messages).toBeInstanceOf(Array)
        })
      }),
      { numRuns: runs }
    )
  })
})

describe("L2 pairing", () => {
  it("each list of calls is followed at once by exactly one tool message per call, and there are no others", () => {
    const any = oneOf<Json>({ weight: 2, arbitrary: request }, { weight: 1, arbitrary: brokenRequest })
    fc.assert(
      fc.property(any, policy, (body, target) => {
        const messages = Either.match(toChat(body, target), { onLeft: () => [], onRight: wireMessages })
        expect(pairingViolations(messages)).toEqual([])
      }),
      { numRuns: runs * 2 }
    )
  })
})
