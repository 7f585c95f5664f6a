/** Answers of an Anthropic upstream, record by record. */
import { expect } from "@effect/vitest"
import type { Answer, Kind } from "./support.ts"

export const profile = { provider_type: "DirectAnthropic", default_model: "claude-sonnet-4-5" }

export const record = (type: string, fields: object = {}) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
export const delta = (text: string) => record("content_block_delta", { index: 0, delta: { type: "text_delta", text } })
export const opening = record("message_start", {
  message: { content: [], usage: { input_tokens: 9, output_tokens: 1 } }
})
export const half = opening + delta("half a sentence 你好")
export const kinds: ReadonlyArray<Kind> = ["node", "portable"]

/** Nothing of an answer had come: the client hears of it by a status. */
export const expectRefused = (answer: Answer, status: number, words: RegExp) => {
  expect([answer.status, answer.complete]).toEqual([status, true])
  expect(JSON.parse(answer.text)).toMatchObject({ type: "error", error: { message: expect.stringMatching(words) } })
}
