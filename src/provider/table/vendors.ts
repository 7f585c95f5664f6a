/** Vendors of models who serve them themselves. Facts dated 2026-11. */
import { version } from "../../domain/version.ts"
import type { ProviderRow } from "./row.ts"

export const vendorRows: ReadonlyArray<ProviderRow> = [
  {
    kind: "xai",
    label: "xAI",
    alsoCalled: ["grok"],
    example: "https://api.x.ai/v1",
    host: /(^|\.)api\.x\.ai$/,
    auth: "bearer",
    reportsCache: true,
    source: ["§4.12, §4.13, §4.14", "docs.x.ai: prompt caching", "NousResearch/hermes-agent#23088"],
    policy: {
      systemPlacement: "inline",
      schemaLevel: "grammar",
      thinkTags: false,
      reasoningExtra: true,
      // "Each message must have at least one content element": null is none, "" is one [langchain-ai/langchain#34140]
      emptyContent: "string",
      // Each of its servers has a cache of its own; the same id leads to the same server. [anomalyco/opencode#35033]
      sessionHeader: "x-grok-conv-id"
    },
    responses: { webSearch: "hosted", cacheKey: true },
    models: [
      // "Argument not supported on this model: stop": every model that reasons [langchain-ai/langchain#38335]
      { match: /^grok-(?!2|beta|.*non-reasoning)/, example: "grok-4", policy: { maxStop: 0 } },
      { match: /^grok-(3|code-fast)/, example: "grok-code-fast-1", policy: { vision: false } },
      {
        match: /^grok-3-mini/,
        example: "grok-3-mini",
        policy: { effort: "reasoning_effort", efforts: ["low", "high"] }
      },
      {
        match: /^grok-4\.(3|[5-9]|20-multi-agent)/,
        example: "grok-4.3",
        policy: { effort: "reasoning_effort", efforts: ["low", "medium", "high"] }
      },
      // [dimetron/pi-go#155]
      { match: /^grok-4\.[67]/, example: "grok-4.6", policy: { efforts: ["low", "medium", "high", "xhigh"] } }
    ]
  },
  {
    kind: "anthropic",
    label: "Anthropic",
    alsoCalled: ["claude"],
    example: "https://api.anthropic.com/v1",
    host: /(^|\.)anthropic\.com$/,
    // of its OpenAI-compatible place; its own protocol takes x-api-key
    auth: "bearer",
    anthropic: "https://api.anthropic.com",
    native: true,
    reportsCache: false,
    source: ["§1.1"],
    policy: { thinkTags: false }
  },
  {
    kind: "deepseek",
    label: "DeepSeek",
    example: "https://api.deepseek.com/v1",
    host: /(^|\.)api\.deepseek\.com$/,
    auth: "bearer",
    anthropic: "https://api.deepseek.com/anthropic",
    reportsCache: true,
    source: ["§4.9.1, §4.14", "api-docs.deepseek.com: thinking mode", "cloudwego/eino#994"],
    policy: {
      // Thinking is on unless switched off: sampling is ignored and a forced tool choice refused.
      sampling: [],
      toolChoice: "none",
      structuredOutput: "json_object",
      vision: false,
      thinkTags: false,
      thinkingSwitch: "thinking",
      effort: "reasoning_effort",
      // "medium" is taken and means "high" there
      efforts: ["low", "medium", "high", "max"],
      reasoningReplay: "reasoning_content",
      reasoningFallback: ""
    },
    responses: { efforts: ["none", "low", "medium", "high", "max"] },
    models: [{ match: /vision|^deepseek-(flash|v4\.1)/, example: "deepseek-flash", policy: { vision: true } }]
  },
  {
    kind: "kimi",
    label: "Kimi (Moonshot)",
    alsoCalled: ["moonshot"],
    example: "https://api.moonshot.ai/v1",
    host: /(^|\.)(moonshot\.(ai|cn)|platform\.kimi\.(ai|com))$/,
    auth: "bearer",
    anthropic: "https://api.moonshot.ai/anthropic",
    reportsCache: true,
    source: ["§4.8, §4.13, §4.14", "platform.kimi.ai: thinking effort", "UKGovernmentBEIS/inspect_ai#5152"],
    policy: {
      maxStop: 5,
      toolChoice: "words",
      schemaLevel: "moonshot",
      resultMedia: "inline-parts",
      imageUrls: "data-only",
      structuredOutput: "json_object",
      thinkTags: false,
      prefill: "partial",
      cacheKey: true,
      idPattern: /^[a-zA-Z0-9_.:-]{1,80}$/
    },
    models: [
      {
        // All that think; moonshot-v1 does not.
        match: /^kimi-/,
        example: "kimi-k2.6",
        policy: {
          maxTokensField: "max_completion_tokens",
          // fixed by the service
          sampling: [],
          reasoningReplay: "reasoning_content",
          // A single space: an empty text counts as missing.
          reasoningFallback: " "
        }
      },
      {
        match: /^kimi-(k2|latest|for-coding)/,
        example: "kimi-k2.5",
        // "tool_choice 'required' is incompatible with thinking enabled"
        policy: { toolChoice: "none", thinkingSwitch: "thinking" }
      },
      // Always thinks; "disabled" is an error.
      { match: /^kimi-k2(\.7|-thinking)/, example: "kimi-k2.7-code", policy: { thinkingSwitch: "none" } },
      {
        match: /^kimi-k([3-9]|\d\d)/,
        example: "kimi-k3",
        policy: { effort: "reasoning_effort", efforts: ["low", "high", "max"], structuredOutput: "json_schema" }
      },
      {
        match: /^kimi-k2-|^moonshot-v1(?!.*vision)/,
        example: "kimi-k2-0905-preview",
        policy: { vision: false }
      }
    ]
  },
  {
    kind: "kimi-code",
    label: "Kimi Code",
    example: "https://api.kimi.com/coding/v1",
    host: /(^|\.)api\.kimi\.com$/,
    auth: "bearer",
    // The service serves programs it knows: a refusal names them. Speaking Anthropic to it, Claude Code is one of them.
    headers: { "x-msh-platform": "claudex", "x-msh-version": version },
    anthropic: "https://api.kimi.com/coding",
    reportsCache: true,
    source: ["§4.14", "kimi-code request headers"],
    policy: {
      maxStop: 5,
      sampling: [],
      toolChoice: "none",
      schemaLevel: "moonshot",
      resultMedia: "inline-parts",
      imageUrls: "data-only",
      structuredOutput: "json_object",
      thinkTags: false,
      prefill: "partial",
      thinkingSwitch: "thinking",
      reasoningReplay: "reasoning_content",
      reasoningFallback: " ",
      idPattern: /^[a-zA-Z0-9_.:-]{1,80}$/
    }
  },
  {
    kind: "glm",
    label: "GLM (Z.ai)",
    alsoCalled: ["zai", "zhipu", "bigmodel"],
    example: "https://api.z.ai/api/paas/v4",
    host: /(^|\.)(z\.ai|bigmodel\.cn)$/,
    auth: "bearer",
    anthropic: "https://api.z.ai/api/anthropic",
    reportsCache: true,
    source: ["§4.9.1, §4.10, §4.14", "docs.z.ai: thinking mode, reasoning effort"],
    policy: {
      maxStop: 1,
      toolChoice: "none",
      parallelFlag: false,
      // code 1213 [earendil-works/pi#3309]
      emptyResult: "(no output)",
      structuredOutput: "json_object",
      vision: false,
      thinkTags: false,
      thinkingSwitch: "thinking",
      // Reasoning of earlier turns is read only when it is not to be cleared.
      thinkingExtra: { clear_thinking: false },
      reasoningReplay: "reasoning_content",
      webSearch: "web_search_tool"
    },
    models: [
      { match: /^glm-(\d(\.\d)?v|5\.3-flash)/, example: "glm-4.6v", policy: { vision: true } },
      // Arguments of calls in pieces instead of at the end.
      {
        match: /^glm-(4\.[6-9]|[5-9]|\d\d)/,
        example: "glm-4.6",
        policy: { extraBody: { tool_stream: true } },
        responses: { extraBody: {} }
      },
      {
        match: /^glm-5\.2/,
        example: "glm-5.2",
        policy: { effort: "reasoning_effort", efforts: ["high", "max"] }
      },
      {
        // Always thinks.
        match: /^glm-(5\.[3-9]|[6-9]|\d\d)/,
        example: "glm-5.3",
        policy: { thinkingSwitch: "none", effort: "reasoning_effort", efforts: ["low", "high", "max"] }
      }
    ]
  },
  {
    kind: "minimax",
    label: "MiniMax",
    example: "https://api.minimax.io/v1",
    host: /(^|\.)(minimaxi?\.(io|com)|minimax\.chat)$/,
    auth: "bearer",
    anthropic: "https://api.minimax.io/anthropic",
    reportsCache: true,
    source: ["§4.9.1, §4.14", "platform.minimax.io: OpenAI SDK"],
    policy: {
      maxTokensField: "max_completion_tokens",
      toolChoice: "none",
      parallelFlag: false,
      // "chat content is empty" [earendil-works/pi#3309]
      emptyResult: "(no output)",
      structuredOutput: "prompt",
      vision: false,
      reasoningReplay: "reasoning_details",
      extraBody: { reasoning_split: true }
    },
    responses: { extraBody: {} },
    models: [
      {
        // M2 cannot be told not to think.
        match: /^minimax-m([3-9]|\d\d)/,
        example: "minimax-m3",
        policy: { thinkingSwitch: "thinking-adaptive", vision: true }
      }
    ]
  },
  {
    kind: "qwen",
    label: "Qwen (DashScope)",
    alsoCalled: ["dashscope", "alibaba"],
    example: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    host: /(^|\.)dashscope(-[a-z]+)*\.aliyuncs\.com$/,
    auth: "bearer",
    anthropic: "https://dashscope-intl.aliyuncs.com/apps/anthropic",
    reportsCache: true,
    source: ["§4.14", "help.aliyun.com: deep thinking", "QwenLM/qwen-code#7659"],
    policy: {
      // "does not support being set to required or object in thinking mode"
      toolChoice: "none",
      resultMedia: "inline-parts",
      structuredOutput: "json_object",
      thinkTags: false,
      thinkingSwitch: "enable_thinking",
      reasoningReplay: "reasoning_content",
      sampling: ["temperature", "top_p", "top_k"]
    },
    models: [
      // "enable_thinking must be set to false for non-streaming calls" [langchain4j/langchain4j#3974]
      { match: /^(qwen3-\d|qwen3-next|qwq|qvq)/, example: "qwen3-235b-a22b", policy: { forceStream: true } },
      { match: /^(qwen3-coder|.*-instruct)/, example: "qwen3-coder-plus", policy: { thinkingSwitch: "none" } },
      { match: /^(qwq|qvq|.*-thinking)/, example: "qwen3-235b-a22b-thinking-2507", policy: { thinkingSwitch: "none" } },
      { match: /^qwen3\.[7-9]/, example: "qwen3.8-max", policy: { structuredOutput: "json_schema" } },
      // What is not marked is cached by chance, for twice the price. [anomalyco/opencode#27687; nextlevelbuilder/goclaw#1127]
      {
        match: /^(qwen-(plus|flash)|qwen3-max|qwen3-coder-(plus|flash)|qwen3\.[5-9])/,
        example: "qwen3-coder-plus",
        policy: { cacheMarks: "parts" }
      }
    ]
  },
  {
    kind: "mistral",
    label: "Mistral",
    example: "https://api.mistral.ai/v1",
    host: /(^|\.)(api|codestral)\.mistral\.ai$/,
    auth: "bearer",
    reportsCache: false,
    source: [
      "§4.8, §4.14",
      "avante-corp/avante.nvim#2347",
      "avante-corp/avante.nvim#2695",
      "zed-industries/zed#31736",
      "charmbracelet/crush#1590"
    ],
    policy: {
      // Refused as an unknown field; usage comes without being asked for.
      streamUsage: false,
      emptyContent: "string",
      thinkTags: false,
      prefill: "prefix",
      assistantAfterTools: true,
      reasoningReplay: "parts",
      idPattern: /^[a-zA-Z0-9]{9}$/
    },
    models: [
      {
        match: /^mistral-(small|medium)-(latest|26\d\d)/,
        example: "mistral-small-latest",
        policy: { effort: "reasoning_effort", efforts: ["none", "high"] }
      },
      { match: /^(codestral|devstral)/, example: "devstral-medium-latest", policy: { vision: false } }
    ]
  },
  {
    kind: "gemini",
    label: "Gemini",
    alsoCalled: ["google"],
    example: "https://generativelanguage.googleapis.com/v1beta/openai",
    host: /(^|\.)generativelanguage\.googleapis\.com$|(^|[.-])aiplatform\.googleapis\.com$/,
    auth: "bearer",
    reportsCache: true,
    source: ["§4.8, §4.13, §4.14", "ai.google.dev: OpenAI compatibility", "TheAgenticAI/TheAgenticBrowser#4"],
    policy: {
      // "Parallel tool calls are not supported": the field, not the calls
      parallelFlag: false,
      schemaLevel: "gemini",
      imageUrls: "data-only",
      thinkTags: false,
      reasoningReplay: "thought_signature",
      namePattern: /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/
    },
    models: [
      {
        match: /^gemini-(2\.5|[3-9])/,
        example: "gemini-3-pro",
        policy: { effort: "reasoning_effort", efforts: ["low", "medium", "high"] }
      },
      {
        match: /^gemini-2\.5-flash/,
        example: "gemini-2.5-flash",
        policy: { efforts: ["none", "low", "medium", "high"] }
      },
      {
        match: /^gemini-[3-9].*flash/,
        example: "gemini-3-flash-preview",
        policy: { efforts: ["minimal", "low", "medium", "high"] }
      }
    ]
  }
]
