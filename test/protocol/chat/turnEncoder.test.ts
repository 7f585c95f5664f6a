/** Turn events as Chat answers, streamed and whole. */
import { describe, expect, test } from "vitest"
import { chatErrorBody, chatFold, chatTurnEncoder } from "../../../src/protocol/chat/turnEncoder.ts"
import { gatewayError } from "../../../src/protocol/errors.ts"
import type { Finish, TurnEvent } from "../../../src/protocol/turn.ts"
import type { JsonObject } from "../../../src/testing/json.ts"

const head = { id: "chatcmpl-1", model: "m", created: 7 }
const usage: TurnEvent = {
  type: "usage",
  usage: { inputTokens: 3, outputTokens: 4, cacheReadTokens: 2, cacheWriteTokens: 0 }
}
const stop = (reason: Finish["reason"] = "stop"): TurnEvent => ({ type: "stop", finish: { reason } })
const turn: ReadonlyArray<TurnEvent> = [
  { type: "start" },
  { type: "reasoning", text: "hm" },
  { type: "text", text: "a" },
  { type: "call-start", key: 4, name: "Read", id: "x" },
  { type: "call-args", key: 4, json: '{"n"' },
  { type: "call-start", key: 2, name: "Bash" },
  { type: "call-args", key: 4, json: ":1}" },
  { type: "call-end", key: 4 },
  usage
]

const stream = (events: ReadonlyArray<TurnEvent>): ReadonlyArray<string> => {
  const out: Array<string> = []
  events.forEach(chatTurnEncoder(head, (sse) => out.push(sse)))
  return out
}
const chunksOf = (records: ReadonlyArray<string>): ReadonlyArray<JsonObject> =>
  records.filter((record) => record !== "data: [DONE]\n\n").map((record) => JSON.parse(record.slice("data: ".length)))

describe("streamed", () => {
  test("every chunk has the head; deltas follow the events; usage is last, without choices", () => {
    const records = stream([...turn, stop("calls")])
    expect(records.at(-1)).toBe("data: [DONE]\n\n")
    const chunks = chunksOf(records)
    for (const chunk of chunks) expect(chunk).toMatchObject({ ...head, object: "chat.completion.chunk" })
    const choice = (delta: object, finish: string | null = null) => [{ index: 0, delta, finish_reason: finish }]
    const calls = (value: object) => choice({ tool_calls: [value] })
    expect(chunks.map((chunk) => chunk["choices"])).toEqual([
      choice({ role: "assistant", content: "" }),
      choice({ reasoning_content: "hm" }),
      choice({ content: "a" }),
      calls({ index: 0, id: "x", type: "function", function: { name: "Read", arguments: "" } }),
      calls({ index: 0, function: { arguments: '{"n"' } }),
      calls({ index: 1, type: "function", function: { name: "Bash", arguments: "" } }),
      calls({ index: 0, function: { arguments: ":1}" } }),
      // a client parses the arguments, and "" is no JSON
      calls({ index: 1, function: { arguments: "{}" } }),
      choice({}, "tool_calls"),
      []
    ])
    expect(chunks.at(-1)).toMatchObject({ usage: { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 } })
  })

  test("a failed turn ends with its error and without [DONE]", () => {
    const error = gatewayError("rate_limit_error", "slow down")
    const records = stream([{ type: "start" }, { type: "fail", error }])
    expect(chunksOf(records).at(-1)).toEqual(chatErrorBody(error))
    expect(records.join("")).not.toContain("[DONE]")
  })

  test("arguments for a call nobody started are nothing", () => {
    expect(stream([{ type: "call-args", key: 1, json: "{}" }])).toEqual([])
  })
})

describe("whole", () => {
  const fold = (events: ReadonlyArray<TurnEvent>) => {
    const answer = chatFold(head)
    events.forEach(answer.sink)
    return answer.completion()
  }

  test("one message of everything; interleaved arguments find their call", () => {
    expect(fold([...turn, stop("calls")])).toEqual({
      ...head,
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "a",
            refusal: null,
            reasoning_content: "hm",
            tool_calls: [
              { id: "x", type: "function", function: { name: "Read", arguments: '{"n":1}' } },
              { id: "call_2", type: "function", function: { name: "Bash", arguments: "{}" } }
            ]
          },
          finish_reason: "tool_calls"
        }
      ],
      usage: expect.objectContaining({ prompt_tokens: 5 })
    })
  })

  test.each<[Finish["reason"], string]>([
    ["stop", "stop"],
    ["length", "length"],
    ["filter", "content_filter"],
    ["calls", "tool_calls"]
  ])("finish %s is %s", (reason, word) => {
    expect(fold([stop(reason)])).toMatchObject({ choices: [{ finish_reason: word, message: { content: "" } }] })
  })

  test("calls alone have no content, a refusal has its own field", () => {
    expect(fold([{ type: "call-start", key: 0, name: "Read" }, stop()])).toMatchObject({
      choices: [{ message: { content: null } }]
    })
    expect(fold([{ type: "refusal", text: "no" }, stop("filter")])).toMatchObject({
      choices: [{ message: { refusal: "no" } }]
    })
  })

  test("an unfinished turn is nothing, a failed one its error", () => {
    expect(fold(turn)).toBeUndefined()
    expect(fold([...turn, { type: "fail", error: gatewayError("api_error", "gone") }])).toEqual({
      error: { message: "gone", type: "api_error", param: null, code: 500 }
    })
  })
})
