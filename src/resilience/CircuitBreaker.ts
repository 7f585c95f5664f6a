/**
 * Which models of which profiles are left alone for a while, because they failed too often or said when to come back. One
 * breaker for each profile, address, account and model; `breaker.ts` says how one works.
 *
 * Admitting and reporting are synchronous, so that no two calls can take the same probe's place, and because they run for
 * every request.
 */
import { Context, Effect, Layer, MutableRef, PubSub, Stream } from "effect"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { admit, type Admission, began, closed, ended, type Outcome, type State, type Thresholds } from "./breaker.ts"

/**
 * Two workspaces may mean different providers by the same profile's name: the address tells them apart. What one account has
 * used up says nothing of another.
 */
export interface BreakerKey {
  readonly profile: string
  readonly baseUrl: string
  readonly model: string
  /** A fingerprint of what the provider knows the account by; it is shown nowhere. */
  readonly credentials: string
}

/** What others see of a key. */
type Shown = Omit<BreakerKey, "credentials">

/** A call that may be made. What comes after its end changes nothing. */
export interface Permit {
  readonly _tag: "Permit"
  readonly isProbe: boolean
  /** The answer has begun: a probe has done its work. */
  readonly began: () => void
  /** A failure's `retryAfter` is how long the model is left alone. */
  readonly end: (outcome: Outcome) => void
}

/** A call that may not be made; `error` is for the client, and says until when and why. */
export interface Refusal {
  readonly _tag: "Refusal"
  /** Epoch milliseconds. */
  readonly until: number
  readonly error: GatewayError
  /** Waits, while others try, until something is known of them: then it is worth asking for admission again. */
  readonly decided?: Effect.Effect<void>
}

/** A breaker as others see it. */
export interface BreakerView extends Shown {
  readonly state: State
}

/** Clients name models at will: more breakers than this are not kept, and none for names that no model has. */
const capacity = 512
const longestName = 512

interface Cell {
  readonly key: Shown
  readonly ref: MutableRef.MutableRef<State>
  /** The number of the call that asked last. */
  asked: number
  /** Who waits for a probe. */
  readonly waiting: Set<() => void>
}

const nameOf = ({ baseUrl, model, profile }: Shown): string => `${profile}\0${baseUrl}\0${model}`

/** Of those that only their credentials tell apart the one that was asked last. */
const shown = (cells: Iterable<Cell>): Iterable<Cell> =>
  new Map([...cells].toSorted((one, other) => one.asked - other.asked).map((cell) => [nameOf(cell.key), cell])).values()

const nothing = () => {}

/** For a call that is not kept count of. */
const unguarded: Permit = { _tag: "Permit", isProbe: false, began: nothing, end: nothing }

/** How soon to come back while others are trying, in milliseconds: what has taken long may take as long again. */
const [soonest, latest] = [1_000, 30_000]
const whileTrying = (probed: number, now: number): number => Math.min(latest, Math.max(soonest, now - probed))

type Refused = Extract<Admission, { readonly as: "refused" }>

const refusal = ({ profile }: Shown, { state }: Refused, now: number, decided: Effect.Effect<void>): Refusal => {
  const { reason } = state
  const until = state._tag === "Open" ? state.until : now + whileTrying(state.probed, now)
  const retryAfter = Math.max(1, Math.ceil((until - now) / 1000))
  const limited = reason.type === "rate_limit_error"
  const words = `${profile} is left alone for ${retryAfter} s, because it failed. ${reason.message}`
  const extra = {
    retryAfter,
    ...(reason.shouldRetry === undefined ? {} : { shouldRetry: reason.shouldRetry })
  }
  return {
    _tag: "Refusal",
    until,
    ...(state._tag === "Open" ? {} : { decided }),
    // not 529: Claude Code gives up on the third one
    error: limited
      ? gatewayError("rate_limit_error", words, extra)
      : gatewayError("overloaded_error", words, { ...extra, status: 503 })
  }
}

/** Synchronous: when nobody listens fast enough the oldest changes are dropped, never the latest. */
const publish = (to: PubSub.PubSub<BreakerView>, view: BreakerView): void => {
  Effect.runSync(PubSub.publish(to, view))
}

