/** Upstream failures as providers really send them, and what the client must get: one entry per row of the tables. */
import type { About, ErrorType, UpstreamFailure } from "../../src/protocol/errors.ts"

export const about: About = { provider: "grok", model: "grok-4", host: "api.x.ai", now: Date.UTC(2025, 0, 1) }

export interface Case {
  readonly name: string
  readonly response: UpstreamFailure
  readonly about?: Partial<About>
  readonly status: number
  readonly type: ErrorType
  /** The whole message. */
  readonly message: string
  readonly retryAfter?: number
  readonly shouldRetry?: boolean
}

const json = (status: number, body: unknown, headers: UpstreamFailure["headers"] = {}): UpstreamFailure => ({
  status,
  headers,
  body: JSON.stringify(body)
})
const text = (status: number, body: string): UpstreamFailure => ({ status, headers: {}, body })
const openai = (status: number, message: string, code: string | null = null, type = "invalid_request_error") =>
  json(status, { error: { message, type, param: null, code } })

const invalid = { status: 400, type: "invalid_request_error" } as const
const badGateway = { status: 502, type: "api_error" } as const

/** Wire specification §2.4: where the words are. */
export const bodies: ReadonlyArray<Case> = [
  {
    name: "OpenAI",
    response: openai(400, "Unsupported parameter: 'x'", "unsupported_parameter"),
    ...invalid,
    message: "grok: Unsupported parameter: 'x'"
  },
  {
    name: "vLLM",
    response: json(400, { error: { message: "no tools here", type: "BadRequestError", param: null, code: 400 } }),
    ...invalid,
    message: "grok: no tools here"
  },
  {
    name: "vLLM, older",
    response: json(400, { object: "error", message: "no tools here", type: "BadRequestError", code: 400 }),
    ...invalid,
    message: "grok: no tools here"
  },
  {
    name: "LiteLLM, with the code as a string and the real error quoted in the message",
    response: json(400, {
      error: { message: '{"error": {"code": 400, "message": "bad schema"}}', type: "None", param: "None", code: "400" }
    }),
    ...invalid,
    message: "grok: bad schema"
  },
  {
    name: "xAI",
    response: json(400, { code: "Client specified an invalid argument", error: "Argument not supported: stop" }),
    ...invalid,
    message: "grok: Argument not supported: stop"
  },
  {
    name: "LM Studio",
    response: json(400, { error: "Model is not loaded" }),
    ...invalid,
    message: "grok: Model is not loaded"
  },
  {
    name: "Ollama on /v1",
    response: json(500, { error: { message: "llama runner terminated", type: "api_error", param: null, code: null } }),
    status: 500,
    type: "api_error",
    message: "grok: llama runner terminated"
  },
  {
    name: "Ollama, native",
    response: json(400, { error: "invalid options: foo" }),
    ...invalid,
    message: "grok: invalid options: foo"
  },
  {
    name: "Gemini, in an array",
    response: json(400, [{ error: { code: 400, message: "Unknown name", status: "INVALID_ARGUMENT", details: [] } }]),
    ...invalid,
    message: "grok: Unknown name"
  },
  {
    name: "OpenRouter, quoting its provider under HTTP 200",
    response: json(200, {
      error: {
        code: 429,
        message: "Provider returned error",
        metadata: { raw: '{"error":{"message":"Slow down, please"}}', provider_name: "Groq" }
      },
      user_id: "u"
    }),
    status: 429,
    type: "rate_limit_error",
    message: "grok: Slow down, please (Groq)"
  },
  {
    name: "OpenRouter, with words of its own",
    response: json(403, { error: { code: 403, message: "Flagged", metadata: { raw: "x", provider_name: "Groq" } } }),
    status: 403,
    type: "permission_error",
    message: "grok: Flagged",
    shouldRetry: false
  },
  {
    name: "OpenRouter, quoting nothing",
    response: json(502, { error: { code: 502, message: "Provider returned error", metadata: { provider_name: "A" } } }),
    ...badGateway,
    message: "grok: Provider returned error"
  },
  {
    name: "FastAPI",
    response: json(404, { detail: "Not Found" }),
    status: 404,
    type: "not_found_error",
    message:
      'grok: Not Found. Asked for model "grok-4" at api.x.ai: check the model name and the base URL of profile "grok".',
    shouldRetry: false
  },
  {
    name: "FastAPI, validation",
    response: json(422, {
      detail: [
        { loc: ["body", "messages", 0], msg: "field required", type: "value_error.missing" },
        { loc: ["body", "model"], msg: "str type expected", type: "type_error.str" }
      ]
    }),
    ...invalid,
    message: "grok: field required (body.messages.0); str type expected (body.model)"
  },
  {
    name: "MiniMax, under HTTP 200",
    response: json(200, { base_resp: { status_code: 1002, status_msg: "rate limit" } }),
    status: 429,
    type: "rate_limit_error",
    message: "grok: rate limit"
  },
  {
    name: "a gateway's HTML page",
    response: text(
      502,
      "<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>p{color:red}</style></head>\r\n" +
        "<body><script>if (1 < 2) run()</script><h1>Bad&nbsp;Gateway</h1><p>Ray &amp; co. &lt;x&gt;</p></body></html>"
    ),
    ...badGateway,
    message: "grok: 502 Bad Gateway Bad Gateway Ray & co. <x>"
  },
  {
    name: "plain text",
    response: text(500, "upstream\tdied\n"),
    status: 500,
    type: "api_error",
    message: "grok: upstream died"
  },
  {
    name: "nothing at all",
    response: text(500, " \r\n"),
    status: 500,
    type: "api_error",
    message: "grok: HTTP 500 Internal Server Error"
  },
  { name: "a status without a name", response: text(599, ""), ...badGateway, message: "grok: HTTP 599" },
  {
    name: "JSON without words that we know",
    response: json(400, { problem: 7 }),
    ...invalid,
    message: 'grok: {"problem":7}'
  }
]

