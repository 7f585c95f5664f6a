/** Reasoning in Chat streams: one source, and details the provider gets back as if it had sent them whole (§2.2, §4.9.2). */
import { describe, expect, test } from "vitest"
import { unseal } from "../../../src/protocol/reasoning.ts"
import type { JsonObject } from "../../../src/testing/json.ts"
import { calls, type Chunk, delta, done, finish, read, say, type Told } from "../turns.ts"

const details = (...items: ReadonlyArray<JsonObject>): JsonObject => delta({ reasoning_details: items })
const part = (text: string, more: JsonObject = {}): JsonObject => ({ type: "reasoning.text", text, index: 0, ...more })

/** The payloads of all envelopes, in order. */
const payloads = (answer: Told): ReadonlyArray<unknown> => {
  const content = answer.message["content"]
  const blocks: ReadonlyArray<JsonObject> = Array.isArray(content) ? content : []
  return blocks.flatMap((block) => {
    const envelope = block["signature"] ?? block["data"]
    return typeof envelope === "string" ? [unseal(envelope)?.payload] : []
  })
}
const sealed = (...chunks: ReadonlyArray<Chunk>) => payloads(read([...chunks, say("a"), finish("stop"), done]))

describe("reasoning_details over several chunks", () => {
  test("fragments of one item are joined, and what comes later with them is kept", () => {
    expect(sealed(details(part("a")), details(part("b", { signature: "s", format: null })))).toEqual([
      { details: [part("ab", { signature: "s" })] }
    ])
  })

  test("another index, another type and encrypted items stand for themselves, in order", () => {
    const summary = { type: "reasoning.summary", summary: "s", index: 1 }
    const encrypted = { type: "reasoning.encrypted", data: "e", index: 1 }
    const list = [part("a"), part("b", { index: 1 }), summary, encrypted, { ...encrypted, data: "f" }]
    expect(sealed(...list.map((item) => details(item)))).toEqual([{ details: list }])
  })

  test("summaries are joined too", () => {
    const summary = (text: string) => ({ type: "reasoning.summary", summary: text })
    expect(sealed(details(summary("a")), details(summary("b")))).toEqual([{ details: [summary("ab")] }])
  })

  test("what is no object is nothing", () => {
    expect(sealed(delta({ reasoning_details: ["x", null, part("a")] }))).toEqual([{ details: [part("a")] }])
  })

  test("details that come with a call belong to the thinking before it", () => {
    const call = { tool_calls: [{ index: 0, id: "a", function: { name: "Read", arguments: "{}" } }] }
    const encrypted = { type: "reasoning.encrypted", data: "e" }
    const answer = read([
      details(part("a")),
      delta({ ...call, reasoning_details: [encrypted] }),
      finish("tool_calls"),
      done
    ])
    expect(answer.content).toEqual(["thinking: a", "Read {}"])
    expect(payloads(answer)).toEqual([{ details: [part("a"), encrypted] }])
  })

  test("details behind everything else are carried by a block of their own", () => {
    const encrypted = { type: "reasoning.encrypted", data: "e" }
    const answer = read([
      calls({ index: 0, id: "a", name: "Read", args: "{}" }),
      details(encrypted),
      finish("stop"),
      done
    ])
    expect(answer).toMatchObject({ content: ["Read {}", "redacted_thinking"], end: "tool_use" })
    expect(payloads(answer)).toEqual([{ details: [encrypted] }])
  })
})

describe("Copilot's reasoning", () => {
  const call = { tool_calls: [{ index: 0, id: "a", function: { name: "Read", arguments: "{}" } }] }
  const words = [delta({ reasoning_text: "h" }), delta({ reasoning_text: "m" })]

  test("is shown, and what cannot be read is kept with it", () => {
    const answer = read([...words, delta({ reasoning_opaque: "b3Bx" }), delta(call), finish("tool_calls"), done])
    expect(answer.content).toEqual(["thinking: hm", "Read {}"])
    expect(payloads(answer)).toEqual([{ opaque: "b3Bx" }])
  })

  test("is kept also where nothing of it can be read, or it comes last", () => {
    const alone = read([delta({ ...call, reasoning_opaque: "b3Bx" }), finish("tool_calls"), done])
    expect(alone.content).toEqual(["redacted_thinking", "Read {}"])
    const last = read([delta(call), delta({ reasoning_opaque: "b3Bx" }, "tool_calls"), done])
    expect(last).toMatchObject({ content: ["Read {}", "redacted_thinking"], end: "tool_use" })
    for (const answer of [alone, last]) expect(payloads(answer)).toEqual([{ opaque: "b3Bx" }])
  })
})

describe("one source for the whole turn, never both", () => {
  test("the same thought in two fields is told once", () => {
    const both = (text: string) => delta({ reasoning: text, reasoning_details: [part(text)] })
    expect(read([both("a"), both("b"), say("c"), finish("stop")]).content).toEqual(["thinking: ab", "text: c"])
  })

  test("the first field that held text is believed from then on", () => {
    const chunks = [delta({ reasoning: "a" }), delta({ reasoning: "b", reasoning_content: "B" })]
    expect(read([...chunks, finish("stop")]).content).toEqual(["thinking: ab"])
  })
})
