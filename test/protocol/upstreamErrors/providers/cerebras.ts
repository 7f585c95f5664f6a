import { json } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, tooLong } from "../known.ts"

const bare = (
  kind: Kind,
  status: number,
  [type, code, param]: readonly [type: string, code: string, param: string],
  message: string,
  more: More = {}
): Known => answer(kind, json(status, { message, type, param, code }), message, more)

/** Sources: the SDK's documentation of errors and limits, bodies quoted in issue threads. */
export const cerebras: Provider = {
  name: "Cerebras",
  rows: ["cerebras"],
  about: { provider: "cerebras", model: "qwen-3-coder", host: "api.cerebras.ai" },
  cases: [
    bare("bad key", 401, ["invalid_request_error", "wrong_api_key", "api_key"], "Wrong API Key"),
    bare(
      "no credit",
      402,
      ["payment_required", "payment_required", "quota"],
      "Payment required to access this resource."
    ),
    bare(
      "unknown model",
      404,
      ["not_found_error", "model_not_found", "model"],
      "Model qwen-9 does not exist or you do not have access to it."
    ),
    bare(
      "rate limit",
      429,
      ["too_many_requests_error", "request_quota_exceeded", "quota"],
      "Requests per minute limit exceeded - too many requests sent."
    ),
    bare(
      "rate limit",
      429,
      ["too_many_tokens_error", "token_quota_exceeded", "quota"],
      "Tokens per minute limit exceeded - too many tokens processed.",
      {
        headers: {
          "x-ratelimit-remaining-requests-day": "14000",
          "x-ratelimit-reset-requests-day": "33011.4",
          "x-ratelimit-remaining-tokens-minute": "0",
          "x-ratelimit-reset-tokens-minute": "11.38"
        },
        wait: 12
      }
    ),
    bare(
      "rate limit",
      429,
      ["too_many_requests_error", "queue_exceeded", "queue"],
      "We're experiencing high traffic right now! Please try again soon."
    ),
    bare("overload", 503, ["server_error", "service_unavailable", ""], "The service is unavailable."),
    bare(
      "bad request",
      422,
      ["invalid_request_error", "wrong_api_format", "messages"],
      "messages.1.assistant.reasoning: property is unsupported"
    ),
    bare(
      "overflow",
      400,
      ["invalid_request_error", "context_length_exceeded", "messages"],
      "Please reduce the length of the messages or completion. Current length is 70000 while limit is 65536",
      tooLong(70_000, 65_536)
    )
  ]
}
