import { json } from "../case.ts"
import { answer, inside, type Kind, type Known, type More, type Provider, tooLong, tooMuchRoom } from "../known.ts"

const body = (type: string, message: string) => ({ type: "error", error: { type, message }, request_id: "req_011" })
const native = (kind: Kind, status: number, type: string, message: string, more: More = {}): Known =>
  answer(kind, json(status, body(type, message)), message, more)

/** Sources: the API's page of errors, the SDK's error types, CC-docs errors.md. */
export const anthropic: Provider = {
  name: "Anthropic",
  rows: ["anthropic"],
  about: { provider: "anthropic", model: "claude-9", host: "api.anthropic.com" },
  cases: [
    native("bad key", 401, "authentication_error", "invalid x-api-key"),
    native(
      "no credit",
      400,
      "invalid_request_error",
      "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."
    ),
    native("forbidden", 403, "permission_error", "Your API key does not have permission to use the specified resource"),
    native("unknown model", 404, "not_found_error", "model: claude-9"),
    native(
      "rate limit",
      429,
      "rate_limit_error",
      "This request would exceed your organization's rate limit of 30,000 input tokens per minute.",
      { headers: { "retry-after": "33", "anthropic-ratelimit-input-tokens-remaining": "0" }, wait: 33 }
    ),
    native("overload", 529, "overloaded_error", "Overloaded"),
    native("fault", 500, "api_error", "Internal server error"),
    native("too large", 413, "request_too_large", "Request exceeds the maximum size"),
    native("bad request", 400, "invalid_request_error", "messages: at least one message is required"),
    native("bad request", 400, "invalid_request_error", "Output blocked by content filtering policy"),
    native(
      "overflow",
      400,
      "invalid_request_error",
      "prompt is too long: 213462 tokens > 200000 maximum",
      tooLong(213_462, 200_000)
    ),
    native(
      "overflow",
      400,
      "invalid_request_error",
      "input length and `max_tokens` exceed context limit: 180000 + 32000 > 200000, decrease input length or `max_tokens` and try again",
      tooMuchRoom(180_000, 32_000, 200_000)
    ),
    inside("overload", body("overloaded_error", "Overloaded"), "Overloaded"),
    inside("rate limit", body("rate_limit_error", "Slow down"), "Slow down"),
    inside("timeout", body("timeout_error", "Took too long"), "Took too long"),
    inside("bad key", body("authentication_error", "OAuth token has expired"), "OAuth token has expired")
  ]
}
