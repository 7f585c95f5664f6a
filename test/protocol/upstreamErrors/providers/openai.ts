import { inside, type Provider, shared, tooLong, tooLongSomehow, tooMuchRoom } from "../known.ts"

const visit = "Visit https://platform.openai.com/account/rate-limits to learn more."

/** Sources: the guide to error codes, `ResponseErrorCode` in the SDK's types, bodies quoted in issue threads. */
export const openai: Provider = {
  name: "OpenAI",
  rows: ["openai"],
  about: { provider: "openai", model: "gpt-5", host: "api.openai.com" },
  cases: [
    shared(
      "bad key",
      401,
      "Incorrect API key provided: sk-proj-********************************************abcd. You can find your API key at https://platform.openai.com/account/api-keys.",
      ["invalid_request_error", "invalid_api_key"],
      {
        says: "Incorrect API key provided: [masked]. You can find your API key at https://platform.openai.com/account/api-keys."
      }
    ),
    shared("bad key", 401, "You must be a member of an organization to use the API.", ["invalid_request_error"]),
    shared(
      "no credit",
      429,
      "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
      ["insufficient_quota", "insufficient_quota"]
    ),
    shared("no credit", 429, "Your organization has no prepaid credits left.", [
      "insufficient_quota",
      "credit_balance_exhausted"
    ]),
    shared("no credit", 429, "The project reached its monthly spend limit.", [
      "insufficient_quota",
      "project_spend_limit_exceeded"
    ]),
    shared("no credit", 429, "Your account is not active, please check your billing details on our website.", [
      "billing_not_active",
      "billing_not_active"
    ]),
    shared("no credit", 400, "Billing hard limit has been reached", [
      "invalid_request_error",
      "billing_hard_limit_reached"
    ]),
    shared("forbidden", 403, "Country, region, or territory not supported", [
      "request_forbidden",
      "unsupported_country_region_territory"
    ]),
    shared("forbidden", 403, "Project `proj_abc` does not have access to model `gpt-5`", [
      "invalid_request_error",
      "model_not_found"
    ]),
    shared("unknown model", 404, "The model `gpt-9` does not exist or you do not have access to it.", [
      "invalid_request_error",
      "model_not_found"
    ]),
    shared(
      "rate limit",
      429,
      `Rate limit reached for gpt-5 in organization org-abc on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms. ${visit}`,
      ["requests", "rate_limit_exceeded"],
      { wait: 1 }
    ),
    shared(
      "rate limit",
      429,
      `Rate limit reached for gpt-5 in organization org-abc on tokens per min (TPM): Limit 30000, Used 28101, Requested 4310. Please try again in 4.822s. ${visit}`,
      ["tokens", "rate_limit_exceeded"],
      {
        wait: 5,
        headers: {
          "x-ratelimit-limit-requests": "500",
          "x-ratelimit-remaining-requests": "499",
          "x-ratelimit-reset-requests": "120ms",
          "x-ratelimit-limit-tokens": "30000",
          "x-ratelimit-remaining-tokens": "1899",
          "x-ratelimit-reset-tokens": "56.202s"
        }
      }
    ),
    shared(
      "used up",
      429,
      `Request too large for gpt-5 in organization org-abc on tokens per min (TPM): Limit 30000, Requested 45000. The input or output tokens must be reduced in order to run successfully. ${visit}`,
      ["tokens", "rate_limit_exceeded"]
    ),
    shared("overload", 503, "The server is currently overloaded with other requests. Sorry about that!", [
      "server_error"
    ]),
    shared("fault", 500, "The server had an error while processing your request. Sorry about that!", ["server_error"]),
    shared(
      "bad request",
      400,
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ["invalid_request_error", "unsupported_parameter", "max_tokens"]
    ),
    shared(
      "bad request",
      400,
      "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.",
      ["invalid_request_error", "invalid_prompt"]
    ),
    shared(
      "overflow",
      400,
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens. Please reduce the length of the messages.",
      ["invalid_request_error", "context_length_exceeded", "messages"],
      tooLong(150_000, 128_000)
    ),
    shared(
      "overflow",
      400,
      "This model's maximum context length is 128000 tokens. However, you requested 140000 tokens (108000 in the messages, 32000 in the completion). Please reduce the length of the messages or completion.",
      ["invalid_request_error", "context_length_exceeded", "messages"],
      tooMuchRoom(108_000, 32_000, 128_000)
    ),
    shared(
      "overflow",
      400,
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
      ["invalid_request_error", "context_length_exceeded", "input"],
      tooLongSomehow
    ),
    inside(
      "overflow",
      {
        type: "response.failed",
        response: {
          status: "failed",
          error: {
            code: "context_length_exceeded",
            message: "Your input exceeds the context window of this model. Please adjust your input and try again."
          }
        }
      },
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
      tooLongSomehow
    ),
    inside(
      "rate limit",
      {
        code: "rate_limit_exceeded",
        message:
          "Rate limit reached for gpt-5 in organization org-abc on tokens per min (TPM). Please try again in 1.2s."
      },
      "Rate limit reached for gpt-5 in organization org-abc on tokens per min (TPM). Please try again in 1.2s.",
      { wait: 2 }
    ),
    inside(
      "fault",
      { code: "server_error", message: "An error occurred while processing your request. You can retry." },
      "An error occurred while processing your request. You can retry."
    ),
    inside("bad request", { code: "invalid_prompt", message: "Invalid prompt." }, "Invalid prompt."),
    inside("bad request", { code: "bio_policy", message: "Blocked." }, "Blocked."),
    inside(
      "timeout",
      { code: "vector_store_timeout", message: "The search took too long." },
      "The search took too long."
    ),
    inside("bad request", { code: "invalid_base64_image", message: "Not an image." }, "Not an image."),
    inside("bad request", { code: "image_file_not_found", message: "No such image." }, "No such image."),
    inside("bad request", { code: "unsupported_image_media_type", message: "Use png." }, "Use png."),
    inside(
      "fault",
      { type: "error", code: "server_error", message: "The server had an error.", param: null, sequence_number: 3 },
      "The server had an error."
    ),
    inside(
      "bad request",
      {
        type: "error",
        error: {
          type: "invalid_request_error",
          code: "unknown_parameter",
          message: "Unknown parameter: 'x'.",
          param: "x"
        }
      },
      "Unknown parameter: 'x'."
    )
  ]
}
