import { json } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, tooLong } from "../known.ts"

const proxy = (kind: Kind, status: number, type: string, message: string, more: More = {}): Known =>
  answer(kind, json(status, { error: { message, type, param: "None", code: String(status) } }), message, more)

/** Sources: the proxy's exceptions and `ProxyErrorTypes`, bodies quoted in issue threads. */
export const litellm: Provider = {
  name: "LiteLLM",
  rows: [],
  about: { provider: "litellm", model: "gpt-5", host: "litellm.example" },
  cases: [
    proxy(
      "bad key",
      401,
      "token_not_found_in_db",
      "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...1234, Unable to find token in cache or `LiteLLM_VerificationTokenTable`",
      {
        says: "Authentication Error, Invalid proxy server token passed. Received API Key = [masked], Unable to find token in cache or `LiteLLM_VerificationTokenTable`"
      }
    ),
    proxy("no credit", 400, "budget_exceeded", "Budget has been exceeded! Current cost: 12.3, Max budget: 10.0"),
    proxy(
      "no credit",
      429,
      "throttling_error",
      "litellm.RateLimitError: RateLimitError: OpenAIException - You exceeded your current quota, please check your plan and billing details."
    ),
    proxy(
      "forbidden",
      401,
      "key_model_access_denied",
      "key not allowed to access model. This key can only access models=['a']. Tried to access gpt-5"
    ),
    proxy(
      "unknown model",
      400,
      "invalid_request_error",
      "/chat/completions: Invalid model name passed in model=gpt-9. Call `/v1/models` to view available models for your key."
    ),
    proxy(
      "rate limit",
      429,
      "None",
      "No deployments available for selected model, Try again in 5 seconds. Passed model=gpt-5. pre-call-checks=False, cooldown_list=['29787015']",
      { wait: 5 }
    ),
    proxy(
      "rate limit",
      429,
      "throttling_error",
      "litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit reached for gpt-5. Please try again in 20ms.",
      { wait: 1 }
    ),
    proxy(
      "overload",
      500,
      "None",
      'litellm.InternalServerError: AnthropicException - {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    ),
    proxy("overload", 503, "None", "litellm.ServiceUnavailableError: ServiceUnavailableError: OpenAIException - busy"),
    proxy("timeout", 408, "None", "litellm.Timeout: APITimeoutError - Request timed out."),
    proxy("fault", 500, "None", "litellm.APIConnectionError: OpenAIException - Connection error."),
    answer(
      "bad request",
      json(400, {
        error: {
          message: '{"error": {"code": 400, "message": "Invalid schema for function"}}',
          type: "None",
          param: "None",
          code: "400"
        }
      }),
      "Invalid schema for function"
    ),
    proxy(
      "overflow",
      400,
      "None",
      "litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: OpenAIException - This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens.",
      tooLong(150_000, 128_000)
    )
  ]
}
