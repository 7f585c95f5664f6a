/**
 * The configuration file as one schema: every key, its type and its default.
 *
 * The quoted keys are those of the file, the property names those of the code; profiles are described in
 * `domain/Profile.ts`. `config.example.toml` shows each key to its user, `docs/configuration.md` lists them all.
 */
import { Schema } from "effect"
import { withDefault } from "../domain/keys.ts"
import { ModelOverride } from "../domain/ModelInfo.ts"
import { Profile, Timeouts } from "../domain/Profile.ts"
import { Resilience } from "../domain/Resilience.ts"

/** A table that may be left out: its default is what its own keys' defaults make of an empty one. */
const section = <A, I extends object, Key extends string>(
  schema: Schema.Schema<A, I>,
  key: Key,
  empty: NoInfer<I>,
  meaning: string
) => withDefault(schema, key, () => Schema.decodeSync(schema)(empty), meaning)

const names = Schema.Record({ key: Schema.String, value: Schema.String })
const flag = <Key extends string>(key: Key, value: boolean, meaning: string) =>
  withDefault(Schema.Boolean, key, () => value, meaning)
const text = <Key extends string>(key: Key, value: string, meaning: string) =>
  withDefault(Schema.String, key, () => value, meaning)

const count = Schema.Int.pipe(Schema.positive()).annotations({ description: "a whole number, 1 or more" })

/** 0 stands for any free port. */
const port = Schema.Int.pipe(Schema.between(0, 65_535)).annotations({
  description: "a whole number from 0 to 65535"
})

/** How much is logged; each level includes those before it. */
export const LogLevel = Schema.Literal("off", "error", "warn", "info", "debug", "trace")
export type LogLevel = typeof LogLevel.Type

/** Whether paths and URLs that Claude Code prints become links; "auto" asks the terminal. Old spellings are read. */
export const Hyperlinks = Schema.Union(
  Schema.Boolean,
  Schema.Literal("auto"),
  Schema.transformLiterals(
    ["true", true],
    ["on", true],
    ["enabled", true],
    ["false", false],
    ["off", false],
    ["disabled", false]
  )
).annotations({ description: '"auto", true or false' })

/** Which profile serves a conversation started on `auto`. */
export const Router = Schema.Struct({
  enabled: flag("enabled", false, "Whether claudex run auto chooses a profile."),
  profile: text("profile", "", "The profile that classifies; empty when none was chosen."),
  model: text("model", "", "Its model for that; empty for its default_model."),
  rules: withDefault(
    names,
    "rules",
    () => ({}),
    "Intent (code, analysis, creative, search, math or default) to the name of a profile."
  )
})
export type Router = typeof Router.Type

/** Summaries of the older part of a long conversation. */
export const Compression = Schema.Struct({
  enabled: flag("enabled", false, "Whether the older part of a long conversation is summarised."),
  thresholdTokens: withDefault(count, "threshold_tokens", () => 50_000, "From which size on, in tokens."),
  keepRecent: withDefault(count, "keep_recent", () => 10, "How many of the last messages stay as they are."),
  profile: text("profile", "", "The profile that summarises."),
  model: text("model", "", "Its model for that; empty for its default_model.")
})

/** What one profile's conversation lets another profile know. */
export const Sharing = Schema.Struct({
  enabled: flag("enabled", false, "Whether a conversation on one profile lets another profile know something of it."),
  maxContextSize: withDefault(count, "max_context_size", () => 2_000, "How much of it, in tokens.")
})

/** Retrieval of related pieces of the project's files. */
export const Rag = Schema.Struct({
  enabled: flag("enabled", false, "Whether related pieces of the project's files are added."),
  indexPaths: withDefault(
    Schema.Array(Schema.String),
    "index_paths",
    () => [],
    "Files and directories to index, relative to the working directory."
  ),
  profile: text("profile", "", "The profile that embeds."),
  model: text("model", "", "Its model for that; empty for its default_model."),
  chunkSize: withDefault(count, "chunk_size", () => 512, "The size of a piece, in tokens."),
  topK: withDefault(count, "top_k", () => 5, "How many pieces are added.")
})

/** The optional steps that change what a model is shown. All are off by default. */
export const ContextEngine = Schema.Struct({
  compression: section(Compression, "compression", {}, "Summaries of the older part of a long conversation."),
  sharing: section(Sharing, "sharing", {}, "What a conversation on one profile lets another profile know."),
  rag: section(Rag, "rag", {}, "Related pieces of the project's files.")
})
export type ContextEngine = typeof ContextEngine.Type

const positive = Schema.Positive.annotations({ description: "a number greater than 0" })

/** What requests of all profiles together may take. */
export const Limits = Schema.Struct({
  memory: withDefault(
    positive,
    "memory_mb",
    () => 512,
    "Bodies of requests under way, in megabytes; more are told to come back."
  ),
  queue: withDefault(
    positive,
    "queue_seconds",
    () => 120,
    "How long a request waits for its turn at a profile that has limits, in seconds."
  )
})

