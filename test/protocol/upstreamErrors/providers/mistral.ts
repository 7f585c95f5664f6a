import { json } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, tooLong } from "../known.ts"

const object = (
  kind: Kind,
  status: number,
  type: string,
  code: string | null,
  message: string,
  more: More = {}
): Known => answer(kind, json(status, { object: "error", message, type, param: null, code }), message, more)

/** Sources: bodies quoted in issue threads. */
export const mistral: Provider = {
  name: "Mistral",
  rows: ["mistral"],
  about: { provider: "mistral", model: "mistral-large", host: "api.mistral.ai" },
  cases: [
    answer("bad key", json(401, { message: "Unauthorized", request_id: "3fa8" }), "Unauthorized"),
    answer("bad key", json(401, { detail: "Unauthorized" }), "Unauthorized"),
    object("unknown model", 400, "invalid_model", "1500", "Invalid model: mistral-huge"),
    answer("rate limit", json(429, { message: "Requests rate limit exceeded" }), "Requests rate limit exceeded"),
    object("rate limit", 429, "rate_limited", "1300", "Rate limit exceeded", {
      headers: {
        "ratelimitbysize-reset": "22",
        "x-ratelimit-reset-requests-minute": "31",
        "x-ratelimit-remaining-requests-minute": "0"
      },
      wait: 31
    }),
    object(
      "rate limit",
      429,
      "service_tier_capacity_exceeded",
      "3505",
      "Service tier capacity exceeded for this model."
    ),
    object("overload", 503, "internal_server_error", "3000", "Service unavailable."),
    object("fault", 500, "internal_server_error", "3000", "Internal server error"),
    object(
      "bad request",
      400,
      "invalid_request_function_call",
      "3280",
      "Tool call id was call_abc123 but must be a-z, A-Z, 0-9, with a length of 9."
    ),
    object(
      "bad request",
      400,
      "invalid_request_message_order",
      "3230",
      "Not the same number of function calls and responses"
    ),
    answer(
      "bad request",
      json(422, {
        object: "error",
        message: {
          detail: [{ type: "extra_forbidden", loc: ["body", "stream_options"], msg: "Extra inputs are not permitted" }]
        },
        type: "invalid_request_error",
        param: null,
        code: null
      }),
      "Extra inputs are not permitted (body.stream_options)"
    ),
    object(
      "overflow",
      400,
      "invalid_request_invalid_args",
      "3051",
      "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
      tooLong(40_000, 32_768)
    )
  ]
}
