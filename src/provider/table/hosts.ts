/** Services that serve the models of others. Facts dated 2026-11. */
import { phasedModels } from "./openai.ts"
import type { ModelRow, ProviderRow } from "./row.ts"

/** OpenAI's open models reason wherever they are served. */
export const gptOss: ModelRow = {
  match: /^gpt-oss/,
  example: "gpt-oss-120b",
  policy: { effort: "reasoning_effort", efforts: ["low", "medium", "high"] }
}

/** Mistral's models want a word of theirs between results and the user wherever they are served. [NousResearch/hermes-agent#20154] */
export const mistralModels: ModelRow = {
  match: /^(mistral|mixtral|ministral|magistral|codestral|devstral|pixtral)/,
  example: "mistralai/mistral-small-4-119b-2603",
  policy: { assistantAfterTools: true }
}

export const hostRows: ReadonlyArray<ProviderRow> = [
  {
    kind: "openrouter",
    label: "OpenRouter",
    example: "https://openrouter.ai/api/v1",
    host: /(^|\.)openrouter\.ai$/,
    auth: "bearer",
    headers: { "http-referer": "https://github.com/StringKe/claudex", "x-title": "claudex" },
    anthropic: "https://openrouter.ai/api",
    reportsCache: true,
    source: ["§4.9.1, §4.10, §4.14", "openrouter.ai: reasoning tokens, prompt caching, web search"],
    policy: {
      systemPlacement: "inline",
      pdf: "file",
      sampling: ["temperature", "top_p", "top_k"],
      // Taken for every model that reasons, translated to what its host wants, and ignored elsewhere.
      effort: "reasoning",
      efforts: ["none", "minimal", "low", "medium", "high", "xhigh", "max"],
      reasoningReplay: "reasoning_details",
      thinkTags: false,
      webSearch: "plugins"
    },
    models: [
      // The other vendors cache without being told. [unarbos/arbos#151]
      { match: /^(claude|gemini|qwen)/, example: "anthropic/claude-sonnet-4.6", policy: { cacheMarks: "parts" } },
      mistralModels,
      phasedModels
    ]
  },
  {
    kind: "groq",
    label: "Groq",
    example: "https://api.groq.com/openai/v1",
    host: /(^|\.)api\.groq\.com$/,
    auth: "bearer",
    reportsCache: true,
    source: ["§4.14", "console.groq.com: OpenAI compatibility, structured outputs"],
    // console.groq.com/docs/openai: max_tokens is deprecated there
    policy: { maxTokensField: "max_completion_tokens", structuredOutput: "json_object", vision: false },
    models: [
      gptOss,
      {
        match: /^(gpt-oss|llama-4|kimi-k2)/,
        example: "moonshotai/kimi-k2-instruct",
        policy: { structuredOutput: "json_schema" }
      },
      { match: /^llama-4|vision/, example: "meta-llama/llama-4-scout-17b-16e-instruct", policy: { vision: true } }
    ]
  },
  {
    kind: "together",
    label: "Together",
    example: "https://api.together.xyz/v1",
    host: /(^|\.)together\.(xyz|ai)$/,
    auth: "bearer",
    reportsCache: true,
    source: ["§4.14", "docs.together.ai: GLM-5.3 quickstart, Responses"],
    policy: { sampling: ["temperature", "top_p", "top_k"] },
    models: [
      gptOss,
      {
        match: /^glm-5\.[3-9]/,
        example: "zai-org/GLM-5.3",
        policy: { effort: "reasoning_effort", efforts: ["low", "medium", "high", "max"] }
      }
    ]
  },
  {
    kind: "cerebras",
    label: "Cerebras",
    example: "https://api.cerebras.ai/v1",
    host: /(^|\.)api\.cerebras\.ai$/,
    auth: "bearer",
    reportsCache: true,
    source: ["§4.14", "inference-docs.cerebras.ai: chat completions, OpenAI compatibility"],
    policy: {
      maxTokensField: "max_completion_tokens",
      // Answered with 400 by some of its models.
      parallelFlag: false,
      vision: false
    },
    models: [gptOss]
  },
  {
    kind: "perplexity",
    label: "Perplexity",
    example: "https://api.perplexity.ai",
    host: /(^|\.)api\.perplexity\.ai$/,
    auth: "bearer",
    reportsCache: false,
    source: ["§4.14", "docs.perplexity.ai: Sonar", "pipecat-ai/pipecat#4862", "BerriAI/litellm#11665"],
    policy: {
      // "Tool calling is not supported for this model"
      tools: false,
      parallelFlag: false,
      // Turns alternate, and the last is the user's.
      prefill: "note",
      webSearch: "web_search_options",
      citations: "text"
    },
    models: [
      {
        match: /^sonar-deep-research/,
        example: "sonar-deep-research",
        policy: { effort: "reasoning_effort", efforts: ["low", "medium", "high"] }
      }
    ]
  }
]
