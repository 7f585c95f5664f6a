import type { About } from "../../../src/protocol/errors.ts"
import { type Case, invalid, json, openai, tooMuch } from "./case.ts"

const tooLong = (numbers: string, words: string) => `prompt is too long${numbers}. grok: ${words}`
const maxTokens = (input: number, output: number, limit: number, words: string) =>
  `input length and \`max_tokens\` exceed context limit: ${input} + ${output} > ${limit}. grok: ${words}`

const overflow = (
  name: string,
  words: string,
  numbers: string,
  more: { readonly status?: number; readonly code?: string; readonly about?: Partial<About> } = {}
): Case => ({
  name,
  response: openai(more.status ?? 400, words, more.code ?? null),
  ...(more.about === undefined ? {} : { about: more.about }),
  ...tooMuch,
  message: tooLong(numbers, words)
})

/** Wire specification §6.2: context overflow in every wording. */
export const overflows: ReadonlyArray<Case> = [
  overflow(
    "[6.2 OpenAI]",
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens. Please reduce the length of the messages.",
    ": 150000 tokens > 128000 maximum",
    { code: "context_length_exceeded" }
  ),
  overflow(
    "[6.2 OpenAI] messages and functions",
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens (149000 in the messages, 1000 in the functions).",
    ": 150000 tokens > 128000 maximum"
  ),
  overflow(
    "[6.2 OpenAI] GPT-5",
    "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
    ": 300000 tokens > 272000 maximum"
  ),
  overflow(
    "[6.2 older OpenAI] DeepSeek",
    "This model's maximum context length is 131072 tokens. However, you requested 153454 tokens (145262 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.",
    ": 153454 tokens > 131072 maximum"
  ),
  {
    name: "[6.2 older OpenAI] where the prompt alone fits",
    response: openai(
      400,
      "This model's maximum context length is 65536 tokens. However, you requested 68399 tokens (36363 in the messages, 36 in the functions, and 32000 in the completion)."
    ),
    ...tooMuch,
    message: maxTokens(
      36399,
      32000,
      65536,
      "This model's maximum context length is 65536 tokens. However, you requested 68399 tokens (36363 in the messages, 36 in the functions, and 32000 in the completion)."
    )
  },
  {
    name: "[6.2 vLLM newer]",
    response: openai(
      400,
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens."
    ),
    ...tooMuch,
    message: maxTokens(
      769,
      32000,
      32768,
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens."
    )
  },
  {
    name: "[6.2 vLLM newer] max_tokens too large",
    response: openai(
      400,
      "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 20000 input tokens (32000 > 32768 - 20000)."
    ),
    ...tooMuch,
    message: maxTokens(
      20000,
      32000,
      32768,
      "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 20000 input tokens (32000 > 32768 - 20000)."
    )
  },
  overflow(
    "[6.2 vLLM newer] where too little room is left for Claude Code to ask again",
    "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 30000 input tokens.",
    ": 62000 tokens > 32768 maximum"
  ),
  overflow(
    "[6.2 vLLM] decoder",
    "The decoder prompt (length 40000) is longer than the maximum model length of 32768.",
    ": 40000 tokens > 32768 maximum"
  ),
  {
    name: "[6.2 llama.cpp] by words",
    response: json(400, {
      error: {
        code: 400,
        message: "request (24071 tokens) exceeds the available context size (8192 tokens), try increasing it"
      }
    }),
    ...tooMuch,
    message: tooLong(
      ": 24071 tokens > 8192 maximum",
      "request (24071 tokens) exceeds the available context size (8192 tokens), try increasing it"
    )
  },
  {
    name: "[6.2 llama.cpp] by type and fields",
    response: json(500, {
      error: {
        code: 500,
        message: "does not fit",
        type: "exceed_context_size_error",
        n_prompt_tokens: 9000,
        n_ctx: 8192
      }
    }),
    ...tooMuch,
    message: tooLong(": 9000 tokens > 8192 maximum", "does not fit")
  },
  {
    name: "[6.2 LM Studio]",
    response: json(400, {
      error:
        "Trying to keep the first 13000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."
    }),
    ...tooMuch,
    message: tooLong(
      ": 13000 tokens > 4096 maximum",
      "Trying to keep the first 13000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."
    )
  },
  overflow("[6.2 LM Studio] short", "Cannot continue when context the overflows", ""),
  overflow(
    "[6.2 LM Studio other]",
    "The number of tokens to keep from the initial prompt is greater than the context length.",
    ": 9000 tokens > 8000 maximum",
    { about: { estimate: 9000, window: 8000 } }
  ),
  {
    name: "[6.2 OpenRouter] where the prompt alone fits",
    response: openai(
      400,
      "This endpoint's maximum context length is 163840 tokens. However, you requested about 170000 tokens (130000 of text input, 8000 of tool input, 32000 in the output). Please reduce the length of either one."
    ),
    ...tooMuch,
    message: maxTokens(
      138000,
      32000,
      163840,
      "This endpoint's maximum context length is 163840 tokens. However, you requested about 170000 tokens (130000 of text input, 8000 of tool input, 32000 in the output). Please reduce the length of either one."
    )
  },
  overflow(
    "[6.2 OpenRouter] where it does not",
    "This endpoint's maximum context length is 163840 tokens. However, you requested about 210000 tokens (200000 of text input, 10000 in the output).",
    ": 210000 tokens > 163840 maximum"
  ),
  overflow(
    "[6.2 Copilot]",
    "prompt token count of 70000 exceeds the limit of 64000",
    ": 70000 tokens > 64000 maximum",
    {
      code: "model_max_prompt_tokens_exceeded"
    }
  ),
  overflow(
    "[6.2 Responses]",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    ": 300001 tokens > 300000 maximum",
    { code: "context_length_exceeded", about: { estimate: 280_000, window: 300_000 } }
  ),
  overflow(
    "[6.2 Gemini]",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ": 1200000 tokens > 1048576 maximum"
  ),
  overflow("[6.2 Gemini] newer", "The input token count exceeds the maximum number of tokens allowed 1048576.", ""),
  {
    name: "[6.2 xAI]",
    response: json(400, {
      code: "Client specified an invalid argument",
      error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens."
    }),
    ...tooMuch,
    message: tooLong(
      ": 537812 tokens > 131072 maximum",
      "This model's maximum prompt length is 131072 but the request contains 537812 tokens."
    )
  },
  overflow(
    "[6.2 Kimi]",
    "Invalid request: Your request exceeded model token limit: 131072 (requested: 145000)",
    ": 145000 tokens > 131072 maximum"
  ),
  overflow(
    "[6.2 Kimi] without a number",
    "Your request exceeded model token limit: 8192",
    ": 9000 tokens > 8192 maximum",
    {
      about: { estimate: 9000 }
    }
  ),
  {
    name: "[6.2 GLM]",
    response: json(400, { error: { code: "1261", message: "Prompt exceeds max length" } }),
    ...tooMuch,
    message: tooLong("", "Prompt exceeds max length")
  },
  overflow("[6.2 GLM] by words alone", "Prompt exceeds max length", ""),
  overflow("[6.2 Groq]", "Please reduce the length of the messages or completion.", ""),
  {
    name: "[6.2 Copilot] by code alone",
    response: openai(400, "no", "model_max_prompt_tokens_exceeded"),
    ...tooMuch,
    message: tooLong("", "no")
  },
  overflow(
    "[6.2 generic] more tokens than allowed",
    "tokens in request more than max tokens allowed: 9000, 8000",
    ": 9000 tokens > 8000 maximum"
  ),
  overflow(
    "[6.2 generic] supported tokens",
    "you sent 9000 tokens, but model only supports up to 8000",
    ": 9000 tokens > 8000 maximum"
  ),
  {
    name: "[6.2 GLM] by code alone",
    response: json(400, { error: { code: "1261", message: "提示过长" } }),
    ...tooMuch,
    message: tooLong("", "提示过长")
  },
  {
    name: "[6.2 MiniMax] under HTTP 200",
    response: json(200, {
      base_resp: { status_code: 2013, status_msg: "invalid params, context window exceeds limit (2013)" }
    }),
    ...tooMuch,
    message: tooLong("", "invalid params, context window exceeds limit (2013)")
  },
  overflow(
    "[6.2 NIM]",
    "The input (345516 tokens) is longer than the model's context length (262144 tokens).",
    ": 345516 tokens > 262144 maximum"
  ),
  overflow(
    "[6.2 SGLang]",
    "Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total of 160000 tokens: 150000 tokens from the input messages and 10000 tokens for the completion.",
    ": 160000 tokens > 131072 maximum"
  ),
  {
    name: "[6.2 TGI]",
    response: json(422, {
      error:
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32768. Given: 20000 `inputs` tokens and 32000 `max_new_tokens`",
      error_type: "validation"
    }),
    ...tooMuch,
    message: maxTokens(
      20000,
      32000,
      32768,
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32768. Given: 20000 `inputs` tokens and 32000 `max_new_tokens`"
    )
  },
  overflow(
    "[6.2 TGI] the prompt alone",
    "Input validation error: `inputs` must have less than 1024 tokens. Given: 4000",
    ": 4000 tokens > 1024 maximum",
    { status: 422 }
  ),
  overflow(
    "[6.2 Ollama]",
    "prompt too long; exceeded max context length by 904 tokens",
    ": 9096 tokens > 8192 maximum",
    {
      about: { window: 8192 }
    }
  ),
  overflow("[6.2 Ollama] with an unknown window", "prompt too long; exceeded max context length by 904 tokens", ""),
  overflow(
    "[6.2 Mistral]",
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    ": 40000 tokens > 32768 maximum"
  ),
  overflow("[6.2 DashScope]", "Range of input length should be [1, 98304]", ": 100000 tokens > 98304 maximum", {
    about: { estimate: 100_000 }
  }),
  overflow(
    "[6.2 DashScope] with an estimate that is too low",
    "Range of input length should be [1, 98304]",
    ": 98305 tokens > 98304 maximum",
    {
      about: { estimate: 90_000 }
    }
  ),
  overflow(
    "[6.2 Cerebras]",
    "Please reduce the length of the messages or completion. Current length is 70000 while limit is 65536",
    ": 70000 tokens > 65536 maximum"
  ),
  overflow(
    "[6.2 Fireworks]",
    "The prompt is too long: 140000, model maximum context length: 131071",
    ": 140000 tokens > 131071 maximum"
  ),
  overflow(
    "[6.2 Anthropic] behind a relay",
    "prompt is too long: 210000 tokens > 200000 maximum",
    ": 210000 tokens > 200000 maximum"
  ),
  {
    name: "[6.2 Anthropic] behind a relay, max_tokens",
    response: openai(
      400,
      "input length and `max_tokens` exceed context limit: 180000 + 32000 > 200000, decrease input length"
    ),
    ...tooMuch,
    message: maxTokens(
      180000,
      32000,
      200000,
      "input length and `max_tokens` exceed context limit: 180000 + 32000 > 200000, decrease input length"
    )
  },
  overflow("[6.2 generic] Bedrock", "Input is too long for requested model.", ""),
  overflow(
    "[6.2 generic] with numbers in either order",
    "context window of 8,192 exceeded: 10,000 given",
    ": 10000 tokens > 8192 maximum"
  ),
  overflow(
    "[6.2 generic] numbers first",
    "10000 tokens are too long for the context size 8192",
    ": 10000 tokens > 8192 maximum"
  ),
  overflow("[6.2 generic] too many tokens", "too many tokens in the request", ""),
  overflow("[6.2 generic] context limit", "9000 tokens: maximum context limit 8000", ": 9000 tokens > 8000 maximum"),
  overflow("[6.2 generic] under 413", "The maximum context length was passed", "", { status: 413 }),
  overflow("[6.2 generic] under 500", "context size exceeded", "", { status: 500 }),
  {
    name: "[6.2 throttling] is no overflow",
    response: openai(429, "Rate limit reached: Request too large for the context window, tokens per min (TPM)"),
    status: 429,
    type: "rate_limit_error",
    message: "grok: Rate limit reached: Request too large for the context window, tokens per min (TPM)"
  },
  {
    name: "[6.2 throttling] is no overflow under 400 either",
    response: openai(400, "Too many tokens, too many requests"),
    ...invalid,
    message: "grok: Too many tokens, too many requests"
  },
  {
    name: "[6.2 generic] not a limit on the answer",
    response: openai(400, "max_tokens is too large: 200000. This model supports at most 16384 completion tokens."),
    ...invalid,
    message: "grok: max_tokens is too large: 200000. This model supports at most 16384 completion tokens."
  }
]
