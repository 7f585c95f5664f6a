/** OpenAI and those who serve OpenAI's own models. Facts dated 2026-11. */
import { version } from "../../domain/version.ts"
import type { Policy } from "../../protocol/policy.ts"
import type { ModelRow, ProviderRow } from "./row.ts"

/** OpenAI's models that write commentary between their calls. [microsoft/vscode-copilot-chat#3582] */
export const phasedModels: ModelRow = {
  match: /^gpt-(5\.3-codex|5\.[4-9]|[6-9]|\d\d)/,
  example: "gpt-5.3-codex",
  responses: { messagePhases: true }
}

/**
 * OpenAI's reasoning models, wherever they are served: `developer` role, `max_completion_tokens`, no sampling, no stop
 * sequences. Effort words by generation: OpenAI model pages. `max` exists in Responses only (wire specification §4.9.1).
 */
const openaiModels: ReadonlyArray<ModelRow> = [
  {
    match: /^(o\d|gpt-([5-9]|\d\d)|codex)(?!.*-chat\b)/,
    example: "o3",
    policy: {
      systemRole: "developer",
      maxTokensField: "max_completion_tokens",
      sampling: [],
      maxStop: 0,
      effort: "reasoning_effort",
      efforts: ["low", "medium", "high"],
      // optional arguments come as "" [Wei-Shaw/sub2api#1995; icebear0828/codex-proxy#533]
      pruneEmptyArguments: true
    },
    // "Encrypted content is not supported with this model": only with models that reason
    responses: { encryptedReasoning: true }
  },
  {
    match: /^gpt-5(?![.\d])(?!.*-(chat|codex|pro))/,
    example: "gpt-5-mini",
    policy: { efforts: ["minimal", "low", "medium", "high"] }
  },
  {
    match: /^gpt-5\.1(?!.*-(chat|codex))/,
    example: "gpt-5.1",
    policy: { efforts: ["none", "low", "medium", "high"] }
  },
  {
    match: /^gpt-(5\.1-codex-max|5\.[23])/,
    example: "gpt-5.3-codex",
    policy: { efforts: ["low", "medium", "high", "xhigh"] }
  },
  phasedModels,
  {
    match: /^gpt-5\.[23](?!.*-(chat|codex|pro))/,
    example: "gpt-5.2",
    policy: { efforts: ["none", "low", "medium", "high", "xhigh"] }
  },
  // With tools, Chat Completions takes no other effort from here on; reasoning needs the Responses protocol.
  // [openai/openai-openapi#541; BerriAI/litellm#34569]
  {
    match: /^gpt-5\.[4-9]/,
    example: "gpt-5.4",
    policy: { efforts: ["none"] },
    responses: { efforts: ["none", "low", "medium", "high", "xhigh"] }
  },
  // [anomalyco/opencode#36141]
  {
    match: /^gpt-5\.[6-9]/,
    example: "gpt-5.6-terra",
    responses: { efforts: ["none", "low", "medium", "high", "xhigh", "max"] }
  },
  {
    match: /^gpt-([6-9]|\d\d)/,
    example: "gpt-6",
    policy: { efforts: ["low", "medium", "high", "xhigh"] },
    responses: { efforts: ["low", "medium", "high", "xhigh", "max"] }
  },
  {
    match: /^gpt-5(\.\d)?-pro/,
    example: "gpt-5-pro",
    policy: { efforts: ["high"] },
    responses: { efforts: ["high"] }
  },
  { match: /^gpt-5.*-chat\b/, example: "gpt-5-chat-latest", policy: { maxTokensField: "max_completion_tokens" } }
]

/** The models that search by themselves in Chat; others refuse the field. */
const searching: ModelRow = {
  match: /-search-(preview|api)/,
  example: "gpt-4o-search-preview",
  policy: { webSearch: "web_search_options" },
  responses: { webSearch: "hosted" }
}

