import { json } from "../case.ts"
import { answer, inside, type Kind, type Known, type More, type Provider, tooLong, tooLongSomehow } from "../known.ts"

const body = (code: number, status: string, message: string, details: ReadonlyArray<object> = []) => [
  { error: { code, message, status, details } }
]
const google = (
  kind: Kind,
  code: number,
  status: string,
  message: string,
  more: More & { readonly details?: ReadonlyArray<object> } = {}
): Known => {
  const { details, ...rest } = more
  return answer(kind, json(code, body(code, status, message, details)), message, rest)
}

const retryIn = (retryDelay: string) => ({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay })
const violation = {
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: [
    { quotaMetric: "generate_content_free_tier_requests", quotaId: "GenerateRequestsPerMinute", quotaValue: "20" }
  ]
}
const quota =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."

/** Sources: the API's troubleshooting guide, bodies quoted in issue threads; the array is the compatibility layer's. */
export const gemini: Provider = {
  name: "Gemini compat",
  rows: ["gemini"],
  about: { provider: "gemini", model: "gemini-3", host: "generativelanguage.googleapis.com" },
  cases: [
    google("bad key", 400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {
      details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }]
    }),
    google("bad key", 400, "INVALID_ARGUMENT", "Missing or invalid Authorization header. API_KEY_INVALID"),
    google(
      "bad key",
      401,
      "UNAUTHENTICATED",
      "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential."
    ),
    google(
      "no credit",
      403,
      "PERMISSION_DENIED",
      "This API method requires billing to be enabled. Please enable billing on project #123456789012."
    ),
    google("forbidden", 403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
    google("forbidden", 400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    google(
      "unknown model",
      404,
      "NOT_FOUND",
      "models/gemini-9 is not found for API version v1main, or is not supported for generateContent."
    ),
    google("rate limit", 429, "RESOURCE_EXHAUSTED", quota),
    google(
      "rate limit",
      429,
      "RESOURCE_EXHAUSTED",
      `${quota}\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 20, model: gemini-3\nPlease retry in 34.074824224s.`,
      {
        says: `${quota} * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 20, model: gemini-3 Please retry in 34.074824224s.`,
        details: [violation, retryIn("34s")],
        wait: 34
      }
    ),
    google("rate limit", 429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    google("overload", 503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    google("fault", 500, "INTERNAL", "An internal error has occurred. Please retry."),
    google("timeout", 504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
    google("bad gateway", 499, "CANCELLED", "The operation was cancelled."),
    google(
      "bad request",
      400,
      "INVALID_ARGUMENT",
      "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly."
    ),
    google(
      "bad request",
      400,
      "INVALID_ARGUMENT",
      'Invalid JSON payload received. Unknown name "$schema": Cannot find field.'
    ),
    google(
      "overflow",
      400,
      "INVALID_ARGUMENT",
      "The input token count (1196265) exceeds the maximum number of tokens allowed (1048576).",
      tooLong(1_196_265, 1_048_576)
    ),
    google(
      "overflow",
      400,
      "INVALID_ARGUMENT",
      "The input token count exceeds the maximum number of tokens allowed 1048576.",
      tooLongSomehow
    ),
    inside("overload", body(503, "UNAVAILABLE", "The model is overloaded."), "The model is overloaded."),
    inside(
      "rate limit",
      { error: { status: "RESOURCE_EXHAUSTED", message: "Slow.", details: [retryIn("9.1s")] } },
      "Slow.",
      {
        wait: 10
      }
    ),
    inside("bad request", { error: { status: "FAILED_PRECONDITION", message: "Not now." } }, "Not now."),
    inside("timeout", { error: { status: "DEADLINE_EXCEEDED", message: "Late." } }, "Late.")
  ]
}
