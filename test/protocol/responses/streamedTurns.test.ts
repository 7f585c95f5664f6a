/** Streamed Responses answers as Messages: the rows of §4.7 on the stream, reasoning and text. */
import { describe, expect, it } from "vitest"
import {
  added,
  call,
  argsDelta,
  completed,
  itemDone,
  message,
  on,
  payloads,
  reasoning,
  stream,
  streamText,
  summaryDelta,
  textDelta
} from "./answers.ts"

const without = (item: object, key: string) => Object.fromEntries(Object.entries(item).filter(([name]) => name !== key))

const hi = [added(0, message("msg_1")), textDelta(0, "hi")]

describe("§4.7 the stream as a whole", () => {
  it("[4.7 response.created] commits to nothing, and may come twice", () => {
    const created = on("created", { response: { id: "resp_1", status: "in_progress", output: [] } })
    const early = [created, created, on("queued"), on("in_progress", { response: { status: "in_progress" } })]
    expect(stream([...early, ...hi, completed()]).content).toEqual(["text: hi"])
    const failed = { type: "error", code: "context_length_exceeded", message: "too long" }
    expect(stream([...early, failed]).end).toBe("http 400 invalid_request_error")
  })

  it("[4.7 end without a terminal event] is an error, whatever was said before", () => {
    expect(stream([...hi, itemDone(0, message("msg_1", "hi"))]).end).toBe("error api_error")
    expect(stream([on("created")]).end).toBe("http 502 api_error")
    expect(streamText("").end).toBe("http 502 api_error")
  })

  it("[4.7 end without a terminal event] [DONE] of a relay ends the turn only when every item was finished", () => {
    expect(stream([...hi, itemDone(0, message("msg_1", "hi")), "[DONE]"]).end).toBe("end_turn")
    expect(stream([...hi, "[DONE]"]).end).toBe("error api_error")
    const broken = { ...message("msg_1", "hi"), status: "incomplete" }
    expect(stream([...hi, itemDone(0, broken), "[DONE]"]).end).toBe("error api_error")
    expect(stream([on("created"), "[DONE]"]).end).toBe("http 502 api_error")
    expect(stream([...hi, completed(), "[DONE]"]).end).toBe("end_turn")
  })

  it("reads records whose type stands only in their event line", () => {
    const record = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    const told = streamText(
      record("response.output_text.delta", { output_index: 0, delta: "hi" }) +
        record("response.completed", { response: { output: [] } })
    )
    expect(told.content).toEqual(["text: hi"])
    expect(told.end).toBe("end_turn")
  })

  it("ignores records of types that it does not know, and fails on what it cannot read", () => {
    const odd = [on("mcp_call.in_progress", { output_index: 0 }), { type: "keepalive" }, ": ping", {}]
    expect(stream([...odd, ...hi, ...odd, completed()]).content).toEqual(["text: hi"])
    expect(stream([...hi, "{", completed()]).end).toBe("error api_error")
  })
})

describe("§4.7 reasoning", () => {
  const item = reasoning("rs_1", ["so it is"], "enc-whole")

  it("[4.7 output_item.added reasoning] opens nothing and its encrypted_content is not believed", () => {
    const partial = { ...reasoning("rs_1", [], "enc-par"), status: "in_progress" }
    const told = stream([
      added(0, partial),
      summaryDelta(0, "so it is"),
      itemDone(0, item),
      added(1, message("msg_1")),
      textDelta(1, "hi"),
      completed()
    ])
    expect(told.content).toEqual(["thinking: so it is", "text: hi"])
    expect(payloads(told)).toEqual([{ item: without(item, "status") }])
    expect(stream([added(0, partial), completed()]).content).toEqual([])
  })

  it("[4.7 reasoning_summary_part.added] puts a blank line between parts that have text", () => {
    const part = (index: number) => on("reasoning_summary_part.added", { output_index: 0, summary_index: index })
    const told = stream([
      added(0, reasoning("rs_1", [])),
      part(0),
      summaryDelta(0, "one", 0),
      part(1),
      summaryDelta(0, "tw", 1),
      summaryDelta(0, "o", 1),
      part(2),
      itemDone(0, reasoning("rs_1", ["one", "two", ""])),
      completed()
    ])
    expect(told.content).toEqual(["thinking: one\n\ntwo"])
  })

  it("[4.7 reasoning_summary_part.added] numbers deltas that have no number themselves", () => {
    const delta = (text: string) => on("reasoning_summary_text.delta", { item_id: "rs_1", delta: text })
    const part = on("reasoning_summary_part.added", { item_id: "rs_1" })
    const told = stream([part, delta("one"), part, delta("two"), completed([reasoning("rs_1", ["one", "two"])])])
    expect(told.content).toEqual(["thinking: one\n\ntwo"])
  })

  it("[4.7 reasoning deltas] the summary is preferred, and never both are shown", () => {
    const raw = (delta: string) => on("reasoning_text.delta", { output_index: 0, content_index: 0, delta })
    const both = { ...item, content: [{ type: "reasoning_text", text: "raw" }] }
    const told = stream([summaryDelta(0, "so it is"), raw("raw"), itemDone(0, both), completed()])
    expect(told.content).toEqual(["thinking: so it is"])
    expect(stream([raw("ra"), raw("w"), itemDone(0, { ...both, summary: [] }), completed()]).content).toEqual([
      "thinking: raw"
    ])
  })

  it("[4.7 output_item.done reasoning] without streamed text shows the item's summary, or seals it alone", () => {
    const silent = stream([itemDone(0, item), itemDone(1, message("msg_1", "hi")), completed()])
    expect(silent.content).toEqual(["thinking: so it is", "text: hi"])
    const opaque = stream([itemDone(0, reasoning("rs_1", [], "enc")), completed()])
    expect(opaque.content).toEqual(["redacted_thinking"])
    expect(payloads(opaque)).toMatchObject([{ item: { id: "rs_1", encrypted_content: "enc" } }])
    expect(stream([itemDone(0, reasoning("rs_1", [])), completed()]).content).toEqual([])
  })

  it("[4.7 output_item.done reasoning] seals every item by itself, also one without text behind one with text", () => {
    const told = stream([
      summaryDelta(0, "so it is"),
      itemDone(0, item),
      itemDone(1, reasoning("rs_2", [], "enc-2")),
      summaryDelta(2, "never finished"),
      itemDone(3, reasoning("rs_4", [], "enc-4")),
      completed()
    ])
    expect(told.content).toEqual([
      "thinking: so it is",
      "redacted_thinking",
      "thinking: never finished",
      "redacted_thinking"
    ])
    expect(payloads(told)).toMatchObject([
      { item: { id: "rs_1" } },
      { item: { id: "rs_2" } },
      {},
      { item: { id: "rs_4" } }
    ])
  })

  it("[4.7 output_item.done reasoning] comes from the final snapshot when it never came itself", () => {
    const told = stream([summaryDelta(0, "so "), completed([item])])
    expect(told.content).toEqual(["thinking: so it is"])
    expect(payloads(told)).toMatchObject([{ item: { encrypted_content: "enc-whole" } }])
  })
})

