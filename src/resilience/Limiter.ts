/**
 * How much of a profile's provider is used at a time: requests under way, requests and tokens a minute. What is more waits in
 * one queue for each profile, the main conversation before its subagents, those in turn, and each in the order in which it
 * came.
 */
import { Context, Deferred, Effect, Exit, FiberId, Layer, type Scope } from "effect"
import type { ProfileLimits } from "../domain/Profile.ts"

/** Who wants to use a profile, and how much of it there is. */
export interface Entrance {
  readonly profile: string
  /** Profiles of the same name in other workspaces may lead elsewhere. */
  readonly baseUrl: string
  readonly limits: ProfileLimits
  /** Of a subagent; undefined for the main conversation. */
  readonly agent: string | undefined
  /** Of the prompt, as estimated; 0 where tokens are not limited. */
  readonly tokens: number
}

/** A profile as others see it. */
export interface LimiterView {
  readonly profile: string
  readonly running: number
  readonly waiting: number
}

interface Waiter {
  /** Whose; "" is the main conversation. */
  readonly agent: string
  readonly tokens: number
  readonly admitted: Deferred.Deferred<void>
  isIn: boolean
}

const minute = 60_000

/**
 * What may still be used of a minute's allowance. It fills evenly and holds one minute's at most; a request that is larger
 * than all of it may go when it is full, and leaves it as empty as it would be.
 */
const bucket = () => {
  let level: number | undefined
  let at = 0
  const fill = (perMinute: number, now: number): number => {
    const before = level ?? perMinute
    // a clock that is set back takes nothing away
    const filled = Math.min(perMinute, before + (Math.max(0, now - at) * perMinute) / minute)
    level = filled
    at = now
    return filled
  }
  return {
    /** Milliseconds until so much may be taken; 0 for now. */
    wait: (perMinute: number | undefined, amount: number, now: number): number => {
      if (perMinute === undefined) return 0
      const missing = Math.min(amount, perMinute) - fill(perMinute, now)
      // what is left of rounding is no reason to wait
      return missing <= 1e-9 ? 0 : Math.ceil((missing * minute) / perMinute)
    },
    take: (perMinute: number | undefined, amount: number, now: number): void => {
      if (perMinute !== undefined) level = fill(perMinute, now) - amount
    }
  }
}

/** One profile's place. */
interface Gate {
  readonly profile: string
  /** As they were said last: a changed configuration also holds for those who wait. */
  limits: ProfileLimits
  running: number
  /** The main conversation's, under "", and each subagent's; the subagent whose turn it is stands first. */
  readonly queues: Map<string, Array<Waiter>>
  readonly requests: ReturnType<typeof bucket>
  readonly tokens: ReturnType<typeof bucket>
}

const openGate = (profile: string): Gate => ({
  profile,
  limits: {},
  running: 0,
  queues: new Map(),
  requests: bucket(),
  tokens: bucket()
})

const waitingIn = ({ queues }: Gate): number => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0)

/** Whose turn it is: the main conversation, else the subagent that was not let in for the longest time. */
const headOf = ({ queues }: Gate): Waiter | undefined => {
  const [first] = queues.values()
  return (queues.get("") ?? first)?.[0]
}

const leave = ({ queues }: Gate, waiter: Waiter): void => {
  const left = (queues.get(waiter.agent) ?? []).filter((other) => other !== waiter)
  if (left.length === 0) queues.delete(waiter.agent)
  else queues.set(waiter.agent, left)
}

/** The others of the same subagent stand behind those of all others now. */
const pass = ({ queues }: Gate, waiter: Waiter): void => {
  const left = queues.get(waiter.agent)
  if (left === undefined) return
  queues.delete(waiter.agent)
  queues.set(waiter.agent, left)
}

const isUnlimited = ({ concurrent, requestsPerMinute, tokensPerMinute }: ProfileLimits): boolean =>
  concurrent === undefined && requestsPerMinute === undefined && tokensPerMinute === undefined

