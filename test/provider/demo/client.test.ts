import { HttpClient, HttpClientRequest, type HttpClientResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Deferred, Effect, Fiber, Ref, Stream, TestClock } from "effect"
import { demoClient } from "../../../src/provider/demo/client.ts"
import { ask, turnOf } from "./support.ts"

const post = (body: unknown, url = "demo:") =>
  demoClient.execute(HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post(url), body))

const atPace = (pace: string) =>
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["CLAUDEX_DEMO_PACE", pace]])))

/** The clock of the test moves on until this ends. */
const whileTimePasses = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.race(effect, Effect.forever(TestClock.adjust("1 second")))

const textOf = (response: HttpClientResponse.HttpClientResponse) =>
  Stream.runFold(Stream.decodeText(response.stream), "", (all, piece) => all + piece)

const chunksOf = (text: string) =>
  text
    .split("\n\n")
    .filter((record) => record.startsWith("data: {"))
    .map((record) => JSON.parse(record.slice("data: ".length)))

describe("the demo provider as an HTTP client", () => {
  it.effect("streams what it answers whole: text, reasoning, calls, finish and usage", () =>
    Effect.gen(function* () {
      const request = ask("read a.md and b.md")
      const streamed = yield* post(request)
      expect([streamed.status, streamed.headers["content-type"]]).toEqual([200, "text/event-stream; charset=utf-8"])
      const text = yield* textOf(streamed)
      expect(text.endsWith("\n\ndata: [DONE]\n\n")).toBe(true)
      const chunks = chunksOf(text)
      const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta ?? [])
      const whole = yield* Effect.flatMap(post({ ...request, stream: false }), (response) => response.json)
      const calls = deltas.flatMap((delta) => delta.tool_calls ?? [])
      const args = (index: number): string =>
        calls.flatMap((call) => (call.index === index ? call.function.arguments : [])).join("")
      expect(whole).toMatchObject({
        object: "chat.completion",
        model: "demo",
        choices: [
          {
            message: {
              role: "assistant",
              content: deltas.map((delta) => delta.content ?? "").join(""),
              reasoning_content: deltas.map((delta) => delta.reasoning_content ?? "").join(""),
              tool_calls: [0, 1].map((index) => ({
                type: "function",
                function: { name: "Read", arguments: args(index) }
              }))
            },
            finish_reason: chunks.at(-2).choices[0].finish_reason
          }
        ],
        usage: chunks.at(-1).usage
      })
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens_details: { cached_tokens: 0 } } })
    }).pipe(atPace("0"))
  )

  it.effect("gives the same bytes for the same request, and no usage that was not asked for", () =>
    Effect.gen(function* () {
      const request = ask("hello", { stream_options: undefined })
      const [first, second] = yield* Effect.all([
        Effect.flatMap(post(request), textOf),
        Effect.flatMap(post(request), textOf)
      ])
      expect(second).toBe(first)
      expect(first).not.toContain(`"usage"`)
    }).pipe(atPace("0"))
  )

  it.effect("speaks at a human pace by the clock, and says the first piece at once", () =>
    Effect.gen(function* () {
      const request = ask("hello")
      const pieces = yield* Ref.make(0)
      const response = yield* post(request)
      const begun = yield* Deferred.make<void>()
      const count = Effect.zipRight(
        Ref.update(pieces, (n) => n + 1),
        Deferred.succeed(begun, undefined)
      )
      const listening = yield* Effect.fork(Stream.runForEach(response.stream, () => count))
      yield* Deferred.await(begun)
      expect(yield* Ref.get(pieces)).toBe(1)
      yield* whileTimePasses(Fiber.join(listening))
      const turn = turnOf(request)
      // the role, every word, the finish reason, usage and the end mark
      expect(yield* Ref.get(pieces)).toBe(turn.reasoning.length + turn.text.length + 4)
    }).pipe(atPace("40"))
  )

  it.effect("falls back to its own pace when the setting makes no sense", () =>
    Effect.gen(function* () {
      for (const pace of ["fast", "-1"]) {
        const listening = yield* Effect.fork(Effect.flatMap(post(ask("hello")), textOf).pipe(atPace(pace)))
        expect(yield* whileTimePasses(Fiber.join(listening))).toContain("[DONE]")
      }
    })
  )

  it.effect("lists its models, and refuses what it does not have", () =>
    Effect.gen(function* () {
      const models = yield* Effect.flatMap(demoClient.get("demo://local/v1/models"), (response) => response.json)
      expect(models).toMatchObject({ object: "list", data: [{ id: "demo", object: "model" }] })
      const broken = yield* post({ messages: [] })
      expect(broken.status).toBe(400)
      expect(yield* broken.json).toMatchObject({ error: { message: "`messages` must hold at least one message" } })
      for (const url of ["demo:/chat/completions", "demo://local/v1/chat/completions"]) {
        expect((yield* post(ask("hello"), url)).status).toBe(200)
      }
      const missing = yield* demoClient.get("demo:/v1/embeddings")
      expect(missing.status).toBe(404)
      const elsewhere = yield* Effect.flip(
        HttpClient.get("https://example.test/v1/models").pipe(Effect.provideService(HttpClient.HttpClient, demoClient))
      )
      expect(elsewhere).toMatchObject({ _tag: "RequestError", reason: "InvalidUrl" })
    })
  )
})
