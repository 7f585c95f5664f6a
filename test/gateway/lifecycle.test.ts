import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Queue, Scope, TestClock } from "effect"
import { ChatScript, UpstreamScript } from "../../src/testing/index.ts"
import { breathe, eventsOf, hello, start, streamed, textOf } from "./support.ts"

/** A gateway in a scope of its own, so that a test can end it. */
const startApart = Effect.gen(function* () {
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
  const gateway = yield* Scope.extend(start(), scope)
  return { ...gateway, end: Effect.fork(Scope.close(scope, Exit.void)) }
})

describe("a gateway that is asked to go", () => {
  it.scoped("hears it from a client with the token", () =>
    Effect.gen(function* () {
      const { ask, lifecycle } = yield* start()
      const asked = yield* Effect.fork(lifecycle.shutdownRequested)
      const path = "/claudex/shutdown"
      expect((yield* ask({ path, anonymous: true })).status).toBe(401)
      expect((yield* ask({ method: "GET", path })).status).toBe(405)
      expect((yield* ask({ path })).status).toBe(200)
      yield* Fiber.join(asked)
    })
  )

  it.scoped("lets an answer under way come to its end", () =>
    Effect.gen(function* () {
      const { converse, end, upstream } = yield* startApart
      const more = yield* Deferred.make<void>()
      yield* upstream.enqueue(
        UpstreamScript.stream([
          ChatScript.text("one"),
          UpstreamScript.wait(Deferred.await(more)),
          ChatScript.text("two"),
          ChatScript.finish("stop"),
          ChatScript.done
        ])
      )
      const open = yield* converse({ body: streamed() })
      yield* Queue.take(open.pieces)
      const ending = yield* end
      for (let i = 0; i < 20; i++) yield* breathe
      yield* Deferred.succeed(more, undefined)
      const answer = yield* open.rest
      expect(textOf(answer.text)).toBe("onetwo")
      expect(eventsOf(answer.text).at(-1)).toEqual({ type: "message_stop" })
      yield* Fiber.join(ending)
    })
  )

  it.scoped("takes no new connection, and tells what is left after the grace period that it goes", () =>
    Effect.gen(function* () {
      const { ask, converse, end, upstream } = yield* startApart
      yield* upstream.enqueue(
        UpstreamScript.stream([ChatScript.text("one"), UpstreamScript.stall]),
        UpstreamScript.silence
      )
      const open = yield* converse({ body: streamed() })
      const speaking = yield* upstream.take
      yield* Queue.take(open.pieces)
      const waiting = yield* Effect.fork(ask({ body: hello() }))
      const silent = yield* upstream.take
      const ending = yield* end
      for (let i = 0; i < 20; i++) yield* breathe
      expect(yield* Effect.exit(ask({ body: hello() }))).toMatchObject({ _tag: "Failure" })
      yield* TestClock.adjust("10 seconds")
      const answer = yield* open.rest
      expect(eventsOf(answer.text).at(-1)).toMatchObject({
        type: "error",
        error: { type: "overloaded_error", message: "claudex is shutting down" }
      })
      const whole = yield* Fiber.join(waiting)
      expect(whole.status).toBe(529)
      expect(whole.headers["retry-after"]).toBe("1")
      expect(yield* speaking.outcome).toBe("abandoned")
      expect(yield* silent.outcome).toBe("abandoned")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(ending)
    })
  )
})
