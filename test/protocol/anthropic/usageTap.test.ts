import { FastCheck as fc } from "effect"
import { expect, test } from "vitest"
import { usageOfMessage, usageTap, type UsageTap } from "../../../src/protocol/anthropic/usageTap.ts"
import { runs } from "../../support/runs.ts"
import { holds } from "../../support/holds.ts"

const utf8 = new TextEncoder()
const record = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

interface Counts {
  readonly input: number
  readonly read: number
  readonly written: number
  readonly first: number
  readonly output: number
}

const counts: fc.Arbitrary<Counts> = fc.record({
  input: fc.nat(1_000_000),
  read: fc.nat(1_000_000),
  written: fc.nat(1_000_000),
  first: fc.nat(5),
  output: fc.nat(100_000)
})

/** A stream with so many deltas between its two reports, some of which look like reports. */
const stream = ({ first, input, output, read, written }: Counts, deltas: number) =>
  [
    record("message_start", {
      message: {
        usage: {
          input_tokens: input,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: written,
          output_tokens: first
        }
      }
    }),
    ...Array.from({ length: deltas }, (_, at) =>
      record("content_block_delta", { delta: { type: "text_delta", text: `{"usage":{"output_tokens":${at}}} 你好` } })
    ),
    record("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: output } }),
    record("message_stop", {})
  ].join("")

/** Pushes bytes in pieces of this size, whose memory is used for something else afterwards. */
const feed = (tap: UsageTap, bytes: Uint8Array, size: number) => {
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.slice(at, at + size)
    tap.push(piece)
    piece.fill(0x22)
  }
}

const pieceSize = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 5000, max: 100_000 }))

test("what a stream cost is read from its first and last records, wherever its bytes are cut", async () => {
  await holds(
    fc.property(counts, fc.nat(600), pieceSize, (given, deltas, size) => {
      const bytes = utf8.encode(stream(given, deltas))
      const tap = usageTap()
      feed(tap, bytes, size)
      expect(tap.usage()).toEqual({
        inputTokens: given.input,
        cacheReadTokens: given.read,
        cacheWriteTokens: given.written,
        outputTokens: given.output
      })
    }),
    { numRuns: Math.min(runs, 500) }
  )
})

test("a stream that broke off cost what it reported at its beginning", () => {
  const bytes = utf8.encode(stream({ input: 7, read: 0, written: 0, first: 1, output: 99 }, 2000))
  const tap = usageTap()
  tap.push(bytes.subarray(0, bytes.length - 200))
  expect(tap.usage()).toMatchObject({ inputTokens: 7, outputTokens: 1 })
  expect(usageTap().usage()).toBe(undefined)
})

test("a stream is concluded by its last record and by nothing that is said in it, wherever its bytes are cut", async () => {
  await holds(
    fc.property(fc.nat(600), pieceSize, (deltas, size) => {
      const text = stream({ input: 1, read: 0, written: 0, first: 1, output: 1 }, deltas)
      const open = `${text.slice(0, text.lastIndexOf("event: "))}${record("x", { text: "message_stop error" })}`
      for (const [sent, concluded] of [
        [text, true],
        [open, false],
        [open + record("error", { error: {} }), true],
        [text.slice(0, -9), false]
      ] as const) {
        const tap = usageTap()
        const bytes = utf8.encode(sent)
        feed(tap, bytes, size)
        expect(tap.concluded()).toBe(concluded)
      }
    }),
    { numRuns: Math.min(runs, 200) }
  )
  expect(usageTap().concluded()).toBe(false)
})

test("bytes of any kind report nothing and break nothing", async () => {
  await holds(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => {
      const tap = usageTap()
      pieces.forEach(tap.push)
      expect(tap.usage()).toBe(undefined)
      expect(usageOfMessage(Uint8Array.from(pieces.flatMap((piece) => [...piece])))).toBe(undefined)
    }),
    { numRuns: runs }
  )
})

test("a whole message tells what it cost, other JSON nothing", () => {
  const usage = { input_tokens: 3, output_tokens: 4, output_tokens_details: { thinking_tokens: 2 } }
  expect(usageOfMessage(utf8.encode(JSON.stringify({ type: "message", usage })))).toEqual({
    inputTokens: 3,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 4,
    reasoningTokens: 2
  })
  for (const other of [{ input_tokens: 3 }, [usage], { type: "error", usage }, { type: "message", usage: 1 }])
    expect(usageOfMessage(utf8.encode(JSON.stringify(other)))).toBe(undefined)
})
