import { type Provider, shared, tooLong, tooMuchRoom } from "../known.ts"

/** Sources: the API's page of error codes, bodies quoted in issue threads. */
export const deepseek: Provider = {
  name: "DeepSeek",
  rows: ["deepseek"],
  about: { provider: "deepseek", model: "deepseek-chat", host: "api.deepseek.com" },
  cases: [
    shared(
      "bad key",
      401,
      "Authentication Fails, Your api key: ****9f3a is invalid",
      ["authentication_error", "invalid_request_error"],
      { says: "Authentication Fails, Your api key: [masked] is invalid" }
    ),
    shared(
      "bad key",
      401,
      "Authentication Fails (auth header format should be Bearer sk-...)",
      ["authentication_error", "invalid_request_error"],
      { says: "Authentication Fails (auth header format should be Bearer [masked])" }
    ),
    shared("no credit", 402, "Insufficient Balance", ["unknown_error", "invalid_request_error"]),
    shared("unknown model", 400, "Model Not Exist", ["invalid_request_error", "invalid_request_error"]),
    shared("rate limit", 429, "Rate limit reached for your account, please slow down.", ["rate_limit_error", null]),
    shared(
      "overload",
      503,
      "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
      ["service_unavailable_error", "service_unavailable_error"]
    ),
    shared("bad request", 400, "Missing `reasoning_content` field in the assistant message at message index 3.", [
      "invalid_request_error",
      "invalid_request_error"
    ]),
    shared("bad request", 422, "Failed to deserialize the JSON body into the target type: messages[0]: missing field", [
      "invalid_request_error",
      "invalid_request_error"
    ]),
    shared("bad request", 400, "Content Exists Risk", ["invalid_request_error", "invalid_request_error"]),
    shared(
      "overflow",
      400,
      "This model's maximum context length is 131072 tokens. However, you requested 153454 tokens (145262 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.",
      ["invalid_request_error", "invalid_request_error"],
      tooLong(153_454, 131_072)
    ),
    shared(
      "overflow",
      400,
      "This model's maximum context length is 65536 tokens. However, you requested 68399 tokens (36399 in the messages, 32000 in the completion). Please reduce the length of the messages or completion.",
      ["invalid_request_error", "invalid_request_error"],
      tooMuchRoom(36_399, 32_000, 65_536)
    )
  ]
}
