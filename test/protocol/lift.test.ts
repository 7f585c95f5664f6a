import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, Exit, Fiber, Ref, Stream } from "effect"
import { decodeRequest } from "../../src/protocol/anthropic/request.ts"
import { genericPolicy } from "../../src/protocol/policy.ts"
import { encodeRequest } from "../../src/protocol/chat/request.ts"
import { gatewayError } from "../../src/protocol/errors.ts"
import { toAnthropic } from "../../src/protocol/lift.ts"

const { context } = decodeRequest({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] }).pipe(
  Either.flatMap((conversation) => encodeRequest(conversation, { model: "m", policy: genericPolicy })),
  Either.getOrThrow
)

const text = `data: {"choices":[{"index":0,"delta":{"content":"Grüße 🚀"}}]}\n\n`
const finish = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`
const done = "data: [DONE]\n\n"

const translate = toAnthropic(context, (error: string) => gatewayError("api_error", error, { status: 502 }))

const bytewise = (body: string) => Stream.fromIterable([...new TextEncoder().encode(body)].map((b) => Uint8Array.of(b)))

const events = (body: Stream.Stream<Uint8Array, string>) =>
  translate(body).pipe(
    Stream.decodeText(),
    Stream.mkString,
    Effect.map((sse) =>
      sse
        .split("\n")
        .filter((line) => line.startsWith("event: "))
        .map((line) => line.slice(7))
    )
  )

describe("a provider's body as a stream", () => {
  it.effect("becomes the client's events, whatever the cuts", () =>
    Effect.gen(function* () {
      const all = yield* events(bytewise(text + finish + done))
      expect(all).toEqual([
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop"
      ])
    })
  )

  it.effect("fails while nothing was emitted", () =>
    Effect.gen(function* () {
      const cut = yield* Effect.flip(events(bytewise(": waiting\n\n")))
      expect(cut).toMatchObject({ type: "api_error", status: 502 })
      const broken = yield* Effect.flip(events(Stream.fail("connection reset")))
      expect(broken.message).toBe("connection reset")
    })
  )

  it.effect("ends with an error event once something was emitted", () =>
    Effect.gen(function* () {
      expect((yield* events(bytewise(text))).at(-1)).toBe("error")
      expect((yield* events(Stream.concat(bytewise(text), Stream.fail("connection reset")))).at(-1)).toBe("error")
    })
  )

  it.effect("reads no further than the provider's last word", () =>
    Effect.gen(function* () {
      const read = yield* Ref.make(0)
      const body = Stream.concat(bytewise(text + finish + done), Stream.never).pipe(
        Stream.tap(() => Ref.update(read, (n) => n + 1))
      )
      expect((yield* events(body)).at(-1)).toBe("message_stop")
      expect(yield* Ref.get(read)).toBe(new TextEncoder().encode(text + finish + done).length)
    })
  )

  it.effect("is let go of once, by whoever stops listening and by whoever is interrupted", () =>
    Effect.gen(function* () {
      const released = yield* Ref.make(0)
      const emitted = yield* Deferred.make<void>()
      const body = Stream.concat(bytewise(text), Stream.never).pipe(Stream.ensuring(Ref.update(released, (n) => n + 1)))
      yield* translate(body).pipe(Stream.take(1), Stream.runDrain)
      expect(yield* Ref.get(released)).toBe(1)

      const listening = yield* translate(body).pipe(
        Stream.runForEach(() => Deferred.succeed(emitted, undefined)),
        Effect.fork
      )
      yield* Deferred.await(emitted)
      expect(Exit.isInterrupted(yield* Fiber.interrupt(listening))).toBe(true)
      expect(yield* Ref.get(released)).toBe(2)
    })
  )

  it.effect("is a description: the same one can be run twice at once", () =>
    Effect.gen(function* () {
      const body = bytewise(text + finish + done)
      const [one, other] = yield* Effect.all([events(body), events(body)], { concurrency: "unbounded" })
      expect(one).toEqual(other)
      expect(one.at(-1)).toBe("message_stop")
    })
  )
})