const notFound = (words: string) =>
  `grok: ${words} Asked for model "grok-4" at api.x.ai: check the model name and the base URL of profile "grok".`

/** Wire specification §6.1: status and type. */
export const statuses: ReadonlyArray<Case> = [
  { name: "400", response: openai(400, "bad"), ...invalid, message: "grok: bad" },
  { name: "422", response: openai(422, "bad"), ...invalid, message: "grok: bad" },
  { name: "405", response: text(405, ""), ...invalid, message: "grok: HTTP 405" },
  { name: "415", response: openai(415, "bad type"), ...invalid, message: "grok: bad type" },
  { name: "501", response: openai(501, "not there"), ...invalid, message: "grok: not there" },
  {
    name: "401",
    response: openai(401, "No API key", "invalid_api_key"),
    status: 401,
    type: "authentication_error",
    message: 'grok: No API key. Check the API key of profile "grok".',
    shouldRetry: false
  },
  {
    name: "a wrong key under 400 (xAI)",
    response: json(400, {
      code: "Client specified an invalid argument",
      error: "Incorrect API key provided: xa***z4. You can obtain an API key from https://console.x.ai."
    }),
    status: 401,
    type: "authentication_error",
    message:
      "grok: Incorrect API key provided: [masked]. You can obtain an API key from https://console.x.ai. " +
      'Check the API key of profile "grok".',
    shouldRetry: false
  },
  {
    name: "a wrong key under 400 (Gemini)",
    response: json(400, [
      {
        error: {
          code: 400,
          message: "API key not valid. Please pass a valid API key.",
          status: "INVALID_ARGUMENT",
          details: [{ reason: "API_KEY_INVALID" }]
        }
      }
    ]),
    status: 401,
    type: "authentication_error",
    message: 'grok: API key not valid. Please pass a valid API key. Check the API key of profile "grok".',
    shouldRetry: false
  },
  {
    name: "402",
    response: json(402, { error: { code: 402, message: "Add more credits" } }),
    status: 402,
    type: "billing_error",
    message: "grok: Add more credits",
    shouldRetry: false
  },
  {
    name: "no quota under 429 (OpenAI)",
    response: json(
      429,
      { error: { message: "You exceeded your current quota", type: "insufficient_quota", code: "insufficient_quota" } },
      { "retry-after": "5" }
    ),
    status: 402,
    type: "billing_error",
    message: "grok: You exceeded your current quota",
    shouldRetry: false
  },
  {
    name: "no balance by words (DeepSeek)",
    response: openai(402, "Insufficient Balance", "invalid_request_error", "unknown_error"),
    status: 402,
    type: "billing_error",
    message: "grok: Insufficient Balance",
    shouldRetry: false
  },
  {
    name: "no balance by words under another status (GLM)",
    response: json(429, { error: { code: "1113", message: "Insufficient balance or no resource package." } }),
    status: 402,
    type: "billing_error",
    message: "grok: Insufficient balance or no resource package.",
    shouldRetry: false
  },
  {
    name: "billing code",
    response: openai(400, "Limit reached", "billing_hard_limit_reached"),
    status: 402,
    type: "billing_error",
    message: "grok: Limit reached",
    shouldRetry: false
  },
  {
    name: "403",
    response: openai(403, "Country, region, or territory not supported"),
    status: 403,
    type: "permission_error",
    message: "grok: Country, region, or territory not supported",
    shouldRetry: false
  },
  {
    name: "404",
    response: openai(404, "The model `grok-4` does not exist", "model_not_found"),
    status: 404,
    type: "not_found_error",
    message: notFound("The model `grok-4` does not exist."),
    shouldRetry: false
  },
  {
    name: "an unknown model under 400 (OpenRouter)",
    response: json(400, { error: { code: 400, message: "x/y is not a valid model ID" } }),
    status: 404,
    type: "not_found_error",
    message: notFound("x/y is not a valid model ID."),
    shouldRetry: false
  },
  {
    name: "408",
    response: text(408, ""),
    status: 504,
    type: "timeout_error",
    message: "grok: HTTP 408 Request Timeout"
  },
  { name: "504", response: openai(504, "late"), status: 504, type: "timeout_error", message: "grok: late" },
  {
    name: "524",
    response: text(524, "A timeout occurred"),
    status: 504,
    type: "timeout_error",
    message: "grok: A timeout occurred"
  },
  { name: "409", response: openai(409, "twice"), status: 409, type: "conflict_error", message: "grok: twice" },
  {
    name: "413",
    response: openai(413, "Payload too large"),
    status: 413,
    type: "request_too_large",
    message: "grok: Payload too large"
  },
  {
    name: "413 about tokens per minute (Groq)",
    response: openai(
      413,
      "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce",
      "rate_limit_exceeded",
      "tokens"
    ),
    status: 429,
    type: "rate_limit_error",
    message:
      "grok: Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce",
    shouldRetry: false
  },
  {
    name: "429",
    response: openai(429, "slow", "rate_limit_exceeded"),
    status: 429,
    type: "rate_limit_error",
    message: "grok: slow"
  },
  {
    name: "429 of which a minute's wait helps",
    response: openai(429, "Rate limit reached on tokens per min (TPM): Limit 9000, Used 5000, Requested 5000."),
    status: 429,
    type: "rate_limit_error",
    message: "grok: Rate limit reached on tokens per min (TPM): Limit 9000, Used 5000, Requested 5000."
  },
  {
    name: "500",
    response: openai(500, "oops", null, "server_error"),
    status: 500,
    type: "api_error",
    message: "grok: oops"
  },
  { name: "502", response: text(502, "no luck"), ...badGateway, message: "grok: no luck" },
  {
    name: "503",
    response: text(503, ""),
    status: 529,
    type: "overloaded_error",
    message: "grok: HTTP 503 Service Unavailable"
  },
  {
    name: "529",
    response: openai(529, "Overloaded"),
    status: 529,
    type: "overloaded_error",
    message: "grok: Overloaded"
  },
  {
    name: "an overload's code",
    response: openai(500, "busy", "server_is_overloaded"),
    status: 529,
    type: "overloaded_error",
    message: "grok: busy"
  },
  {
    name: "slow_down",
    response: openai(429, "busy", "slow_down"),
    status: 529,
    type: "overloaded_error",
    message: "grok: busy"
  },
  {
    name: "an overload's type (Kimi)",
    response: json(429, { error: { message: "The engine is currently overloaded", type: "engine_overloaded_error" } }),
    status: 529,
    type: "overloaded_error",
    message: "grok: The engine is currently overloaded"
  },
  {
    name: "a model that is being loaded",
    response: json(500, { error: "model is loading" }),
    status: 529,
    type: "overloaded_error",
    message: "grok: model is loading"
  },
  {
    name: "a server over capacity",
    response: openai(500, "m is currently over capacity"),
    status: 529,
    type: "overloaded_error",
    message: "grok: m is currently over capacity"
  },
  {
    name: "200 with an HTTP-like code",
    response: json(200, { error: { code: 500, message: "oops" } }),
    status: 500,
    type: "api_error",
    message: "grok: oops"
  },
  {
    name: "200 with a code in words",
    response: json(200, { error: { code: "rate_limit_exceeded", message: "slow" } }),
    status: 429,
    type: "rate_limit_error",
    message: "grok: slow"
  },
  {
    name: "200 with an error of no kind",
    response: json(200, { error: { message: "hm" } }),
    ...badGateway,
    message: "grok: hm"
  },
  {
    name: "a subscription's limit (Codex)",
    response: json(429, {
      error: { type: "usage_limit_reached", message: "The usage limit has been reached", resets_in_seconds: 5400.2 }
    }),
    status: 429,
    type: "rate_limit_error",
    message: "grok: The usage limit has been reached",
    retryAfter: 5401,
    shouldRetry: false
  },
  {
    name: "a subscription without this use (Codex)",
    response: json(429, { error: { type: "usage_not_included", message: "Upgrade" } }),
    status: 403,
    type: "permission_error",
    message: "grok: Upgrade",
    shouldRetry: false
  },
  {
    name: "a redirect, which is never followed",
    response: {
      status: 301,
      headers: { location: "https://elsewhere.example/v1?key=abc" },
      body: "<html>moved</html>"
    },
    ...badGateway,
    message: "grok: the provider redirects elsewhere (HTTP 301). Check the base URL of the profile.",
    shouldRetry: false
  }
]

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
  ...invalid,
  message: tooLong(numbers, words)
})

