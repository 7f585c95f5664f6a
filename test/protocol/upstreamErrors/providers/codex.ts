import { json, text } from "../case.ts"
import { answer, inside, type Kind, type Known, type More, type Provider, tooLongSomehow } from "../known.ts"

/** As in `response.failed.response.error`. */
const failed = (kind: Kind, code: string, message: string, more: Omit<More, "headers"> = {}): Known =>
  inside(kind, { type: "response.failed", response: { id: "resp_1", error: { code, message } } }, message, more)

/** The backend of ChatGPT subscriptions (wire specification §3.3). Sources: CODEX, issue threads. */
export const codex: Provider = {
  name: "ChatGPT / Codex",
  rows: ["chatgpt"],
  about: { provider: "codex", model: "gpt-5-codex", host: "chatgpt.com" },
  cases: [
    answer("bad key", json(401, { detail: "Unauthorized" }), "Unauthorized"),
    answer(
      "bad key",
      json(401, {
        error: {
          message: "Your authentication token has been invalidated. Please try signing in again.",
          type: "invalid_request_error",
          code: "token_invalidated",
          param: null
        },
        status: 401
      }),
      "Your authentication token has been invalidated. Please try signing in again."
    ),
    answer(
      "no credit",
      json(402, { detail: { code: "deactivated_workspace" } }),
      '{"detail":{"code":"deactivated_workspace"}}'
    ),
    answer(
      "unknown model",
      json(400, { detail: "The 'gpt-9' model is not supported when using Codex with a ChatGPT account." }),
      "The 'gpt-9' model is not supported when using Codex with a ChatGPT account."
    ),
    answer(
      "forbidden",
      text(403, "<html><head><title>Just a moment...</title></head><body>Enable JavaScript</body></html>"),
      "Just a moment... Enable JavaScript"
    ),
    answer(
      "used up",
      json(429, {
        error: {
          type: "usage_limit_reached",
          message: "The usage limit has been reached",
          plan_type: "plus",
          resets_at: 1_735_695_000,
          resets_in_seconds: 5400
        }
      }),
      "The usage limit has been reached",
      { wait: 5400 }
    ),
    answer(
      "used up",
      json(429, { error: { type: "usage_limit_reached", message: "The usage limit has been reached" } }),
      "The usage limit has been reached",
      { headers: { "x-codex-primary-used-percent": "100", "x-codex-primary-reset-at": "1735693200" }, wait: 3600 }
    ),
    answer(
      "forbidden",
      json(403, { error: { type: "usage_not_included", message: "To use Codex with your ChatGPT plan, upgrade." } }),
      "To use Codex with your ChatGPT plan, upgrade."
    ),
    answer(
      "bad request",
      json(400, { detail: "Unsupported parameter: max_output_tokens" }),
      "Unsupported parameter: max_output_tokens"
    ),
    answer("bad request", json(400, { detail: "System messages are not allowed" }), "System messages are not allowed"),
    answer("bad gateway", text(502, "upstream connect error"), "upstream connect error"),
    failed(
      "overflow",
      "context_length_exceeded",
      "Your input exceeds the context window of this model.",
      tooLongSomehow
    ),
    failed("no credit", "insufficient_quota", "Quota exceeded. Check your plan and billing details."),
    failed("forbidden", "usage_not_included", "To use Codex with your ChatGPT plan, upgrade."),
    failed("used up", "usage_limit_reached", "The usage limit has been reached"),
    failed("overload", "server_is_overloaded", "Our servers are currently overloaded. Please try again later."),
    failed("overload", "slow_down", "Please slow down."),
    failed("rate limit", "rate_limit_exceeded", "Rate limit reached for gpt-5-codex. Please try again in 11.054s.", {
      wait: 12
    }),
    failed("rate limit", "rate_limit_exceeded", "Rate limit reached. Try again in 35 seconds.", { wait: 35 }),
    failed("bad request", "invalid_prompt", "Your prompt was flagged."),
    failed("bad request", "cyber_policy", "This request has been flagged for possible cybersecurity risk."),
    inside(
      "used up",
      {
        type: "error",
        status: 429,
        error: { type: "usage_limit_reached", message: "The usage limit has been reached", resets_in_seconds: 77 }
      },
      "The usage limit has been reached",
      { wait: 77 }
    ),
    inside("overload", { type: "error", code: "server_is_overloaded", message: "Busy.", param: null }, "Busy.")
  ]
}
