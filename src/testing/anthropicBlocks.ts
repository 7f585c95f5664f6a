/** Content blocks of Anthropic requests: every kind that the wire knows, in the variants that clients produce. */
import { FastCheck as fc } from "effect"
import { cacheControl, partial } from "./anthropicTools.ts"
import { type Json, type JsonObject, jsonObject, oneOf, seldom } from "./json.ts"
import { anyText, base64, callId, text, toolName } from "./text.ts"

const decorated = (
  required: { readonly [key: string]: fc.Arbitrary<Json> },
  optional: { readonly [key: string]: fc.Arbitrary<Json> } = {}
): fc.Arbitrary<JsonObject> => partial(required, { ...optional, cache_control: cacheControl })

const type = (name: string): fc.Arbitrary<Json> => fc.constant(name)

const url = fc.nat(99).map((n) => `https://example.com/${n}.png`)

const citation: JsonObject = {
  type: "char_location",
  cited_text: "cited words",
  document_index: 0,
  document_title: null,
  start_char_index: 0,
  end_char_index: 5
}

/** A text, sometimes blank. */
export const textBlock: fc.Arbitrary<JsonObject> = decorated(
  { type: type("text"), text: anyText },
  { citations: fc.constantFrom<Json>(null, [], [citation]) }
)

const fileSource: fc.Arbitrary<Json> = fc.nat(99).map((n) => ({ type: "file", file_id: `file_${n}` }))
const urlSource: fc.Arbitrary<Json> = url.map((address) => ({ type: "url", url: address }))

/** An image as bytes, by URL, or as a file id that no other vendor can resolve. */
export const imageBlock: fc.Arbitrary<JsonObject> = decorated(
  {
    type: type("image"),
    source: oneOf<Json>(
      {
        weight: 3,
        arbitrary: fc.record({
          type: type("base64"),
          media_type: fc.constantFrom("image/png", "image/jpeg", "image/gif", "image/webp"),
          data: base64
        })
      },
      { weight: 1, arbitrary: urlSource },
      { weight: 1, arbitrary: fileSource }
    )
  },
  { transformations: fc.constant([]) }
)

/** An image whose data or media type is none. */
export const unreadableImage: fc.Arbitrary<JsonObject> = fc.record({
  type: type("image"),
  source: fc.record({ type: type("base64"), media_type: anyText, data: oneOf<Json>(anyText, base64) })
})

/** A document: PDF, plain text, blocks, URL or file id. */
export const documentBlock: fc.Arbitrary<JsonObject> = decorated(
  {
    type: type("document"),
    source: oneOf<Json>(
      fc.record({ type: type("base64"), media_type: type("application/pdf"), data: base64 }),
      fc.record({ type: type("text"), media_type: type("text/plain"), data: text }),
      fc.record({
        type: type("content"),
        content: oneOf<Json>(text, fc.array(textBlock, { maxLength: 2 }))
      }),
      urlSource,
      fileSource
    )
  },
  {
    title: oneOf<Json>(text, fc.constant(null)),
    context: text,
    citations: fc.constant({ enabled: true })
  }
)

/** A search result that the client gives the model to cite. */
export const searchResultBlock: fc.Arbitrary<JsonObject> = decorated({
  type: type("search_result"),
  source: url,
  title: text,
  content: fc.array(textBlock, { minLength: 1, maxLength: 2 })
})

const uploadBlock: fc.Arbitrary<JsonObject> = decorated({
  type: type("container_upload"),
  file_id: fc.constant("file_up")
})

/** What a person or the client puts into a user turn besides tool results. */
export const userBlock: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 8, arbitrary: textBlock },
  { weight: 2, arbitrary: imageBlock },
  { weight: 2, arbitrary: documentBlock },
  { weight: 1, arbitrary: searchResultBlock },
  { weight: 1, arbitrary: uploadBlock }
)

const referenceBlock: fc.Arbitrary<JsonObject> = toolName.map((tool_name) => ({ type: "tool_reference", tool_name }))

