import { json, text } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, tooLongSomehow } from "../known.ts"

const numbered = (kind: Kind, code: number, type: string, message: string, more: More = {}): Known =>
  answer(kind, json(code, { error: { message, type, code } }), message, more)

/** Sources: bodies quoted in issue threads. */
export const perplexity: Provider = {
  name: "Perplexity",
  rows: ["perplexity"],
  about: { provider: "perplexity", model: "sonar-pro", host: "api.perplexity.ai" },
  cases: [
    answer(
      "bad key",
      text(
        401,
        "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center><h1>401 Authorization Required</h1></center>\r\n<hr><center>openresty/1.25.3.1</center>\r\n</body>\r\n</html>\r\n"
      ),
      "401 Authorization Required 401 Authorization Required openresty/1.25.3.1"
    ),
    numbered(
      "no credit",
      401,
      "insufficient_quota",
      "You exceeded your current quota, please check your plan and billing details."
    ),
    numbered(
      "unknown model",
      400,
      "invalid_model",
      "Invalid model 'sonar-huge'. Permitted models can be found in the documentation."
    ),
    numbered("rate limit", 429, "request_rate_limit_exceeded", "Request rate limit exceeded, please try again later."),
    numbered("bad request", 400, "invalid_message", "Last message must have role `user`."),
    numbered("fault", 500, "internal_server_error", "Internal server error"),
    numbered(
      "overflow",
      400,
      "bad_request",
      "The prompt exceeds the maximum context length of the model.",
      tooLongSomehow
    )
  ]
}
