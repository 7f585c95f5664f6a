/** Images, documents and large requests (users' problems 18-21). */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { AnthropicScript, ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import type { Json, JsonObject } from "../../src/testing/json.ts"
import { hello, start } from "../gateway/support.ts"
import { assistant, result, text, use, user } from "../protocol/requests.ts"
import { pdfOf } from "../support/pdf.ts"
import { anthropic, chat, exchange, fields, image, objects, responses, tool, violations } from "./support.ts"

const tools = [tool("Read")]
const shown = (content: ReadonlyArray<Json>) => [
  user(text("go")),
  assistant(use("toolu_1")),
  user(result("toolu_1", [...content]))
]
const pdf = (data: string): JsonObject => ({
  type: "document",
  title: "Report",
  source: { type: "base64", media_type: "application/pdf", data }
})

describe("images of tool results", () => {
  const messages = shown([text("the picture:"), image])

  it.scoped("[problem 18] follow in a user message that names the call, where results hold text only", () =>
    Effect.gen(function* () {
      const profile = chat("openai", "gpt-5.2")
      const { losses, sent } = yield* exchange(profile, { tools, messages })
      expect(violations(sent, profile)).toEqual([])
      const [, , told, follows] = objects(sent["messages"])
      expect(told?.["content"]).toBe("the picture:\n[image 1 of this result is in the next user message]")
      expect(follows).toMatchObject({
        role: "user",
        content: [
          { type: "text", text: "[image 1 of the result of the call toolu_1 of Read]" },
          { type: "image_url", image_url: { url: expect.stringMatching(/^data:image\/png;base64,/) } }
        ]
      })
      expect(losses).toContain("moved messages[2].content[0]: the image follows in a user message")
    })
  )

  it.scoped("[problem 18] stay in their place where the provider takes them there", () =>
    Effect.gen(function* () {
      const kimi = yield* exchange(chat("kimi", "kimi-k2.6"), { tools, messages })
      expect(objects(kimi.sent["messages"])[2]?.["content"]).toMatchObject([
        { type: "text", text: "the picture:" },
        { type: "image_url" }
      ])
      const codex = yield* exchange(responses("openai", "gpt-5.2"), { tools, messages })
      const output = objects(codex.sent["input"]).find(({ type }) => type === "function_call_output")
      expect(output?.["output"]).toMatchObject([{ type: "input_text" }, { type: "input_image" }])
    })
  )

  it.scoped("[problem 18] are a note in place for a model that reads none", () =>
    Effect.gen(function* () {
      const { losses, request, sent } = yield* exchange(chat("deepseek", "deepseek-chat"), { tools, messages })
      expect(objects(sent["messages"])[2]?.["content"]).toBe(
        "the picture:\n[image omitted: this model cannot read images]"
      )
      expect(request.text).not.toContain("image_url")
      expect(losses).toContain("replaced messages[2].content[0].content[1]: the image became a note")
    })
  )
})

describe("documents", () => {
  const two = pdf(pdfOf("The first page.", "And the second."))

  it.scoped("[problem 19] are files where the provider takes files, in user turns and results", () =>
    Effect.gen(function* () {
      const direct = yield* exchange(chat("openai", "gpt-5.2"), { messages: [user(text("sum up"), two)] })
      expect(objects(objects(direct.sent["messages"])[0]?.["content"])[1]).toMatchObject({
        type: "file",
        file: { filename: "Report", file_data: expect.stringMatching(/^data:application\/pdf;base64,/) }
      })
      expect(direct.answer.headers["x-claudex-losses"]).toBe("0")
      const codex = yield* exchange(responses("openai", "gpt-5.2"), { tools, messages: shown([two]) })
      expect(codex.request.text).toContain('"type":"input_file"')
    })
  )

  it.scoped("[problem 19] are their text with page marks elsewhere, and a note when there is none to read", () =>
    Effect.gen(function* () {
      for (const messages of [[user(text("sum up"), two)], shown([two])]) {
        const { losses, request } = yield* exchange(chat("deepseek", "deepseek-chat"), { tools, messages })
        expect(request.text).toContain("[page 1]\\nThe first page.\\n\\n[page 2]\\nAnd the second.")
        expect(losses).toContain("the document became its text")
      }
      const scanned = [user(text("sum up"), pdf(pdfOf("")))]
      const { losses, request } = yield* exchange(chat("deepseek", "deepseek-chat"), { messages: scanned })
      expect(request.text).toContain("[document omitted: this provider cannot read application/pdf]")
      expect(losses).toContain("the document became a note")
    })
  )
})

describe("histories full of images", () => {
  const turns = Array.from({ length: 30 }, (_, at) => [user(text(`picture ${at}`), image), assistant(text("seen"))])
  const messages = [...turns.flat(), user(text("which was best?"))]

  it.scoped("[problem 20] are sent with every image: none is pruned here, so the cache holds", () =>
    Effect.gen(function* () {
      for (const profile of [chat("openai", "gpt-5.2"), responses("openai", "gpt-5.2")]) {
        const { answer, request, sent } = yield* exchange(profile, { messages })
        expect(answer.status).toBe(200)
        expect(violations(sent, profile)).toEqual([])
        expect(request.text.match(/"type":"(input_image|image_url)"/g)).toHaveLength(30)
      }
      const { ask, upstream } = yield* start({ profile: anthropic })
      yield* upstream.fallback((request) => AnthropicScript.answer(request, { text: "hi" }))
      const body = JSON.stringify(hello({ messages }))
      yield* ask({ body })
      expect((yield* upstream.take).text).toBe(body)
    })
  )

  it.scoped("[problem 20] and a provider's refusal of them is told in its own words", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start({ profile: chat("openai", "gpt-5.2") })
      const words = "Too many images in request. Max is 20."
      yield* upstream.enqueue(
        ChatScript.error(400, words, { code: "invalid_value" }),
        ChatScript.error(413, "Total image size is 60 MB, which exceeds the allowed limit of 50 MB")
      )
      const many = yield* ask({ body: hello({ messages }) })
      expect(many.status).toBe(400)
      expect(JSON.parse(many.text)).toMatchObject({
        error: { type: "invalid_request_error", message: expect.stringContaining(words) }
      })
      const large = yield* ask({ body: hello({ messages }) })
      expect(large.status).toBe(413)
      expect(JSON.parse(large.text)).toMatchObject({
        error: { type: "request_too_large", message: expect.stringContaining("60 MB") }
      })
    })
  )
})