describe("§4.7 text", () => {
  it("[4.7 output_item.added message] and content_part.added show nothing", () => {
    const part = on("content_part.added", {
      output_index: 0,
      content_index: 0,
      part: { type: "output_text", text: "" }
    })
    expect(stream([added(0, message("msg_1")), part, completed()]).content).toEqual([])
  })

  it("[4.7 output_text.delta] is text; behind complete arguments it closes the call, else it waits for it", () => {
    const open = added(0, { ...call("call_1", "Read", ""), status: "in_progress" })
    const text = [added(1, message("msg_1")), textDelta(1, "hi")]
    expect(stream([open, argsDelta(0, '{"a":1}'), ...text, completed()]).content).toEqual(['Read {"a":1}', "text: hi"])
    expect(stream([open, argsDelta(0, '{"a"'), ...text, argsDelta(0, ":1}"), completed()]).content).toEqual([
      'Read {"a":1}',
      "text: hi"
    ])
  })

  it.each([
    ["output_text.done", on("output_text.done", { output_index: 0, content_index: 0, text: "hi there" })],
    [
      "content_part.done",
      on("content_part.done", { output_index: 0, content_index: 0, part: { type: "output_text", text: "hi there" } })
    ],
    ["output_item.done message", itemDone(0, message("msg_1", "hi there"))]
  ])("[4.7 output_text.done] %s adds what was not sent yet, once", (_, done) => {
    expect(stream([...hi, done, done, completed()]).content).toEqual(["text: hi there"])
    expect(stream([done, completed([message("msg_1", "hi there")])]).content).toEqual(["text: hi there"])
    expect(stream([...hi, textDelta(0, "!"), done, completed()]).content).toEqual(["text: hi!"])
  })

  it("[4.7 output_text.done] several parts are kept apart, also where they are all numbered 0", () => {
    const two = message("msg_1", "one", "two")
    const delta = (text: string, part: number) => textDelta(0, text, { content_index: part })
    expect(stream([delta("one", 0), delta("two", 1), itemDone(0, two), completed()]).content).toEqual(["text: onetwo"])
    expect(stream([delta("one", 0), delta("tw", 0), itemDone(0, two), completed()]).content).toEqual(["text: onetwo"])
    expect(stream([delta("two", 1), itemDone(0, two), completed()]).content).toEqual(["text: twoone"])
  })

  it("keeps the texts of two messages in blocks of their own", () => {
    const told = stream([
      itemDone(0, message("msg_1", "Let me see.")),
      itemDone(1, message("msg_2", "Done.")),
      completed()
    ])
    expect(told.content).toEqual(["text: Let me see.", "text: Done."])
  })

  it("[4.7 refusal] is text and a refusal", () => {
    const done = on("refusal.done", { output_index: 0, content_index: 0, refusal: "I will not" })
    const delta = on("refusal.delta", { output_index: 0, content_index: 0, delta: "I will" })
    for (const records of [
      [delta, done],
      [done],
      [delta, done, itemDone(0, message("m", { type: "refusal", refusal: "I will not" }))]
    ]) {
      const told = stream([...records, completed()])
      expect(told.content).toEqual(["text: I will not"])
      expect(told.end).toBe("refusal")
      expect(told.message["stop_details"]).toMatchObject({ explanation: "I will not" })
    }
  })
})