/** Of everybody who serves them. */
const common: Partial<Policy> = {
  systemPlacement: "inline",
  strictTools: true,
  thinkTags: false,
  encryptedReasoning: false,
  // "string too long, expected 40" [microsoft/autogen#6377]; other providers' odd ids are not tried
  idPattern: /^[a-zA-Z0-9_-]{1,40}$/
}

const openai: Partial<Policy> = { ...common, pdf: "file", cacheKey: true, priorityTier: true }

/** Request fields that the ChatGPT backend answers with "Unsupported parameter" (wire specification §3.3). */
const refusedByChatgpt = [
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

export const openaiRows: ReadonlyArray<ProviderRow> = [
  {
    kind: "openai",
    label: "OpenAI",
    alsoCalled: ["gpt"],
    example: "https://api.openai.com/v1",
    host: /(^|\.)api\.openai\.com$/,
    auth: "bearer",
    reportsCache: true,
    source: ["§2, §3, §4.14", "OpenAI model pages"],
    policy: openai,
    responses: { minTokens: 16, resultMedia: "inline-parts", webSearch: "hosted" },
    models: [...openaiModels, searching]
  },
  {
    kind: "azure",
    label: "Azure OpenAI",
    example: "https://mine.openai.azure.com/openai/v1",
    ownAddress: true,
    // The names of Azure's OpenAI, Cognitive Services and AI Foundry endpoints; all three take the same key header.
    host: /\.(openai|cognitiveservices|services\.ai)\.azure\.(com|us|cn)$/,
    auth: "api-key",
    reportsCache: true,
    source: ["§4.14"],
    policy: common,
    responses: { minTokens: 16, resultMedia: "inline-parts", pdf: "file" },
    models: openaiModels
  },
  {
    kind: "chatgpt",
    label: "ChatGPT subscription",
    alsoCalled: ["codex"],
    example: "https://chatgpt.com/backend-api/codex",
    responsesOnly: true,
    host: /(^|\.)chatgpt\.com$/,
    auth: "bearer",
    // Of the headers in §3.3, `chatgpt-account-id` is the user's own.
    headers: { originator: "claudex", "openai-beta": "responses=experimental", accept: "text/event-stream" },
    strip: refusedByChatgpt,
    reportsCache: true,
    source: ["§3.3"],
    policy: {
      ...openai,
      systemRole: "developer",
      sampling: [],
      maxStop: 0,
      sessionHeader: "session_id",
      forceStream: true,
      alwaysFields: ["instructions", "tools", "tool_choice", "parallel_tool_calls"]
    },
    responses: { resultMedia: "inline-parts", webSearch: "hosted", encryptedReasoning: true },
    models: openaiModels
  },
  {
    kind: "copilot",
    label: "GitHub Copilot",
    alsoCalled: ["github"],
    example: "https://api.githubcopilot.com",
    host: /(^|\.)api(\.[a-z]+)?\.githubcopilot\.com$/,
    auth: "bearer",
    // The id is the one that the service knows for chat in an editor; who we are stands beside it.
    headers: {
      "copilot-integration-id": "vscode-chat",
      "editor-version": `claudex/${version}`,
      "openai-intent": "conversation-agent"
    },
    anthropic: "https://api.githubcopilot.com",
    reportsCache: true,
    source: ["§4.14", "ericc-ch/copilot-api"],
    // Gemini's calls are refused without what came with them [anomalyco/opencode#4468]
    policy: { thinkTags: false, requestHeaders: "copilot", reasoningReplay: "reasoning_opaque" },
    responses: { resultMedia: "inline-parts" },
    models: [
      phasedModels,
      {
        match: /^(o\d|gpt-([5-9]|\d\d))(?!.*-chat\b)/,
        example: "gpt-5.1",
        policy: {
          sampling: [],
          maxStop: 0,
          effort: "reasoning_effort",
          efforts: ["low", "medium", "high"],
          pruneEmptyArguments: true
        }
      }
    ]
  }
]
