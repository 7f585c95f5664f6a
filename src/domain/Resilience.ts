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

/** What the keys mean, for all profiles and for one. */
const meanings = {
  failures: "So many failures in a row, and a model of a profile is left alone.",
  failureRate: "So is it at this share of failures among the calls of the last window_seconds, from minimum_calls on.",
  window: "How far back failure_rate looks, in seconds.",
  minimumCalls: "How many calls failure_rate needs before it counts.",
  open: "How long it is left alone the first time, in seconds; twice as long each time that the next try fails as well.",
  maxOpen: "The longest time it is left alone, in seconds.",
  probes: "How many requests at a time try whether it is well again.",
  successes: "How many of them must succeed.",
  retries: "How often the same profile is asked again after a failure that may pass."
}

/** What one profile may have otherwise. */
export const ResilienceOverrides = Schema.Struct({
  failures: optional(count, "failures", meanings.failures),
  failureRate: optional(share, "failure_rate", meanings.failureRate),
  window: optional(seconds, "window_seconds", meanings.window),
  minimumCalls: optional(count, "minimum_calls", meanings.minimumCalls),
  open: optional(seconds, "open_seconds", meanings.open),
  maxOpen: optional(seconds, "max_open_seconds", meanings.maxOpen),
  probes: optional(count, "probes", meanings.probes),
  successes: optional(count, "successes", meanings.successes),
  retries: optional(countOrNone, "retries", meanings.retries)
})

export const Resilience = Schema.Struct({
  failures: withDefault(count, "failures", () => 3, meanings.failures),
  failureRate: withDefault(share, "failure_rate", () => 0.5, meanings.failureRate),
  window: withDefault(seconds, "window_seconds", () => 60, meanings.window),
  minimumCalls: withDefault(count, "minimum_calls", () => 10, meanings.minimumCalls),
  open: withDefault(seconds, "open_seconds", () => 5, meanings.open),
  maxOpen: withDefault(seconds, "max_open_seconds", () => 300, meanings.maxOpen),
  probes: withDefault(count, "probes", () => 1, meanings.probes),
  successes: withDefault(count, "successes", () => 1, meanings.successes),
  retries: withDefault(countOrNone, "retries", () => 1, meanings.retries),
  attempts: withDefault(count, "attempts", () => 5, "How many times providers are asked for one request at most."),
  budget: withDefault(seconds, "budget_seconds", () => 300, "Until when another attempt may begin, in seconds."),
  anyProfile: withDefault(
    Schema.Boolean,
    "any_profile",
    () => false,
    "When a profile and its backup_providers fail, try all other enabled profiles, by their priority."
  )
})
export type Resilience = typeof Resilience.Type
