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
  let draining = false

  const track = (cut: (error: GatewayError) => void) => {
    underWay.add(cut)
    idle.unsafeClose()
    return () => {
      underWay.delete(cut)
      if (underWay.size === 0) idle.unsafeOpen()
    }
  }

  // Draining runs while a scope closes, where nothing can be interrupted unless it says so.
  const quiet = (patience: Duration.DurationInput) => Effect.timeoutOption(Effect.interruptible(idle.await), patience)

  const drain = (grace: Duration.DurationInput): Effect.Effect<void> =>
    Effect.gen(function* () {
      draining = true
      yield* quiet(grace)
      for (const cut of underWay) cut(shuttingDown)
      yield* quiet(lastWords)
    })

  return {
    requestShutdown: Effect.asVoid(Deferred.succeed(requested, undefined)),
    shutdownRequested: Deferred.await(requested),
    isDraining: () => draining,
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
    /** An answer is under way until the result is called; `cut` ends it with an error. */
    readonly track: (cut: (error: GatewayError) => void) => () => void
    /** Lets answers under way finish for the grace period, then cuts them. */
    readonly drain: (grace: Duration.DurationInput) => Effect.Effect<void>
  }
>() {
  static readonly layer: Layer.Layer<Lifecycle> = Layer.effect(Lifecycle, make)
}
