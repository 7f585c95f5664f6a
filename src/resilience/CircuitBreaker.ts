/**
 * Which models of which profiles are left alone for a while, because they failed too often or said when to come back. One
 * breaker for each profile, address and model; `breaker.ts` says how one works.
 *
 * Admitting and reporting are synchronous, so that no two calls can take the same probe's place, and because they run for
 * every request.
 */
import { Context, Effect, Layer, MutableRef, PubSub, Stream } from "effect"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import { admit, closed, failed, released, type State, succeeded, type Thresholds } from "./breaker.ts"

/** Two workspaces may mean different providers by the same profile's name: the address tells them apart. */
export interface BreakerKey {
  readonly profile: string
  readonly baseUrl: string
  readonly model: string
}

/** A call that may be made. What comes after its end changes nothing. */
export interface Permit {
  readonly _tag: "Permit"
  readonly isProbe: boolean
  /** The answer has begun: a probe has done its work. */
  readonly began: () => void
  /** `cancelled`: it ended without a word about the provider. A failure's `retryAfter` is how long it is left alone. */
  readonly end: (outcome: "success" | "cancelled" | GatewayError) => void
}

/** A call that may not be made; `error` is for the client, and says until when and why. */
export interface Refusal {
  readonly _tag: "Refusal"
  /** Epoch milliseconds. */
  readonly until: number
  readonly error: GatewayError
}

/** A breaker as others see it. */
export interface BreakerView extends BreakerKey {
  readonly state: State
}

/** Clients name models at will: more breakers than this are not kept. */
const capacity = 512

interface Cell {
  readonly key: BreakerKey
  readonly ref: MutableRef.MutableRef<State>
}

/** How soon to come back while others are trying. Milliseconds. */
const whileTrying = 1_000

const refusal = ({ profile }: BreakerKey, state: Exclude<State, { readonly _tag: "Closed" }>, now: number): Refusal => {
  const { reason } = state
  const until = state._tag === "Open" ? state.until : now + whileTrying
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
    // not 529: Claude Code gives up on the third one
    error: limited
      ? gatewayError("rate_limit_error", words, extra)
      : gatewayError("overloaded_error", words, { ...extra, status: 503 })
  }
}

const make = Effect.gen(function* () {
  const clock = yield* Effect.clock
  const cells = new Map<string, Cell>()
  const published = yield* PubSub.sliding<BreakerView>(256)

  const cellOf = (key: BreakerKey): Cell => {
    const name = `${key.profile}\0${key.baseUrl}\0${key.model}`
    const known = cells.get(name)
    if (known !== undefined) return known
    if (cells.size >= capacity) forget()
    const cell: Cell = { key, ref: MutableRef.make(closed()) }
    cells.set(name, cell)
    return cell
  }

  /** The oldest that says least: a closed one. */
  const forget = () => {
    for (const [name, { ref }] of cells) if (MutableRef.get(ref)._tag === "Closed") return void cells.delete(name)
    const [oldest] = cells.keys()
    if (oldest !== undefined) cells.delete(oldest)
  }

  const move = ({ key, ref }: Cell, next: State): void => {
    const before = MutableRef.get(ref)
    if (next === before) return
    MutableRef.set(ref, next)
    if (next._tag !== before._tag) published.unsafeOffer({ ...key, state: next })
  }

  const permit = (cell: Cell, isProbe: boolean, to: Thresholds): Permit => {
    const { epoch } = MutableRef.get(cell.ref)
    const now = () => clock.unsafeCurrentTimeMillis()
    let hasBegun = false
    let over = false
    return {
      _tag: "Permit",
      isProbe,
      began: () => {
        if (hasBegun || over) return
        hasBegun = true
        if (isProbe) move(cell, succeeded(MutableRef.get(cell.ref), epoch, now(), to))
      },
      end: (outcome) => {
        if (over) return
        over = true
        const state = MutableRef.get(cell.ref)
        const isDecided = isProbe && hasBegun
        if (outcome === "cancelled") return isProbe && !isDecided ? move(cell, released(state, epoch)) : undefined
        if (outcome === "success") return isDecided ? undefined : move(cell, succeeded(state, epoch, now(), to))
        move(cell, failed(state, epoch, now(), outcome, to, hasBegun))
      }
    }
  }

  return {
    admit: (key: BreakerKey, thresholds: Thresholds): Permit | Refusal => {
      const cell = cellOf(key)
      const before = MutableRef.get(cell.ref)
      const now = clock.unsafeCurrentTimeMillis()
      const { as, state } = admit(before, now, thresholds)
      move(cell, state)
      if (as !== "refused") return permit(cell, as === "probe", thresholds)
      // cast: a closed breaker refuses nobody
      return refusal(key, state as Exclude<State, { readonly _tag: "Closed" }>, now)
    },
    states: Effect.sync(() => [...cells.values()].map(({ key, ref }) => ({ ...key, state: MutableRef.get(ref) }))),
    changes: Stream.fromPubSub(published),
    reset: (profile: string, model?: string) =>
      Effect.sync(() => {
        let count = 0
        for (const cell of cells.values()) {
          if (cell.key.profile !== profile || (model !== undefined && cell.key.model !== model)) continue
          const state = MutableRef.get(cell.ref)
          if (state._tag !== "Closed") count += 1
          move(cell, closed(state.epoch + 1))
        }
        return count
      })
  }
})

export class CircuitBreaker extends Context.Tag("claudex/CircuitBreaker")<
  CircuitBreaker,
  {
    /** Whether a call may be made now. Every permit must be ended once. */
    readonly admit: (key: BreakerKey, thresholds: Thresholds) => Permit | Refusal
    /** All that are known, in no order. */
    readonly states: Effect.Effect<ReadonlyArray<BreakerView>>
    /** Each change from one state to another, from now on. */
    readonly changes: Stream.Stream<BreakerView>
    /** Closes a profile's breakers, or that of one model; answers how many were not closed. */
    readonly reset: (profile: string, model?: string) => Effect.Effect<number>
  }
>() {
  static readonly layer: Layer.Layer<CircuitBreaker> = Layer.effect(CircuitBreaker, make)
}
