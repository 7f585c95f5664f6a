/** What stands before a candidate: its circuit breaker, its limits; and who hears how it went. */
import { Effect } from "effect"
import type { ConfigFile } from "../config/ConfigFile.ts"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import type { Sight } from "../resilience/HealthBoard.ts"
import { estimateTokens } from "../protocol/estimate.ts"
import { countsAgainst, natureOf } from "../resilience/nature.ts"
import type { Listeners } from "./Attempt.ts"
import type { Exchange } from "./Exchange.ts"
import type { Guards } from "./failover.ts"
import type { Inbound } from "./inbound.ts"
import type { Tools } from "./pipeline.ts"

/** So soon a client that waited in vain for its turn may come back. Seconds. */
const comeBack = 5
/** Bytes of a request's body to a token of its prompt, where nothing better is known. */
const bytesPerToken = 4

const noTurn = (profile: string, seconds: number) =>
  gatewayError("rate_limit_error", `${profile}: no turn within ${seconds} s; its limits are set in the configuration`, {
    retryAfter: comeBack,
    fault: "own"
  })

/** What a failure says of the provider's health; undefined when it says nothing. */
const sightOf = (error: GatewayError): Sight | undefined => {
  switch (natureOf(error)) {
    case "own":
      return undefined
    // it answered, and had nothing to complain about but the request
    case "request":
    case "overflow":
    case "reasoning":
    case "limited":
      return { status: "up" }
    default:
      return { status: "down", error: error.message }
  }
}

/** Tokens of the prompt. What the body weighs says little of it: images and documents are most of it. */
const tokensOf = ({ body, conversation }: Inbound): Effect.Effect<number> =>
  conversation.pipe(
    Effect.map(estimateTokens),
    Effect.orElseSucceed(() => Math.ceil(body.length / bytesPerToken))
  )

export const guardsFor = (
  { breaker, health, limiter }: Pick<Tools, "breaker" | "health" | "limiter">,
  now: () => number,
  { agent }: Exchange,
  asked: Inbound,
  { limits: { queue } }: Pick<ConfigFile, "limits">
): Guards => {
  /** When the one that is asked now was. */
  let since = now()
  return {
    admit: ({ credentials, model, profile, resilience }) => {
      const permit = breaker.admit({ profile: profile.name, baseUrl: profile.baseUrl, model, credentials }, resilience)
      if (permit._tag === "Refusal") return permit
      since = now()
      return {
        began: () => {
          permit.began()
          health.passive(profile.name, { status: "up", latency: now() - since })
        },
        ended: (outcome) => {
          if (outcome === "answered") return permit.end("success")
          if (outcome === "cancelled") return permit.end("cancelled")
          permit.end(countsAgainst(outcome) ? outcome : "cancelled")
          const sight = sightOf(outcome)
          if (sight !== undefined) health.passive(profile.name, sight)
        }
      } satisfies Listeners
    },
    enter: ({ profile: { baseUrl, limits, name } }) => {
      const enter = (tokens: number) => limiter.enter({ profile: name, baseUrl, limits, agent, tokens })
      const turn =
        limits.tokensPerMinute === undefined
          ? enter(0)
          : Effect.flatMap(tokensOf(asked), (tokens) => enter(tokens) ?? Effect.void)
      if (turn === undefined) return undefined
      // how long a provider takes has nothing to do with how long we waited for our turn
      const begun = Effect.map(turn, () => {
        since = now()
      })
      return Effect.timeoutFail(begun, { duration: queue * 1000, onTimeout: () => noTurn(name, queue) })
    }
  }
}
