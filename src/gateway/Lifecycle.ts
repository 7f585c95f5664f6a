/**
 * How the gateway goes: somebody asks it to, it takes no new work, answers under way may finish for a while, and what
 * is left then is told so honestly.
 */
import { Context, Deferred, type Duration, Effect, Layer } from "effect"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { makeRoster } from "./roster.ts"

/** After the cut, for the last bytes to leave. */
const lastWords = "1 second"

/** What clients hear from a gateway that goes; the next one will answer their retry. */
export const shuttingDown: GatewayError = gatewayError("overloaded_error", "claudex is shutting down", {
  retryAfter: 1
})

const make = Effect.gen(function* () {
  const requested = yield* Deferred.make<void>()
  const idle = yield* Effect.makeLatch(true)
  const underWay = makeRoster<(error: GatewayError) => void>()
  let requests = 0
  const listening = new Set<() => void>()
  const unheard = yield* Effect.makeLatch(true)
  let draining = false

  const settle = () => {
    if (underWay.size() === 0 && requests === 0) idle.unsafeOpen()
  }

  const track = (cut: (error: GatewayError) => void) => {
    const leave = underWay.add(cut)
    idle.unsafeClose()
    return () => {
      leave()
      settle()
    }
  }

  const enter = () => {
    if (draining) return false
    requests += 1
    idle.unsafeClose()
    return true
  }

  const leave = () => {
    requests -= 1
    settle()
  }

  /** From here on no new work is taken. */
  const begin = () => {
    if (draining) return
    draining = true
    for (const end of listening) end()
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
      begin()
      yield* quiet(idle, grace)
      underWay.visit((cut) => {
        cut(shuttingDown)
        return true
      })
      yield* quiet(idle, lastWords)
      yield* quiet(unheard, lastWords)
    })

  const requestShutdown = Effect.suspend(() => {
    begin()
    return Effect.asVoid(Deferred.succeed(requested, undefined))
  })

  return {
    requestShutdown,
    yieldIfIdle: Effect.suspend(() => (requests > 0 ? Effect.succeed(false) : Effect.as(requestShutdown, true))),
    shutdownRequested: Deferred.await(requested),
    isDraining: () => draining,
    inFlight: () => requests,
    enter,
    leave,
    whenGoing,
    track,
    drain
  }
})

/** How a gateway ends: it is asked to, takes no new work, and lets the answers under way finish. */
export class Lifecycle extends Context.Tag("claudex/Lifecycle")<
  Lifecycle,
  {
    /** Asks whoever runs the gateway to end it; no new work is taken from then on. */
    readonly requestShutdown: Effect.Effect<void>
    /** The same, unless a request is under way: false then. Nothing can come between the look and the end. */
    readonly yieldIfIdle: Effect.Effect<boolean>
    /** Waits until somebody asks. */
    readonly shutdownRequested: Effect.Effect<void>
    /** No new work is taken. */
    readonly isDraining: () => boolean
    /** How many requests are under way. */
    readonly inFlight: () => number
    /** A request begins, and is under way until `leave`; false, and nothing begins, when no new work is taken. */
    readonly enter: () => boolean
    readonly leave: () => void
    /**
     * `end` is called once, when the gateway begins to go, unless the result is called before. For what only watches: it is no
     * answer under way and keeps nobody waiting, but may say that it ends.
     */
    readonly whenGoing: (end: () => void) => () => void
    /** Something is under way until the result is called; `cut` ends it with an error. */
    readonly track: (cut: (error: GatewayError) => void) => () => void
    /** Lets answers under way finish for the grace period, then cuts them. */
    readonly drain: (grace: Duration.DurationInput) => Effect.Effect<void>
  }
>() {
  static readonly layer: Layer.Layer<Lifecycle> = Layer.effect(Lifecycle, make)
}
