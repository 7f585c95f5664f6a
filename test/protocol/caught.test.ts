/** The failures of the pure functions among those of a program: each is caught by its tag. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Option, Schema, Stream } from "effect"
import { Anthropic, Chat, Config, Profile, Provider } from "../../src/index.ts"

const decoded = Schema.decodeUnknownSync(Profile)({ name: "p", base_url: "not a URL", default_model: "m" })

describe("a failure of the library", () => {
  it.effect("is caught by its tag, whichever function it comes from", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const conversation = yield* Anthropic.decodeRequest({ model: 7 })
        const endpoint = yield* Provider.chatEndpoint(decoded, Option.none())
        if (endpoint.url === "") return yield* new Config.ConfigError({ faults: [] })
        return [conversation.model, endpoint.url]
      })
      const caught = program.pipe(
        Effect.catchTags({
          GatewayError: ({ type }) => Effect.succeed([type]),
          EndpointFault: ({ message }) => Effect.succeed([message]),
          ConfigError: ({ faults }) => Effect.succeed([String(faults.length)])
        })
      )
      const nothingLeft: Effect.Effect<ReadonlyArray<string>> = caught
      expect(yield* nothingLeft).toEqual(["invalid_request_error"])
      expect(Either.isLeft(Provider.chatEndpoint(decoded, Option.none()))).toBe(true)
    })
  )

  it.effect("is caught by its tag where a stream could not begin", () =>
    Effect.gen(function* () {
      const { context } = yield* Effect.flatMap(
        Anthropic.decodeRequest({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] }),
        (conversation) => Chat.encodeRequest(conversation, { model: "m", policy: Chat.genericPolicy })
      )
      const broken = Stream.fail("broken").pipe(
        Chat.toAnthropic(context, (words) => Anthropic.gatewayError("overloaded_error", words))
      )
      const caught = Stream.catchTag(broken, "GatewayError", ({ message }) => Stream.make(message))
      expect([...(yield* Stream.runCollect(caught))]).toEqual(["broken"])
    })
  )
})
