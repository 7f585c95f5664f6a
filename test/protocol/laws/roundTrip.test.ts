import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import type { Policy } from "../../../src/protocol/policy.ts"
import { decodeRequest as decodeChat, encodeRequest as encodeChat } from "../../../src/protocol/chat/request.ts"
import { downId, upId } from "../../../src/protocol/ids.ts"
import { anthropicRequest } from "../../../src/testing/anthropicRequests.ts"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import { renderChatStream } from "../../../src/testing/chatRender.ts"
import { type ScriptStep, turnScript } from "../../../src/testing/chatScript.ts"
import { isJsonObject, type Json, type JsonObject, jsonObject, oneOf } from "../../../src/testing/json.ts"
import { chunking, cut, frame, framing } from "../../../src/testing/sseBytes.ts"
import { callId, plainName, text, toolName } from "../../../src/testing/text.ts"
import { runs } from "../../support/runs.ts"
import { mergedBlocks } from "./support/compare.ts"
import {
  accepted,
  contextFor,
  play,
  playScript,
  playWhole,
  policies,
  richPolicy,
  upstreamModel,
  wireMessages
} from "./support/exchange.ts"
import { manner } from "./support/manners.ts"
import { upstreamCalls } from "./support/upstream.ts"
import { holds } from "../../support/holds.ts"

const policy = richPolicy

type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: JsonObject }

/** An assistant message of text and calls, as the client keeps it. */
const assistant: fc.Arbitrary<ReadonlyArray<Block>> = fc.uniqueArray(
  oneOf<Block>(
    text.map((value) => ({ type: "text", text: value })),
    fc.record({
      type: fc.constant("tool_use"),
      id: callId,
      name: oneOf(plainName, toolName),
      input: jsonObject
    })
  ),
  { minLength: 1, maxLength: 4, selector: (block) => (block.type === "text" ? {} : block.id) }
)

const namesOf = (blocks: ReadonlyArray<Block>): ReadonlyArray<string> => [
  ...new Set(blocks.flatMap((block) => (block.type === "tool_use" ? [block.name] : [])))
]

/** The Chat form of the assistant message. */
const chatForm = (blocks: ReadonlyArray<Block>): JsonObject => {
  const results = blocks.flatMap((block) =>
    block.type === "tool_use" ? [{ type: "tool_result", tool_use_id: block.id, content: "ok" }] : []
  )
  const messages = [
    { role: "user", content: "start" },
    { role: "assistant", content: blocks },
    { role: "user", content: [...results, { type: "text", text: "next" }] }
  ]
  const tools = namesOf(blocks).map((name) => ({ name, input_schema: { type: "object" } }))
  return wireMessages(accepted({ model: "m", messages, tools }, policy)).find(({ role }) => role === "assistant") ?? {}
}

/** Texts first, joined as they were separated; then the calls with their ids as they come back. */
const expected = (blocks: ReadonlyArray<Block>): ReadonlyArray<JsonObject> => {
  let joined = ""
  let gap = false
  for (const block of blocks) {
    if (block.type === "text") {
      joined += gap && joined !== "" ? `\n\n${block.text}` : block.text
      gap = false
    } else gap = true
  }
  const calls = blocks.flatMap((block) =>
    block.type === "tool_use" ? [{ ...block, id: downId(upId(block.id, policy.idPattern)) ?? "" }] : []
  )
  return [...(joined === "" ? [] : [{ type: "text", text: joined }]), ...calls]
}

describe("L15 Chat round trip", () => {
  it("an assistant message in its Chat form, fed back as a completion, is the same message", async () => {
    await holds(
      fc.property(assistant, (blocks) => {
        const context = contextFor({ policy, tools: namesOf(blocks), stopSequences: [] })
        const body = { choices: [{ index: 0, message: chatForm(blocks), finish_reason: "stop" }] }
        const { message } = playWhole(context, body)
        expect(mergedBlocks(message ?? {})).toEqual(expected(blocks))
      }),
      { numRuns: runs * 2 }
    )
  })

  it("and streamed back in any rendering too", async () => {
    await holds(
      fc.property(assistant, manner, (blocks, how) => {
        const context = contextFor({ policy, tools: namesOf(blocks), stopSequences: [] })
        const form = chatForm(blocks)
        const content = form["content"]
        const steps: ReadonlyArray<ScriptStep> = [
          ...(typeof content === "string" ? [{ type: "text" as const, text: content }] : []),
          ...upstreamCalls([form]).map(({ id, name, input }) => ({
            type: "call" as const,
            id,
            name,
            args: JSON.stringify(input)
          }))
        ]
        const ordered = {
          ...how.style,
          calls: { ...how.style.calls, id: "first" as const, name: "first" as const, interleaved: false }
        }
        const records = renderChatStream({ steps, usage: undefined, end: { type: "finish", reason: "stop" } }, ordered)
        const { sse } = play(context, cut(frame(records, how.framing).bytes, how.chunking))
        expect(mergedBlocks(accumulateSse(sse).message ?? {})).toEqual(expected(blocks))
      }),
      { numRuns: runs }
    )
  })
})

