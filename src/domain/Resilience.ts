/**
 * How much failing is borne, and what is tried then: the keys of `[resilience]` and, for one profile, of
 * `[profiles.resilience]`. Times are in seconds.
 */
import { Schema } from "effect"
import { optional, withDefault } from "./keys.ts"

const count = Schema.Int.pipe(Schema.positive()).annotations({ description: "a whole number, 1 or more" })
const countOrNone = Schema.Int.pipe(Schema.nonNegative()).annotations({ description: "a whole number, 0 or more" })
const seconds = Schema.Positive.annotations({ description: "a number of seconds greater than 0" })
const share = Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(1)).annotations({
  description: "a number greater than 0 and at most 1"
})

/** What one profile may have otherwise. */
export const ResilienceOverrides = Schema.Struct({
  failures: optional(count, "failures"),
  failureRate: optional(share, "failure_rate"),
  window: optional(seconds, "window_seconds"),
  minimumCalls: optional(count, "minimum_calls"),
  open: optional(seconds, "open_seconds"),
  maxOpen: optional(seconds, "max_open_seconds"),
  probes: optional(count, "probes"),
  successes: optional(count, "successes"),
  retries: optional(countOrNone, "retries")
})

export const Resilience = Schema.Struct({
  /** So many failures in a row open the breaker. */
  failures: withDefault(count, "failures", () => 3),
  /** So does this share of the calls of the window, from so many calls on. */
  failureRate: withDefault(share, "failure_rate", () => 0.5),
  window: withDefault(seconds, "window_seconds", () => 60),
  minimumCalls: withDefault(count, "minimum_calls", () => 10),
  /** How long it stays open the first time; twice as long each time it opens again without having closed, up to a limit. */
  open: withDefault(seconds, "open_seconds", () => 5),
  maxOpen: withDefault(seconds, "max_open_seconds", () => 300),
  /** How many calls may try at the same time whether it is well again, and how many of them must succeed. */
  probes: withDefault(count, "probes", () => 1),
  successes: withDefault(count, "successes", () => 1),
  /** How often the same profile is asked again after a failure that may pass. */
  retries: withDefault(countOrNone, "retries", () => 1),
  /** How many times providers are asked for one request at most, and until when another attempt may begin. */
  attempts: withDefault(count, "attempts", () => 5),
  budget: withDefault(seconds, "budget_seconds", () => 300),
  /** Whether all other enabled profiles stand behind the backups, by their `priority`. */
  anyProfile: withDefault(Schema.Boolean, "any_profile", () => false)
})
export type Resilience = typeof Resilience.Type
