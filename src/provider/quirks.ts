/**
 * What differs between providers, as one table: who it is, by host or port or model; how it wants the key; how its Chat
 * Completions dialect differs from the generic one. A new provider is a new row. Nothing else in claudex asks for a
 * host's name.
 *
 * Sources: wire specification §4.9.1 and §4.14; what a row adds to them is noted beside it. Dated 2026-11.
 */
import type { Profile } from "../domain/Profile.ts"
import { genericPolicy, type Policy } from "../protocol/policy.ts"
import type { Protocol } from "../protocol/target.ts"

/** Differences for some of a provider's models; all matching rows apply, later ones win. */
export interface ModelRow {
  /** Against the model's name in lower case, without a vendor prefix such as `openai/`. */
  readonly match: RegExp
  readonly policy: Partial<Policy>
  /** What else holds when the protocol is Responses, above `policy`. */
  readonly responses?: Partial<Policy>
}

export interface ProviderRow {
  /** Name of the provider in reasoning envelopes and error messages. */
  readonly kind: string
  /** Against the host name in lower case. */
  readonly host?: RegExp
  /** The port a local server of this kind listens on; looked at only when the host is on this machine or its network. */
  readonly port?: number
  /** How the key is sent. */
  readonly auth: "bearer" | "api-key"
  /** Extra request headers. */
  readonly headers?: Readonly<Record<string, string>>
  /** Top-level request fields that the provider refuses and that are never sent to it. */
  readonly strip?: ReadonlyArray<string>
  readonly policy: Partial<Policy>
  /** What else holds when the protocol is Responses, above `policy`. */
  readonly responses?: Partial<Policy>
  readonly models?: ReadonlyArray<ModelRow>
}

/**
 * OpenAI's reasoning models, wherever they are served: `developer` role, `max_completion_tokens`, no sampling, no stop
 * sequences. Effort words by generation: OpenAI model pages.
 */
const openaiModels: ReadonlyArray<ModelRow> = [
  {
    match: /^(o\d|gpt-([5-9]|\d\d)|codex)(?!.*-chat\b)/,
    policy: {
      systemRole: "developer",
      maxTokensField: "max_completion_tokens",
      sampling: [],
      maxStop: 0,
      effort: "reasoning_effort",
      efforts: ["low", "medium", "high"]
    },
    responses: { encryptedReasoning: true }
  },
  { match: /^gpt-5(?![.\d])(?!.*-(chat|codex|pro))/, policy: { efforts: ["minimal", "low", "medium", "high"] } },
  { match: /^gpt-5\.1(?!.*-(chat|codex))/, policy: { efforts: ["none", "low", "medium", "high"] } },
  { match: /^gpt-(5\.1-codex-max|5\.[23])/, policy: { efforts: ["low", "medium", "high", "xhigh"] } },
  { match: /^gpt-5\.[23](?!.*-(chat|codex|pro))/, policy: { efforts: ["none", "low", "medium", "high", "xhigh"] } },
  // With tools, Chat Completions takes no other effort from here on; reasoning needs the Responses protocol.
  // [openai/openai-openapi#541; BerriAI/litellm#34569]
  {
    match: /^gpt-5\.[4-9]/,
    policy: { efforts: ["none"] },
    responses: { efforts: ["none", "low", "medium", "high", "xhigh"] }
  },
  { match: /^gpt-([6-9]|\d\d)/, policy: { efforts: ["low", "medium", "high", "xhigh", "max"] } },
  { match: /^gpt-5(\.\d)?-pro/, policy: { efforts: ["high"] }, responses: { efforts: ["high"] } },
  { match: /^gpt-5.*-chat\b/, policy: { maxTokensField: "max_completion_tokens" } }
]

const openai: Partial<Policy> = {
  systemPlacement: "inline",
  strictTools: true,
  pdf: "file",
  thinkTags: false,
  cacheKey: true
}

/** What the ChatGPT backend answers with "Unsupported parameter". */
const refusedByChatgpt: ReadonlyArray<string> = [
  "max_output_tokens",
  "max_completion_tokens",
  "max_tokens",
  "temperature",
  "top_p",
  "top_k",
  "max_tool_calls",
  "truncation",
  "user",
  "safety_identifier",
  "context_management",
  "prompt_cache_retention",
  "prompt_cache_options",
  "stream_options",
  "previous_response_id"
]

const openaiResponses: Partial<Policy> = {
  minTokens: 16,
  resultMedia: "inline-parts",
  webSearch: "hosted",
  // "Encrypted content is not supported with this model": only models that reason take it
  encryptedReasoning: false
}

