/**
 * What the admin API tells, as schemas. In snake_case on the wire as `GET /health` is; times are epoch milliseconds, durations
 * carry their unit. Nothing here holds a secret or a word of a conversation.
 */
import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { field } from "../../domain/field.ts"
import { ProfileHealth } from "../../domain/Health.ts"
import { ProviderType } from "../../domain/Profile.ts"
import { RequestRecord } from "../../domain/RequestRecord.ts"

/** The files in force, and what is wrong with the last edit when an older state of them goes on holding. */
export const Configuration = Schema.Struct({
  files: field(
    Schema.Array(
      Schema.Struct({
        layer: field(Schema.String, "Its role: global, project or explicit."),
        path: field(Schema.String, "Where it is.")
      })
    ),
    "The files in force, the weakest first."
  ),
  problem: Schema.optional(
    field(Schema.String, "What is wrong with the last edit; what was valid before goes on holding.")
  )
}).annotations({
  identifier: "Configuration",
  description: "The files in force, and what is wrong with the last edit."
})
export type Configuration = typeof Configuration.Type

/** Requests for answers that ended within the last hour. */
export const LastHour = Schema.Struct({
  complete: field(
    Schema.Boolean,
    "False when there were more than are kept in memory: the numbers say how many at least."
  ),
  requests: field(Schema.Int, "How many ended."),
  failed: field(Schema.Int, "Answered with an error, or broken off by one."),
  cancelled: field(Schema.Int, "Given up by the client."),
  cost_usd: field(Schema.Number, "US dollars, of those whose cost is known.")
}).annotations({ identifier: "LastHour", description: "Requests for answers that ended within the last hour." })
export type LastHour = typeof LastHour.Type

export const Status = Schema.Struct({
  instance: field(Schema.String, "Random, another one for each process."),
  pid: field(Schema.Int, "Its process."),
  versions: field(
    Schema.Struct({
      claudex: field(Schema.String, "The version of claudex that serves."),
      runtime: field(Schema.String, "What it runs on: node 20.20.2.")
    }),
    "What serves."
  ),
  started: field(Schema.Number, "Epoch milliseconds."),
  uptime_seconds: field(Schema.Number, "How long it has been running."),
  in_flight: field(Schema.Int, "Answers under way."),
  draining: field(Schema.Boolean, "It takes no new requests and goes as soon as it can."),
  configuration: Configuration,
  last_hour: LastHour
}).annotations({ identifier: "Status" })
export type Status = typeof Status.Type

/** The circuit breaker of one model of a profile; one that nobody used is not listed. */
export const Breaker = Schema.Struct({
  profile: field(Schema.String, "Whose it is."),
  model: field(Schema.String, "The provider's own name of the model."),
  state: field(Schema.Literal("closed", "open", "half_open"), "Open: nobody is let through; half open: one may try."),
  since: Schema.optional(field(Schema.Number, "Since when it is open or half open; epoch milliseconds.")),
  until: Schema.optional(field(Schema.Number, "Until when nobody is let through; epoch milliseconds.")),
  reason: Schema.optional(
    field(
      Schema.Struct({
        status: field(Schema.Int, "The HTTP status, as a client would get it."),
        type: field(Schema.String, "The Anthropic error type."),
        message: field(Schema.String, "The provider's words, without secrets.")
      }),
      "What opened it."
    )
  )
}).annotations({ identifier: "Breaker" })
export type Breaker = typeof Breaker.Type

const tier = field(Schema.String, "The model that serves this tier.")

export const ProfileView = Schema.Struct({
  name: field(Schema.String, "Of the profile."),
  enabled: field(Schema.Boolean, "Whether it can be used."),
  provider_type: field(ProviderType, "The protocol that its provider speaks."),
  provider: field(Schema.String, "Who the provider is."),
  default_model: field(Schema.String, "Its model where Claude Code's own choice stands for none."),
  models: field(Schema.Struct({ haiku: tier, sonnet: tier, opus: tier, fable: tier }), "Of each tier of Claude Code."),
  backups: field(Schema.Array(Schema.String), "Profiles that are tried when it fails, in order."),
  priority: field(Schema.Int, "Order among profiles where claudex may choose: smaller goes first."),
  health: Schema.optional(field(ProfileHealth, "Absent until something is known.")),
  breakers: field(Schema.Array(Breaker), "One for each model; one that nobody used is not listed."),
  last_hour: LastHour
}).annotations({ identifier: "Profile" })
export type ProfileView = typeof ProfileView.Type

/** What the feed tells, each as the `data` of an SSE event of the name in `type`. */
export const AdminEvent = Schema.Union(
  Schema.Struct({ type: Schema.Literal("request"), request: RequestRecord }),
  Schema.Struct({ type: Schema.Literal("breaker"), breaker: Breaker }),
  Schema.Struct({ type: Schema.Literal("health"), profile: Schema.String, health: ProfileHealth }),
  Schema.Struct({ type: Schema.Literal("configuration"), configuration: Configuration })
).annotations({ identifier: "AdminEvent" })
export type AdminEvent = typeof AdminEvent.Type

/** An error in the shape that all of the gateway's errors have. */
const failure = <Type extends string>(type: Type, status: number, description: string) =>
  Schema.Struct({
    type: Schema.Literal("error"),
    error: Schema.Struct({ type: Schema.Literal(type), message: Schema.String })
  }).annotations(HttpApiSchema.annotations({ status, description }))

export const InvalidRequest = failure("invalid_request_error", 400, "The request cannot be meant")
export const Unauthorized = failure("authentication_error", 401, "Without the client token")
export const Forbidden = failure("permission_error", 403, "From a web page, or meant for another host")
export const NotFound = failure("not_found_error", 404, "There is no such thing")
export const Unusable = failure("api_error", 500, "The configuration is not usable")
export type AdminFailure = typeof InvalidRequest.Type | typeof NotFound.Type | typeof Unusable.Type
