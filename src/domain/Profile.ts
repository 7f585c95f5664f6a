/**
 * A profile: one provider account and how to talk to it. The quoted keys are those of the config file, the property
 * names are those of the code; every default stands here and nowhere else.
 *
 * A profile as it is loaded may refer to environment variables (`${NAME}`) in the values of `base_url`, `api_key`,
 * `default_model`, `models`, `custom_headers`, `extra_env` and `query_params`. They are filled in when the profile is
 * used, by `resolveProfile` and `resolveApiKey`: a machine without one provider's variable can still use the others.
 */
import { Schema } from "effect"
import { optional, required, withDefault } from "./keys.ts"
import { Quirks } from "./Quirks.ts"
import { ResilienceOverrides } from "./Resilience.ts"

/** The four model tiers Claude Code knows; each may be served by another model of the provider. */
export const ModelSlot = Schema.Literal("haiku", "sonnet", "opus", "fable")
export type ModelSlot = typeof ModelSlot.Type
export const modelSlots: ReadonlyArray<ModelSlot> = ModelSlot.literals

/** The protocol the provider speaks. */
export const ProviderType = Schema.Literal("DirectAnthropic", "OpenAICompatible", "OpenAIResponses")
export type ProviderType = typeof ProviderType.Type

const strings = Schema.Record({ key: Schema.String, value: Schema.String })
const seconds = Schema.Positive.annotations({ description: "a number of seconds greater than 0" })
const bytes = Schema.NonNegative.annotations({ description: "a number of bytes, 0 or more" })
/** A number of tokens that somebody sets a limit with. */
export const tokens = Schema.Int.pipe(Schema.positive()).annotations({ description: "a whole number, 1 or more" })

// in a file it is text
const wrapped = Schema.RedactedFromSelf(Schema.String).annotations({ jsonSchema: { type: "string" } })

/** A secret: text in a file, `Redacted` in the code. The loader redacts before it decodes, so both are read. */
const Secret = Schema.Union(Schema.Redacted(Schema.String), wrapped).annotations({
  description: "a string"
})

/** How claudex proves to the provider who asks. `api_key` is an old spelling that example files taught. */
export const AuthType = Schema.Union(
  Schema.Literal("api-key", "oauth"),
  Schema.transformLiteral("api_key", "api-key")
).annotations({ description: 'one of "api-key", "oauth"' })
export type AuthType = typeof AuthType.Type

/** Limits on waiting, in seconds. There is deliberately no limit on a whole answer. */
export const Timeouts = Schema.Struct({
  /** TCP and TLS. */
  connect: withDefault(seconds, "connect_seconds", () => 10),
  /** From the request until the first byte of the answer's body. */
  firstByte: withDefault(seconds, "first_byte_seconds", () => 300),
  /** Silence inside an answer. */
  idle: withDefault(seconds, "idle_seconds", () => 300),
  /** An answer that brings fewer bytes a second, over half a minute, counts as stalled; 0 for no such limit. */
  minimumPace: withDefault(bytes, "min_bytes_per_second", () => 0)
})
export type Timeouts = typeof Timeouts.Type

/** The same keys without defaults: what a profile overrides. */
export const TimeoutOverrides = Schema.Struct({
  connect: optional(seconds, "connect_seconds"),
  firstByte: optional(seconds, "first_byte_seconds"),
  idle: optional(seconds, "idle_seconds"),
  minimumPace: optional(bytes, "min_bytes_per_second")
})

/** How much of a provider is used at a time; what is more waits. */
export const ProfileLimits = Schema.Struct({
  /** Requests under way. */
  concurrent: optional(tokens, "max_concurrent"),
  requestsPerMinute: optional(tokens, "requests_per_minute"),
  /** Of prompts, as estimated. */
  tokensPerMinute: optional(tokens, "tokens_per_minute")
})
export type ProfileLimits = typeof ProfileLimits.Type

export const Profile = Schema.Struct({
  /** Unique; also the URL path segment. */
  name: Schema.NonEmptyString,
  providerType: withDefault(ProviderType, "provider_type", () => "DirectAnthropic" as const),
  baseUrl: required(Schema.String, "base_url"),
  apiKey: optional(Secret, "api_key"),
  /** Name of the environment variable that holds the key. */
  apiKeyEnv: optional(Schema.NonEmptyString, "api_key_env"),
  /** Entry of the system keyring that holds the key. */
  apiKeyKeyring: optional(Schema.NonEmptyString, "api_key_keyring"),
  defaultModel: required(Schema.NonEmptyString, "default_model"),
  backupProviders: withDefault(Schema.Array(Schema.String), "backup_providers", () => []),
  customHeaders: withDefault(Schema.Record({ key: Schema.String, value: Secret }), "custom_headers", () => ({})),
  extraEnv: withDefault(strings, "extra_env", () => ({})),
  priority: withDefault(
    Schema.Int.pipe(Schema.nonNegative()).annotations({ description: "a whole number, 0 or more" }),
    "priority",
    () => 100
  ),
  enabled: withDefault(Schema.Boolean, "enabled", () => true),
  authType: withDefault(AuthType, "auth_type", () => "api-key" as const),
  /** How the key is sent; absent: as the provider wants it. */
  authHeader: optional(Schema.Literal("bearer", "x-api-key"), "auth_header"),
  oauthProvider: optional(
    Schema.Literal("claude", "chatgpt", "openai", "google", "qwen", "kimi", "github", "gitlab"),
    "oauth_provider"
  ),
  models: withDefault(
    Schema.Struct({
      haiku: optional(Schema.NonEmptyString, "haiku"),
      sonnet: optional(Schema.NonEmptyString, "sonnet"),
      opus: optional(Schema.NonEmptyString, "opus"),
      fable: optional(Schema.NonEmptyString, "fable")
    }),
    "models",
    () => ({})
  ),
  /** Upper limit for the answer's tokens, whatever the client asks for. */
  maxTokens: optional(tokens, "max_tokens"),
  /** The model's context window in tokens, when the built-in catalog does not know it. */
  contextWindow: optional(tokens, "context_window"),
  /** Top-level request fields never sent: "auto" (known hosts only), "none", a comma list, or a list. */
  stripParams: withDefault(
    Schema.Union(Schema.String, Schema.Array(Schema.String), Schema.Literal(false)).annotations({
      description: '"auto", "none", a list of strings, or false'
    }),
    "strip_params",
    () => "auto"
  ),
  queryParams: withDefault(strings, "query_params", () => ({})),
  /** Row of the provider table, by its kind, when the address does not tell it. */
  dialect: optional(Schema.NonEmptyString, "dialect"),
  /** What the user knows better about the provider's dialect. */
  quirks: withDefault(Quirks, "quirks", () => ({})),
  timeouts: withDefault(TimeoutOverrides, "timeouts", () => ({})),
  limits: withDefault(ProfileLimits, "limits", () => ({})),
  resilience: withDefault(ResilienceOverrides, "resilience", () => ({}))
})
export type Profile = typeof Profile.Type

/** Claude Code with its own claude.ai login: nothing of it goes through claudex (design §6, decision 9). */
export const usesClaudeLogin = (profile: Pick<Profile, "authType" | "oauthProvider">): boolean =>
  profile.authType === "oauth" && profile.oauthProvider === "claude"

/** The model that serves a slot: the profile's own choice, else its default model. */
export const slotModel = (profile: Profile, slot: ModelSlot): string => profile.models[slot] ?? profile.defaultModel
