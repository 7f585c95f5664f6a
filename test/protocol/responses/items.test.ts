/** Messages as Responses items, in the order of their blocks (§4.5, second list). */
import { describe, expect, it } from "vitest"
import type { Policy } from "../../../src/protocol/policy.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { assistant, hello, result, system, text, use, user } from "../requests.ts"
import { answered, called, hiddenThought, itemsOf, lossesOf, reasoningItem, said, thought } from "./requests.ts"

const imageOf = (mediaType: string, data: string) => ({
  type: "image",
  source: { type: "base64", media_type: mediaType, data }
})
const png = imageOf("image/png", "AAAA")
const unreadableImage = "[image omitted: its data cannot be read]"
const unreadablePdf = "T\n[document omitted: its data cannot be read]"
const remote = { type: "image", source: { type: "url", url: "https://example.com/a.png" } }
const pdf = { type: "document", title: "T", source: { type: "base64", media_type: "application/pdf", data: "AAAA" } }
const linked = { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } }
const pngPart = { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" }
const remotePart = { type: "input_image", image_url: "https://example.com/a.png", detail: "auto" }
const pdfPart = { type: "input_file", filename: "T", file_data: "data:application/pdf;base64,AAAA" }
const linkedPart = { type: "input_file", file_url: "https://example.com/a.pdf" }

/** A turn of one call, its result, and what the user says then. */
const round = (content: Json, more: JsonObject = {}, ...then: ReadonlyArray<Json>): ReadonlyArray<Json> => [
  assistant(use("a")),
  user(result("a", content, more), ...then)
]

describe("user content", () => {
  it.each<[string, Json, JsonObject]>([
    ["texts stay apart in one message", user(text("a"), text("b")), said("user", "a", "b")],
    ["images by data and by address", user(png, remote), said("user", pngPart, remotePart)],
    ["PDFs as files, by data and by address", user(pdf, linked), said("user", pdfPart, linkedPart)],
    ["all in their order", user(text("a"), png, text("b"), pdf), said("user", "a", pngPart, "b", pdfPart)],
    ["a plain string", { role: "user", content: "a" }, said("user", "a")]
  ])("[4.5 user content] %s", (_, message, item) => {
    expect(itemsOf([message])).toEqual([item])
  })

  it("[4.5 messages] [4.5 user content] are items in their order, results split user content", () => {
    expect(itemsOf([user(text("q")), ...round("ok", {}, text("next"))])).toEqual([
      said("user", "q"),
      called("a"),
      answered("a"),
      said("user", "next")
    ])
  })

  it.each<[string, Json, Partial<Policy>, string]>([
    ["an image for a blind model", png, { vision: false }, "[image omitted: this model cannot read images]"],
    ["an address where only data goes", remote, { imageUrls: "data-only" }, "[image at https://example.com/a.png]"],
    ["a PDF", pdf, { pdf: "note" }, "T\n[document omitted: this provider cannot read application/pdf]"],
    ["an image without bytes", imageOf("image/png", ""), {}, unreadableImage],
    ["an image whose data is no base64", imageOf("image/png", "AAA%"), {}, unreadableImage],
    ["an image of no media type", imageOf("png, really", "AAAA"), {}, unreadableImage],
    ["a PDF whose data is no base64", { ...pdf, source: { ...pdf.source, data: " " } }, { pdf: "file" }, unreadablePdf],
    ["a PDF by address", linked, { pdf: "note" }, "[document at https://example.com/a.pdf]"]
  ])("what the provider cannot take becomes words, on the record: %s", (_, block, policy, words) => {
    expect(itemsOf([user(block)], policy)).toEqual([said("user", words)])
    expect(lossesOf({ messages: [user(block)] }, policy)).toMatchObject([
      { kind: "replaced", path: "messages[0].content[0]" }
    ])
  })

  it("line breaks within the data of an image are taken out", () => {
    expect(itemsOf([user(imageOf("image/png", "AAAA\nBBBB\r\nCC==\n"))])).toEqual(
      itemsOf([user(imageOf("image/png", "AAAABBBBCC=="))])
    )
  })
})

describe("assistant content", () => {
  it("[4.5 assistant text] and calls keep their order, unlike in Chat", () => {
    const turn = assistant(text("a"), use("1"), text("b"), text("c"), use("2"))
    expect(itemsOf([user(text("q")), turn, user(result("1"), result("2"))])).toEqual([
      said("user", "q"),
      said("assistant", "a"),
      called("1"),
      said("assistant", "b", "c"),
      called("2"),
      answered("1"),
      answered("2")
    ])
  })

  it("says of what was said before calls that it was commentary, to models that ask for it", () => {
    const turn = assistant(text("let me look"), use("a"), text("once more"), use("b"))
    const messages = [
      user(text("q")),
      turn,
      user(result("a"), result("b")),
      assistant(text("done")),
      user(text("thanks"))
    ]
    const phases = (policy: Partial<Policy>) => itemsOf(messages, policy).map((item) => Object(item)["phase"])
    expect(phases({ messagePhases: true }).filter((phase) => phase !== undefined)).toEqual([
      "commentary",
      "commentary",
      "final_answer"
    ])
    expect(new Set(phases({}))).toEqual(new Set([undefined]))
  })

  it("[4.5 tool_use] its arguments are JSON text with the client's key order", () => {
    const input = { z: 1, a: { y: [], b: null } }
    const [, call] = itemsOf([user(text("q")), assistant(use("a", "Read", input)), user(result("a"))])
    expect(call).toEqual(called("a", "Read", '{"z":1,"a":{"y":[],"b":null}}'))
  })

  it("[4.5 tool_use] ids of up to 64 characters stay, longer ones are hashed alike for call and result", () => {
    const [fits, long] = ["i".repeat(64), "i".repeat(65)]
    const items = itemsOf([assistant(use(fits), use(long)), user(result(fits), result(long))])
    const [first, second, third, fourth] = items.map((item) => item["call_id"])
    expect([first, third]).toEqual([fits, fits])
    expect(second).toMatch(/^call_[0-9a-f]{32}$/)
    expect(fourth).toBe(second)
  })

  it("[4.5 tool_use] an id that an earlier call has is told apart, for its result too", () => {
    const messages = [...round("1"), ...round("2"), ...round("3")]
    const ids = itemsOf(messages).map((item) => item["call_id"])
    expect(new Set(ids).size).toBe(3)
    expect([ids[1], ids[3], ids[5]]).toEqual([ids[0], ids[2], ids[4]])
    expect(lossesOf({ messages }).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "renamed messages[2].content[0]",
      "renamed messages[4].content[0]"
    ])
  })

  it("[4.1 N12] a server tool of an earlier answer is text, unless its own item is held", () => {
    const search = { type: "server_tool_use", id: "ws_1", name: "web_search", input: { query: "bern" } }
    const hits = [{ type: "web_search_result", url: "https://example.com", title: "E", encrypted_content: "" }]
    const found = { type: "web_search_tool_result", tool_use_id: "ws_1", content: hits }
    const messages = [user(text("q")), assistant(search, found, text("done")), user(text("next"))]
    expect(itemsOf(messages)[1]).toEqual(said("assistant", "[web search: bern]\nE — https://example.com", "done"))
    const item = { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "bern" } }
    const held = [user(text("q")), assistant(hiddenThought(item), search, found, text("done")), user(text("next"))]
    expect(itemsOf(held).slice(1, 3)).toEqual([item, said("assistant", "done")])
  })

  it("[4.1 N15] a begun answer is followed by the request to continue it", () => {
    const messages = [user(text("q")), assistant(text("I think "))]
    expect(itemsOf(messages)).toEqual([
      said("user", "q"),
      said("assistant", "I think"),
      said("user", "Continue your last message exactly where it stopped; do not repeat it.")
    ])
    expect(lossesOf({ messages })).toContainEqual(expect.objectContaining({ kind: "replaced", path: "messages" }))
  })
})

