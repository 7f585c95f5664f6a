/** What the gateway and its own clients (`claudex run`, `proxy status`, tests) agree on besides the Anthropic wire. */
import { Schema } from "effect"
import { field } from "../domain/field.ts"

/** `GET /health`: open to any local caller, so that identity can be checked before a token is shown. */
export const Health = Schema.Struct({
  service: field(Schema.Literal("claudex"), "Always this word."),
  /** Proves that the gateway that answers is the one the state file names. */
  instance: field(Schema.String, "Random, another one for each process."),
  version: field(Schema.String, "The version of claudex that serves."),
  pid: field(Schema.Int, "Its process."),
  uptime_seconds: field(Schema.Number, "How long it has been running."),
  in_flight: Schema.optional(field(Schema.Int, "Requests under way; older gateways do not tell."))
})
export type Health = typeof Health.Type

/**
 * Headers with which a launched client says from where its configuration is to be discovered (percent-encoded path of
 * the working directory, and of the file given with `--config` or `$CLAUDEX_CONFIG`). The gateway serves every
 * workspace of the user; without these headers it uses its own.
 */
export const workspaceHeader = "x-claudex-workspace"
/** The same for the file given with `--config` or `$CLAUDEX_CONFIG`. */
export const configHeader = "x-claudex-config"

/**
 * The name under which a launched client's variables were lent: one word, the same with the variables and with every
 * request for which they hold. Without it the variables that were lent last hold.
 */
export const environmentHeader = "x-claudex-environment"

/**
 * `PUT`, with the client token: a flat JSON object of environment variables that profiles refer to, kept in memory. They
 * hold for requests with the same `environmentHeader`.
 */
export const environmentPath = "/claudex/environment"

/** `POST`, with the client token: drain and exit. */
export const shutdownPath = "/claudex/shutdown"

/**
 * `POST`, with the client token: make way for a gateway of another version. The body is a flat JSON object of the
 * environment variables that the next one will have. Status 409 when a request is under way, or when sessions rely on
 * variables that the next one would lack.
 */
export const yieldPath = "/claudex/yield"

/** Where the admin API (admin/api.ts) stands; with the client token. */
export const adminPath = "/claudex/admin"

/** The URL path under which a profile is served, without a trailing slash; the name is percent-encoded. */
export const profilePath = (profile: string): string => `/proxy/${encodeURIComponent(profile)}`
