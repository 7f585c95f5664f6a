/** Searches that the provider ran itself (§4.10), streamed and whole. */
import { describe, expect, it } from "vitest"
import { isJsonObject, type Json, type JsonObject } from "../../../src/testing/json.ts"
import type { Told } from "../turns.ts"
import { completed, itemDone, message, on, payloads, stream, whole } from "./answers.ts"

const search = (action: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "web_search_call",
  id: "ws_1",
  status: "completed",
  action,
  ...more
})

const blocks = ({ message: told }: Told): ReadonlyArray<JsonObject> => {
  const { content } = told
  return Array.isArray(content) ? content.filter(isJsonObject) : []
}

/** The blocks of the server's tools. */
const served = (told: Told): ReadonlyArray<JsonObject> =>
  blocks(told).filter(({ type }) => type !== "text" && type !== "redacted_thinking")

const found = (url: string, title = url): Json => ({
  type: "web_search_result",
  url,
  title,
  encrypted_content: "",
  page_age: null
})

describe("§4.10 searches of a Responses provider", () => {
  it("[4.6 web_search_call] [4.10 web_search_call] is server_tool_use with its result, its sources each once, and no tool_use stop", () => {
    const sources = ["https://a.example/", "https://b.example/", "https://a.example/"].map((url) => ({
      type: "url",
      url
    }))
    const told = whole([search({ type: "search", query: "q", sources }), message("m", "found")])
    expect(served(told)).toEqual([
      { type: "server_tool_use", id: "ws_1", name: "web_search", input: { query: "q" } },
      {
        type: "web_search_tool_result",
        tool_use_id: "ws_1",
        content: [found("https://a.example/"), found("https://b.example/")]
      }
    ])
    expect(told.end).toBe("end_turn")
    expect(told.usage["server_tool_use"]).toEqual({ web_search_requests: 1, web_fetch_requests: 0 })
  })

  it("[4.10 web_search_call] goes back to the provider as it came", () => {
    const item = search({ type: "search", query: "q" })
    expect(payloads(whole([item]))).toEqual([{ item }])
    expect(payloads(whole([search({ type: "search", query: "q" }, { id: null })]))).toEqual([])
  })

  it("[4.10 queries] several are joined by newlines", () => {
    expect(served(whole([search({ type: "search", query: "old", queries: ["a", "b"] })]))[0]).toMatchObject({
      input: { query: "a\nb" }
    })
    expect(served(whole([search({})]))[0]).toMatchObject({ name: "web_search", input: { query: "" } })
  })

  it.each([
    ["open_page", { type: "open_page", url: "https://a.example/" }, { url: "https://a.example/" }],
    [
      "find_in_page",
      { type: "find_in_page", url: "https://a.example/", pattern: "x" },
      { url: "https://a.example/", pattern: "x" }
    ]
  ])("[4.10 open_page] %s is web_fetch", (_, action, input) => {
    const told = whole([search(action)])
    expect(served(told)).toMatchObject([
      { type: "server_tool_use", name: "web_fetch", input },
      { type: "web_fetch_tool_result", content: { type: "web_fetch_result", url: "https://a.example/" } }
    ])
    expect(told.usage["server_tool_use"]).toEqual({ web_search_requests: 0, web_fetch_requests: 1 })
  })

  it.each([
    ["search", "web_search_tool_result_error"],
    ["open_page", "web_fetch_tool_result_error"]
  ])("[4.10 failed] a failed %s is an error result", (type, error) => {
    expect(served(whole([search({ type, url: "https://a.example/" }, { status: "failed" })]))[1]).toMatchObject({
      content: { type: error, error_code: "unavailable" }
    })
  })

  it("[4.10 streaming] both blocks come with the item's end; titles are known only from texts before it", () => {
    const annotation = on("output_text.annotation.added", {
      output_index: 0,
      annotation: { type: "url_citation", url: "https://a.example/", title: "A" }
    })
    const item = search({ type: "search", query: "q", sources: [{ type: "url", url: "https://a.example/" }] })
    const started = on("web_search_call.in_progress", { output_index: 1, item_id: "ws_1" })
    const told = stream([itemDone(0, message("m", "so")), annotation, started, itemDone(1, item), completed([item])])
    expect(served(told).map(({ type }) => type)).toEqual(["server_tool_use", "web_search_tool_result"])
    expect(served(told)[1]?.["content"]).toEqual([found("https://a.example/", "A")])
    expect(served(stream([started, completed()]))).toEqual([])
  })

  it("[4.10 custom tool] a function that is named web_search stays a function", () => {
    const item = { type: "function_call", call_id: "call_1", name: "web_search", arguments: '{"query":"q"}' }
    expect(whole([item]).content).toEqual(['web_search {"query":"q"}'])
  })
})
