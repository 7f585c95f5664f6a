/** Streamed Responses answers as Messages: the rows of §4.7 on calls and items of other kinds. */
import { describe, expect, it } from "vitest"
import { added, argsDelta, call, completed, incomplete, itemDone, message, on, stream, textDelta } from "./answers.ts"

const hi = [added(0, message("msg_1")), textDelta(0, "hi")]

describe("§4.7 calls", () => {
  const open = (index: number, id: string) => added(index, { ...call(id, "Read", ""), status: "in_progress" })

  it("[4.7 output_item.added function_call] starts the block under the call_id and the client's name", () => {
    const told = stream([open(0, "call_1"), argsDelta(0, "{}"), completed()])
    expect(told.message["content"]).toEqual([{ type: "tool_use", id: "call_1", name: "Read", input: {} }])
    expect(told.sse).not.toContain("fc_call_1")
    expect(told.end).toBe("tool_use")
  })

  it("[4.7 function_call_arguments.delta] calls whose deltas take turns are told one after the other", () => {
    const told = stream([
      open(0, "call_1"),
      open(1, "call_2"),
      argsDelta(1, '{"b"'),
      argsDelta(0, '{"a"'),
      argsDelta(1, ":2}"),
      argsDelta(0, ":1}"),
      completed()
    ])
    expect(told.content).toEqual(['Read {"a":1}', 'Read {"b":2}'])
  })

  it("[4.7 function_call_arguments.delta] of an item that was not announced waits for its name", () => {
    const delta = (id: string, text: string) => on("function_call_arguments.delta", { item_id: id, delta: text })
    const told = stream([
      delta("fc_call_1", '{"a":'),
      delta("fc_call_2", '{"b":2}'),
      on("output_item.done", { item: call("call_2", "Bash", '{"b":2}') }),
      delta("fc_call_1", "1}"),
      on("output_item.done", { item: call("call_1", "Read", '{"a":1}') }),
      completed()
    ])
    expect(told.content).toEqual(['Read {"a":1}', 'Bash {"b":2}'])
  })

  it("[4.7 function_call_arguments.done] adds what is missing, and a second end does nothing", () => {
    const done = on("function_call_arguments.done", { output_index: 0, arguments: '{"a":1}' })
    const end = itemDone(0, call("call_1", "Read", '{"a":1}'))
    expect(stream([open(0, "call_1"), done, end, end, done, completed()]).content).toEqual(['Read {"a":1}'])
    expect(stream([open(0, "call_1"), argsDelta(0, '{"a"'), end, completed()]).content).toEqual(['Read {"a":1}'])
    expect(stream([open(0, "call_1"), argsDelta(0, "{}"), end, completed()]).content).toEqual(['Read {"a":1}'])
  })

  it("[4.7 function_call_arguments.done] may name the call", () => {
    const done = on("function_call_arguments.done", { item_id: "fc_1", name: "Read", arguments: '{"a":1}' })
    expect(stream([argsDelta(0, ""), { ...done, output_index: 0 }, completed()]).content).toEqual(['Read {"a":1}'])
  })

  it("[4.7 function_call_arguments.done] is believed where the pieces were enciphered, as Copilot's are", () => {
    const done = on("function_call_arguments.done", { output_index: 0, item_id: "other", arguments: '{"a":1}' })
    const end = itemDone(0, call("call_1", "Read", '{"a":1}'))
    for (const pieces of [
      ["k3J9xPq==", "ZZ{a"],
      ["{k3J9", '":1}'],
      ["  ", "eyJhIjox"],
      ['"x', 'y"'],
      ["{", " k"]
    ]) {
      const deltas = pieces.map((piece) => argsDelta(0, piece))
      for (const ends of [[done, end], [end], [done], []]) {
        const told = stream([open(0, "call_1"), ...deltas, ...ends, completed([call("call_1", "Read", '{"a":1}')])])
        expect([pieces, ends.length, told.content, told.end]).toEqual([
          pieces,
          ends.length,
          ['Read {"a":1}'],
          "tool_use"
        ])
      }
      expect(stream([open(0, "call_1"), ...deltas, incomplete("max_output_tokens")])).toMatchObject({
        content: ["Read {}"],
        end: "max_tokens"
      })
    }
  })

  it("does not let an end without arguments take back what came in pieces", () => {
    const end = itemDone(0, call("call_1", "Read", ""))
    expect(stream([open(0, "call_1"), argsDelta(0, '{"a":1}'), end, completed()]).content).toEqual(['Read {"a":1}'])
  })

  it("takes the arguments of the announcement when no others come", () => {
    const told = stream([added(0, call("call_1", "Read", '{"a":1}')), completed()])
    expect(told.content).toEqual(['Read {"a":1}'])
  })

  it("[4.7 custom_tool_call_input] free text becomes the input of the call", () => {
    const item = { type: "custom_tool_call", id: "ctc_1", call_id: "call_1", name: "Bash", input: 'say "hi"' }
    const delta = on("custom_tool_call_input.delta", { output_index: 0, delta: 'say "' })
    const done = on("custom_tool_call_input.done", { output_index: 0, input: 'say "hi"' })
    const begun = added(0, { ...item, input: "" })
    const wanted = ['Bash {"input":"say \\"hi\\""}']
    expect(stream([begun, delta, done, itemDone(0, item), completed()]).content).toEqual(wanted)
    expect(stream([itemDone(0, item), completed()]).content).toEqual(wanted)
    expect(stream([begun, delta, completed([item])]).content).toEqual(wanted)
    expect(stream([begun, delta, done, completed()]).content).toEqual(wanted)
  })

  it("a call that breaks off at the token limit is told as far as it came", () => {
    const cut = { ...call("call_1", "Read", '{"file'), status: "incomplete" }
    const told = stream([open(0, "call_1"), argsDelta(0, '{"file'), itemDone(0, cut), incomplete("max_output_tokens")])
    expect(told.end).toBe("max_tokens")
    expect(told.sse).toContain('"partial_json":"{\\"file"')
    const custom = { type: "custom_tool_call", call_id: "call_2", name: "Bash", input: "ls -", status: "incomplete" }
    const free = stream([added(0, { ...custom, input: "" }), itemDone(0, custom), incomplete("max_output_tokens")])
    expect(free.end).toBe("max_tokens")
    expect(free.sse).toContain('"partial_json":"{\\"input\\":\\"ls -"')
  })

  it("a call that breaks off in an answer that claims to be complete fails the turn", () => {
    expect(stream([open(0, "call_1"), argsDelta(0, '{"file'), completed()]).end).toBe("error api_error")
  })
})

describe("§4.7 other items", () => {
  it("[4.7 output_item.done unknown] closes no block of another item", () => {
    const odd = { type: "mcp_call", id: "mcp_1", name: "x" }
    const told = stream([...hi, added(1, odd), itemDone(1, odd), textDelta(0, " there"), completed([odd])])
    expect(told.content).toEqual(["text: hi there"])
  })

  it("[4.7 web_search_call] is a server tool with its result, once its item is done", () => {
    const item = { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } }
    const told = stream([
      added(0, { type: "web_search_call", id: "ws_1", status: "in_progress" }),
      on("web_search_call.searching", { output_index: 0, item_id: "ws_1" }),
      on("web_search_call.completed", { output_index: 0, item_id: "ws_1" }),
      itemDone(0, item),
      itemDone(1, message("msg_1", "found")),
      completed([item, message("msg_1", "found")])
    ])
    expect(told.content).toEqual(["redacted_thinking", "server_tool_use", "web_search_tool_result", "text: found"])
    expect(told.end).toBe("end_turn")
  })
})
