import { json } from "../case.ts"
import { answer, type Provider, shared, tooLong, tooLongSomehow, tooMuchRoom } from "../known.ts"

/** Sources: the provider's page of error codes, bodies quoted in issue threads. */
export const together: Provider = {
  name: "Together",
  rows: ["together"],
  about: { provider: "together", model: "llama-3.3-70b", host: "api.together.xyz" },
  cases: [
    shared(
      "bad key",
      401,
      "Invalid API key provided. You can find your API key at https://api.together.xyz/settings/api-keys.",
      ["invalid_request_error", "invalid_api_key"]
    ),
    shared(
      "no credit",
      402,
      "Credit limit exceeded, please navigate to https://api.together.xyz/settings/billing to upgrade your plan.",
      ["credit_limit"]
    ),
    shared(
      "unknown model",
      404,
      "Unable to access model llama-9. Please visit https://api.together.ai/models to view the list of supported models.",
      ["invalid_request_error", "model_not_available"]
    ),
    shared(
      "unknown model",
      400,
      "Unable to access non-serverless model llama-9. Please visit the site to create and start a new dedicated endpoint.",
      ["invalid_request_error", "model_not_available"]
    ),
    shared(
      "rate limit",
      429,
      "You have reached the rate limit specific to this model llama-3.3-70b. The maximum rate limit for this model is 6.0 queries per minute.",
      ["model_rate_limit"],
      { headers: { "x-ratelimit-reset": "12" }, wait: 12 }
    ),
    answer(
      "overload",
      json(503, { error: { message: "The server is overloaded or not ready yet.", type: "service_unavailable" } }),
      "The server is overloaded or not ready yet."
    ),
    shared("bad request", 400, "Input validation error: `temperature` must be strictly positive", [
      "invalid_request_error"
    ]),
    shared(
      "overflow",
      400,
      "Input token count + max_tokens parameter must be less than the context length of the model being queried. Set max_tokens to a number less than this model's limit.",
      ["invalid_request_error"],
      tooLongSomehow
    ),
    shared(
      "overflow",
      422,
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32769. Given: 20000 `inputs` tokens and 32000 `max_new_tokens`",
      ["invalid_request_error"],
      tooMuchRoom(20_000, 32_000, 32_769)
    ),
    shared(
      "overflow",
      400,
      "The input (140000 tokens) is longer than the model's context length (131072 tokens).",
      ["invalid_request_error"],
      tooLong(140_000, 131_072)
    )
  ]
}
