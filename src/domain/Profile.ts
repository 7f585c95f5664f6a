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
const secondsOrNone = Schema.NonNegative.annotations({ description: "a number of seconds, 0 or more" })
const bytes = Schema.NonNegative.annotations({ description: "a number of bytes, 0 or more" })
/** A number of tokens that somebody sets a limit with. */
export const tokens = Schema.Int.pipe(Schema.positive()).annotations({ description: "a whole number, 1 or more" })

// in a file it is text
const wrapped = Schema.RedactedFromSelf(Schema.String).annotations({ jsonSchema: { type: "string" } })

/** A secret: text in a file, `Redacted` in the code. The loader redacts before it decodes, so both are read. */
const Secret = Schema.Union(Schema.Redacted(Schema.String), wrapped).annotations({
  description: "a string",
  jsonSchema: { type: "string" }
})

/** How claudex proves to the provider who asks. `api_key` is an old spelling that example files taught. */
export const AuthType = Schema.Union(
  Schema.Literal("api-key", "oauth"),
  Schema.transformLiteral("api_key", "api-key")
).annotations({ description: 'one of "api-key", "oauth"' })
export type AuthType = typeof AuthType.Type

/** What the keys about waiting mean, for all profiles and for one. */
const waiting = {
  connect: "Until a connection stands, TLS included, in seconds.",
  firstByte: "From the request until the first byte of the answer's body, in seconds.",
  idle: "Silence inside an answer, in seconds.",
  progress: "Keep-alives and nothing of an answer, in seconds; 0 for no such limit.",
  minimumPace: "An answer that brings fewer bytes a second, over half a minute, counts as stalled; 0 for no such limit."
}

/** Limits on waiting. There is deliberately no limit on a whole answer. */
export const Timeouts = Schema.Struct({
  connect: withDefault(seconds, "connect_seconds", () => 10, waiting.connect),
  firstByte: withDefault(seconds, "first_byte_seconds", () => 300, waiting.firstByte),
  idle: withDefault(seconds, "idle_seconds", () => 300, waiting.idle),
  progress: withDefault(secondsOrNone, "progress_seconds", () => 900, waiting.progress),
  minimumPace: withDefault(bytes, "min_bytes_per_second", () => 0, waiting.minimumPace)
})
export type Timeouts = typeof Timeouts.Type

/** The same keys without defaults: what a profile overrides. */
export const TimeoutOverrides = Schema.Struct({
  connect: optional(seconds, "connect_seconds", waiting.connect),
  firstByte: optional(seconds, "first_byte_seconds", waiting.firstByte),
  idle: optional(seconds, "idle_seconds", waiting.idle),
  progress: optional(secondsOrNone, "progress_seconds", waiting.progress),
  minimumPace: optional(bytes, "min_bytes_per_second", waiting.minimumPace)
})

/** How much of a provider is used at a time; what is more waits. */
export const ProfileLimits = Schema.Struct({
  concurrent: optional(tokens, "max_concurrent", "How many requests may be under way."),
  requestsPerMinute: optional(tokens, "requests_per_minute", "How many requests may begin within a minute."),
  tokensPerMinute: optional(
    tokens,
    "tokens_per_minute",
    "How many tokens of prompts, as estimated, may go out within a minute."
  )
})
export type ProfileLimits = typeof ProfileLimits.Type

const tier = <Slot extends ModelSlot>(name: Slot) =>
  optional(Schema.NonEmptyString, name, `The model behind "${name}" of Claude Code.`)

const own = "What differs from it for this profile."

