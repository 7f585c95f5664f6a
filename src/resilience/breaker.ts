/**
 * A circuit breaker as data (design decision 12): three states and the steps between them. Pure; the clock is an argument,
 * in epoch milliseconds.
 *
 * Every state has an epoch, which grows with each change of state. A call belongs to the epoch in which it was admitted: what
 * it reports later counts only there, so that a slow call of yesterday is no probe of today. An answer that has begun counts
 * wherever it ends while calls are made, because the provider was well until then.
 */
import type { GatewayError } from "../protocol/errors.ts"

/** Calls that ended within a part of the window. */
export interface Bucket {
  /** When this part began. */
  readonly since: number
  readonly calls: number
  readonly failures: number
  /** What ended before; the oldest may be out of the window already. */
  readonly earlier: Bucket | undefined
}

/** All calls are admitted. */
export interface Closed {
  readonly _tag: "Closed"
  readonly epoch: number
  /** Failures in a row. */
  readonly failures: number
  readonly ended: Bucket | undefined
}

/** No call is admitted until then. */
export interface Open {
  readonly _tag: "Open"
  readonly epoch: number
  readonly since: number
  readonly until: number
  /** How often it opened without having closed. */
  readonly times: number
  readonly reason: GatewayError
}

/** A few calls may try. */
export interface HalfOpen {
  readonly _tag: "HalfOpen"
  readonly epoch: number
  readonly since: number
  /** Under way, not yet decided; and when the last of them was admitted. */
  readonly probes: number
  readonly probed: number
  readonly successes: number
  readonly times: number
  readonly reason: GatewayError
}

/** Where a breaker stands. */
export type State = Closed | Open | HalfOpen

/** Thresholds; `window`, `open` and `maxOpen` in seconds. */
export interface Thresholds {
  readonly failures: number
  readonly failureRate: number
  readonly window: number
  readonly minimumCalls: number
  readonly open: number
  readonly maxOpen: number
  readonly probes: number
  readonly successes: number
}

/** A call that was admitted: in which epoch, and whether its answer has begun. */
export interface Call {
  readonly epoch: number
  readonly hasBegun: boolean
}

/** `cancelled`: it ended without a word about the provider. */
export type Outcome = "success" | "cancelled" | GatewayError

export const closed = (epoch = 0): State => ({ _tag: "Closed", epoch, failures: 0, ended: undefined })

/** A provider that wants to be left alone for longer than this is believed no more than this. Milliseconds. */
const longestWait = 24 * 60 * 60 * 1000

/** The window is counted in so many parts. */
const parts = 10

const opened = (epoch: number, now: number, times: number, reason: GatewayError, to: Thresholds): Open => {
  const grown = Math.min(to.maxOpen, to.open * 2 ** (times - 1)) * 1000
  const wait = isTold(reason) ? Math.min(longestWait, reason.retryAfter * 1000) : grown
  return { _tag: "Open", epoch, since: now, until: now + wait, times, reason }
}

/** The provider said when to come back. */
const isTold = (reason: GatewayError): reason is GatewayError & { readonly retryAfter: number } =>
  reason.retryAfter !== undefined && reason.retryAfter > 0

/** A clock that was set back has not reached what ended before. */
const isWithin = (since: number, now: number, seconds: number): boolean => since <= now && now - since < seconds * 1000

const within = (bucket: Bucket | undefined, now: number, window: number): Bucket | undefined => {
  if (bucket === undefined) return undefined
  const earlier = within(bucket.earlier, now, window)
  if (!isWithin(bucket.since, now, window)) return earlier
  return { since: bucket.since, calls: bucket.calls, failures: bucket.failures, earlier }
}

const counted = (last: Bucket | undefined, now: number, failures: 0 | 1, { window }: Thresholds): Bucket =>
  last !== undefined && isWithin(last.since, now, window / parts)
    ? { since: last.since, calls: last.calls + 1, failures: last.failures + failures, earlier: last.earlier }
    : { since: now, calls: 1, failures, earlier: within(last, now, window) }

const isTooMuch = (failures: number, ended: Bucket, now: number, to: Thresholds): boolean => {
  if (failures >= to.failures) return true
  let calls = 0
  let failed = 0
  for (let bucket: Bucket | undefined = ended; bucket !== undefined; bucket = bucket.earlier) {
    if (!isWithin(bucket.since, now, to.window)) continue
    calls += bucket.calls
    failed += bucket.failures
  }
  return calls >= to.minimumCalls && failed / calls >= to.failureRate
}

const trying = ({ epoch, reason, times }: Open | HalfOpen, now: number): HalfOpen => ({
  _tag: "HalfOpen",
  epoch: epoch + 1,
  since: now,
  probes: 1,
  probed: now,
  successes: 0,
  times,
  reason
})

/** What became of asking for admission. */
export type Admission =
  | { readonly as: "call" | "probe"; readonly state: State }
  | { readonly as: "refused"; readonly state: Open | HalfOpen }

/** Whether a call may be made now. A probe's end decides about more than itself. */
export const admit = (state: State, now: number, to: Thresholds): Admission => {
  if (state._tag === "Closed") return { as: "call", state }
  if (state._tag === "Open") {
    const isOver = now >= state.until || now < state.since
    return isOver ? { as: "probe", state: trying(state, now) } : { as: "refused", state }
  }
  if (state.probes < to.probes) return { as: "probe", state: { ...state, probes: state.probes + 1, probed: now } }
  // a probe that says nothing for that long is not waited for, whatever became of it
  return isWithin(state.probed, now, to.maxOpen) ? { as: "refused", state } : { as: "probe", state: trying(state, now) }
}

const proven = (state: HalfOpen, to: Thresholds): State => {
  const successes = state.successes + 1
  return successes >= to.successes ? closed(state.epoch + 1) : { ...state, probes: state.probes - 1, successes }
}

/** The answer of a call has begun, for the first time: a probe has done its work. */
export const began = (state: State, epoch: number, to: Thresholds): State =>
  state._tag === "HalfOpen" && state.epoch === epoch ? proven(state, to) : state

/** A call has ended. */
export const ended = (state: State, call: Call, outcome: Outcome, now: number, to: Thresholds): State => {
  switch (state._tag) {
    case "Open":
      return state
    case "HalfOpen":
      if (state.epoch !== call.epoch) return state
      if (typeof outcome !== "string") return opened(state.epoch + 1, now, state.times + 1, outcome, to)
      if (call.hasBegun) return state
      return outcome === "success" ? proven(state, to) : { ...state, probes: state.probes - 1 }
    case "Closed": {
      if (outcome === "cancelled" || (state.epoch !== call.epoch && !call.hasBegun)) return state
      const { epoch } = state
      if (outcome === "success") {
        return { _tag: "Closed", epoch, failures: 0, ended: counted(state.ended, now, 0, to) }
      }
      const failures = state.failures + 1
      const all = counted(state.ended, now, 1, to)
      return isTold(outcome) || isTooMuch(failures, all, now, to)
        ? opened(epoch + 1, now, 1, outcome, to)
        : { _tag: "Closed", epoch, failures, ended: all }
    }
  }
}