/** Wire specification §6.2: context overflow in every wording. */
export const overflows: ReadonlyArray<Case> = [
  overflow(
    "OpenAI",
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens. Please reduce the length of the messages.",
    ": 150000 tokens > 128000 maximum",
    { code: "context_length_exceeded" }
  ),
  overflow(
    "OpenAI, messages and functions",
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens (149000 in the messages, 1000 in the functions).",
    ": 150000 tokens > 128000 maximum"
  ),
  overflow(
    "OpenAI, GPT-5",
    "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
    ": 300000 tokens > 272000 maximum"
  ),
  overflow(
    "DeepSeek",
    "This model's maximum context length is 131072 tokens. However, you requested 153454 tokens (145262 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.",
    ": 153454 tokens > 131072 maximum"
  ),
  {
    name: "older OpenAI, where the prompt alone fits",
    response: openai(
      400,
      "This model's maximum context length is 65536 tokens. However, you requested 68399 tokens (36363 in the messages, 36 in the functions, and 32000 in the completion)."
    ),
    ...invalid,
    message: maxTokens(
      36399,
      32000,
      65536,
      "This model's maximum context length is 65536 tokens. However, you requested 68399 tokens (36363 in the messages, 36 in the functions, and 32000 in the completion)."
    )
  },
  {
    name: "vLLM, newer",
    response: openai(
      400,
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens."
    ),
    ...invalid,
    message: maxTokens(
      769,
      32000,
      32768,
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens."
    )
  },
  {
    name: "vLLM, max_tokens too large",
    response: openai(
      400,
      "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 20000 input tokens (32000 > 32768 - 20000)."
    ),
    ...invalid,
    message: maxTokens(
      20000,
      32000,
      32768,
      "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 20000 input tokens (32000 > 32768 - 20000)."
    )
  },
  overflow(
    "vLLM, where too little room is left for Claude Code to ask again",
    "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 30000 input tokens.",
    ": 62000 tokens > 32768 maximum"
  ),
  overflow(
    "vLLM, decoder",
    "The decoder prompt (length 40000) is longer than the maximum model length of 32768.",
    ": 40000 tokens > 32768 maximum"
  ),
  {
    name: "llama.cpp, by words",
    response: json(400, {
      error: {
        code: 400,
        message: "request (24071 tokens) exceeds the available context size (8192 tokens), try increasing it"
      }
    }),
    ...invalid,
    message: tooLong(
      ": 24071 tokens > 8192 maximum",
      "request (24071 tokens) exceeds the available context size (8192 tokens), try increasing it"
    )
  },
  {
    name: "llama.cpp, by type and fields",
    response: json(500, {
      error: {
        code: 500,
        message: "does not fit",
        type: "exceed_context_size_error",
        n_prompt_tokens: 9000,
        n_ctx: 8192
      }
    }),
    ...invalid,
    message: tooLong(": 9000 tokens > 8192 maximum", "does not fit")
  },
  {
    name: "LM Studio",
    response: json(400, {
      error:
        "Trying to keep the first 13000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."
    }),
    ...invalid,
    message: tooLong(
      ": 13000 tokens > 4096 maximum",
      "Trying to keep the first 13000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."
    )
  },
  overflow("LM Studio, short", "Cannot continue when context the overflows", ""),
  overflow(
    "LM Studio, other wording",
    "The number of tokens to keep from the initial prompt is greater than the context length.",
    ": 9000 tokens > 8000 maximum",
    { about: { estimate: 9000, window: 8000 } }
  ),
  {
    name: "OpenRouter, where the prompt alone fits",
    response: openai(
      400,
      "This endpoint's maximum context length is 163840 tokens. However, you requested about 170000 tokens (130000 of text input, 8000 of tool input, 32000 in the output). Please reduce the length of either one."
    ),
    ...invalid,
    message: maxTokens(
      138000,
      32000,
      163840,
      "This endpoint's maximum context length is 163840 tokens. However, you requested about 170000 tokens (130000 of text input, 8000 of tool input, 32000 in the output). Please reduce the length of either one."
    )
  },
  overflow(
    "OpenRouter, where it does not",
    "This endpoint's maximum context length is 163840 tokens. However, you requested about 210000 tokens (200000 of text input, 10000 in the output).",
    ": 210000 tokens > 163840 maximum"
  ),
  overflow("Copilot", "prompt token count of 70000 exceeds the limit of 64000", ": 70000 tokens > 64000 maximum", {
    code: "model_max_prompt_tokens_exceeded"
  }),
  overflow(
    "Responses",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    ": 300001 tokens > 300000 maximum",
    { code: "context_length_exceeded", about: { estimate: 280_000, window: 300_000 } }
  ),
  overflow(
    "Gemini",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ": 1200000 tokens > 1048576 maximum"
  ),
  overflow("Gemini, newer", "The input token count exceeds the maximum number of tokens allowed 1048576.", ""),
  {
    name: "xAI",
    response: json(400, {
      code: "Client specified an invalid argument",
      error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens."
    }),
    ...invalid,
    message: tooLong(
      ": 537812 tokens > 131072 maximum",
      "This model's maximum prompt length is 131072 but the request contains 537812 tokens."
    )
  },
  overflow(
    "Kimi",
    "Invalid request: Your request exceeded model token limit: 131072 (requested: 145000)",
    ": 145000 tokens > 131072 maximum"
  ),
  overflow("Kimi, without a number", "Your request exceeded model token limit: 8192", ": 9000 tokens > 8192 maximum", {
    about: { estimate: 9000 }
  }),
  {
    name: "GLM",
    response: json(400, { error: { code: "1261", message: "Prompt exceeds max length" } }),
    ...invalid,
    message: tooLong("", "Prompt exceeds max length")
  },
  {
    name: "GLM, by code alone",
    response: json(400, { error: { code: "1261", message: "提示过长" } }),
    ...invalid,
    message: tooLong("", "提示过长")
  },
  {
    name: "MiniMax, under HTTP 200",
    response: json(200, {
      base_resp: { status_code: 2013, status_msg: "invalid params, context window exceeds limit (2013)" }
    }),
    ...invalid,
    message: tooLong("", "invalid params, context window exceeds limit (2013)")
  },
  overflow(
    "NIM",
    "The input (345516 tokens) is longer than the model's context length (262144 tokens).",
    ": 345516 tokens > 262144 maximum"
  ),
  overflow(
    "SGLang",
    "Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total of 160000 tokens: 150000 tokens from the input messages and 10000 tokens for the completion.",
    ": 160000 tokens > 131072 maximum"
  ),
  {
    name: "TGI",
    response: json(422, {
      error:
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32768. Given: 20000 `inputs` tokens and 32000 `max_new_tokens`",
      error_type: "validation"
    }),
    ...invalid,
    message: maxTokens(
      20000,
      32000,
      32768,
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32768. Given: 20000 `inputs` tokens and 32000 `max_new_tokens`"
    )
  },
  overflow(
    "TGI, the prompt alone",
    "Input validation error: `inputs` must have less than 1024 tokens. Given: 4000",
    ": 4000 tokens > 1024 maximum",
    { status: 422 }
  ),
  overflow("Ollama", "prompt too long; exceeded max context length by 904 tokens", ": 9096 tokens > 8192 maximum", {
    about: { window: 8192 }
  }),
  overflow("Ollama, with an unknown window", "prompt too long; exceeded max context length by 904 tokens", ""),
  overflow(
    "Mistral",
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    ": 40000 tokens > 32768 maximum"
  ),
  overflow("DashScope", "Range of input length should be [1, 98304]", ": 100000 tokens > 98304 maximum", {
    about: { estimate: 100_000 }
  }),
  overflow(
    "DashScope, with an estimate that is too low",
    "Range of input length should be [1, 98304]",
    ": 98305 tokens > 98304 maximum",
    {
      about: { estimate: 90_000 }
    }
  ),
  overflow(
    "Cerebras",
    "Please reduce the length of the messages or completion. Current length is 70000 while limit is 65536",
    ": 70000 tokens > 65536 maximum"
  ),
  overflow(
    "Fireworks",
    "The prompt is too long: 140000, model maximum context length: 131071",
    ": 140000 tokens > 131071 maximum"
  ),
  overflow(
    "Anthropic behind a relay",
    "prompt is too long: 210000 tokens > 200000 maximum",
    ": 210000 tokens > 200000 maximum"
  ),
  {
    name: "Anthropic behind a relay, max_tokens",
    response: openai(
      400,
      "input length and `max_tokens` exceed context limit: 180000 + 32000 > 200000, decrease input length"
    ),
    ...invalid,
    message: maxTokens(
      180000,
      32000,
      200000,
      "input length and `max_tokens` exceed context limit: 180000 + 32000 > 200000, decrease input length"
    )
  },
  overflow("Bedrock", "Input is too long for requested model.", ""),
  overflow(
    "any, with numbers in either order",
    "context window of 8,192 exceeded: 10,000 given",
    ": 10000 tokens > 8192 maximum"
  ),
  overflow(
    "any, numbers first",
    "10000 tokens are too long for the context size 8192",
    ": 10000 tokens > 8192 maximum"
  ),
  overflow("any, too many tokens", "too many tokens in the request", ""),
  overflow("413 about tokens", "The maximum context length was passed", "", { status: 413 }),
  overflow("500 about tokens", "context size exceeded", "", { status: 500 }),
  {
    name: "not throttling",
    response: openai(429, "Rate limit reached: Request too large for the context window, tokens per min (TPM)"),
    status: 429,
    type: "rate_limit_error",
    message: "grok: Rate limit reached: Request too large for the context window, tokens per min (TPM)"
  },
  {
    name: "not throttling under 400",
    response: openai(400, "Too many tokens, too many requests"),
    ...invalid,
    message: "grok: Too many tokens, too many requests"
  },
  {
    name: "not a limit on the answer",
    response: openai(400, "max_tokens is too large: 200000. This model supports at most 16384 completion tokens."),
    ...invalid,
    message: "grok: max_tokens is too large: 200000. This model supports at most 16384 completion tokens."
  }
]