const fields = Schema.Struct({
  name: required(Schema.NonEmptyString, "name", "Unique; also a part of the gateway's address."),
  providerType: withDefault(
    ProviderType,
    "provider_type",
    () => "DirectAnthropic" as const,
    "The protocol that the provider speaks: Anthropic Messages (handed on byte for byte), Chat Completions, or Responses."
  ),
  baseUrl: required(Schema.String, "base_url", "The provider's address, as far as its paths have it in common."),
  apiKey: optional(Secret, "api_key", 'The API key itself, or "${NAME}" for that of a variable.'),
  apiKeyEnv: optional(Schema.NonEmptyString, "api_key_env", "The environment variable that holds the API key."),
  apiKeyKeyring: optional(
    Schema.NonEmptyString,
    "api_key_keyring",
    "The name under which claudex profile set-key has stored the API key."
  ),
  defaultModel: required(
    Schema.NonEmptyString,
    "default_model",
    "The model where Claude Code's own choice stands for none of this provider's."
  ),
  backupProviders: withDefault(
    Schema.Array(Schema.String),
    "backup_providers",
    () => [],
    "Profiles to try, in this order, when this one fails before it has answered anything."
  ),
  customHeaders: withDefault(
    Schema.Record({ key: Schema.String, value: Secret }),
    "custom_headers",
    () => ({}),
    "Headers that are sent to the provider with every request."
  ),
  extraEnv: withDefault(strings, "extra_env", () => ({}), "Variables that are set for Claude Code."),
  priority: withDefault(
    Schema.Int.pipe(Schema.nonNegative()).annotations({ description: "a whole number, 0 or more" }),
    "priority",
    () => 100,
    "Order among profiles where claudex may choose (any_profile): smaller goes first."
  ),
  enabled: withDefault(
    Schema.Boolean,
    "enabled",
    () => true,
    "When it is false the profile stays, but cannot be used."
  ),
  authType: withDefault(
    AuthType,
    "auth_type",
    () => "api-key" as const,
    "Whether an API key or a subscription pays; the latter together with oauth_provider."
  ),
  authHeader: optional(
    Schema.Literal("bearer", "x-api-key"),
    "auth_header",
    "How the key is sent; without it as the provider is known to want it."
  ),
  oauthProvider: optional(
    Schema.Literal("claude", "chatgpt", "openai", "google", "qwen", "kimi", "github", "gitlab"),
    "oauth_provider",
    "Whose subscription it is."
  ),
  models: withDefault(
    Schema.Struct({ haiku: tier("haiku"), sonnet: tier("sonnet"), opus: tier("opus"), fable: tier("fable") }),
    "models",
    () => ({}),
    "What the tiers of Claude Code's /model menu stand for; without one: default_model."
  ),
  maxTokens: optional(tokens, "max_tokens", "Upper limit for the tokens of an answer, whatever Claude Code asks for."),
  contextWindow: optional(
    tokens,
    "context_window",
    "The model's context window in tokens, where claudex does not know it or knows it wrong."
  ),
  stripParams: withDefault(
    Schema.Union(Schema.String, Schema.Array(Schema.String), Schema.Literal(false)).annotations({
      description: '"auto", "none", a list of strings, or false'
    }),
    "strip_params",
    () => "auto",
    'Top-level request fields that are never sent; "auto": those that known hosts refuse.'
  ),
  queryParams: withDefault(
    strings,
    "query_params",
    () => ({}),
    "Parameters that are added to the address of every request."
  ),
  dialect: optional(
    Schema.NonEmptyString,
    "dialect",
    "Who the provider is, where its address does not tell: a name that config.example.toml lists."
  ),
  quirks: withDefault(
    Quirks,
    "quirks",
    () => ({}),
    "What differs from what claudex knows of the provider and the model; claudex profile show tells that."
  ),
  timeouts: withDefault(TimeoutOverrides, "timeouts", () => ({}), `Limits on waiting, as in [timeouts]. ${own}`),
  limits: withDefault(
    ProfileLimits,
    "limits",
    () => ({}),
    "How much of the provider is used at a time; what is more waits, the main conversation before its subagents."
  ),
  resilience: withDefault(
    ResilienceOverrides,
    "resilience",
    () => ({}),
    `When to give up on the provider for a while, as in [resilience]. ${own}`
  )
})
export interface Profile extends Schema.Schema.Type<typeof fields> {}
/** The same as a configuration file holds it. */
export interface ProfileEncoded extends Schema.Schema.Encoded<typeof fields> {}
/** By names, so that compilers and editors do not write all of it out wherever one stands. */
export const Profile: Schema.Schema<Profile, ProfileEncoded> = fields

/** Claude Code with its own claude.ai login: nothing of it goes through claudex (design §6, decision 9). */
export const usesClaudeLogin = (profile: Pick<Profile, "authType" | "oauthProvider">): boolean =>
  profile.authType === "oauth" && profile.oauthProvider === "claude"

/** The model that serves a slot: the profile's own choice, else its default model. */
export const slotModel = (profile: Profile, slot: ModelSlot): string => profile.models[slot] ?? profile.defaultModel
