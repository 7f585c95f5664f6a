/** Tool results as Chat messages: N10, N11 and the last part of §4.2.2. */
import { describe, expect, test } from "vitest"
import type { Policy as WholePolicy } from "../../../src/protocol/policy.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { assistant, bodyOf, result, text, use, user } from "../requests.ts"

type Policy = Partial<WholePolicy>

const sent = (messages: ReadonlyArray<Json>, policy: Policy = {}) => bodyOf({ messages }, policy)["messages"]

const call = (id: string, name = "Read", args = "{}") => ({ id, type: "function", function: { name, arguments: args } })
const tool = (id: string, content: Json = "ok") => ({ role: "tool", tool_call_id: id, content })

const png = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }
const pngPart = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }
const pdf = { type: "document", title: "T", source: { type: "base64", media_type: "application/pdf", data: "AAAA" } }
const pdfPart = { type: "file", file: { filename: "T", file_data: "data:application/pdf;base64,AAAA" } }

describe("N10, N11 tool results", () => {
  test("[4.2.2 tool_result order] N11: tool messages come first, then the remaining user blocks in their original order", () => {
    const turn = user(text("before"), result("b", "B"), text("between"), result("a", "A"), text("after"))
    expect(sent([assistant(use("a"), use("b")), turn])).toEqual([
      { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
      tool("b", "B"),
      tool("a", "A"),
      { role: "user", content: "before\nbetween\nafter" }
    ])
  })

  test("N10: a missing result is said to be missing", () => {
    const missing = "[no result: the tool call was interrupted]"
    expect(sent([assistant(use("a"), use("b")), user(result("b"), text("go"))])).toEqual([
      { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
      tool("b"),
      tool("a", missing),
      { role: "user", content: "go" }
    ])
  })

  test("N10: a result without its call is text, a second one for the same id too, an empty one disappears", () => {
    const turn = user(result("a", "1"), result("a", "2"), result("zz", "3"), result("empty", ""))
    expect(sent([assistant(use("a")), turn])).toEqual([
      { role: "assistant", content: null, tool_calls: [call("a")] },
      tool("a", "1"),
      { role: "user", content: "[result of unknown tool call a]\n2\n[result of unknown tool call zz]\n3" }
    ])
  })

  test.each<[string, Json, JsonObject, Json, Policy?]>([
    ["[4.2.2 tool_result] a string is itself", "x", {}, "x"],
    ["[4.2.2 tool_result] texts are joined with a newline", [text("a"), text("b")], {}, "a\nb"],
    ["[4.2.2 tool_result] empty is the empty string, never null", null, {}, ""],
    ["emptyResult for servers that refuse it", "", {}, "(no output)", { emptyResult: "(no output)" }],
    ["[4.2.2 tool_result json] a JSON object is its text", { a: [1] }, {}, '{"a":[1]}'],
    ["[4.2.2 is_error] an error is marked", "no such file", { is_error: true }, "Error: no such file"],
    ["[4.2.2 is_error] unless it says so", "error: no such file", { is_error: true }, "error: no such file"],
    [
      "[4.2.2 is_error] or in tags",
      "<tool_use_error>bad</tool_use_error>",
      { is_error: true },
      "<tool_use_error>bad</tool_use_error>"
    ],
    [
      "[4.2.2 is_error] an error without words",
      "",
      { is_error: true },
      "Error: the tool failed without output",
      { emptyResult: "(none)" }
    ],
    ["[4.2.2 is_error] no error is not marked", "failed", { is_error: false }, "failed"]
  ])("%s", (_rule, content, more, expected, policy) => {
    expect(sent([assistant(use("a")), user(result("a", content, more))], policy)).toMatchObject([
      {},
      tool("a", expected)
    ])
  })

  test("[4.2.2 tool_result media] follow-up: after all tool messages of the group one user message, labelled by call", () => {
    const turn = user(result("a", [text("see"), png, png]), result("b", [png]), text("go"))
    expect(sent([assistant(use("a"), use("b", "Shot")), turn])).toEqual([
      { role: "assistant", content: null, tool_calls: [call("a"), call("b", "Shot")] },
      tool(
        "a",
        "see\n[image 1 of this result is in the next user message]\n[image 2 of this result is in the next user message]"
      ),
      tool("b", "[image 1 of this result is in the next user message]"),
      {
        role: "user",
        content: [
          text("[image 1 of the result of the call a of Read]"),
          pngPart,
          text("[image 2 of the result of the call a of Read]"),
          pngPart,
          text("[image 1 of the result of the call b of Shot]"),
          pngPart,
          text("go")
        ]
      }
    ])
  })

  test("[4.2.2 tool_result media] inline-parts: the images stay in the tool message, in their place", () => {
    const turn = user(result("a", [text("see"), png, text("and")]), result("b", [png]), result("c", "x"))
    expect(sent([assistant(use("a"), use("b"), use("c")), turn], { resultMedia: "inline-parts" })).toMatchObject([
      {},
      tool("a", [text("see"), pngPart, text("and")]),
      tool("b", [pngPart]),
      tool("c", "x")
    ])
  })

  test("toolResultMedia inline-parts: an error is marked at its first words", () => {
    const error = { is_error: true }
    const turn = user(result("a", [png, text("bad")], error), result("b", [png], error))
    expect(sent([assistant(use("a"), use("b")), turn], { resultMedia: "inline-parts" })).toMatchObject([
      {},
      tool("a", [pngPart, text("Error: bad")]),
      tool("b", [text("Error: the tool failed without output"), pngPart])
    ])
  })

  test.each<WholePolicy["resultMedia"]>(["follow-up", "inline-parts"])(
    "%s: files follow in a user message",
    (resultMedia) => {
      expect(sent([assistant(use("a")), user(result("a", [pdf]))], { resultMedia, pdf: "file" })).toEqual([
        { role: "assistant", content: null, tool_calls: [call("a")] },
        tool("a", "[document 1 of this result is in the next user message]"),
        { role: "user", content: [text("[document 1 of the result of the call a of Read]"), pdfPart] }
      ])
    }
  )

  test("a text-only model is told in the result itself", () => {
    expect(sent([assistant(use("a")), user(result("a", [png]))], { vision: false })).toEqual([
      { role: "assistant", content: null, tool_calls: [call("a")] },
      tool("a", "[image omitted: this model cannot read images]")
    ])
  })
})
