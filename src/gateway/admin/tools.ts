/** The sources of the admin API in a running gateway. */
import { Effect, Stream, SubscriptionRef } from "effect"
import type { BreakerView } from "../../resilience/CircuitBreaker.ts"
import type { Tools } from "../pipeline.ts"
import type { Breaker } from "./schemas.ts"
import type { AdminSources } from "./sources.ts"
import { configurationOf } from "./views.ts"

const stateNames = { Closed: "closed", Open: "open", HalfOpen: "half_open" } as const

/** A breaker as the API tells it. */
export const breakerOf = ({ model, profile, state }: BreakerView): Breaker => ({
  profile,
  model,
  state: stateNames[state._tag],
  ...(state._tag === "Closed"
    ? {}
    : {
        since: state.since,
        reason: { status: state.reason.status, type: state.reason.type, message: state.reason.message }
      }),
  ...(state._tag === "Open" ? { until: state.until } : {})
})

export const sourcesOf = (tools: Tools): typeof AdminSources.Service => {
  const { breaker, config, health, journal, lifecycle, settings, started } = tools
  return {
    identity: settings.identity,
    started,
    inFlight: lifecycle.inFlight,
    isDraining: lifecycle.isDraining,
    whenGoing: lifecycle.whenGoing,
    config,
    anchor: settings.anchor,
    configurations: Stream.map(config.changes, ({ files, stale }) => configurationOf(files, stale)),
    journal,
    breakers: {
      states: Effect.map(breaker.states, (all) => all.map(breakerOf)),
      changes: Stream.map(breaker.changes, breakerOf),
      reset: breaker.reset
    },
    health: { states: Effect.map(SubscriptionRef.get(health.ref), (board) => new Map(board)), changes: health.changes }
  }
}