/** The `content` of a tool result; undefined leaves the key out. */
export const resultContent: fc.Arbitrary<Json | undefined> = oneOf<Json | undefined>(
  { weight: 4, arbitrary: anyText },
  {
    weight: 4,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: textBlock },
        { weight: 2, arbitrary: imageBlock },
        { weight: 1, arbitrary: documentBlock },
        { weight: 1, arbitrary: searchResultBlock },
        { weight: 1, arbitrary: referenceBlock }
      ),
      { maxLength: 3 }
    )
  },
  { weight: 1, arbitrary: fc.constantFrom<Json | undefined>(undefined, null, "", []) },
  { weight: 1, arbitrary: jsonObject.filter((value) => Object.keys(value).length > 0) }
)

/** What belongs to one tool result, without the id of its call. */
export const result: fc.Arbitrary<JsonObject> = fc
  .record({
    content: resultContent,
    is_error: fc.constantFrom<boolean | undefined>(undefined, undefined, false, true),
    cache_control: seldom(cacheControl, 3)
  })
  .map(({ content, is_error, cache_control }) => ({
    type: "tool_result",
    ...(content === undefined ? {} : { content }),
    ...(is_error === undefined ? {} : { is_error }),
    ...(cache_control === undefined ? {} : { cache_control })
  }))

/** A call; `null` stands for an input that some clients leave out, a string for one that was encoded twice. */
export const toolUse: fc.Arbitrary<JsonObject> = decorated(
  {
    type: type("tool_use"),
    id: callId,
    name: toolName,
    input: oneOf<Json>(
      { weight: 8, arbitrary: jsonObject },
      { weight: 1, arbitrary: jsonObject.map((input) => JSON.stringify(input)) },
      { weight: 1, arbitrary: fc.constant(null) }
    )
  },
  { caller: fc.constant({ type: "direct" }), toolset_name: fc.constant("set") }
)

/** Reasoning of another provider, or of ours when `signature` yields our envelopes. */
export const thinkingBlock = (signature: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
  fc.record({ type: type("thinking"), thinking: anyText, signature })

/** Reasoning that nobody can read. */
export const redactedBlock = (data: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
  fc.record({ type: type("redacted_thinking"), data })

/** A signature that was not made here: Anthropic's, an empty one, or one that only looks like ours. */
export const foreignSignature: fc.Arbitrary<string> = fc.oneof(
  base64,
  fc.constantFrom("", "cdx1.", "cdx1.AAAA", "EqQBCkgIARABGAIiQL", "cdx2.eJyrVg")
)

const webResult: fc.Arbitrary<Json> = oneOf<Json>(
  fc.array(
    fc.record({
      type: type("web_search_result"),
      url,
      title: text,
      encrypted_content: base64,
      page_age: fc.constantFrom<Json>(null, "2 days")
    }),
    { maxLength: 2 }
  ),
  fc.constant({ type: "web_search_tool_result_error", error_code: "unavailable" })
)

const serverPair = (
  name: string,
  resultType: string,
  input: fc.Arbitrary<Json>,
  content: fc.Arbitrary<Json>
): fc.Arbitrary<ReadonlyArray<JsonObject>> =>
  fc
    .record({
      id: fc.nat(99_999).map((n) => `srvtoolu_${n}`),
      input,
      content,
      parts: fc.constantFrom("both", "both", "use", "result")
    })
    .map((drawn) => {
      const use: JsonObject = { type: "server_tool_use", id: drawn.id, name, input: drawn.input }
      const answer: JsonObject = { type: resultType, tool_use_id: drawn.id, content: drawn.content }
      return drawn.parts === "both" ? [use, answer] : drawn.parts === "use" ? [use] : [answer]
    })

/** A tool that the service ran, with its result; one half may be missing. */
export const serverToolBlocks: fc.Arbitrary<ReadonlyArray<JsonObject>> = fc.oneof(
  {
    weight: 2,
    arbitrary: serverPair(
      "web_search",
      "web_search_tool_result",
      text.map((query) => ({ query })),
      webResult
    )
  },
  {
    weight: 1,
    arbitrary: serverPair(
      "code_execution",
      "code_execution_tool_result",
      text.map((code) => ({ code })),
      text.map((stdout) => ({ type: "code_execution_result", stdout, stderr: "", return_code: 0, content: [] }))
    )
  },
  {
    weight: 1,
    arbitrary: serverPair(
      "web_fetch",
      "web_fetch_tool_result",
      url.map((address) => ({ url: address })),
      jsonObject
    )
  }
)
