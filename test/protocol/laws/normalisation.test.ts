import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { decodeRequest, encodeRequest } from "../../../src/protocol/anthropic/request.ts"
import type { Policy } from "../../../src/protocol/policy.ts"
import type { Conversation } from "../../../src/protocol/conversation.ts"
import { anthropicMessages, anthropicRequest, brokenRequest } from "../../../src/testing/anthropicRequests.ts"
import { isJsonObject, type Json, type JsonObject, oneOf } from "../../../src/testing/json.ts"
import { runs } from "../../support/runs.ts"
import { meaningOf } from "../requests.ts"
import { policies } from "./support/exchange.ts"
import { ownSignature } from "./support/signatures.ts"
import { sentOver, type Way, ways, wentUp } from "./support/ways.ts"
import { holds } from "../../support/holds.ts"

const request = anthropicRequest({ signature: ownSignature })

const encoded = (conversation: Conversation): Json => JSON.parse(JSON.stringify(encodeRequest(conversation)))

describe("L17 normalisation is idempotent", () => {
  it("a normalised request, written down and normalised again, is the same", async () => {
    await holds(
      fc.property(oneOf<Json>({ weight: 3, arbitrary: request }, { weight: 1, arbitrary: brokenRequest }), (body) => {
        const once = decodeRequest(body)
        const twice = once.pipe(Either.flatMap((conversation) => decodeRequest(encoded(conversation))))
        expect(Either.isRight(twice)).toBe(Either.isRight(once))
        expect(Either.getOrUndefined(Either.map(twice, meaningOf))).toEqual(
          Either.getOrUndefined(Either.map(once, meaningOf))
        )
      }),
      { numRuns: runs * 2 }
    )
  })

  it("what every normalised conversation keeps: no blank text, no message without parts, results of the turn before", async () => {
    await holds(
      fc.property(oneOf<Json>({ weight: 3, arbitrary: request }, { weight: 1, arbitrary: brokenRequest }), (body) => {
        const conversation = Either.getOrUndefined(decodeRequest(body))
        expect(conversation === undefined ? [] : faults(conversation)).toEqual([])
      }),
      { numRuns: runs * 2 }
    )
  })
})

const isBlank = (part: { readonly type: string; readonly text?: string }): boolean =>
  part.type === "text" && (part.text ?? "").trim() === ""

/** What is not normal about a conversation (steps N2, N4, N6, N7, N10). */
const faults = ({ system, messages }: Conversation): ReadonlyArray<string> => {
  const wrong: Array<string> = system.some(isBlank) ? ["blank system text"] : []
  let open: ReadonlyArray<string> = []
  messages.forEach((message, index) => {
    const before = messages[index - 1]
    if (message.parts.some(isBlank)) wrong.push(`${index}: blank text`)
    if (message.role !== "system" && before?.role === message.role)
      wrong.push(`${index}: ${message.role} twice in a row`)
    if (message.role === "user") {
      if (message.parts.length + message.results.length === 0) wrong.push(`${index}: empty user message`)
      const ids = message.results.map(({ callId }) => callId)
      if (new Set(ids).size !== ids.length) wrong.push(`${index}: two results for one call`)
      if ([...ids].sort().join("\n") !== [...open].sort().join("\n"))
        wrong.push(`${index}: results ${ids.join()} for calls ${open.join()}`)
    } else {
      if (message.parts.length === 0) wrong.push(`${index}: empty ${message.role} message`)
      if (open.length > 0) wrong.push(`${index}: calls ${open.join()} without results`)
    }
    open = message.role === "assistant" ? message.parts.flatMap((part) => (part.type === "call" ? [part.id] : [])) : []
  })
  return open.length > 0 ? [...wrong, `calls ${open.join()} without results at the end`] : wrong
}

const messagesOf = (body: JsonObject): ReadonlyArray<JsonObject> => {
  const { messages } = body
  return Array.isArray(messages) ? messages.filter(isJsonObject) : []
}

describe("L8 purity and prefix stability", () => {
  it("the same request gives the same bytes", async () => {
    await holds(
      fc.property(request, fc.constantFrom(...policies), fc.constantFrom(...ways), (body, policy, way) => {
        const again: JsonObject = JSON.parse(JSON.stringify(body))
        expect(JSON.stringify(wentUp(way, again, policy).body)).toBe(JSON.stringify(wentUp(way, body, policy).body))
      }),
      { numRuns: runs }
    )
  })

  /** Requests that end in a user turn, so that a reply does not grow a message that was already sent. */
  const asked = anthropicRequest().map((body) => ({
    ...body,
    messages: [...messagesOf(body), { role: "user", content: "and now?" }]
  }))

  const sent = (
    way: Way,
    body: JsonObject,
    policy: Policy,
    more: ReadonlyArray<JsonObject> = []
  ): ReadonlyArray<JsonObject> =>
    sentOver(way, wentUp(way, { ...body, messages: [...messagesOf(body), ...more] }, policy))

  const bytes = (messages: ReadonlyArray<JsonObject>) => messages.map((message) => JSON.stringify(message))

  it.each(ways)("more turns change nothing before the last user group of $protocol, byte for byte", async (way) => {
    // Hoisting system text rewrites the prefix by its nature.
    const stable = policies.filter(({ systemPlacement }) => systemPlacement !== "hoist")
    await holds(
      fc.property(asked, anthropicMessages(), fc.constantFrom(...stable), (body, more, policy) => {
        const shorter = sent(way, body, policy)
        const grown = sent(way, body, policy, [{ role: "assistant", content: "done so far" }, ...more])
        const kept = shorter.findLastIndex((message) => way.message(message, policy)["role"] === "assistant") + 1
        expect(bytes(grown.slice(0, kept))).toEqual(bytes(shorter.slice(0, kept)))
      }),
      { numRuns: runs }
    )
  })

  it.each(ways)(
    "a plain reply and a further question leave all that was sent over $protocol as it was",
    async (way) => {
      const more = [
        { role: "assistant", content: "yes" },
        { role: "user", content: "go on" }
      ]
      await holds(
        fc.property(asked, fc.constantFrom(...policies), (body, policy) => {
          const shorter = bytes(sent(way, body, policy))
          expect(bytes(sent(way, body, policy, more)).slice(0, shorter.length)).toEqual(shorter)
        }),
        { numRuns: runs }
      )
    }
  )
})
