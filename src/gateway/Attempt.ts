/**
 * One candidate being asked: what the circuit breaker, the health board and the request's record hear of it. Every way it
 * may end is told once; what comes later changes nothing.
 */
import type { AttemptRecord } from "../domain/RequestRecord.ts"
import type { GatewayError } from "../protocol/errors.ts"

export interface Attempt {
  /** The candidate answers: content came, or the whole answer. */
  readonly began: () => void
  /** Whether it is this attempt whose end is the request's. */
  readonly answers: () => boolean
  /** `next` says what follows from a failure. */
  readonly end: (outcome: "answered" | "cancelled" | GatewayError, next?: string) => void
}

/** Who wants to know. */
export interface Listeners {
  readonly began: () => void
  readonly ended: (outcome: "answered" | "cancelled" | GatewayError) => void
}

/** `about` tells whom is asked and why; `keep` gets the record when it is over. Times are epoch milliseconds. */
export const openAttempt = (
  about: Pick<AttemptRecord, "profile" | "model" | "reason">,
  now: () => number,
  keep: (record: AttemptRecord) => void,
  listeners: Listeners
): Attempt => {
  const started = now()
  let answers = false
  let over = false
  return {
    answers: () => answers,
    began: () => {
      answers = true
      if (!over) listeners.began()
    },
    end: (outcome, next) => {
      if (over) return
      over = true
      listeners.ended(outcome)
      const failed = typeof outcome === "string" ? undefined : outcome
      keep({
        ...about,
        started,
        // the clock may have been set back
        duration_ms: Math.max(0, now() - started),
        outcome: typeof outcome === "string" ? outcome : "failed",
        ...(failed === undefined
          ? {}
          : { error: { status: failed.status, type: failed.type, message: failed.message } }),
        ...(next === undefined ? {} : { next })
      })
    }
  }
}

const nothing = () => {}

/** For what is no request for an answer: nobody keeps count of it. */
export const unrecorded: Attempt = { began: nothing, answers: () => true, end: nothing }
