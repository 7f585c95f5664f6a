import { json, text } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, tooLong, tooLongSomehow } from "../known.ts"

const coded = (kind: Kind, status: number, code: string, message: string, more: More = {}): Known =>
  answer(kind, json(status, { error: { message, code } }), message, more)

/** Sources: the chat client of the editor, COPILOT-API, bodies quoted in issue threads. */
export const copilot: Provider = {
  name: "GitHub Copilot",
  rows: ["copilot"],
  about: { provider: "copilot", model: "gpt-5", host: "api.githubcopilot.com" },
  cases: [
    answer("bad key", text(401, "unauthorized: token expired\n"), "unauthorized: token expired"),
    answer("bad key", json(401, { message: "Bad credentials", status: "401" }), "Bad credentials"),
    coded("no credit", 402, "quota_exceeded", "You have no quota"),
    answer(
      "forbidden",
      text(403, "Access to this endpoint is forbidden. Please review our Terms of Service.\n"),
      "Access to this endpoint is forbidden. Please review our Terms of Service."
    ),
    coded("unknown model", 400, "model_not_supported", "The requested model is not supported."),
    coded("rate limit", 429, "user_model_rate_limited", "You've hit the rate limit for this model.", {
      headers: { "retry-after": "47", "x-ratelimit-exceeded": "chat:model-rpm" },
      wait: 47
    }),
    coded(
      "rate limit",
      429,
      "rate_limited",
      "Sorry, you have been rate-limited. Please wait 1 minute before trying again.",
      {
        wait: 60
      }
    ),
    coded("used up", 429, "user_global_rate_limited:pro_plus", "Sorry, you've exceeded your 5 hour session limits."),
    answer(
      "rate limit",
      json(403, {
        message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
      }),
      "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    ),
    coded("overload", 429, "model_overloaded", "The model is overloaded."),
    answer("bad gateway", text(502, "Bad Gateway"), "Bad Gateway"),
    answer("too large", text(413, "failed to parse request"), "failed to parse request"),
    answer(
      "bad request",
      text(400, "bad request: missing Editor-Version header for IDE auth"),
      "bad request: missing Editor-Version header for IDE auth"
    ),
    coded(
      "overflow",
      400,
      "model_max_prompt_tokens_exceeded",
      "prompt token count of 70000 exceeds the limit of 64000",
      tooLong(70_000, 64_000)
    ),
    coded("overflow", 400, "invalid_request_body", "prompt token count exceeds the limit of 128000", tooLongSomehow),
    coded("overflow", 400, "model_max_prompt_tokens_exceeded", "The prompt does not fit.", tooLongSomehow)
  ]
}
