import { badGateway, type Case, invalid, json, openai, text } from "./case.ts"

const notFound = (words: string) =>
  `grok: ${words} Asked for model "grok-4" at api.x.ai: check the model name and the base URL of profile "grok".`

/** Wire specification §6.1: status and type. */
export const statuses: ReadonlyArray<Case> = [
  { name: "[6.1 400] 400", response: openai(400, "bad"), ...invalid, message: "grok: bad" },
  { name: "[6.1 400] 422", response: openai(422, "bad"), ...invalid, message: "grok: bad" },
  { name: "[6.1 405] 405", response: text(405, ""), ...invalid, message: "grok: HTTP 405" },
  { name: "[6.1 405] 415", response: openai(415, "bad type"), ...invalid, message: "grok: bad type" },
  { name: "[6.1 405] 501", response: openai(501, "not there"), ...invalid, message: "grok: not there" },
  {
    name: "[6.1 401] 401",
    response: openai(401, "No API key", "invalid_api_key"),
    status: 401,
    type: "authentication_error",
    message: 'grok: No API key. Check the API key of profile "grok".',
    shouldRetry: false
  },
  {
    name: "[6.1 401] a wrong key under 400 (xAI)",
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
    name: "[6.1 401] a wrong key under 400 (Gemini)",
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
    name: "[6.1 402] 402",
    response: json(402, { error: { code: 402, message: "Add more credits" } }),
    status: 402,
    type: "billing_error",
    message: "grok: Add more credits",
    shouldRetry: false
  },
  {
    name: "[6.1 402] no quota under 429 (OpenAI)",
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
    name: "[6.1 402] no balance by words (DeepSeek)",
    response: openai(402, "Insufficient Balance", "invalid_request_error", "unknown_error"),
    status: 402,
    type: "billing_error",
    message: "grok: Insufficient Balance",
    shouldRetry: false
  },
  {
    name: "[6.1 402] no balance by words under another status (GLM)",
    response: json(429, { error: { code: "1113", message: "Insufficient balance or no resource package." } }),
    status: 402,
    type: "billing_error",
    message: "grok: Insufficient balance or no resource package.",
    shouldRetry: false
  },
  {
    name: "[6.1 402] billing code",
    response: openai(400, "Limit reached", "billing_hard_limit_reached"),
    status: 402,
    type: "billing_error",
    message: "grok: Limit reached",
    shouldRetry: false
  },
  {
    name: "[6.1 403] 403",
    response: openai(403, "Country, region, or territory not supported"),
    status: 403,
    type: "permission_error",
    message: "grok: Country, region, or territory not supported",
    shouldRetry: false
  },
  {
    name: "[6.1 404] 404",
    response: openai(404, "The model `grok-4` does not exist", "model_not_found"),
    status: 404,
    type: "not_found_error",
    message: notFound("The model `grok-4` does not exist."),
    shouldRetry: false
  },
  {
    name: "[6.1 404] an unknown model under 400 (OpenRouter)",
    response: json(400, { error: { code: 400, message: "x/y is not a valid model ID" } }),
    status: 404,
    type: "not_found_error",
    message: notFound("x/y is not a valid model ID."),
    shouldRetry: false
  },
  {
    name: "[6.1 408] 408",
    response: text(408, ""),
    status: 504,
    type: "timeout_error",
    message: "grok: HTTP 408 Request Timeout"
  },
  { name: "[6.1 408] 504", response: openai(504, "late"), status: 504, type: "timeout_error", message: "grok: late" },
  {
    name: "[6.1 408] 524",
    response: text(524, "A timeout occurred"),
    status: 504,
    type: "timeout_error",
    message: "grok: A timeout occurred"
  },
  {
    name: "[6.1 409] 409",
    response: openai(409, "twice"),
    status: 409,
    type: "conflict_error",
    message: "grok: twice"
  },
  {
    name: "[6.1 413] 413",
    response: openai(413, "Payload too large"),
    status: 413,
    type: "request_too_large",
    message: "grok: Payload too large"
  },
  {
    name: "[6.1 413] 413 about tokens per minute (Groq)",
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
    name: "[6.1 429] 429",
    response: openai(429, "slow", "rate_limit_exceeded"),
    status: 429,
    type: "rate_limit_error",
    message: "grok: slow"
  },
  {
    name: "[6.1 429] 429 of which a minute's wait helps",
    response: openai(429, "Rate limit reached on tokens per min (TPM): Limit 9000, Used 5000, Requested 5000."),
    status: 429,
    type: "rate_limit_error",
    message: "grok: Rate limit reached on tokens per min (TPM): Limit 9000, Used 5000, Requested 5000."
  },
  {
    name: "[6.1 500] 500",
    response: openai(500, "oops", null, "server_error"),
    status: 500,
    type: "api_error",
    message: "grok: oops"
  },
  { name: "[6.1 502] 502", response: text(502, "no luck"), ...badGateway, message: "grok: no luck" },
  {
    name: "[6.1 503] 503",
    response: text(503, ""),
    status: 529,
    type: "overloaded_error",
    message: "grok: HTTP 503 Service Unavailable"
  },
  {
    name: "[6.1 503] 529",
    response: openai(529, "Overloaded"),
    status: 529,
    type: "overloaded_error",
    message: "grok: Overloaded"
  },
  {
    name: "[6.1 503] an overload's code",
    response: openai(500, "busy", "server_is_overloaded"),
    status: 529,
    type: "overloaded_error",
    message: "grok: busy"
  },
  {
    name: "[6.1 503] slow_down",
    response: openai(429, "busy", "slow_down"),
    status: 529,
    type: "overloaded_error",
    message: "grok: busy"
  },
  {
    name: "[6.1 503] an overload's type (Kimi)",
    response: json(429, { error: { message: "The engine is currently overloaded", type: "engine_overloaded_error" } }),
    status: 529,
    type: "overloaded_error",
    message: "grok: The engine is currently overloaded"
  },
  {
    name: "[6.1 503] a model that is being loaded",
    response: json(500, { error: "model is loading" }),
    status: 529,
    type: "overloaded_error",
    message: "grok: model is loading"
  },
  {
    name: "[6.1 503] a server over capacity",
    response: openai(500, "m is currently over capacity"),
    status: 529,
    type: "overloaded_error",
    message: "grok: m is currently over capacity"
  },
  {
    name: "[6.1 200] an HTTP-like code",
    response: json(200, { error: { code: 500, message: "oops" } }),
    status: 500,
    type: "api_error",
    message: "grok: oops"
  },
  {
    name: "[6.1 200] a code in words",
    response: json(200, { error: { code: "rate_limit_exceeded", message: "slow" } }),
    status: 429,
    type: "rate_limit_error",
    message: "grok: slow"
  },
  {
    name: "[6.1 200] an error of no kind",
    response: json(200, { error: { message: "hm" } }),
    ...badGateway,
    message: "grok: hm"
  },
  {
    name: "407",
    response: openai(407, "proxy"),
    status: 403,
    type: "permission_error",
    message: "grok: proxy",
    shouldRetry: false
  },
  {
    name: "451",
    response: openai(451, "law"),
    status: 403,
    type: "permission_error",
    message: "grok: law",
    shouldRetry: false
  },
  {
    name: "410",
    response: openai(410, "This model was retired."),
    status: 404,
    type: "not_found_error",
    message: notFound("This model was retired."),
    shouldRetry: false
  },
  { name: "522", response: text(522, "no answer"), status: 504, type: "timeout_error", message: "grok: no answer" },
  {
    name: "[6.1 503] 529 of any wording",
    response: text(529, "busy"),
    status: 529,
    type: "overloaded_error",
    message: "grok: busy"
  },
  {
    name: "[6.1 Codex] a subscription's limit",
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
    name: "[6.1 Codex] a subscription without this use",
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
