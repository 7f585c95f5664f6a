/** Local token estimates: the numbers of §4.12. */
import { Either } from "effect"
import { describe, expect, test } from "vitest"
import { decodeRequest } from "../../src/protocol/anthropic/request.ts"
import { estimateTokens, textTokens } from "../../src/protocol/estimate.ts"
import type { Json } from "../../src/testing/json.ts"

test.each<[string, string, number]>([
  ["nothing", "", 0],
  ["a quarter of the bytes, rounded up", "abcde", 2],
  ["two bytes per accented letter", "é".repeat(8), 4],
  ["three for the rest of Europe's signs", "€".repeat(8), 6],
  ["four for an emoji", "😀".repeat(2), 2],
  ["mostly CJK: nine tenths of the characters", "你好世界".repeat(5), 18],
  ["a little CJK in ASCII counts by bytes", `${"a".repeat(94)}你好`, 25]
])("§4.12: %s", (_rule, text, tokens) => {
  expect(textTokens(text)).toBe(tokens)
})

test.each([
  ["letters", "the quick brown fox ", 0.25],
  ["CJK", "你好世界", 0.9]
])("a long text of %s is judged by samples, and as near as it gets", (_kind, words, perCharacter) => {
  const text = words.repeat(5_000)
  expect(Math.abs(textTokens(text) - text.length * perCharacter)).toBeLessThanOrEqual(1)
})

test("a text that changes its script half-way is judged by both halves", () => {
  const text = "word ".repeat(4_000) + "你好世界".repeat(5_000)
  const exact = 20_000 / 4 + 20_000 * 0.9
  expect(Math.abs(textTokens(text) - exact)).toBeLessThan(exact * 0.1)
})

const of = (content: Json, more: object = {}) => estimateTokens({ messages: [{ role: "user", content }], ...more })

describe("§4.12: a request", () => {
  test("four tokens per message beside its text", () => {
    const one = of("")
    expect(estimateTokens({ messages: [] })).toBe(0)
    expect(
      estimateTokens({ messages: [{ content: "" }, { content: "" }] }) - estimateTokens({ messages: [{ content: "" }] })
    ).toBe(4)
    expect(of("x".repeat(400)) - one).toBe(100)
  })

  test("system counts, as a string or as blocks", () => {
    expect(of("", { system: "x".repeat(400) }) - of("")).toBe(100)
    expect(of("", { system: [{ type: "text", text: "x".repeat(400) }] }) - of("")).toBeGreaterThanOrEqual(100)
  })

  test("every tool is a quarter of its JSON", () => {
    const tool = { name: "Read", input_schema: { type: "object", properties: { path: { type: "string" } } } }
    expect(of("", { tools: [tool] }) - of("")).toBe(Math.ceil(JSON.stringify(tool).length / 4))
  })

  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "A".repeat(100_000) } }
  test("an image is 1600, however large, also inside a tool result", () => {
    expect(of([image]) - of([])).toBe(1600)
    expect(of([{ type: "tool_result", tool_use_id: "a", content: [image, image] }])).toBeLessThan(3300)
  })

  test("a PDF goes by its size, 3000 a page", () => {
    const pdf = (size: number) => ({
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: "A".repeat(size) }
    })
    expect(of([pdf(10)]) - of([])).toBe(3000)
    expect(of([pdf(1024 * 1024)]) - of([])).toBe(16 * 3000)
  })

  test("cache marks and signatures are not the model's to read", () => {
    const plain = of([{ type: "thinking", thinking: "hm" }])
    expect(
      of([{ type: "thinking", thinking: "hm", signature: "x".repeat(9999), cache_control: { type: "ephemeral" } }])
    ).toBe(plain)
  })

  test("what is no request is nothing", () => {
    for (const value of [null, 5, "x", [], {}, { messages: 5, tools: "x", system: null }])
      expect(estimateTokens(value)).toBe(0)
  })

  test("what is nested without end is no request either", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`)
    expect(estimateTokens({ messages: [{ role: "user", content: deep }], tools: [deep] })).toBe(0)
  })

  test("a conversation weighs about what its request weighs", () => {
    const body = {
      model: "m",
      system: "You are helpful. ".repeat(50),
      messages: [
        { role: "user", content: [{ type: "text", text: "Look at this. ".repeat(50) }, image] },
        {
          role: "assistant",
          content: [{ type: "tool_use", id: "toolu_1", name: "Read", input: { path: "a".repeat(200) } }]
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "line\n".repeat(200) }] }
      ],
      tools: [{ name: "Read", description: "reads ".repeat(50), input_schema: { type: "object", properties: {} } }]
    }
    const raw = estimateTokens(body)
    const decoded = estimateTokens(Either.getOrThrow(decodeRequest(body)))
    expect(Math.abs(raw - decoded) / raw).toBeLessThan(0.05)
  })
})
