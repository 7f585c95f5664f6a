/**
 * A profile: one provider account and how to talk to it. The quoted keys are those of the config file, the property
 * names are those of the code; every default stands here and nowhere else.
 */
import { Schema } from "effect"

const required = <A, I, R>(schema: Schema.Schema<A, I, R>, key: string) =>
  Schema.propertySignature(schema).pipe(Schema.fromKey(key))

const withDefault = <A, I, R>(schema: Schema.Schema<A, I, R>, key: string, value: () => NoInfer<A>) =>
  Schema.optionalWith(schema, { default: value }).pipe(Schema.fromKey(key))

const optional = <A, I, R>(schema: Schema.Schema<A, I, R>, key: string) =>
  Schema.optionalWith(schema, { exact: true }).pipe(Schema.fromKey(key))

/** The four model tiers Claude Code knows; each may be served by another model of the provider. */
export const ModelSlot = Schema.Literal("haiku", "sonnet", "opus", "fable")
export type ModelSlot = typeof ModelSlot.Type
export const modelSlots: ReadonlyArray<ModelSlot> = ModelSlot.literals

/** The protocol the provider speaks. */
export const ProviderType = Schema.Literal("DirectAnthropic", "OpenAICompatible", "OpenAIResponses")
export type ProviderType = typeof ProviderType.Type

const strings = Schema.Record({ key: Schema.String, value: Schema.String })
const seconds = Schema.Positive

/** Limits on waiting, in seconds. There is deliberately no limit on a whole answer. */
export const Timeouts = Schema.Struct({
  /** TCP and TLS. */
  connect: withDefault(seconds, "connect_seconds", () => 10),
  /** From the request until the first byte of the answer's body. */
  firstByte: withDefault(seconds, "first_byte_seconds", () => 300),
  /** Silence inside an answer. */
  idle: withDefault(seconds, "idle_seconds", () => 300)
})
export type Timeouts = typeof Timeouts.Type

/** The same keys without defaults: what a profile overrides. */
export const TimeoutOverrides = Schema.Struct({
  connect: optional(seconds, "connect_seconds"),
  firstByte: optional(seconds, "first_byte_seconds"),
  idle: optional(seconds, "idle_seconds")
})

export const Profile = Schema.Struct({
  /** Unique; also the URL path segment. */
  name: Schema.NonEmptyString,
  providerType: withDefault(ProviderType, "provider_type", () => "DirectAnthropic" as const),
  baseUrl: required(Schema.String, "base_url"),
  apiKey: optional(Schema.Redacted(Schema.String), "api_key"),
  /** Name of the environment variable that holds the key. */
  apiKeyEnv: optional(Schema.NonEmptyString, "api_key_env"),
  /** Entry of the system keyring that holds the key. */
  apiKeyKeyring: optional(Schema.NonEmptyString, "api_key_keyring"),
  defaultModel: required(Schema.NonEmptyString, "default_model"),
  backupProviders: withDefault(Schema.Array(Schema.String), "backup_providers", () => []),
  customHeaders: withDefault(
    Schema.Record({ key: Schema.String, value: Schema.Redacted(Schema.String) }),
    "custom_headers",
    () => ({})
  ),
  extraEnv: withDefault(strings, "extra_env", () => ({})),
  priority: withDefault(Schema.Int.pipe(Schema.nonNegative()), "priority", () => 100),
  enabled: withDefault(Schema.Boolean, "enabled", () => true),
  authType: withDefault(Schema.Literal("api-key", "oauth"), "auth_type", () => "api-key" as const),
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
  maxTokens: optional(Schema.Int.pipe(Schema.positive()), "max_tokens"),
  /** The model's context window in tokens, when the built-in catalog does not know it. */
  contextWindow: optional(Schema.Int.pipe(Schema.positive()), "context_window"),
  /** Top-level request fields never sent: "auto" (known hosts only), "none", a comma list, or a list. */
  stripParams: withDefault(
    Schema.Union(Schema.String, Schema.Array(Schema.String), Schema.Literal(false)),
    "strip_params",
    () => "auto"
  ),
  queryParams: withDefault(strings, "query_params", () => ({})),
  timeouts: withDefault(TimeoutOverrides, "timeouts", () => ({}))
})
export type Profile = typeof Profile.Type

/** The model that serves a slot: the profile's own choice, else its default model. */
export const slotModel = (profile: Profile, slot: ModelSlot): string => profile.models[slot] ?? profile.defaultModel
