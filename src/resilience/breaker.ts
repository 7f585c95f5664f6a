/**
 * A circuit breaker as data (design decision 12): three states and the steps between them. Pure; the clock is an argument,
 * in epoch milliseconds.
 *
 * Every state has an epoch, which grows with each change of state. A call belongs to the epoch in which it was admitted: what
 * it reports later counts only there, so that a slow call of yesterday is no probe of today.
 */
import type { GatewayError } from "../protocol/errors.ts"

/** Calls that ended within a part of the window. */
interface Bucket {
  /** When this part began. */
  readonly since: number
  readonly calls: number
  readonly failures: number
}

/** Where a breaker stands. */
export type State =
  /** All calls are admitted. */
  | {
      readonly _tag: "Closed"
      readonly epoch: number
      /** Failures in a row. */
      readonly failures: number
      /** Oldest first; what is out of the window may still be there. */
      readonly buckets: ReadonlyArray<Bucket>
    }
  /** No call is admitted until then. */
  | {
      readonly _tag: "Open"
      readonly epoch: number
      readonly since: number
      readonly until: number
      /** How often it opened without having closed. */
      readonly times: number
      readonly reason: GatewayError
    }
  /** A few calls may try. */
  | {
      readonly _tag: "HalfOpen"
      readonly epoch: number
      readonly since: number
      /** Under way, not yet decided. */
      readonly probes: number
      readonly successes: number
      readonly times: number
      readonly reason: GatewayError
    }

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

export const closed = (epoch = 0): State => ({ _tag: "Closed", epoch, failures: 0, buckets: [] })

/** A provider that wants to be left alone for longer than this is believed no more than this. Milliseconds. */
const longestWait = 24 * 60 * 60 * 1000

/** The window is counted in so many parts. */
const parts = 10

const opened = (state: State, now: number, times: number, reason: GatewayError, to: Thresholds): State => {
  const grown = Math.min(to.maxOpen, to.open * 2 ** Math.min(times - 1, 30)) * 1000
  const wait = reason.retryAfter === undefined ? grown : Math.min(longestWait, reason.retryAfter * 1000)
  return { _tag: "Open", epoch: state.epoch + 1, since: now, until: now + wait, times, reason }
}

const counted = (
  buckets: ReadonlyArray<Bucket>,
  now: number,
  failures: 0 | 1,
  { window }: Thresholds
): ReadonlyArray<Bucket> => {
  const last = buckets.at(-1)
  const width = (window * 1000) / parts
  if (last !== undefined && now - last.since < width) {
    return [...buckets.slice(0, -1), { ...last, calls: last.calls + 1, failures: last.failures + failures }]
  }
  return [...buckets.filter(({ since }) => now - since < window * 1000), { since: now, calls: 1, failures }]
}

const isTooMuch = (failures: number, buckets: ReadonlyArray<Bucket>, now: number, to: Thresholds): boolean => {
  if (failures >= to.failures) return true
  let calls = 0
  let failed = 0
  for (const bucket of buckets) {
    if (now - bucket.since >= to.window * 1000) continue
    calls += bucket.calls
    failed += bucket.failures
  }
  return calls >= to.minimumCalls && failed / calls >= to.failureRate
}

/** Whether a call may be made now. A probe's end decides about more than itself. */
export const admit = (
  state: State,
  now: number,
  to: Thresholds
): { readonly state: State; readonly as: "call" | "probe" | "refused" } => {
  if (state._tag === "Closed") return { state, as: "call" }
  if (state._tag === "Open") {
    if (now < state.until) return { state, as: "refused" }
    const { epoch, reason, times } = state
    const trying: State = { _tag: "HalfOpen", epoch: epoch + 1, since: now, probes: 1, successes: 0, times, reason }
    return { state: trying, as: "probe" }
  }
  return state.probes < to.probes
    ? { state: { ...state, probes: state.probes + 1 }, as: "probe" }
    : { state, as: "refused" }
}

/** A call of this epoch succeeded. */
export const succeeded = (state: State, epoch: number, now: number, to: Thresholds): State => {
  if (state.epoch !== epoch) return state
  if (state._tag === "Closed") return { ...state, failures: 0, buckets: counted(state.buckets, now, 0, to) }
  if (state._tag === "Open") return state
  const successes = state.successes + 1
  return successes >= to.successes ? closed(epoch + 1) : { ...state, probes: state.probes - 1, successes }
}

/**
 * A call of this epoch failed. `late` is a call that had succeeded as far as anybody could tell and broke afterwards: it
 * counts in whatever epoch it strikes, as long as calls are made.
 */
export const failed = (
  state: State,
  epoch: number,
  now: number,
  reason: GatewayError,
  to: Thresholds,
  late = false
): State => {
  if (state._tag === "Closed") {
    if (state.epoch !== epoch && !late) return state
    const failures = state.failures + 1
    const buckets = counted(state.buckets, now, 1, to)
    return reason.retryAfter !== undefined || isTooMuch(failures, buckets, now, to)
      ? opened(state, now, 1, reason, to)
      : { ...state, failures, buckets }
  }
  return state._tag === "HalfOpen" && state.epoch === epoch ? opened(state, now, state.times + 1, reason, to) : state
}

/** A probe of this epoch ended without a word about the provider: its place is free again. */
export const released = (state: State, epoch: number): State =>
  state._tag === "HalfOpen" && state.epoch === epoch ? { ...state, probes: state.probes - 1 } : state
