/**
 * The admin API: how the gateway is, what it did, and the two things that may be ordered. Server, client and OpenAPI document
 * are derived from this one description. Under the same client token as everything else; `contract.ts` says where it is.
 */
import {
  HttpApi,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiMiddleware,
  HttpApiSchema,
  HttpApiSecurity,
  OpenApi
} from "@effect/platform"
import { Schema } from "effect"
import { RequestRecord } from "../../domain/RequestRecord.ts"
import { version } from "../../domain/version.ts"
import { adminPath, configHeader, workspaceHeader } from "../contract.ts"
import {
  Configuration,
  Forbidden,
  InvalidRequest,
  NotFound,
  ProfileView,
  Status,
  Unauthorized,
  Unusable
} from "./schemas.ts"

/** Named here for the document and for clients; the gateway checks it before it loads any of this (access.ts). */
export class TokenCheck extends HttpApiMiddleware.Tag<TokenCheck>()("claudex/admin/TokenCheck", {
  failure: Schema.Union(Unauthorized, Forbidden),
  security: {
    token: HttpApiSecurity.bearer.pipe(
      HttpApiSecurity.annotate(OpenApi.Description, "The client token; `claudex proxy token` prints it.")
    )
  }
}) {}

/** Without them the gateway's own place counts. */
const Place = Schema.Struct({
  [workspaceHeader]: Schema.optional(Schema.String),
  [configHeader]: Schema.optional(Schema.String)
})

/** At most so many records in one answer. */
export const mostRecords = 200

const Count = Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, mostRecords))

const status = HttpApiEndpoint.get("status", "/status")
  .setHeaders(Place)
  .addSuccess(Status)
  .addError(InvalidRequest)
  .annotate(OpenApi.Description, "How the gateway is.")

const reload = HttpApiEndpoint.post("reload", "/reload")
  .setHeaders(Place)
  .addSuccess(Configuration)
  .addError(InvalidRequest)
  .annotate(OpenApi.Description, "Reads the configuration again; a faulty one changes nothing but `problem`.")

const events = HttpApiEndpoint.get("events", "/events")
  .addSuccess(HttpApiSchema.Text({ contentType: "text/event-stream" }))
  .annotate(
    OpenApi.Description,
    "What happens from now on, as server-sent events: `request`, `breaker`, `health`, `configuration`. Ends when the gateway goes."
  )

const document = HttpApiEndpoint.get("document", "/openapi.json")
  .addSuccess(Schema.Unknown)
  .annotate(OpenApi.Description, "This document.")

const profiles = HttpApiEndpoint.get("profiles", "/profiles")
  .setHeaders(Place)
  .addSuccess(Schema.Struct({ profiles: Schema.Array(ProfileView) }))
  .addError(InvalidRequest)
  .addError(Unusable)
  .annotate(OpenApi.Description, "All profiles, each with its models, health and breakers.")

const reset = HttpApiEndpoint.post("reset", "/profiles/:profile/reset")
  .setPath(Schema.Struct({ profile: Schema.String }))
  .setUrlParams(Schema.Struct({ model: Schema.optional(Schema.String) }))
  .setHeaders(Place)
  .addSuccess(Schema.Struct({ reset: Schema.Int.annotations({ description: "how many were not closed" }) }))
  .addError(InvalidRequest)
  .addError(NotFound)
  .addError(Unusable)
  .annotate(OpenApi.Description, "Closes the breakers of a profile, or of one of its models.")

const requests = HttpApiEndpoint.get("requests", "/requests")
  .setUrlParams(Schema.Struct({ limit: Schema.optional(Count), profile: Schema.optional(Schema.String) }))
  .addSuccess(Schema.Struct({ requests: Schema.Array(RequestRecord) }))
  .annotate(
    OpenApi.Description,
    "Requests that are over, the newest first; `profile` is the one asked or the one that answered."
  )

const request = HttpApiEndpoint.get("request", "/requests/:id")
  .setPath(Schema.Struct({ id: Schema.String }))
  .addSuccess(RequestRecord)
  .addError(InvalidRequest)
  .addError(NotFound)
  .annotate(OpenApi.Description, "One request: by its id, by how its id begins, or `last`.")

export class Admin extends HttpApi.make("claudex")
  .add(HttpApiGroup.make("gateway").add(status).add(reload).add(events).add(document))
  .add(HttpApiGroup.make("profiles").add(profiles).add(reset))
  .add(HttpApiGroup.make("requests").add(requests).add(request))
  .middleware(TokenCheck)
  .prefix(adminPath)
  .annotate(OpenApi.Title, "claudex admin API")
  .annotate(OpenApi.Version, version) {}
