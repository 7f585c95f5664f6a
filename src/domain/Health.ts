/** How a profile's provider is, as the last look at it or the last traffic told. */
import { Schema } from "effect"

export const ProfileHealth = Schema.Struct({
  status: Schema.Literal("up", "down", "unknown"),
  /** When the status became what it is, and when it was last confirmed; epoch milliseconds. */
  since: Schema.Number,
  checked: Schema.Number,
  /** What told: a look of the health checker, or a request of the user. */
  source: Schema.Literal("probe", "traffic"),
  latency_ms: Schema.optional(Schema.Number),
  /** Why it is down; without secrets. */
  error: Schema.optional(Schema.String)
})
/** How a provider is. */
export type ProfileHealth = typeof ProfileHealth.Type