const make = Effect.gen(function* () {
  const clock = yield* Effect.clock
  const cells = new Map<string, Cell>()
  const published = yield* PubSub.sliding<BreakerView>(256)
  let calls = 0

  const cellOf = (key: BreakerKey): Cell => {
    const name = `${nameOf(key)}\0${key.credentials}`
    const known = cells.get(name)
    if (known !== undefined) return known
    if (cells.size >= capacity) forget()
    const { baseUrl, model, profile } = key
    const cell: Cell = {
      key: { profile, baseUrl, model },
      ref: MutableRef.make(closed()),
      asked: 0,
      waiting: new Set()
    }
    cells.set(name, cell)
    return cell
  }

  /** The one that says least: a closed one, and of those the one that was asked longest ago. */
  const forget = () => {
    let least: string | undefined
    let leastKept = Infinity
    for (const [name, { asked, ref }] of cells) {
      const kept = asked + (MutableRef.get(ref)._tag === "Closed" ? 0 : calls)
      if (kept < leastKept) [least, leastKept] = [name, kept]
    }
    if (least !== undefined) cells.delete(least)
  }

  const now = () => clock.unsafeCurrentTimeMillis()

  const move = ({ key, ref }: Cell, next: State): void => {
    const before = MutableRef.get(ref)
    if (next === before) return
    MutableRef.set(ref, next)
    if (next._tag !== before._tag) publish(published, { ...key, state: next })
  }

  /** The same, of a call that was heard of. */
  const settle = (cell: Cell, next: State): void => {
    if (next === MutableRef.get(cell.ref)) return
    move(cell, next)
    for (const wake of cell.waiting) wake()
  }

  /** A probe of which nothing is heard for too long is not waited for. */
  const decided = ({ ref, waiting }: Cell, { maxOpen, probes }: Thresholds): Effect.Effect<void> => {
    const left = () => {
      const state = MutableRef.get(ref)
      const isTried = state._tag === "HalfOpen" && state.probes >= probes
      return isTried ? Math.max(0, state.probed + maxOpen * 1000 - now()) : 0
    }
    const heard = Effect.async<void>((resume) => {
      const wake = () => resume(Effect.void)
      waiting.add(wake)
      // what was decided before anybody listened
      if (left() === 0) wake()
      return Effect.sync(() => void waiting.delete(wake))
    })
    return Effect.raceFirst(
      heard,
      Effect.suspend(() => Effect.sleep(left()))
    )
  }

  const permit = (cell: Cell, isProbe: boolean, to: Thresholds): Permit => {
    const { ref } = cell
    const { epoch } = MutableRef.get(ref)
    let hasBegun = false
    let over = false
    return {
      _tag: "Permit",
      isProbe,
      began: () => {
        if (hasBegun || over) return
        hasBegun = true
        settle(cell, began(MutableRef.get(ref), epoch, to))
      },
      end: (outcome) => {
        if (over) return
        over = true
        settle(cell, ended(MutableRef.get(ref), { epoch, hasBegun }, outcome, now(), to))
      }
    }
  }

  return {
    admit: (key: BreakerKey, thresholds: Thresholds): Permit | Refusal => {
      if (key.model.length > longestName) return unguarded
      const cell = cellOf(key)
      cell.asked = calls += 1
      const at = now()
      const admission = admit(MutableRef.get(cell.ref), at, thresholds)
      move(cell, admission.state)
      return admission.as === "refused"
        ? refusal(key, admission, at, decided(cell, thresholds))
        : permit(cell, admission.as === "probe", thresholds)
    },
    states: Effect.sync(() =>
      [...shown(cells.values())].map(({ key, ref }) => ({ ...key, state: MutableRef.get(ref) }))
    ),
    changes: Stream.fromPubSub(published),
    reset: (profile: string, model?: string) =>
      Effect.sync(() => {
        let count = 0
        for (const cell of cells.values()) {
          if (cell.key.profile !== profile || (model !== undefined && cell.key.model !== model)) continue
          const state = MutableRef.get(cell.ref)
          if (state._tag !== "Closed") count += 1
          settle(cell, closed(state.epoch + 1))
        }
        return count
      })
  }
})

/** Which models are left alone for a while. One breaker for each profile, address, account and model. */
export class CircuitBreaker extends Context.Tag("claudex/CircuitBreaker")<
  CircuitBreaker,
  {
    /** Whether a call may be made now. Every permit must be ended once. */
    readonly admit: (key: BreakerKey, thresholds: Thresholds) => Permit | Refusal
    /** All that are known, in no order; of several accounts of a profile that which was used last. */
    readonly states: Effect.Effect<ReadonlyArray<BreakerView>>
    /** Each change from one state to another, from now on. */
    readonly changes: Stream.Stream<BreakerView>
    /** Closes a profile's breakers, or that of one model; answers how many were not closed. */
    readonly reset: (profile: string, model?: string) => Effect.Effect<number>
  }
>() {
  static readonly layer: Layer.Layer<CircuitBreaker> = Layer.effect(CircuitBreaker, make)
}