describe("tool results", () => {
  it.each<[string, Json, JsonObject, Json, Partial<Policy>?]>([
    ["text is a string", "x", {}, "x"],
    ["texts are joined with a newline", [text("a"), text("b")], {}, "a\nb"],
    ["nothing is the empty string", "", {}, ""],
    ["or words where it is refused", "", {}, "(no output)", { emptyResult: "(no output)" }],
    [
      "images stay in their place",
      [text("a"), png, text("b")],
      {},
      [{ type: "input_text", text: "a" }, pngPart, { type: "input_text", text: "b" }]
    ],
    ["files too", [pdf, linked], {}, [pdfPart, linkedPart]],
    ["an error is marked as in Chat", "no such file", { is_error: true }, "Error: no such file"],
    [
      "in the first words beside an image",
      [png, text("bad")],
      { is_error: true },
      [pngPart, { type: "input_text", text: "Error: bad" }]
    ],
    ["and has words when it has none", "", { is_error: true }, "Error: the tool failed without output"]
  ])("[4.5 tool_result] %s", (_, content, more, output, policy = {}) => {
    expect(itemsOf(round(content, more), policy)).toEqual([called("a"), answered("a", output)])
  })

  it("[4.5 tool_result] media follow in a user message where a relay takes text only, on the record", () => {
    const messages = round([text("a"), png], {}, text("next"))
    expect(itemsOf(messages, { resultMedia: "follow-up" })).toEqual([
      called("a"),
      answered("a", "a\n[image 1 of this result is in the next user message]"),
      said("user", "[image 1 of the result of the call a of Read]", pngPart, "next")
    ])
    expect(lossesOf({ messages }, { resultMedia: "follow-up" })).toMatchObject([
      { kind: "moved", path: "messages[1].content[0]" }
    ])
  })

  it("[4.1 N10] [4.5 tool_result] each call has one output, whatever the client kept", () => {
    expect(itemsOf([assistant(use("a"), use("b")), user(result("b"), result("zz", "?"), text("go"))])).toEqual([
      called("a"),
      called("b"),
      answered("b"),
      answered("a", "[no result: the tool call was interrupted]"),
      said("user", "[result of unknown tool call zz]", "?", "go")
    ])
  })
})

