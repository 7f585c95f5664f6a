/** What of a stream counts as a piece of the answer: by that a provider is told that works from one that is stuck. */
import { describe, expect, test } from "vitest"
import { turnStream } from "../../src/protocol/translate.ts"
import { added, argsDelta, call, message, on, reasoning, summaryDelta, textDelta } from "./responses/answers.ts"
import { calls, type Chunk, contextOf, delta, say, sse } from "./turns.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

const begun: { readonly [protocol in "chat" | "responses"]: Chunk } = {
  chat: say("hi"),
  responses: added(0, message("msg_1"))
}

/** By how much the answer grows with each record. */
const growth = (protocol: "chat" | "responses", records: ReadonlyArray<string>): ReadonlyArray<number> => {
  const turn = turnStream(contextOf({ protocol }))
  turn.push(bytes(sse([begun[protocol]])))
  return records.map((record) => {
    const before = turn.said()
    turn.push(bytes(record))
    return turn.said() - before
  })
}

const keepAlives: ReadonlyArray<readonly ["chat" | "responses", string]> = [
  ...(["chat", "responses"] as const).flatMap((protocol) =>
    [": OPENROUTER PROCESSING\n\n", ":\n\n", "\n\n", sse(["ping"]), sse([{}])].map((text) => [protocol, text] as const)
  ),
  ["chat", sse([delta({})])],
  ["chat", sse([delta({ role: "assistant", content: "" })])],
  ["chat", sse([delta({ content: null, reasoning_content: "" })])],
  ["chat", sse([{ id: "chatcmpl-keepalive", choices: [] }])],
  ["chat", sse([delta({ content: "" }, null, { usage: { prompt_tokens: 3, completion_tokens: 0 } })])],
  ["responses", sse([{ type: "keepalive", sequence_number: 3 }])],
  ["responses", sse([on("in_progress", { response: { status: "in_progress", output: [] } })])]
]

const pieces: ReadonlyArray<readonly ["chat" | "responses", string]> = [
  ["chat", sse([say("x")])],
  ["chat", sse([delta({ reasoning_content: "hm" })])],
  ["chat", sse([calls({ index: 0, id: "a", name: "Read" })])],
  ["responses", sse([textDelta(0, "x")])],
  ["responses", sse([added(1, reasoning("rs_1", [])), summaryDelta(1, "hm")])],
  ["responses", sse([added(1, call("fc_1", "call_1", "Read")), argsDelta(1, "{")])]
]

describe("how much of an answer has come", () => {
  test.each(keepAlives)("%s: does not grow with %j", (protocol, record) => {
    expect(growth(protocol, [record, record, record])).toEqual([0, 0, 0])
  })

  test.each(pieces)("%s: grows with %j", (protocol, record) => {
    expect(growth(protocol, [record])[0]).toBeGreaterThan(0)
  })
})
