import { json } from "../case.ts"
import { answer, inside, type Kind, type Known, type More, type Provider, tooLongSomehow } from "../known.ts"

/** The endpoint with OpenAI's paths. */
const modern = (kind: Kind, status: number, type: string, message: string, more: More = {}): Known =>
  answer(
    kind,
    json(status, { type: "error", error: { type, message, http_code: String(status) }, request_id: "02178522" }),
    message,
    more
  )

/** The old endpoint, always under HTTP 200. */
const base = (kind: Kind, status_code: number, status_msg: string, more: More = {}): Known =>
  answer(kind, json(200, { id: "", choices: null, base_resp: { status_code, status_msg } }), status_msg, more)

/** Sources: the platform's page of error codes and its OpenAPI document, bodies quoted in issue threads. */
export const minimax: Provider = {
  name: "MiniMax",
  rows: ["minimax"],
  about: { provider: "minimax", model: "MiniMax-M2", host: "api.minimax.io" },
  cases: [
    modern(
      "bad key",
      401,
      "authentication_error",
      "login fail: Please carry the API secret key in the 'Authorization' field of the request header (1004)"
    ),
    base("bad key", 2049, "invalid api key"),
    base("bad key", 1004, "login fail: not authorized"),
    modern("no credit", 402, "insufficient_balance_error", "insufficient balance (1008)"),
    modern("no credit", 500, "api_error", "insufficient balance (1008)"),
    base("no credit", 1008, "insufficient balance"),
    modern("unknown model", 400, "bad_request_error", "invalid params, unknown model 'minimax-m9' (2013)"),
    modern("rate limit", 429, "rate_limit_error", "rate limit exceeded (1002)"),
    base("rate limit", 1002, "rate limit"),
    base("rate limit", 1039, "token limit"),
    modern("used up", 429, "rate_limit_error", "usage limit exceeded (2056)"),
    base("used up", 2056, "usage limit exceeded"),
    modern(
      "overload",
      529,
      "overloaded_error",
      "The server cluster is currently under high load. Please retry after a short wait and thank you for your patience. (2064)"
    ),
    modern("overload", 500, "api_error", "The server cluster is currently under high load."),
    inside(
      "overload",
      { type: "overloaded_error", message: "The server cluster is currently under high load. (2064) (529)" },
      "The server cluster is currently under high load. (2064) (529)"
    ),
    base("bad request", 1026, "input new_sensitive"),
    base("timeout", 1001, "request timeout"),
    base("bad gateway", 1033, "system error, mysql failed"),
    modern(
      "bad request",
      400,
      "bad_request_error",
      "invalid params, tool call result does not follow tool call (2013)"
    ),
    modern("overflow", 400, "bad_request_error", "invalid params, context window exceeds limit (2013)", tooLongSomehow),
    base("overflow", 2013, "invalid params, context window exceeds limit", tooLongSomehow),
    inside(
      "no credit",
      { type: "error", error: { type: "api_error", message: "insufficient balance (1008)", http_code: "402" } },
      "insufficient balance (1008)"
    )
  ]
}