describe("large requests", () => {
  it.scoped("[problem 21] of nearly 64 MB pass, translated and handed on", () =>
    Effect.gen(function* () {
      const megabytes = 1024 * 1024
      const body = JSON.stringify(hello({ messages: [user(text("x".repeat(64 * megabytes - 400)))] }))
      expect(body.length).toBeGreaterThan(64 * megabytes - 400)
      expect(body.length).toBeLessThanOrEqual(64 * megabytes)
      const sizes: Array<number> = []
      for (const profile of [chat("generic", "m"), anthropic]) {
        const { ask, upstream } = yield* start({ profile })
        const turn = { text: "hi" }
        yield* upstream.fallback((request) =>
          profile === anthropic ? AnthropicScript.answer(request, turn) : ChatScript.answer(request, turn)
        )
        expect((yield* ask({ body })).status).toBe(200)
        sizes.push((yield* upstream.take).bytes.length)
      }
      expect(sizes[0]).toBeGreaterThan(64 * megabytes - 400)
      expect(sizes[1]).toBe(body.length)
    })
  )

  it.scoped("[problem 21] a provider's 413 has the words that the client recognises", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      for (const body of ["<html>413 Request Entity Too Large</html>", JSON.stringify({ error: "too big" })]) {
        yield* upstream.enqueue(UpstreamScript.respond(413, body))
        const answer = yield* ask({ body: hello() })
        expect(answer.status).toBe(413)
        expect(fields(JSON.parse(answer.text))["error"]).toMatchObject({ type: "request_too_large" })
      }
    })
  )
})