/** Milliseconds until the request may go; infinite when that depends on others. */
const waitFor = ({ limits, requests, running, tokens }: Gate, waiter: Waiter, now: number): number =>
  limits.concurrent !== undefined && running >= limits.concurrent
    ? Number.POSITIVE_INFINITY
    : Math.max(requests.wait(limits.requestsPerMinute, 1, now), tokens.wait(limits.tokensPerMinute, waiter.tokens, now))

const admit = (gate: Gate, { tokens }: Waiter, now: number): void => {
  const { limits } = gate
  gate.running += 1
  gate.requests.take(limits.requestsPerMinute, 1, now)
  gate.tokens.take(limits.tokensPerMinute, tokens, now)
}

/** Lets in whoever may go now; answers how long the next one has to wait. */
const advance = (gate: Gate, now: number): number => {
  for (;;) {
    const head = headOf(gate)
    if (head === undefined) return Number.POSITIVE_INFINITY
    const wait = waitFor(gate, head, now)
    if (wait > 0) return wait
    leave(gate, head)
    pass(gate, head)
    admit(gate, head, now)
    head.isIn = true
    Deferred.unsafeDone(head.admitted, Exit.void)
  }
}

/** Who waits looks again at least this often, in milliseconds. */
const longestNap = 1_000

const make = Effect.gen(function* () {
  const gates = new Map<string, Gate>()
  const clock = yield* Effect.clock
  const now = () => clock.unsafeCurrentTimeMillis()

  const keyOf = ({ baseUrl, profile }: Entrance) => `${profile}\n${baseUrl}`

  const gateOf = (entrance: Entrance): Gate => {
    const key = keyOf(entrance)
    const gate = gates.get(key) ?? openGate(entrance.profile)
    gates.set(key, gate)
    return gate
  }

  const release = (gate: Gate) =>
    Effect.sync(() => {
      gate.running -= 1
      advance(gate, now())
    })

  const enter = (entrance: Entrance): Effect.Effect<void, never, Scope.Scope> | undefined => {
    // who once had limits goes on being counted: they may come back while requests are under way
    if (isUnlimited(entrance.limits) && (gates.size === 0 || !gates.has(keyOf(entrance)))) return undefined
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const { agent = "", limits, tokens } = entrance
        const gate = gateOf(entrance)
        const waiter: Waiter = { agent, tokens, admitted: Deferred.unsafeMake(FiberId.none), isIn: false }
        gate.limits = limits
        gate.queues.set(agent, [...(gate.queues.get(agent) ?? []), waiter])
        advance(gate, now())
        const hold = Effect.addFinalizer(() => release(gate))
        if (waiter.isIn) return hold
        const nap = Effect.suspend(() => Effect.sleep(Math.max(1, Math.min(longestNap, advance(gate, now())))))
        const wait = Effect.raceFirst(Deferred.await(waiter.admitted), Effect.forever(nap))
        // whoever leaves the queue may have been let in at the same moment
        const gone = Effect.suspend(() => {
          leave(gate, waiter)
          return waiter.isIn ? release(gate) : Effect.sync(() => void advance(gate, now()))
        })
        return Effect.zipRight(
          Effect.onInterrupt(restore(wait), () => gone),
          hold
        )
      })
    )
  }

  return {
    enter,
    states: Effect.sync(() =>
      [...gates.values()].map((gate): LimiterView => ({
        profile: gate.profile,
        running: gate.running,
        waiting: waitingIn(gate)
      }))
    )
  }
})

/** How much of each profile's provider is used at a time. */
export class Limiter extends Context.Tag("claudex/Limiter")<
  Limiter,
  {
    /** Waits for its turn, and holds the place for the scope; undefined where the profile never had limits. */
    readonly enter: (entrance: Entrance) => Effect.Effect<void, never, Scope.Scope> | undefined
    /** Of each profile that had limits, once for each of its addresses. */
    readonly states: Effect.Effect<ReadonlyArray<LimiterView>>
  }
>() {
  static readonly layer: Layer.Layer<Limiter> = Layer.effect(Limiter, make)
}