/** Looking after profiles while nobody uses them. */
export const HealthChecks = Schema.Struct({
  enabled: flag(
    "enabled",
    true,
    "Whether profiles that nobody uses at the moment are looked at, without spending tokens."
  ),
  interval: withDefault(positive, "interval_seconds", () => 60, "Seconds from one look at a profile to the next."),
  concurrent: withDefault(count, "concurrent", () => 4, "How many profiles are looked at at the same time."),
  timeout: withDefault(positive, "timeout_seconds", () => 5, "Seconds until a look fails.")
})

/** What is kept of each request, without what was said in it. */
export const JournalSettings = Schema.Struct({
  enabled: flag("enabled", true, "Whether a record of each request is kept on disk. Read when the gateway starts."),
  size: withDefault(positive, "max_mb", () => 32, "How much is kept of all of them together, in megabytes."),
  days: withDefault(positive, "max_days", () => 30, "How long a record is kept, in days.")
})

/** How much of its log the gateway keeps. */
export const LogSettings = Schema.Struct({
  size: withDefault(positive, "max_mb", () => 16, "How much is kept of all its files together, in megabytes."),
  days: withDefault(positive, "max_days", () => 14, "How long a file is kept, in days.")
})

/** Where traces, logs and metrics go besides this machine. */
export const Telemetry = Schema.Struct({
  otlpEndpoint: text(
    "otlp_endpoint",
    "",
    "The base URL of a collector that takes JSON over HTTP; empty for that of OTEL_EXPORTER_OTLP_ENDPOINT, or none. Read when the gateway starts."
  )
})

const fields = Schema.Struct({
  claudeBinary: withDefault(
    Schema.NonEmptyString,
    "claude_binary",
    () => "claude",
    "The Claude Code to start: a name to look up in PATH, or a path."
  ),
  proxyPort: withDefault(port, "proxy_port", () => 13_456, "The port of the gateway; 0 takes any free one."),
  proxyHost: withDefault(
    Schema.NonEmptyString,
    "proxy_host",
    () => "127.0.0.1",
    "The address on which the gateway listens."
  ),
  allowRemote: flag("allow_remote", false, "Your consent to a proxy_host that other machines can reach."),
  logLevel: withDefault(
    LogLevel,
    "log_level",
    () => "info" as const,
    "How much the gateway logs; each level includes those before it."
  ),
  hyperlinks: withDefault(
    Hyperlinks,
    "hyperlinks",
    () => "auto" as const,
    "Whether paths and addresses in the terminal can be clicked."
  ),
  defaultProfile: text("default_profile", "", "The profile of a claudex run that names none; empty for none."),
  profiles: withDefault(
    Schema.Array(Profile).annotations({ description: "a list of [[profiles]] tables" }),
    "profiles",
    () => [],
    "One table for each account at a provider: claudex run <name>."
  ),
  modelAliases: withDefault(
    names,
    "model_aliases",
    () => ({}),
    "Short names for models, for -m and wherever a model is named."
  ),
  modelInfo: withDefault(
    Schema.Record({ key: Schema.String, value: ModelOverride }),
    "model_info",
    () => ({}),
    "What you know better about a model than claudex, by its name or by the beginning of names with a * behind it; the longest that fits wins."
  ),
  router: section(
    Router,
    "router",
    {},
    "Choosing a profile by what a conversation is about. Checked, but not yet in effect in this version."
  ),
  context: section(
    ContextEngine,
    "context",
    {},
    "Steps that change what a model is shown. Checked, but not yet in effect in this version."
  ),
  timeouts: section(Timeouts, "timeouts", {}, "Limits on waiting. There is none on a whole answer."),
  resilience: section(
    Resilience,
    "resilience",
    {},
    "When to give up on a provider for a while, and what to try instead. Only what has not begun to answer is tried again."
  ),
  limits: section(Limits, "limits", {}, "What requests of all profiles together may take."),
  health: section(HealthChecks, "health", {}, "Looking after the profiles that nobody uses at the moment."),
  journal: section(
    JournalSettings,
    "journal",
    {},
    "What is kept of each request (claudex explain), without what was said in it."
  ),
  log: section(LogSettings, "log", {}, "How much of its log (claudex logs) the gateway keeps."),
  telemetry: section(Telemetry, "telemetry", {}, "Where traces, logs and metrics go besides this machine.")
})
export interface ConfigFile extends Schema.Schema.Type<typeof fields> {}
/** The same as a file holds it. */
export interface ConfigFileEncoded extends Schema.Schema.Encoded<typeof fields> {}
/** By names, so that compilers and editors do not write all of it out wherever one stands. */
export const ConfigFile: Schema.Schema<ConfigFile, ConfigFileEncoded> = fields
