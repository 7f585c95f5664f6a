import { type Provider, shared, tooLongSomehow } from "../known.ts"

/** Sources: the provider's page of error codes, bodies quoted in issue threads. */
export const groq: Provider = {
  name: "Groq",
  rows: ["groq"],
  about: { provider: "groq", model: "llama-3.3-70b", host: "api.groq.com" },
  cases: [
    shared("bad key", 401, "Invalid API Key", ["invalid_request_error", "invalid_api_key"]),
    shared("unknown model", 404, "The model `llama-9` does not exist or you do not have access to it.", [
      "invalid_request_error",
      "model_not_found"
    ]),
    shared(
      "unknown model",
      400,
      "The model `llama-3.1-70b-versatile` has been decommissioned and is no longer supported. Please refer to https://console.groq.com/docs/deprecations for a recommendation on which model to use instead.",
      ["invalid_request_error", "model_decommissioned"]
    ),
    shared(
      "forbidden",
      400,
      "Organization has been restricted. Please reach out to support if you believe this was in error.",
      ["invalid_request_error", "organization_restricted"]
    ),
    shared(
      "rate limit",
      429,
      "Rate limit reached for model `llama-3.3-70b` in organization `org_01` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Used 5000, Requested 2000. Please try again in 7.66s. Need more tokens? Upgrade to Dev Tier today",
      ["tokens", "rate_limit_exceeded"],
      { wait: 10, headers: { "retry-after": "10", "x-ratelimit-remaining-tokens": "1000" } }
    ),
    shared(
      "rate limit",
      429,
      "Rate limit reached for model `llama-3.3-70b` in organization `org_01` on tokens per day (TPD): Limit 100000, Used 99500, Requested 2000. Please try again in 21m36s.",
      ["tokens", "rate_limit_exceeded"],
      { wait: 1296 }
    ),
    shared(
      "used up",
      413,
      "Request too large for model `llama-3.3-70b` in organization `org_01` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 31504, please reduce your message size and try again.",
      ["tokens", "rate_limit_exceeded"]
    ),
    shared(
      "overload",
      503,
      "llama-3.3-70b is currently over capacity. Please try again and back off exponentially. Visit https://groqstatus.com to see if there are active incidents.",
      ["internal_server_error"]
    ),
    shared("overload", 498, "Flex tier capacity exceeded.", ["capacity_exceeded", "capacity_exceeded"]),
    shared("fault", 500, "Internal Server Error", ["internal_server_error"]),
    // the model's fault, and not the request's
    shared(
      "bad gateway",
      400,
      "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
      ["invalid_request_error", "tool_use_failed"]
    ),
    shared("too large", 413, "Request Entity Too Large", ["invalid_request_error", "request_too_large"]),
    shared(
      "overflow",
      400,
      "Please reduce the length of the messages or completion.",
      ["invalid_request_error", "context_length_exceeded", "messages"],
      tooLongSomehow
    )
  ]
}
