/**
 * What the admin API tells, as schemas. In snake_case on the wire as `GET /health` is; times are epoch milliseconds, durations
 * carry their unit. Nothing here holds a secret or a word of a conversation.
 */
import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { ProfileHealth } from "../../domain/Health.ts"
import { ProviderType } from "../../domain/Profile.ts"
import { RequestRecord } from "../../domain/RequestRecord.ts"

/** The files in force, and what is wrong with the last edit when an older state of them goes on holding. */
export const Configuration = Schema.Struct({
  files: Schema.Array(Schema.Struct({ layer: Schema.String, path: Schema.String })),
  problem: Schema.optional(Schema.String)
}).annotations({ identifier: "Configuration" })
export type Configuration = typeof Configuration.Type

/** Requests for answers that ended within the last hour. */
export const LastHour = Schema.Struct({
  /** False when there were more than are kept in memory: the numbers say how many at least. */
  complete: Schema.Boolean,
  requests: Schema.Int,
  /** Answered with an error, or broken off by one. */
  failed: Schema.Int,
  /** Given up by the client. */
  cancelled: Schema.Int,
  /** US dollars, of those whose cost is known. */
  cost_usd: Schema.Number
}).annotations({ identifier: "LastHour" })
export type LastHour = typeof LastHour.Type

export const Status = Schema.Struct({
  instance: Schema.String,
  pid: Schema.Int,
  versions: Schema.Struct({
    claudex: Schema.String,
    /** What it runs on: "node 20.20.2". */
    runtime: Schema.String
  }),
  started: Schema.Number,
  uptime_seconds: Schema.Number,
  /** Answers under way. */
  in_flight: Schema.Int,
  /** It takes no new requests and goes as soon as it can. */
  draining: Schema.Boolean,
  configuration: Configuration,
  last_hour: LastHour
}).annotations({ identifier: "Status" })
export type Status = typeof Status.Type

/** The circuit breaker of one model of a profile; one that nobody used is not listed. */
export const Breaker = Schema.Struct({
  profile: Schema.String,
  model: Schema.String,
  state: Schema.Literal("closed", "open", "half_open"),
  /** Since when it is open or half open. */
  since: Schema.optional(Schema.Number),
  /** Until when nobody is let through. */
  until: Schema.optional(Schema.Number),
  /** What opened it. */
  reason: Schema.optional(Schema.Struct({ status: Schema.Int, type: Schema.String, message: Schema.String }))
}).annotations({ identifier: "Breaker" })
export type Breaker = typeof Breaker.Type

export const ProfileView = Schema.Struct({
  name: Schema.String,
  enabled: Schema.Boolean,
  provider_type: ProviderType,
  /** As the provider table calls it. */
  provider: Schema.String,
  default_model: Schema.String,
  /** The model that serves each slot. */
  models: Schema.Struct({
    haiku: Schema.String,
    sonnet: Schema.String,
    opus: Schema.String,
    fable: Schema.String
  }),
  backups: Schema.Array(Schema.String),
  priority: Schema.Int,
  /** Absent until something is known. */
  health: Schema.optional(ProfileHealth),
  breakers: Schema.Array(Breaker),
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
