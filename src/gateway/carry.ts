/** Sends one request to a provider and carries its answer: the only place where the network, an answer and time meet. */
import { Clock, Context, DefaultServices, Effect, FiberRef, Scope } from "effect"
import type { GatewayError } from "../protocol/errors.ts"
import type { UpstreamBody, UpstreamHttp } from "../upstream/UpstreamHttp.ts"
import type { Attempt } from "./Attempt.ts"
import { makeDecision } from "./decision.ts"
import type { Exchange } from "./Exchange.ts"
import type { Lifecycle } from "./Lifecycle.ts"
import { type Carried, Relay, type RelayHooks, type RelayLimits } from "./Relay.ts"
import { steadyTime } from "./steady.ts"
import type { PdfReader } from "./PdfReader.ts"
import type { ReasoningMemory } from "./ReasoningMemory.ts"
import type { Timekeeper } from "./Timekeeper.ts"
import type { WireShape } from "./Wire.ts"

export interface AnswerTools {
  readonly network: typeof UpstreamHttp.Service
  /** Answers profiles that need no network. */
  readonly offline: typeof UpstreamHttp.Service
  readonly lifecycle: typeof Lifecycle.Service
  readonly timekeeper: Timekeeper
  readonly wire: WireShape
  /** Of all conversations. */
  readonly memory: ReasoningMemory
  readonly pdfs: PdfReader
}

/** One exchange with a provider. */
export interface Carriage {
  readonly turn: Carried
  readonly limits: RelayLimits
  /** The request goes out; succeeds with the body that answers it. The scope owns the connection. */
  readonly send: Effect.Effect<UpstreamBody, GatewayError, Scope.Scope>
  readonly broken: RelayHooks["broken"]
}

/**
 * The effect as one whose resources the scope owns, for a fiber of its own: like `Scope.extend`, which also puts back what
 * was there before, at the price of comparing all of the fiber's references.
 */
const ownedBy = <A, E>(scope: Scope.Scope, effect: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E> =>
  Effect.zipRight(
    FiberRef.update(FiberRef.currentContext, (context) => Context.add(context, Scope.Scope, scope)),
    effect as Effect.Effect<A, E> // cast: its scope is in the fiber's context now
  )

/**
 * Waits until it is decided what the client gets: a relay that carries the answer, or the error. The scope owns
 * everything: when it closes, the upstream's connection does too. `plan` is given a clock, in epoch milliseconds.
 * `attempt` hears how it ended.
 */
export const carry = (
  tools: AnswerTools,
  exchange: Exchange,
  attempt: Attempt,
  scope: Scope.Scope,
  plan: (now: () => number) => Carriage
): Effect.Effect<Relay, GatewayError> =>
  Effect.withFiberRuntime((fiber) => {
    const clock = Context.get(fiber.getFiberRef(DefaultServices.currentServices), Clock.Clock)
    const now = () => clock.unsafeCurrentTimeMillis()
    const passed = steadyTime(clock)
    const { broken, limits, send, turn } = plan(now)

    const decision = makeDecision<GatewayError>()
    const relay = new Relay(turn, limits, {
      now: passed,
      decided: decision.made,
      crashed: (cause) => {
        exchange.defect = cause
      },
      broken
    })
    const untrack = tools.lifecycle.track((error) => relay.abort(error))
    const unwatch = tools.timekeeper.watch(relay)

    const sending = send.pipe(
      Effect.match({
        onSuccess: (body) => relay.attach(body),
        onFailure: (error) => relay.abort(error)
      }),
      Effect.catchAllDefect((cause) => Effect.sync(() => relay.crash(cause)))
    )
    const over = Effect.sync(() => {
      relay.cancel()
      untrack()
      unwatch()
      const [firstByte, usage, failure] = [relay.firstByte(), turn.usage(), turn.failure()]
      attempt.end(failure ?? (relay.wasAbandoned() ? "cancelled" : "answered"))
      if (!attempt.answers()) return // what became of it was not what became of the request
      if (relay.wasAbandoned()) exchange.clientGone = true
      if (firstByte !== undefined) exchange.firstByte = Math.max(exchange.started, now() - (passed() - firstByte))
      if (usage !== undefined) exchange.usage = usage
      if (failure !== undefined) exchange.failure = `${failure.type}: ${failure.message}`
    })
    return Scope.addFinalizer(scope, over).pipe(
      Effect.zipRight(Effect.forkIn(ownedBy(scope, sending), scope)),
      Effect.zipRight(decision.wait),
      Effect.as(relay)
    )
  })
