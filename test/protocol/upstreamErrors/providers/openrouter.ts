import { json } from "../case.ts"
import { answer, inside, type Kind, type Known, type More, type Provider, tooLong, tooMuchRoom } from "../known.ts"

const routerSays = (kind: Kind, code: number, message: string, metadata?: object, more: More = {}): Known =>
  answer(
    kind,
    json(code, { error: { code, message, ...(metadata && { metadata }) }, user_id: "user_2x" }),
    message,
    more
  )

const quoting = (
  kind: Kind,
  code: number,
  raw: string,
  provider_name: string,
  says: string,
  more: More & { readonly metadata?: object } = {}
): Known => {
  const { metadata, ...rest } = more
  const error = {
    code,
    message: "Provider returned error",
    metadata: { raw, provider_name, is_byok: false, ...metadata }
  }
  return answer(kind, json(code, { error, user_id: "user_2x" }), `${says} (${provider_name})`, rest)
}

/** Sources: the router's page of errors, the schema of its SDK provider, bodies quoted in issue threads. */
export const openrouter: Provider = {
  name: "OpenRouter",
  rows: ["openrouter"],
  about: { provider: "openrouter", model: "qwen/qwen3.8", host: "openrouter.ai" },
  cases: [
    routerSays("bad key", 401, "No auth credentials found"),
    routerSays("bad key", 401, "User not found."),
    routerSays("no credit", 402, "Insufficient credits. Add more using https://openrouter.ai/settings/credits"),
    routerSays(
      "no credit",
      402,
      "This request requires more credits, or fewer max_tokens. You requested up to 32000 tokens, but can only afford 1234."
    ),
    routerSays(
      "no credit",
      403,
      "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys"
    ),
    routerSays(
      "forbidden",
      403,
      'google/gemini requires moderation on OpenRouter. Your input was flagged for "violence"',
      {
        reasons: ["violence"],
        flagged_input: "…",
        provider_name: "Google"
      }
    ),
    routerSays("unknown model", 400, "x/y is not a valid model ID"),
    routerSays("unknown model", 404, "No endpoints found that support tool use. To learn more, visit the docs."),
    routerSays("unknown model", 404, "No allowed providers are available for the selected model."),
    routerSays(
      "rate limit",
      429,
      "Rate limit exceeded: free-models-per-min. ",
      { headers: { "X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1735689605500" } },
      { says: "Rate limit exceeded: free-models-per-min.", wait: 6 }
    ),
    quoting(
      "rate limit",
      429,
      "qwen/qwen3.8:free is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits.",
      "Alibaba",
      "qwen/qwen3.8:free is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits."
    ),
    quoting(
      "rate limit",
      429,
      "qwen/qwen3.8:free is temporarily rate-limited upstream.",
      "Venice",
      "qwen/qwen3.8:free is temporarily rate-limited upstream.",
      {
        metadata: { retry_after_seconds: 29, retry_after_seconds_raw: 28.181, headers: { "Retry-After": "29" } },
        wait: 29
      }
    ),
    quoting(
      "rate limit",
      429,
      '{"error":{"message":"Slow down","type":"invalid_request_error"}}',
      "Groq",
      "Slow down",
      { metadata: { headers: { "Retry-After": "7" } }, wait: 7 }
    ),
    routerSays("overload", 503, "No instances available"),
    routerSays("bad gateway", 502, "Provider returned error"),
    routerSays("timeout", 408, "Request timed out"),
    quoting("bad request", 400, '{"detail":"tools are not supported"}', "Chutes", "tools are not supported"),
    routerSays(
      "overflow",
      400,
      "This endpoint's maximum context length is 163840 tokens. However, you requested about 170000 tokens (130000 of text input, 8000 of tool input, 32000 in the output). Please reduce the length of either one.",
      undefined,
      tooMuchRoom(138_000, 32_000, 163_840)
    ),
    routerSays(
      "overflow",
      400,
      "This endpoint's maximum context length is 262144 tokens. However, you requested about 282009 tokens (280952 of text input, 1057 of tool input).",
      undefined,
      tooLong(282_009, 262_144)
    ),
    quoting(
      "overflow",
      400,
      "Requested input length 39818 exceeds maximum input length 32767",
      "DeepInfra",
      "Requested input length 39818 exceeds maximum input length 32767",
      tooLong(39_818, 32_767)
    ),
    quoting(
      "overflow",
      400,
      "Input length 265330 exceeds the maximum allowed input length of 262112 tokens.",
      "Poolside",
      "Input length 265330 exceeds the maximum allowed input length of 262112 tokens.",
      tooLong(265_330, 262_112)
    ),
    inside(
      "bad gateway",
      { id: "gen-1", error: { code: 502, message: "Provider disconnected" }, choices: [] },
      "Provider disconnected"
    ),
    inside(
      "overload",
      { error: { code: 503, message: "Provider returned error", metadata: { raw: "busy", provider_name: "Azure" } } },
      "busy (Azure)"
    )
  ]
}
