import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Option, TestClock } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { breathe, eventsOf, eventually, hello, start, streamed, textOf } from "./support.ts"

describe("an answer without a provider", () => {
  it.scoped("is an empty message that reached its limit for max_tokens 0", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      const whole = yield* ask({ body: hello({ max_tokens: 0 }) })
      expect(JSON.parse(whole.text)).toMatchObject({
        content: [],
        stop_reason: "max_tokens",
        usage: { input_tokens: 0, output_tokens: 0 }
      })
      const stream = yield* ask({ body: streamed({ max_tokens: 0 }) })
      expect(stream.headers["content-type"]).toBe("text/event-stream; charset=utf-8")
      expect(eventsOf(stream.text).map((event) => event.type)).toEqual([
        "message_start",
        "message_delta",
        "message_stop"
      ])
      expect(yield* upstream.requests).toEqual([])
    })
  )

  it.scoped("stands in for a provider that finds the budget too small", () =>
    Effect.gen(function* () {
      const { ask, upstream } = yield* start()
      const refused = UpstreamScript.respond(400, {
        error: { message: "Could not finish the message because max_tokens or model output limit was reached." }
      })
      yield* upstream.enqueue(refused, refused)
      const whole = yield* ask({ body: hello({ max_tokens: 1 }) })
      expect(JSON.parse(whole.text)).toMatchObject({ content: [], stop_reason: "max_tokens" })
      const stream = yield* ask({ body: streamed({ max_tokens: 1 }) })
      expect(eventsOf(stream.text).at(-2)).toMatchObject({ delta: { stop_reason: "max_tokens" } })
    })
  )

  it.scoped("comes from the demo provider for its profile", () =>
    Effect.gen(function* () {
      const { ask } = yield* start({
        profiles: [{ name: "demo", provider_type: "OpenAICompatible", base_url: "demo:", default_model: "demo" }]
      })
      const whole = yield* ask({ path: "/proxy/demo/v1/messages", body: hello({ max_tokens: 10_000 }) })
      expect(whole.status).toBe(200)
      expect(JSON.parse(whole.text)).toMatchObject({ type: "message", stop_reason: "end_turn" })
      const path = "/proxy/demo/v1/messages"
      const stream = yield* Effect.fork(ask({ path, body: streamed({ max_tokens: 10_000 }) }))
      // It speaks at a human pace, by the clock.
      while (Option.isNone(yield* Fiber.poll(stream))) yield* Effect.zipRight(TestClock.adjust("100 millis"), breathe)
      const answer = yield* Fiber.join(stream)
      expect(textOf(answer.text).length).toBeGreaterThan(20)
      expect(eventsOf(answer.text).at(-1)).toEqual({ type: "message_stop" })
    })
  )
})

describe("every answer", () => {
  it.scoped("leaves one line in the log, with what it cost and without what was said", () =>
    Effect.gen(function* () {
      const { ask, log, upstream } = yield* start()
      yield* upstream.enqueue(
        ChatScript.streamed({ text: "the answer", usage: { prompt: 30, completion: 7, cached: 20 } }),
        ChatScript.whole({ text: "the answer", usage: false }),
        UpstreamScript.respond(500, { error: { message: "boom" } }, { "x-request-id": "up-1" })
      )
      for (const body of [streamed(), hello(), hello()]) yield* ask({ body })
      yield* eventually(() => log.lines.length === 3)
      const [first, second, third] = log.lines
      expect(first).toMatch(
        /^INFO req_\w+ POST \/proxy\/p\/v1\/messages 200 profile=p claude-sonnet-4-5 → model-1 first byte \d+ ms/
      )
      expect(first).toContain("30 in (20 cached) 7 out")
      expect(second).toContain("usage not reported")
      expect(third).toMatch(/^WARN req_\w+ .* 500 .*failed: api_error: .*boom.*provider's id up-1/)
      expect(log.lines.join("\n")).not.toMatch(/the answer|"hi"/)
    })
  )
})
