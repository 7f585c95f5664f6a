/** The feed of events: one endless SSE answer per listener, until it or the gateway goes. */
import { HttpServerResponse } from "@effect/platform"
import { Deferred, Effect, Exit, Schedule, type Scope, Stream } from "effect"
import type { AdminEvent } from "./schemas.ts"
import type { AdminSources } from "./sources.ts"
import { masked } from "./views.ts"

/** So that neither side, nor what stands between them, takes a quiet feed for a dead one. */
const keepAlive = "15 seconds"

const ended = "the gateway goes"

const eventsOf = (sources: typeof AdminSources.Service): Stream.Stream<AdminEvent> =>
  Stream.mergeAll(
    [
      Stream.map(sources.journal.changes, (request): AdminEvent => ({ type: "request", request })),
      Stream.map(sources.breakers.changes, (breaker): AdminEvent => ({ type: "breaker", breaker })),
      Stream.map(sources.health.changes, (change): AdminEvent => ({ type: "health", ...change })),
      Stream.map(sources.configurations, (configuration): AdminEvent => ({ type: "configuration", configuration }))
    ],
    { concurrency: "unbounded" }
  )

const frame = (event: AdminEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(masked(event))}\n\n`
const comment = (text: string): string => `: ${text}\n\n`

/** Completes when the gateway begins to go, which waits a moment until the scope closes. */
const going = (sources: typeof AdminSources.Service): Effect.Effect<Effect.Effect<void>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const gone = yield* Deferred.make<void>()
    const end = () => Deferred.unsafeDone(gone, Exit.void)
    yield* Effect.acquireRelease(
      Effect.sync(() => sources.whenGoing(end)),
      (forget) => Effect.sync(forget)
    )
    return Deferred.await(gone)
  })

/** The answer to one listener. It begins with a comment, which tells that from now on nothing is missed. */
export const feed = (sources: typeof AdminSources.Service): HttpServerResponse.HttpServerResponse => {
  const quiet = Stream.fromSchedule(Schedule.spaced(keepAlive)).pipe(Stream.as(comment("keep-alive")))
  const frames = (gone: Effect.Effect<void>) =>
    Stream.merge(Stream.map(eventsOf(sources), frame), quiet).pipe(
      Stream.interruptWhen(gone),
      Stream.concat(Stream.make(comment(ended)))
    )
  const text = Stream.concat(Stream.make(comment("claudex")), Stream.unwrapScoped(Effect.map(going(sources), frames)))
  return HttpServerResponse.stream(Stream.encodeText(text), {
    contentType: "text/event-stream",
    headers: { "cache-control": "no-cache", "x-accel-buffering": "no" }
  })
}