describe("reasoning", () => {
  const [first, second] = [reasoningItem("rs_1"), reasoningItem("rs_2", "b2Zmc2V0/+==")]

  it("[4.5 reasoning] stands before what followed it, item by item as it came", () => {
    const turn = assistant(thought(first), hiddenThought(second), text("a"), thought(reasoningItem("rs_3")), use("1"))
    expect(itemsOf([user(text("q")), turn, user(result("1"))])).toEqual([
      said("user", "q"),
      first,
      second,
      said("assistant", "a"),
      reasoningItem("rs_3"),
      called("1"),
      answered("1")
    ])
  })

  it.each<[string, JsonObject, Partial<Policy>?]>([
    ["of another provider", thought(first, "hm", { provider: "azure" })],
    ["of another model", thought(first, "hm", { model: "acme-2" })],
    ["of the other protocol", thought(first, "hm", { protocol: "chat" })],
    ["where encrypted reasoning is not taken", thought(first), { encryptedReasoning: false }],
    ["that is only an id", thought({ id: "rs_9", type: "reasoning", summary: [] })],
    ["that is no item", thought({ id: "rs_9", type: "message" })]
  ])("[4.5 reasoning] is dropped, on the record: %s", (_, block, policy = {}) => {
    const messages = [user(text("q")), assistant(block, text("a")), user(text("next"))]
    expect(itemsOf(messages, policy)).toEqual([said("user", "q"), said("assistant", "a"), said("user", "next")])
    expect(lossesOf({ messages }, policy)).toMatchObject([{ kind: "dropped", path: "messages[1].content[0]" }])
  })

  it("[4.5 reasoning] of open models goes back as text even without anything encrypted", () => {
    const open = { id: "rs_1", type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "hm" }] }
    const messages = [user(text("q")), assistant(thought(open), text("a")), user(text("next"))]
    expect(itemsOf(messages, { encryptedReasoning: false })[1]).toEqual(open)
  })

  it("[4.5 reasoning] that nothing followed is dropped, on the record", () => {
    const messages = [user(text("q")), assistant(text("a"), thought(first)), user(text("next"))]
    expect(itemsOf(messages)).toEqual([said("user", "q"), said("assistant", "a"), said("user", "next")])
    expect(lossesOf({ messages })).toMatchObject([{ kind: "dropped" }])
    const only = [user(text("q")), assistant(thought(first)), user(text("next"))]
    expect(itemsOf(only)).toEqual([said("user", "q", "next")])
  })

  it("a history of nothing but reasoning still leaves something to answer", () => {
    expect(itemsOf([assistant(thought(first))])).toEqual([
      said("user", "Continue your last message exactly where it stopped; do not repeat it.")
    ])
  })
})

describe("system text in the middle", () => {
  const messages = [user(text("q")), system("be kind"), ...hello]

  it("[4.5 mid-conversation system] is a developer item in its place", () => {
    expect(itemsOf(messages)).toEqual([said("user", "q"), said("developer", "be kind"), said("user", "hello")])
  })

  it("[4.5 mid-conversation system] never comes between a call and its result", () => {
    expect(itemsOf([assistant(use("a")), system("be kind"), user(result("a"), text("go"))])).toEqual([
      called("a"),
      answered("a"),
      said("developer", "be kind"),
      said("user", "go")
    ])
  })

  it("[4.1 N5] elsewhere it is a reminder, or goes to the front, on the record", () => {
    expect(itemsOf(messages, { systemPlacement: "reminder" })).toEqual([
      said("user", "q", "<system-reminder>\nbe kind\n</system-reminder>", "hello")
    ])
    expect(itemsOf(messages, { systemPlacement: "hoist" })).toEqual([said("user", "q", "hello")])
    expect(lossesOf({ messages }, { systemPlacement: "reminder" })).toMatchObject([
      { kind: "moved", path: "messages[1]" }
    ])
    expect(lossesOf({ messages }, { systemPlacement: "hoist" })).toMatchObject([{ kind: "moved", path: "messages[1]" }])
  })
})
