/**
 * One circuit breaker, written down plainly for comparison: flags, and a list of all that ended. Shares no code with the
 * real one.
 */
import type { GatewayError } from "../../src/protocol/errors.ts"
import type { State, Thresholds } from "../../src/resilience/breaker.ts"

export interface Call {
  readonly _tag: "Call"
  readonly generation: number
  readonly probe: boolean
  began: boolean
}

/** `now` and `until` in milliseconds; `changed` hears of each change of state. */
export const reference = (to: Thresholds, changed: (mode: State["_tag"]) => void) => {
  let mode: State["_tag"] = "Closed"
  let generation = 0
  let inRow = 0
  let ended: ReadonlyArray<{ readonly at: number; readonly bad: boolean }> = []
  let times = 0
  let since = 0
  let until = 0
  let reason = ""
  let out = 0
  let sent = 0
  let good = 0

  const enter = (next: typeof mode) => {
    if (next !== mode) changed(next)
    mode = next
    generation += 1
    if (next === "Closed") [inRow, ended, times] = [0, [], 0]
    if (next === "HalfOpen") [out, good] = [0, 0]
  }
  const open = (error: GatewayError, now: number) => {
    times += 1
    reason = error.message
    since = now
    until = now + (error.retryAfter ?? Math.min(to.maxOpen, to.open * 2 ** (times - 1))) * 1000
    enter("Open")
  }
  const recent = (now: number) => ended.filter(({ at }) => at <= now && now - at < to.window * 1000)
  /** All that ends within a tenth of the window counts as if it had ended at once. */
  const note = (bad: boolean, now: number) => {
    const last = ended.at(-1)?.at
    const isOne = last !== undefined && last <= now && now - last < to.window * 100
    ended = isOne ? [...ended, { at: last, bad }] : [...recent(now), { at: now, bad }]
  }
  const prove = () => {
    out -= 1
    good += 1
    if (good >= to.successes) enter("Closed")
  }

  return {
    due: () => (mode === "Open" ? until : undefined),
    seen: () =>
      mode === "Closed"
        ? { mode, inRow }
        : mode === "Open"
          ? { mode, until, times, reason }
          : { mode, out, good, times, reason },
    reset: () => enter("Closed"),
    ask: (now: number): Call | { readonly _tag: "No"; readonly until: number; readonly reason: string } => {
      if (mode === "Open" && now >= since && now < until) return { _tag: "No", until, reason }
      const isLost = mode === "HalfOpen" && (now < sent || now - sent >= to.maxOpen * 1000)
      if (mode === "HalfOpen" && out >= to.probes && !isLost) {
        return { _tag: "No", until: now + Math.min(30_000, Math.max(1_000, now - sent)), reason }
      }
      if (mode === "Open" || (mode === "HalfOpen" && out >= to.probes)) enter("HalfOpen")
      const probe = mode === "HalfOpen"
      if (probe) {
        out += 1
        sent = now
      }
      return { _tag: "Call", generation, probe, began: false }
    },
    begin: (call: Call) => {
      const isNews = !call.began
      call.began = true
      if (isNews && mode === "HalfOpen" && call.generation === generation) prove()
    },
    end: (call: Call, how: "success" | "cancelled" | GatewayError, now: number) => {
      const isOfNow = call.generation === generation
      if (mode === "HalfOpen" && isOfNow) {
        if (typeof how !== "string") open(how, now)
        else if (call.began) return
        else if (how === "success") prove()
        else out -= 1
      } else if (mode === "Closed" && how !== "cancelled" && (isOfNow || call.began)) {
        const bad = how !== "success"
        note(bad, now)
        inRow = bad ? inRow + 1 : 0
        const lately = recent(now)
        const share = lately.filter((one) => one.bad).length / lately.length
        const isMuch = inRow >= to.failures || (lately.length >= to.minimumCalls && share >= to.failureRate)
        if (bad && (how.retryAfter !== undefined || isMuch)) open(how, now)
      }
    }
  }
}

export type Reference = ReturnType<typeof reference>
