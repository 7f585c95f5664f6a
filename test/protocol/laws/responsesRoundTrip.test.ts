/** Law L16: the items of an answer, through the client and back, are the items that the provider gets. */
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { decodeRequest } from "../../../src/protocol/anthropic/request.ts"
import { encodeFor } from "../../../src/protocol/encode.ts"
import { accumulateSse } from "../../../src/testing/anthropicMessage.ts"
import { scriptTools } from "../../../src/testing/chatScript.ts"
import { isJsonObject, type Json, type JsonObject, jsonObject, oneOf } from "../../../src/testing/json.ts"
import { frame, plainFraming, type StreamRecord } from "../../../src/testing/sseBytes.ts"
import { plainId, text } from "../../../src/testing/text.ts"
import { runs } from "../../support/runs.ts"
import { blocksOf } from "./support/compare.ts"
import { contextFor, play, playWhole, richPolicy, upstreamModel } from "./support/exchange.ts"
import { holds } from "../../support/holds.ts"

const context = contextFor({ protocol: "responses", stopSequences: [] })

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

const secret = fc.base64String({ minLength: 4, maxLength: 60 })

const reasoning: fc.Arbitrary<JsonObject> = fc
  .record({ summary: fc.array(text, { maxLength: 2 }), encrypted_content: secret })
  .map(({ encrypted_content, summary }) => ({
    type: "reasoning",
    summary: summary.map((part) => ({ type: "summary_text", text: part })),
    encrypted_content
  }))

/** One part: the parts of a message are one text to the client. */
const message: fc.Arbitrary<JsonObject> = text.map((said) => ({
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text: said }]
}))

const call: fc.Arbitrary<JsonObject> = fc
  .record({
    call_id: oneOf(plainId, fc.constantFrom("call_1", "fc-2", "x".repeat(64))),
    name: fc.constantFrom(...scriptTools),
    args: jsonObject
  })
  .map(({ args, call_id, name }) => ({
    type: "function_call",
    call_id,
    name,
    // in the order in which every reader of JSON keeps it
    arguments: JSON.stringify(JSON.parse(JSON.stringify(args)))
  }))

const search: fc.Arbitrary<JsonObject> = text.map((query) => ({
  type: "web_search_call",
  status: "completed",
  action: { type: "search", query, sources: [{ type: "url", url: "https://example.com/" }] }
}))

const isThought = (item: JsonObject): boolean => item["type"] === "reasoning"

/** Answers whose reasoning is followed by what it led to, every call under an id of its own. */
const output: fc.Arbitrary<ReadonlyArray<JsonObject>> = fc
  .array(
    oneOf(
      { weight: 3, arbitrary: reasoning },
      { weight: 3, arbitrary: message },
      { weight: 3, arbitrary: call },
      { weight: 1, arbitrary: search }
    ),
    { maxLength: 6 }
  )
  .map((items) => {
    const seen = new Set<unknown>()
    const distinct = items.filter((item) => {
      const isNew = item["type"] !== "function_call" || !seen.has(item["call_id"])
      seen.add(item["call_id"])
      return isNew
    })
    const last = distinct.findLastIndex((item) => !isThought(item))
    return distinct.slice(0, last + 1).map((item, at) => ({ ...item, id: `item_${at}` }))
  })
  .filter((items) => items.length > 0)

const bodyOf = (items: ReadonlyArray<JsonObject>): JsonObject => ({ status: "completed", error: null, output: items })

/** The answer item by item, each whole at its end. */
const streamOf = (items: ReadonlyArray<JsonObject>): ReadonlyArray<StreamRecord> => [
  ...items.map((item, output_index) => ({
    data: { type: "response.output_item.done", output_index, item: { ...item, status: "completed" } },
    terminal: false
  })),
  { data: { type: "response.completed", response: bodyOf([]) }, terminal: true }
]

/** The next request of a client that got this message: its items between the first question and the results. */
const sentBack = (answer: JsonObject): ReadonlyArray<JsonObject> => {
  const results = blocksOf(answer)
    .filter(({ type }) => type === "tool_use")
    .map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "done" }))
  const body = {
    model: "client-model",
    max_tokens: 100,
    messages: [
      { role: "user", content: "hello" },
      { role: "assistant", content: answer["content"] },
      { role: "user", content: [...results, { type: "text", text: "go on" }] }
    ]
  }
  const target = { model: upstreamModel, policy: { ...richPolicy, encryptedReasoning: true } }
  const encoded = decodeRequest(body).pipe(
    Either.flatMap((conversation) => encodeFor("responses", conversation, target))
  )
  const sent: JsonObject = JSON.parse(JSON.stringify(Either.getOrThrow(encoded).body))
  return list(sent["input"]).filter(({ role, type }) => type !== "function_call_output" && role !== "user")
}

/** What the law compares: opaque items whole, the others up to their own ids and states. */
const essence = (items: ReadonlyArray<JsonObject>): ReadonlyArray<unknown> =>
  items.flatMap((item): ReadonlyArray<unknown> => {
    switch (item["type"]) {
      case "message":
        // neighbouring messages may share one
        return list(item["content"]).map((part) => part["text"])
      case "function_call":
        return [[item["call_id"], item["name"], item["arguments"]]]
      default:
        return [item]
    }
  })

describe("L16 Responses round trip", () => {
  it("output items, read by the client and sent back, are the same items in the same order", async () => {
    await holds(
      fc.property(output, (items) => {
        const { message: answer } = playWhole(context, bodyOf(items))
        expect(essence(sentBack(answer ?? {}))).toEqual(essence(items))
      }),
      { numRuns: runs }
    )
  })

  it("also from a stream: what is encrypted comes back byte for byte", async () => {
    await holds(
      fc.property(output, (items) => {
        const { message: answer } = accumulateSse(play(context, [frame(streamOf(items), plainFraming).bytes]).sse)
        const back = sentBack(answer ?? {})
        expect(essence(back)).toEqual(essence(items))
        expect(JSON.stringify(back.filter(isThought))).toBe(JSON.stringify(items.filter(isThought)))
      }),
      { numRuns: runs }
    )
  })
})