/** The client's next request: what was answered, as history, and a further question. */
const nextRequest = (message: JsonObject | undefined): JsonObject => {
  const content = message?.["content"]
  const calls = Array.isArray(content) ? content.filter(isJsonObject).filter(({ type }) => type === "tool_use") : []
  const results = calls.map(({ id = "" }) => ({ type: "tool_result", tool_use_id: id, content: "ok" }))
  return {
    model: "m",
    messages: [
      { role: "user", content: "start" },
      { role: "assistant", content: content ?? [] },
      { role: "user", content: [...results, { type: "text", text: "next" }] }
    ]
  }
}

/** The assistant messages that reach the provider again. */
const replayed = (message: JsonObject | undefined, target: Policy): ReadonlyArray<JsonObject> =>
  wireMessages(accepted(nextRequest(message), target)).filter(({ role }) => role === "assistant")

describe("reasoning that a provider wants back returns to it", () => {
  const turn = turnScript().filter(
    ({ steps, end }) => end.type === "finish" && steps.some(({ type }) => type === "reasoning")
  )

  it("as text, word for word and never as visible text", async () => {
    const target: Policy = { ...richPolicy, reasoningReplay: "reasoning_content" }
    const context = contextFor({ policy: target })
    await holds(
      fc.property(turn, manner, (script, how) => {
        const { message, complete } = accumulateSse(playScript(context, script, how).sse)
        if (!complete) return
        const wanted = script.steps.map((step) => (step.type === "reasoning" ? step.text : "")).join("")
        const sent = replayed(message, target)
        expect(sent.map((item) => item["reasoning_content"])).toEqual([wanted])
        const visible = script.steps
          .map((step) => (step.type === "text" || step.type === "refusal" ? step.text : ""))
          .join("")
        // A blank block between others is not worth a message part.
        expect(String(sent[0]?.["content"] ?? "").replaceAll(/\s/g, "")).toBe(visible.replaceAll(/\s/g, ""))
      }),
      { numRuns: runs }
    )
  })

  it("as details, item for item with signatures and order, to the model that wrote them and to no other", async () => {
    const target: Policy = { ...richPolicy, reasoningReplay: "reasoning_details" }
    const context = contextFor({ policy: target })
    const detail = fc
      .record({
        type: fc.constantFrom("reasoning.text", "reasoning.encrypted"),
        value: text,
        signature: fc.constantFrom(undefined, "sig"),
        id: fc.constantFrom(null, "rs_1")
      })
      .map(({ type, value, signature, id }) => ({
        type,
        ...(type === "reasoning.text" ? { text: value } : { data: value }),
        ...(signature === undefined ? {} : { signature }),
        id,
        format: "openai-responses-v1"
      }))
    const details = fc
      .array(detail, { minLength: 1, maxLength: 3 })
      .map((items) => items.map((item, index): JsonObject => ({ ...item, index })))
    await holds(
      fc.property(details, fc.boolean(), framing, chunking, (items, calls, how, cuts) => {
        const records = [
          ...items.map((item) => ({ reasoning_details: [item] })),
          calls
            ? { tool_calls: [{ index: 0, id: "call_1", function: { name: "Read", arguments: "{}" } }] }
            : { content: "hi" }
        ].map((delta) => ({ data: { choices: [{ index: 0, delta, finish_reason: null }] }, terminal: false }))
        const end = { data: { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }, terminal: true }
        const { message } = accumulateSse(play(context, cut(frame([...records, end], how).bytes, cuts)).sse)
        expect(replayed(message, target).map((sent) => sent["reasoning_details"])).toEqual([items])
        expect(replayed(message, { ...target, kind: "other" }).map((sent) => sent["reasoning_details"])).toEqual([
          undefined
        ])
      }),
      { numRuns: runs }
    )
  })
})

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value))

/** Decodes a Chat request and encodes it for the same server. */
const again = (body: Json, target: Policy): Json =>
  Either.match(
    decodeChat(body).pipe(
      Either.flatMap((conversation) => encodeChat(conversation, { model: upstreamModel, policy: target }))
    ),
    { onLeft: plain, onRight: (exchange) => plain(exchange.body) }
  )

/** Servers that need nothing but OpenAI's own fields, which is what a Chat client speaks. */
const ordinary = policies.filter(
  ({ effort, thinkingSwitch, webSearch }) => effort !== "reasoning" && thinkingSwitch === "none" && webSearch === "none"
)

describe("Chat requests pass the hub unchanged", () => {
  it("what was encoded for a server is the same after decoding and encoding it again", async () => {
    await holds(
      fc.property(anthropicRequest(), fc.constantFrom(...ordinary), (request, target) => {
        const exchange = accepted(request, target)
        fc.pre(exchange.local === undefined)
        // A bare json_object says less than the schema it came from, which has become prompt text.
        fc.pre(exchange.body.response_format?.type !== "json_object")
        // System text in first place and behind it is one thing to a Chat client.
        fc.pre(exchange.body.messages[1]?.role !== target.systemRole)
        const body = plain(exchange.body)
        expect(again(body, target)).toEqual(body)
      }),
      { numRuns: runs }
    )
  })
})
