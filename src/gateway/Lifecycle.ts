/**
 * How the gateway goes: somebody asks it to, it takes no new work, answers under way may finish for a while, and what
 * is left then is told so honestly.
 */
import { Context, Deferred, type Duration, Effect, Layer } from "effect"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"

/** After the cut, for the last bytes to leave. */
const lastWords = "1 second"

/** What clients hear from a gateway that goes; the next one will answer their retry. */
export const shuttingDown: GatewayError = gatewayError("overloaded_error", "claudex is shutting down", {
  retryAfter: 1
})

const make = Effect.gen(function* () {
  const requested = yield* Deferred.make<void>()
  const idle = yield* Effect.makeLatch(true)
  const underWay = new Set<(error: GatewayError) => void>()
  const requests = new Set<(error: GatewayError) => void>()
  const listening = new Set<() => void>()
  const unheard = yield* Effect.makeLatch(true)
  let draining = false

  const track = (cut: (error: GatewayError) => void, part: "request" | "answer" = "answer") => {
    underWay.add(cut)
    if (part === "request") requests.add(cut)
    idle.unsafeClose()
    return () => {
      underWay.delete(cut)
      requests.delete(cut)
      if (underWay.size === 0) idle.unsafeOpen()
    }
  }

  const whenGoing = (end: () => void) => {
    listening.add(end)
    unheard.unsafeClose()
    if (draining) end()
    return () => {
      listening.delete(end)
      if (listening.size === 0) unheard.unsafeOpen()
    }
  }

  // Draining runs while a scope closes, where nothing can be interrupted unless it says so.
  const quiet = (latch: Effect.Latch, patience: Duration.DurationInput) =>
    Effect.timeoutOption(Effect.interruptible(latch.await), patience)

  const drain = (grace: Duration.DurationInput): Effect.Effect<void> =>
    Effect.gen(function* () {
      draining = true
      for (const end of listening) end()
      yield* quiet(idle, grace)
      for (const cut of underWay) cut(shuttingDown)
      yield* quiet(idle, lastWords)
      yield* quiet(unheard, lastWords)
    })

  return {
    requestShutdown: Effect.asVoid(Deferred.succeed(requested, undefined)),
    shutdownRequested: Deferred.await(requested),
    isDraining: () => draining,
    inFlight: () => requests.size,
    whenGoing,
    track,
    drain
  }
})

export class Lifecycle extends Context.Tag("claudex/Lifecycle")<
  Lifecycle,
  {
    /** Asks whoever runs the gateway to end it. */
    readonly requestShutdown: Effect.Effect<void>
    /** Waits until somebody asks. */
    readonly shutdownRequested: Effect.Effect<void>
    /** No new work is taken. */
    readonly isDraining: () => boolean
    /** How many requests are under way. */
    readonly inFlight: () => number
    /**
     * `end` is called once, when the gateway begins to go, unless the result is called before. For what only watches: it is no
     * answer under way and keeps nobody waiting, but may say that it ends.
     */
    readonly whenGoing: (end: () => void) => () => void
    /**
     * Something is under way until the result is called; `cut` ends it with an error. A request counts once, however many
     * parts of its answer are tracked besides.
     */
    readonly track: (cut: (error: GatewayError) => void, part?: "request" | "answer") => () => void
    /** Lets answers under way finish for the grace period, then cuts them. */
    readonly drain: (grace: Duration.DurationInput) => Effect.Effect<void>
  }
>() {
  static readonly layer: Layer.Layer<Lifecycle> = Layer.effect(Lifecycle, make)
}
