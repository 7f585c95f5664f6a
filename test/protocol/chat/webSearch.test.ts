/** Web search through providers that do it themselves, and through none (wire specification §4.10). */
import { Either } from "effect"
import { describe, expect, test } from "vitest"
import { encodeRequest } from "../../../src/protocol/chat/request.ts"
import { genericPolicy, type Policy as WholePolicy } from "../../../src/protocol/policy.ts"
import { localAnswer } from "../../../src/protocol/translate.ts"
import { streamViolations } from "../../../src/testing/anthropicGrammar.ts"
import type { Json, JsonObject } from "../../../src/testing/json.ts"
import { bodyOf, decode, exchangeOf, user } from "../requests.ts"
import {
  calls,
  type Chunk,
  completion,
  contextOf,
  delta,
  done,
  finish,
  read,
  readWhole,
  say,
  type Told
} from "../turns.ts"

type Policy = Partial<WholePolicy>

const search = (options: JsonObject = {}): JsonObject => ({
  type: "web_search_20250305",
  name: "web_search",
  max_uses: 8,
  ...options
})
const custom: JsonObject = { name: "Read", input_schema: { type: "object", properties: {} } }
const shownCustom = { type: "function", function: { name: "Read", parameters: { type: "object", properties: {} } } }

/** The fields that ask for a search, and the tools beside it. */
const sent = (policy: Policy, tools: ReadonlyArray<Json>) => {
  const { plugins, tool_choice, tools: offered, web_search_options } = bodyOf({ tools }, policy)
  return { plugins, web_search_options, tools: offered, tool_choice }
}
const losses = (policy: Policy, options: JsonObject) =>
  exchangeOf({ tools: [search(options), custom] }, policy).losses.map(({ path }) => path)

const where = { type: "approximate", country: "DE", city: "Berlin" }

describe("asking", () => {
  const plugins: Policy = { webSearch: "plugins" }
  test("[4.10 Chat providers] [4.2.3 web_search] OpenRouter is told by its plugin, also of domains", () => {
    expect(sent(plugins, [search()])).toEqual({ plugins: [{ id: "web" }] })
    expect(sent(plugins, [custom, search({ allowed_domains: ["a.org"] })])).toEqual({
      plugins: [{ id: "web", include_domains: ["a.org"] }],
      tools: [shownCustom]
    })
    expect(sent(plugins, [search({ blocked_domains: ["b.org"] })])).toEqual({
      plugins: [{ id: "web", exclude_domains: ["b.org"] }]
    })
    expect(losses(plugins, { blocked_domains: ["b.org"] })).toEqual([])
    expect(losses(plugins, { user_location: where })).toEqual(["tools[0].user_location"])
  })

  const glm: Policy = { webSearch: "web_search_tool", toolChoice: "none" }
  test("[4.10 Chat providers] GLM is told by a tool of its own kind", () => {
    const tool = (more: JsonObject = {}) => ({
      type: "web_search",
      web_search: { enable: true, search_result: true, ...more }
    })
    expect(sent(glm, [search(), custom])).toEqual({ tools: [tool(), shownCustom] })
    expect(sent(glm, [search({ allowed_domains: ["a.org"] })])).toEqual({
      tools: [tool({ search_domain_filter: "a.org" })]
    })
    expect(losses(glm, { allowed_domains: ["a.org"] })).toEqual([])
    expect(losses(glm, { allowed_domains: ["a.org", "b.org"] })).toEqual(["tools[0].allowed_domains"])
    expect(losses(glm, { blocked_domains: ["a.org"] })).toEqual(["tools[0].blocked_domains"])
  })

  const options: Policy = { webSearch: "web_search_options" }
  test("[4.10 Chat providers] OpenAI's search models are told by options", () => {
    expect(sent(options, [search()])).toEqual({ web_search_options: {} })
    const { type: _, ...approximate } = where
    expect(sent(options, [search({ user_location: where })])).toEqual({
      web_search_options: { user_location: { type: "approximate", approximate } }
    })
    expect(losses(options, { allowed_domains: ["a.org"] })).toEqual(["tools[0].allowed_domains"])
  })

  test.each<WholePolicy["webSearch"]>(["none", "hosted"])(
    "[4.10 none] where Chat has no search (%s) the tool is omitted, on record, and the rest is asked",
    (webSearch) => {
      expect(sent({ webSearch }, [search(), custom])).toEqual({ tools: [shownCustom] })
      expect(losses({ webSearch }, {})).toEqual(["tools[0]"])
      expect(exchangeOf({ tools: [search(), custom] }, { webSearch }).local).toBeUndefined()
    }
  )

  test("without the tool nobody is asked to search", () => {
    for (const policy of [plugins, glm, options]) expect(sent(policy, [custom])).toEqual({ tools: [shownCustom] })
  })

  test("allowed and blocked domains at once are a 400 that names the tool", () => {
    const tools = [custom, search({ allowed_domains: ["a.org"], blocked_domains: ["b.org"] })]
    for (const policy of [plugins, {}]) {
      const answer = encodeRequest(decode({ tools }), { model: "m", policy: { ...genericPolicy, ...policy } })
      expect(Either.flip(answer).pipe(Either.getOrThrow)).toMatchObject({
        type: "invalid_request_error",
        message: expect.stringContaining("tools[1]")
      })
    }
  })

  test("a custom tool that is named web_search stays a function", () => {
    const named = { ...custom, name: "web_search" }
    expect(sent(plugins, [named])).toMatchObject({ tools: [{ type: "function", function: { name: "web_search" } }] })
    expect(sent(plugins, [named])).not.toHaveProperty("plugins.0")
  })
})