/** The first row that matches wins. */
export const providers: ReadonlyArray<ProviderRow> = [
  {
    kind: "openai",
    host: /(^|\.)api\.openai\.com$/,
    auth: "bearer",
    policy: openai,
    responses: openaiResponses,
    models: openaiModels
  },
  {
    kind: "azure",
    // The names of Azure's OpenAI, Cognitive Services and AI Foundry endpoints; all three take the same key header.
    host: /\.(openai|cognitiveservices|services\.ai)\.azure\.(com|us|cn)$/,
    auth: "api-key",
    policy: { ...openai, cacheKey: false, pdf: "text" },
    responses: { ...openaiResponses, pdf: "file", webSearch: "none" },
    models: openaiModels
  },
  {
    kind: "chatgpt",
    host: /(^|\.)chatgpt\.com$/,
    auth: "bearer",
    // What the backend takes is in wire specification §3.3; of the headers, `chatgpt-account-id` is the user's own.
    headers: { originator: "claudex", "openai-beta": "responses=experimental", accept: "text/event-stream" },
    strip: refusedByChatgpt,
    policy: {
      ...openai,
      systemRole: "developer",
      sampling: [],
      sessionHeader: "session_id",
      priorityTier: true,
      forceStream: true,
      alwaysFields: ["instructions", "tools", "tool_choice", "parallel_tool_calls"]
    },
    responses: { ...openaiResponses, minTokens: 1, encryptedReasoning: true },
    models: openaiModels
  },
  {
    kind: "openrouter",
    host: /(^|\.)openrouter\.ai$/,
    auth: "bearer",
    headers: { "http-referer": "https://github.com/StringKe/claudex", "x-title": "claudex" },
    policy: {
      systemPlacement: "inline",
      pdf: "file",
      sampling: ["temperature", "top_p", "top_k"],
      // OpenRouter translates the OpenAI field for every model that reasons, and ignores it elsewhere.
      effort: "reasoning_effort",
      efforts: ["none", "minimal", "low", "medium", "high", "xhigh"],
      reasoningReplay: "reasoning_details",
      thinkTags: false
    }
  },
  {
    kind: "xai",
    host: /(^|\.)api\.x\.ai$/,
    auth: "bearer",
    policy: { systemPlacement: "inline", thinkTags: false, reasoningExtra: true },
    models: [
      // "Argument not supported on this model: stop": every model that reasons [langchain-ai/langchain#38335]
      { match: /^grok-(?!2|beta|.*non-reasoning)/, policy: { maxStop: 0 } },
      { match: /^grok-3-mini/, policy: { effort: "reasoning_effort", efforts: ["low", "high"] } },
      {
        match: /^grok-4\.(3|[5-9]|20-multi-agent)/,
        policy: { effort: "reasoning_effort", efforts: ["low", "medium", "high"] }
      },
      { match: /^grok-4\.[67]/, policy: { efforts: ["low", "medium", "high", "xhigh"] } }
    ]
  },
  {
    kind: "deepseek",
    host: /(^|\.)api\.deepseek\.com$/,
    auth: "bearer",
    policy: {
      // Thinking is on unless switched off: sampling is ignored and a forced tool choice refused.
      sampling: [],
      toolChoice: "none",
      structuredOutput: "json_object",
      vision: false,
      thinkTags: false,
      reasoningReplay: "reasoning_content",
      reasoningFallback: "",
      // api-docs.deepseek.com, create-chat-completion (2026-06): high or max
      effort: "reasoning_effort",
      efforts: ["high", "max"]
    },
    models: [{ match: /vision/, policy: { vision: true } }]
  },
  {
    kind: "groq",
    host: /(^|\.)api\.groq\.com$/,
    auth: "bearer",
    // console.groq.com/docs/openai: max_tokens is deprecated there
    policy: { maxTokensField: "max_completion_tokens" },
    models: [{ match: /^gpt-oss/, policy: { effort: "reasoning_effort", efforts: ["low", "medium", "high"] } }]
  },
  {
    kind: "ollama",
    port: 11_434,
    auth: "bearer",
    policy: { toolChoice: "none", parallelFlag: false, imageUrls: "data-only" },
    models: [{ match: /^gpt-oss/, policy: { effort: "reasoning_effort", efforts: ["low", "medium", "high"] } }]
  },
  {
    kind: "lmstudio",
    port: 1234,
    auth: "bearer",
    // takes the words of tool_choice but not an object that names a tool
    policy: { toolChoice: "words", parallelFlag: false, imageUrls: "data-only" }
  },
  {
    kind: "llamacpp",
    port: 8080,
    auth: "bearer",
    policy: { sampling: ["temperature", "top_p", "top_k"], reasoningReplay: "reasoning_content" }
  }
]

/** Any other server: the generic dialect, the key as a bearer token. */
const generic: ProviderRow = { kind: genericPolicy.kind, auth: "bearer", policy: {} }

/** Loopback, private networks, and names that only a local network resolves. */
const isNearby = (host: string): boolean =>
  host === "localhost" ||
  /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\.|^\[(::1|f[cd]|fe80)/.test(host) ||
  /\.(local|lan|internal|localhost|home\.arpa)$/.test(host) ||
  !/[.:]/.test(host)

const matches = (row: ProviderRow, host: string, port: number): boolean =>
  row.host?.test(host) === true || (row.port === port && isNearby(host))

/** The provider behind a base URL. */
export const providerOf = (baseUrl: string): ProviderRow => {
  if (!URL.canParse(baseUrl)) return generic
  const url = new URL(baseUrl)
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port)
  return providers.find((row) => matches(row, url.hostname.toLowerCase(), port)) ?? generic
}

/** The name by which model rows match. */
const bareModel = (model: string): string => model.toLowerCase().replace(/^.*\//, "")

/** How the profile's provider wants requests for this model (its own name for it) in the protocol. */
export const policyFor = (profile: Pick<Profile, "baseUrl">, model: string, protocol: Protocol = "chat"): Policy => {
  const row = providerOf(profile.baseUrl)
  const name = bareModel(model)
  const rows = [row, ...(row.models ?? []).filter((candidate) => candidate.match.test(name))]
  const shared = rows.map((found) => found.policy)
  const own = protocol === "responses" ? rows.map((found) => found.responses ?? {}) : []
  return Object.assign({}, genericPolicy, { kind: row.kind }, ...shared, ...own)
}

/** The top-level request fields that are never sent for this profile: its own choice, or what its provider refuses. */
export const strippedParams = (profile: Pick<Profile, "baseUrl" | "stripParams">): ReadonlyArray<string> => {
  const choice = profile.stripParams
  if (choice === "auto") return providerOf(profile.baseUrl).strip ?? []
  if (choice === false || choice === "none") return []
  const names = typeof choice === "string" ? choice.split(",") : choice
  return names.map((name) => name.trim()).filter((name) => name !== "")
}
