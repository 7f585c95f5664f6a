/** What stands before a candidate: its circuit breaker, its limits; and who hears how it went. */
import { countsAgainst } from "../resilience/nature.ts"
import type { Listeners } from "./Attempt.ts"
import type { Guards } from "./failover.ts"
import type { Tools } from "./pipeline.ts"

export const guardsFor = ({ breaker }: Pick<Tools, "breaker">): Guards => ({
  admit: ({ model, profile, resilience }) => {
    const permit = breaker.admit({ profile: profile.name, baseUrl: profile.baseUrl, model }, resilience)
    if (permit._tag === "Refusal") return permit.error
    return {
      began: permit.began,
      ended: (outcome) => {
        if (outcome === "answered") permit.end("success")
        else if (outcome === "cancelled") permit.end("cancelled")
        else permit.end(countsAgainst(outcome) ? outcome : "cancelled")
      }
    } satisfies Listeners
  },
  enter: () => undefined
})