describe("no search at all (problem 22)", () => {
  test("[4.10 none] the client's own side request gets a search that failed, in the blocks it reads, and a sentence", () => {
    const messages = [user({ type: "text", text: "Perform a web search for the query: site news" })]
    const { context, local } = exchangeOf({ messages, tools: [search()], stream: true })
    const { answer, stream } = localAnswer(context, local ?? [])
    expect(streamViolations(stream)).toEqual([])
    expect(Either.getOrThrowWith(answer, (error) => new Error(error.message)).message).toMatchObject({
      content: [
        { type: "server_tool_use", name: "web_search", input: { query: "site news" } },
        {
          type: "web_search_tool_result",
          content: { type: "web_search_tool_result_error", error_code: "unavailable" }
        },
        { type: "text", text: expect.stringContaining("Web search is not available") }
      ],
      stop_reason: "end_turn",
      usage: { input_tokens: 0, output_tokens: 0 }
    })
    expect(stream).not.toContain("web_search_requests")
  })
})

const annotation = (url: string, title?: string): JsonObject => ({
  type: "url_citation",
  url_citation: { url, ...(title === undefined ? {} : { title }), start_index: 0, end_index: 1 }
})
const found = (url: string, title: string) => ({
  type: "web_search_result",
  url,
  title,
  encrypted_content: "",
  page_age: null
})

const contentOf = ({ message }: Told) => message["content"]

