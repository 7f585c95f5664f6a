import { json } from "../case.ts"
import { answer, inside, type Kind, type Known, type More, type Provider, tooLong } from "../known.ts"

/** The words stand in `error`, a kind in prose in `code`. */
const grokSays = (kind: Kind, status: number, code: string, error: string, more: More = {}): Known =>
  answer(kind, json(status, { code, error }), error, more)

const wrong = "Client specified an invalid argument"
const denied = "The caller does not have permission to execute the specified operation"
const exhausted = "Some resource has been exhausted"
const noCredits =
  "Your team 1a2b has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit."

/** Sources: issue threads that quote whole bodies. */
export const xai: Provider = {
  name: "xAI Grok",
  rows: ["xai"],
  about: { provider: "grok", model: "grok-4", host: "api.x.ai" },
  cases: [
    grokSays(
      "bad key",
      400,
      wrong,
      "Incorrect API key provided: xa***z4. You can obtain an API key from https://console.x.ai.",
      { says: "Incorrect API key provided: [masked]. You can obtain an API key from https://console.x.ai." }
    ),
    grokSays(
      "bad key",
      401,
      "Unauthenticated",
      "No API key found. You can obtain an API key from https://console.x.ai."
    ),
    grokSays("no credit", 429, exhausted, noCredits),
    grokSays("no credit", 403, denied, noCredits),
    grokSays(
      "no credit",
      403,
      denied,
      "Your newly created team doesn't have any credits yet. You can purchase credits on https://console.x.ai."
    ),
    grokSays("forbidden", 403, denied, "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_CSAM"),
    grokSays(
      "unknown model",
      404,
      "Some requested entity was not found",
      "The model grok-9 does not exist or your team 1a2b does not have access to it."
    ),
    grokSays("unknown model", 400, wrong, "Model not found: grok-9"),
    grokSays(
      "rate limit",
      429,
      exhausted,
      "Too many requests for team 1a2b and model grok-4. Your team's rate limit is - Requests per Second (actual/limit): 9/8, Requests per Minute (actual/limit): 61/480."
    ),
    grokSays(
      "overload",
      503,
      "The service is currently unavailable",
      "Service temporarily unavailable. The model is at capacity and currently cannot serve this request. Please try again later."
    ),
    grokSays("bad request", 400, wrong, "Argument not supported on this model: presencePenalty"),
    grokSays("bad request", 422, "Unprocessable", "Failed to deserialize the JSON body into the target type: tools[0]"),
    grokSays(
      "overflow",
      400,
      wrong,
      "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
      tooLong(537_812, 131_072)
    ),
    inside(
      "overload",
      {
        code: "The service is currently unavailable",
        error: "Service temporarily unavailable. The model is at capacity and currently cannot serve this request."
      },
      "Service temporarily unavailable. The model is at capacity and currently cannot serve this request."
    ),
    inside("rate limit", { code: exhausted, error: "Please slow down." }, "Please slow down.")
  ]
}
