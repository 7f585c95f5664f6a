/** How a profile's provider is, as the last look at it or the last traffic told. */
import { Schema } from "effect"
import { field } from "./field.ts"

export const ProfileHealth = Schema.Struct({
  status: field(Schema.Literal("up", "down", "unknown"), "How it is."),
  since: field(Schema.Number, "When the status became what it is; epoch milliseconds."),
  checked: field(Schema.Number, "When it was last confirmed; epoch milliseconds."),
  source: field(
    Schema.Literal("probe", "traffic"),
    "What told: a look of the health checker, or a request of the user."
  ),
  latency_ms: Schema.optional(field(Schema.Number, "How long the provider took to answer.")),
  error: Schema.optional(field(Schema.String, "Why it is down, without secrets."))
})
/** How a provider is. */
export type ProfileHealth = typeof ProfileHealth.Type