const limit = (headers: UpstreamFailure["headers"], message = "slow", more: object = {}): UpstreamFailure =>
  json(429, { error: { message, ...more } }, headers)

const wait = (name: string, response: UpstreamFailure, retryAfter: number | undefined, message = "slow"): Case => ({
  name,
  response,
  status: 429,
  type: "rate_limit_error",
  message: `grok: ${message}`,
  ...(retryAfter === undefined ? {} : { retryAfter })
})

/** Wire specification §6.3: when to ask again. `about.now` is 2025-01-01T00:00:00Z. */
export const waits: ReadonlyArray<Case> = [
  wait("retry-after-ms", limit({ "retry-after-ms": "1200", "retry-after": "9" }), 2),
  wait("retry-after in seconds", limit({ "retry-after": "60", "x-ratelimit-reset-requests": "1s" }), 60),
  wait("retry-after with a fraction", limit({ "retry-after": "0.4" }), 1),
  wait("retry-after of zero", limit({ "retry-after": "0" }), 1),
  wait("retry-after as a date", limit({ "retry-after": "Wed, 01 Jan 2025 00:01:30 GMT" }), 90),
  wait("retry-after as a date gone by", limit({ "retry-after": "Tue, 31 Dec 2024 00:00:00 GMT" }), 1),
  wait("retry-after without sense", limit({ "retry-after": "soon" }), undefined),
  wait("retry-after beyond all sense", limit({ "retry-after": "1e30" }), undefined),
  wait("retry-after far beyond a year", limit({ "retry-after": "99999999999999999999" }), undefined),
  wait("a reset of requests", limit({ "x-ratelimit-reset-requests": "6m0s" }), 360),
  wait("a reset of tokens", limit({ "x-ratelimit-reset-tokens": "120ms" }), 1),
  wait(
    "the reset of the limit that is used up",
    limit({
      "x-ratelimit-remaining-requests": "99",
      "x-ratelimit-reset-requests": "1h",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "7.66s"
    }),
    8
  ),
  wait(
    "words, when the headers say that nothing is used up",
    limit(
      { "x-ratelimit-remaining-tokens": "150", "x-ratelimit-reset-tokens": "59s" },
      "Please try again in 3.2s. Visit us."
    ),
    4,
    "Please try again in 3.2s. Visit us."
  ),
  wait("Codex, header", limit({ "x-codex-primary-reset-at": "1735689660" }), 60),
  wait("Codex, seconds in the body", limit({}, "slow", { resets_in_seconds: 90 }), 90),
  wait("Codex, moment in the body", limit({}, "slow", { resets_at: 1735689720 }), 120),
  wait(
    "Google",
    {
      status: 429,
      headers: {},
      body: JSON.stringify([
        {
          error: {
            code: 429,
            message: "slow",
            status: "RESOURCE_EXHAUSTED",
            details: [
              { "@type": "type.googleapis.com/google.rpc.QuotaFailure" },
              { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.2s" }
            ]
          }
        }
      ])
    },
    35
  ),
  wait("OpenRouter, header", limit({ "x-ratelimit-reset": "1735689605500" }), 6),
  wait(
    "OpenRouter, in the body",
    limit({}, "slow", { metadata: { headers: { "X-RateLimit-Reset": "1735689605500" } } }),
    6
  ),
  wait("words in seconds", limit({}, "try again in 1.2s"), 2, "try again in 1.2s"),
  wait("words in milliseconds", limit({}, "try again in 20ms."), 1, "try again in 20ms."),
  wait("words in minutes", limit({}, "Please try again in 3 minutes."), 180, "Please try again in 3 minutes."),
  wait(
    "words in two units",
    limit({}, "Please try again in 1m30.5s on Monday."),
    91,
    "Please try again in 1m30.5s on Monday."
  ),
  wait("words about retrying", limit({}, "Please retry in 34.07s."), 35, "Please retry in 34.07s."),
  wait("no word about it", limit({}), undefined),
  {
    name: "an overload with retry-after",
    response: json(503, { error: "busy" }, { "retry-after": "7" }),
    status: 529,
    type: "overloaded_error",
    message: "grok: busy",
    retryAfter: 7
  },
  {
    name: "a fault has nothing to do with the limits",
    response: json(
      500,
      { error: "oops" },
      { "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "0" }
    ),
    status: 500,
    type: "api_error",
    message: "grok: oops"
  },
  {
    name: "a mistake of the request is not worth waiting for",
    response: json(400, { error: "bad" }, { "retry-after": "7" }),
    ...invalid,
    message: "grok: bad"
  }
]
