import { json } from "../case.ts"
import { answer, type More, type Kind, type Known, type Provider, tooLong } from "../known.ts"

const kimiSays = (kind: Kind, status: number, type: string, message: string, more: More = {}): Known =>
  answer(kind, json(status, { error: { message, type } }), message, more)

/** Sources: the platform's page of error codes, bodies quoted in issue threads (also of Kimi Code). */
export const kimi: Provider = {
  name: "Kimi / Moonshot",
  rows: ["kimi", "kimi-code"],
  about: { provider: "kimi", model: "kimi-k2", host: "api.moonshot.ai" },
  cases: [
    kimiSays("bad key", 401, "invalid_authentication_error", "Invalid Authentication"),
    kimiSays("bad key", 401, "incorrect_api_key_error", "Incorrect API key provided"),
    kimiSays(
      "no credit",
      429,
      "exceeded_current_quota_error",
      "Your account org-abc <ak-def> is suspended due to insufficient balance, please recharge your account or check your plan and billing details"
    ),
    kimiSays(
      "no credit",
      403,
      "exceeded_current_quota_error",
      "Your account org-abc <ak-def> is not active, organization <org-abc> exceeded current quota, please check your plan and billing details"
    ),
    kimiSays("unknown model", 404, "resource_not_found_error", "Not found the model kimi-9 or Permission denied"),
    kimiSays("forbidden", 403, "permission_denied_error", "The API you are accessing is not open"),
    kimiSays(
      "forbidden",
      403,
      "access_terminated_error",
      "Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, Roo Code, Kilo Code, etc."
    ),
    kimiSays(
      "rate limit",
      429,
      "rate_limit_reached_error",
      "Your account org-abc<ak-def> request reached organization max RPM: 3, please try again after 1 seconds",
      { wait: 1 }
    ),
    kimiSays(
      "used up",
      403,
      "access_terminated_error",
      "You've reached your usage limit for this billing cycle. Your quota will be refreshed in the next cycle."
    ),
    kimiSays(
      "used up",
      429,
      "rate_limit_error",
      "You've reached your 5-hour usage limit. Your quota will reset when the current 5-hour window ends."
    ),
    kimiSays("overload", 429, "engine_overloaded_error", "The engine is currently overloaded, please try again later"),
    kimiSays("bad request", 400, "content_filter", "The request was rejected because it was considered high risk"),
    kimiSays(
      "bad request",
      400,
      "invalid_request_error",
      "thinking is enabled but reasoning_content is missing in assistant tool call message at index 4"
    ),
    kimiSays(
      "overflow",
      400,
      "invalid_request_error",
      "Invalid request: Your request exceeded model token limit: 131072 (requested: 145000)",
      tooLong(145_000, 131_072)
    )
  ]
}
