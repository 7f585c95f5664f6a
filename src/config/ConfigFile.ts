/**
 * The configuration file as one schema: every key, its type and its default.
 *
 * The quoted keys are those of the file, the property names those of the code; profiles are described in
 * `domain/Profile.ts`. `config.example.toml` documents each key for its user.
 */
import { Schema } from "effect"
import { withDefault } from "../domain/keys.ts"
import { ModelOverride } from "../domain/ModelInfo.ts"
import { Profile, Timeouts } from "../domain/Profile.ts"
import { Resilience } from "../domain/Resilience.ts"

/** A table that may be left out: its default is what its own keys' defaults make of an empty one. */
const section = <A, I extends object, Key extends string>(schema: Schema.Schema<A, I>, key: Key, empty: NoInfer<I>) =>
  withDefault(schema, key, () => Schema.decodeSync(schema)(empty))

const names = Schema.Record({ key: Schema.String, value: Schema.String })
const flag = <Key extends string>(key: Key, value: boolean) => withDefault(Schema.Boolean, key, () => value)
const text = <Key extends string>(key: Key, value: string) => withDefault(Schema.String, key, () => value)

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
  enabled: flag("enabled", false),
  /** The profile whose model classifies; "" when none was chosen. */
  profile: text("profile", ""),
  /** The classifying model; "" means that profile's default model. */
  model: text("model", ""),
  /** Intent (code, analysis, creative, search, math, default) to profile name. */
  rules: withDefault(names, "rules", () => ({}))
})
export type Router = typeof Router.Type

/** Summaries of the older part of a long conversation. */
export const Compression = Schema.Struct({
  enabled: flag("enabled", false),
  /** Size of a conversation, in tokens, from which it is compressed. */
  thresholdTokens: withDefault(count, "threshold_tokens", () => 50_000),
  /** How many of the last messages stay as they are. */
  keepRecent: withDefault(count, "keep_recent", () => 10),
  profile: text("profile", ""),
  model: text("model", "")
})

/** What one profile's conversation lets another profile know. */
export const Sharing = Schema.Struct({
  enabled: flag("enabled", false),
  /** In tokens. */
  maxContextSize: withDefault(count, "max_context_size", () => 2_000)
})

/** Retrieval of related pieces of the project's files. */
export const Rag = Schema.Struct({
  enabled: flag("enabled", false),
  /** Files and directories to index, relative to the working directory. */
  indexPaths: withDefault(Schema.Array(Schema.String), "index_paths", () => []),
  profile: text("profile", ""),
  model: text("model", ""),
  /** In tokens. */
  chunkSize: withDefault(count, "chunk_size", () => 512),
  /** How many pieces are added. */
  topK: withDefault(count, "top_k", () => 5)
})

/** The optional steps that change what a model is shown. All are off by default. */
export const ContextEngine = Schema.Struct({
  compression: section(Compression, "compression", {}),
  sharing: section(Sharing, "sharing", {}),
  rag: section(Rag, "rag", {})
})
export type ContextEngine = typeof ContextEngine.Type

const positive = Schema.Positive.annotations({ description: "a number greater than 0" })

/** What requests of all profiles together may take. */
export const Limits = Schema.Struct({
  /** Bodies of requests under way, in megabytes. */
  memory: withDefault(positive, "memory_mb", () => 512),
  /** How long a request waits for its turn at a profile, in seconds. */
  queue: withDefault(positive, "queue_seconds", () => 120)
})

/** Looking after profiles while nobody uses them. */
export const HealthChecks = Schema.Struct({
  enabled: flag("enabled", true),
  /** Seconds from one look at a profile to the next. */
  interval: withDefault(positive, "interval_seconds", () => 60),
  /** How many profiles are looked at at the same time. */
  concurrent: withDefault(count, "concurrent", () => 4),
  /** Seconds until a look fails. */
  timeout: withDefault(positive, "timeout_seconds", () => 5)
})

/** What is kept of each request, without what was said in it. */
export const JournalSettings = Schema.Struct({
  enabled: flag("enabled", true),
  /** Of all its files together, in megabytes. */
  size: withDefault(positive, "max_mb", () => 32),
  days: withDefault(positive, "max_days", () => 30)
})

/** How much of its log the gateway keeps. */
export const LogSettings = Schema.Struct({
  /** Of all its files together, in megabytes. */
  size: withDefault(positive, "max_mb", () => 16),
  days: withDefault(positive, "max_days", () => 14)
})

/** Where traces, logs and metrics go besides this machine. */
export const Telemetry = Schema.Struct({
  /** The base URL of an OTLP collector that takes JSON over HTTP; "" for none. */
  otlpEndpoint: text("otlp_endpoint", "")
})

export const ConfigFile = Schema.Struct({
  /** The executable to launch: a name looked up in PATH, or a path. */
  claudeBinary: withDefault(Schema.NonEmptyString, "claude_binary", () => "claude"),
  /** Where the gateway listens. 0 takes any free port. */
  proxyPort: withDefault(port, "proxy_port", () => 13_456),
  proxyHost: withDefault(Schema.NonEmptyString, "proxy_host", () => "127.0.0.1"),
  /** The user's consent to a `proxy_host` that other machines can reach. */
  allowRemote: flag("allow_remote", false),
  logLevel: withDefault(LogLevel, "log_level", () => "info" as const),
  hyperlinks: withDefault(Hyperlinks, "hyperlinks", () => "auto" as const),
  /** The one of a `claudex run` that names none; "" when none was chosen. */
  defaultProfile: text("default_profile", ""),
  profiles: withDefault(
    Schema.Array(Profile).annotations({ description: "a list of [[profiles]] tables" }),
    "profiles",
    () => []
  ),
  /** Short names for models. */
  modelAliases: withDefault(names, "model_aliases", () => ({})),
  /** What the user knows better than the catalog, by the name of a model or by its beginning with `*` behind it. */
  modelInfo: withDefault(Schema.Record({ key: Schema.String, value: ModelOverride }), "model_info", () => ({})),
  router: section(Router, "router", {}),
  context: section(ContextEngine, "context", {}),
  /** Limits on waiting for every profile that does not set its own. */
  timeouts: section(Timeouts, "timeouts", {}),
  /** When to give up on a provider for a while, and what to try instead. */
  resilience: section(Resilience, "resilience", {}),
  limits: section(Limits, "limits", {}),
  health: section(HealthChecks, "health", {}),
  journal: section(JournalSettings, "journal", {}),
  log: section(LogSettings, "log", {}),
  telemetry: section(Telemetry, "telemetry", {})
})
export type ConfigFile = typeof ConfigFile.Type