describe("the sources of an answer", () => {
  const searching = contextOf({ search: "site news" })
  const blocks = (...hits: ReadonlyArray<Json>) => [
    { type: "text", text: "News." },
    {
      type: "server_tool_use",
      id: expect.stringMatching(/^srvtoolu_/),
      name: "web_search",
      input: { query: "site news" }
    },
    { type: "web_search_tool_result", tool_use_id: expect.stringMatching(/^srvtoolu_/), content: hits }
  ]
  const told = [say("News."), finish("stop"), done]

  test.each<[string, ReadonlyArray<Chunk>, JsonObject]>([
    [
      "annotations, each address once",
      [
        delta({ annotations: [annotation("https://a.org", "A")] }),
        delta({ annotations: [annotation("https://a.org", "A"), annotation("https://b.org", "B")] }),
        ...told
      ],
      completion({
        content: "News.",
        annotations: [annotation("https://a.org", "A"), annotation("https://b.org", "B")]
      })
    ],
    [
      "GLM's web_search",
      [
        {
          ...say("News."),
          web_search: [
            { link: "https://a.org", title: "A", refer: "ref_1" },
            { link: "https://b.org", title: "B" }
          ]
        },
        finish("stop"),
        done
      ],
      {
        ...completion({ content: "News." }),
        web_search: [
          { link: "https://a.org", title: "A" },
          { link: "https://b.org", title: "B" }
        ]
      }
    ],
    [
      "Perplexity's search_results and citations, repeated with every chunk",
      told.map((chunk) =>
        typeof chunk === "string"
          ? chunk
          : {
              ...chunk,
              citations: ["https://a.org", "https://b.org"],
              search_results: [
                { url: "https://a.org", title: "A", date: null },
                { url: "https://b.org", title: "B" }
              ]
            }
      ),
      {
        ...completion({ content: "News." }),
        search_results: [
          { url: "https://a.org", title: "A" },
          { url: "https://b.org", title: "B" }
        ]
      }
    ]
  ])("[4.10 Chat providers] %s: what a search found, as the search and its result", (_what, chunks, whole) => {
    const wanted = blocks(found("https://a.org", "A"), found("https://b.org", "B"))
    const streamed = read(chunks, searching)
    expect(contentOf(streamed)).toEqual(wanted)
    expect(contentOf(readWhole(whole, searching))).toEqual(wanted)
    expect(streamed.end).toBe("end_turn")
    expect(streamed.usage["server_tool_use"]).toEqual({ web_search_requests: 1, web_fetch_requests: 0 })
  })

  test("an address without a title is its own title", () => {
    const chunks = [{ ...say("News."), citations: ["https://a.org"] }, finish("stop")]
    expect(contentOf(read(chunks, searching))).toEqual(blocks(found("https://a.org", "https://a.org")))
  })

  test("a search that names no source is not made up", () => {
    expect(read(told, searching).content).toEqual(["text: News."])
  })

  test("a search does not make the stop reason tool_use, and calls beside it do", () => {
    const chunks = [
      delta({ content: "News.", annotations: [annotation("https://a.org", "A")] }),
      calls({ index: 0, id: "x", name: "Read", args: "{}" }),
      finish("tool_calls")
    ]
    expect(read(chunks, searching)).toMatchObject({
      content: ["text: News.", "Read {}", "server_tool_use", "web_search_tool_result"],
      end: "tool_use"
    })
  })

  const cited = [delta({ content: "News.", annotations: [annotation("https://a.org", "A")] }), finish("stop"), done]
  test("[4.3 annotations] without a search of the client's they are nothing, or a list where the policy says so", () => {
    expect(read(cited).content).toEqual(["text: News."])
    const listing = contextOf({ citations: "text" })
    expect(read(cited, listing).content).toEqual(["text: News.\n\nSources:\n- A: https://a.org"])
    expect(read(told, listing).content).toEqual(["text: News."])
  })

  test("no stop sequence is looked for in the list of sources: it is not the model's text", () => {
    const listing = contextOf({ citations: "text", stopSequences: ["\n\n", "a.org"], enforceStop: ["\n\n", "a.org"] })
    expect(read(cited, listing)).toMatchObject({
      content: ["text: News.\n\nSources:\n- A: https://a.org"],
      end: "end_turn"
    })
  })

  test("odd sources are none", () => {
    const odd = { annotations: [null, 1, { type: "file" }, { type: "url_citation" }, { url_citation: { url: 1 } }] }
    const body = { web_search: [1, { title: "A" }], search_results: ["x"], citations: [1, null, ""] }
    expect(read([delta({ content: "a", ...odd }, null, body), finish("stop")], searching).content).toEqual(["text: a"])
  })

  test("the request says what the search is for", () => {
    const messages = [user({ type: "text", text: "Perform a web search for the query: site news" })]
    const { context } = exchangeOf({ messages, tools: [search()] }, { webSearch: "plugins" })
    expect(context.search).toBe("site news")
    expect(exchangeOf({ messages, tools: [custom] }, { webSearch: "plugins" }).context.search).toBeUndefined()
    expect(exchangeOf({ messages, tools: [search()] }).context.search).toBeUndefined()
  })
})
