import { json, text } from "../case.ts"
import { answer, type Provider, tooLong, tooLongSomehow, tooMuchRoom } from "../known.ts"

const page = (title: string, server: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`

/** Servers in between and servers of no brand: HTML, plain text, FastAPI, Fastify, Bedrock, NIM, TGI, Cohere, ERNIE, Pangu, Volcengine. */
export const gateways: Provider = {
  name: "gateways",
  rows: [],
  about: { provider: "work", model: "m", host: "llm.example" },
  cases: [
    answer("bad key", json(401, { detail: "Not authenticated" }), "Not authenticated"),
    answer("bad key", json(401, { message: "Unauthorized" }), "Unauthorized"),
    answer("forbidden", json(403, { message: "Forbidden" }), "Forbidden"),
    answer("forbidden", text(407, "Proxy Authentication Required"), "Proxy Authentication Required"),
    answer("unknown model", text(404, "404 page not found\n"), "404 page not found"),
    answer("unknown model", json(404, { detail: "Not Found" }), "Not Found"),
    answer("bad request", text(405, page("405 Not Allowed", "nginx")), "405 Not Allowed 405 Not Allowed nginx"),
    answer(
      "bad request",
      json(422, {
        detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required", input: { model: "m" } }]
      }),
      "Field required (body.messages)"
    ),
    // words that only look like those of another kind
    ...[
      "Invalid model parameters: top_k",
      "tools[0].user_location.country is not supported",
      "prompt_cache_key limit exceeded 64 characters",
      "The tool result of model output call_1 does not exist",
      "max_tokens must be at most 8192, got 32000"
    ].map((words) => answer("bad request", json(400, { error: { message: words } }), words)),
    answer(
      "too large",
      text(413, page("413 Request Entity Too Large", "nginx/1.24.0")),
      "413 Request Entity Too Large 413 Request Entity Too Large nginx/1.24.0"
    ),
    answer("rate limit", text(429, "error code: 1015"), "error code: 1015"),
    answer(
      "rate limit",
      json(429, { status: 429, title: "Error 1015: You are being rate limited", retryable: true, retry_after: 30 }),
      "Error 1015: You are being rate limited",
      { wait: 30 }
    ),
    answer(
      "rate limit",
      json(429, { statusCode: 429, error: "Too Many Requests", message: "Rate limit exceeded, retry in 1 minute" }),
      "Too Many Requests",
      { headers: { "retry-after": "60" }, wait: 60 }
    ),
    answer(
      "rate limit",
      json(400, { __type: "ThrottlingException", message: "Too many tokens, please wait before trying again." }),
      "Too many tokens, please wait before trying again."
    ),
    answer(
      "bad gateway",
      text(502, page("502 Bad Gateway", "cloudflare")),
      "502 Bad Gateway 502 Bad Gateway cloudflare"
    ),
    answer("bad gateway", text(520, "error code: 520"), "error code: 520"),
    answer(
      "timeout",
      text(504, page("504 Gateway Time-out", "nginx")),
      "504 Gateway Time-out 504 Gateway Time-out nginx"
    ),
    answer("timeout", text(524, "error code: 524"), "error code: 524"),
    answer("timeout", text(522, "error code: 522"), "error code: 522"),
    answer("overload", text(503, "no healthy upstream"), "no healthy upstream"),
    answer(
      "overload",
      text(503, "upstream connect error or disconnect/reset before headers. reset reason: connection failure"),
      "upstream connect error or disconnect/reset before headers. reset reason: connection failure"
    ),
    answer(
      "overload",
      json(503, { error: "Model bigscience/bloom is currently loading", estimated_time: 20 }),
      "Model bigscience/bloom is currently loading"
    ),
    answer("overload", json(429, { error: "Model is overloaded", error_type: "overloaded" }), "Model is overloaded"),
    answer(
      "bad gateway",
      json(424, { error: "Request failed during generation: Server error: CANCELLED", error_type: "generation" }),
      "Request failed during generation: Server error: CANCELLED"
    ),
    answer("fault", text(500, "Internal Server Error"), "Internal Server Error"),
    answer(
      "overflow",
      json(400, { message: "Input is too long for requested model." }),
      "Input is too long for requested model.",
      tooLongSomehow
    ),
    answer(
      "overflow",
      json(400, { detail: "The input (345516 tokens) is longer than the model's context length (262144 tokens)." }),
      "The input (345516 tokens) is longer than the model's context length (262144 tokens).",
      tooLong(345_516, 262_144)
    ),
    answer(
      "overflow",
      json(422, {
        error:
          "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32768. Given: 20000 `inputs` tokens and 32000 `max_new_tokens`",
        error_type: "validation"
      }),
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 32768. Given: 20000 `inputs` tokens and 32000 `max_new_tokens`",
      tooMuchRoom(20_000, 32_000, 32_768)
    ),
    answer(
      "overflow",
      json(422, {
        error: "Input validation error: `inputs` must have less than 1024 tokens. Given: 4000",
        error_type: "validation"
      }),
      "Input validation error: `inputs` must have less than 1024 tokens. Given: 4000",
      tooLong(4000, 1024)
    ),
    answer(
      "overflow",
      json(400, { message: "Prompt has 5,958,968 tokens, but the configured context size is 256,000 tokens" }),
      "Prompt has 5,958,968 tokens, but the configured context size is 256,000 tokens",
      tooLong(5_958_968, 256_000)
    ),
    answer(
      "overflow",
      json(400, {
        message: "too many tokens: total number of tokens in the prompt cannot exceed 8192 - received 9000."
      }),
      "too many tokens: total number of tokens in the prompt cannot exceed 8192 - received 9000.",
      tooLong(9000, 8192)
    ),
    answer(
      "overflow",
      json(400, { error_code: 336_103, error_msg: "Prompt tokens too long" }),
      "Prompt tokens too long",
      tooLongSomehow
    ),
    answer(
      "overflow",
      json(400, { error_code: "PANGU.3254", error_msg: "超出了模型最大token限制。" }),
      "超出了模型最大token限制。",
      tooLongSomehow
    ),
    answer(
      "overflow",
      json(400, {
        error: {
          code: "InvalidParameter",
          message: "Requested token count exceeds the model's maximum context length of 163840 tokens.",
          type: "BadRequest"
        }
      }),
      "Requested token count exceeds the model's maximum context length of 163840 tokens.",
      tooLongSomehow
    )
  ]
}
