/** What stands before a candidate: its circuit breaker, its limits; and who hears how it went. */
import { Effect } from "effect"
import type { ConfigFile } from "../config/ConfigFile.ts"
import { gatewayError } from "../protocol/errors.ts"
import { countsAgainst } from "../resilience/nature.ts"
import type { Listeners } from "./Attempt.ts"
import type { Exchange } from "./Exchange.ts"
import type { Guards } from "./failover.ts"
import type { Tools } from "./pipeline.ts"

/** So soon a client that waited in vain for its turn may come back. Seconds. */
const comeBack = 5
/** Bytes of a request's body to a token of its prompt. */
const bytesPerToken = 4

const noTurn = (profile: string, seconds: number) =>
  gatewayError("rate_limit_error", `${profile}: no turn within ${seconds} s; its limits are set in the configuration`, {
    retryAfter: comeBack,
    fault: "own"
  })

export const guardsFor = (
  { breaker, limiter }: Pick<Tools, "breaker" | "limiter">,
  { agent, size = 0 }: Exchange,
  { limits: { queue } }: Pick<ConfigFile, "limits">
): Guards => ({
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
  enter: ({ profile: { limits, name } }) => {
    const tokens = () => Math.ceil(size / bytesPerToken)
    const turn = limiter.enter({ profile: name, limits, agent, tokens })
    return turn === undefined
      ? undefined
      : Effect.timeoutFail(turn, { duration: queue * 1000, onTimeout: () => noTurn(name, queue) })
  }
})
