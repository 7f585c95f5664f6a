import { json } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, tooLong, tooLongSomehow } from "../known.ts"

const server = (
  kind: Kind,
  code: number,
  type: string,
  message: string,
  more: More & { fields?: object } = {}
): Known => {
  const { fields, ...rest } = more
  return answer(kind, json(code, { error: { code, message, type, ...fields } }), message, rest)
}

/** Source: `format_error_response` in `tools/server` of the project. */
export const llamacpp: Provider = {
  name: "llama.cpp",
  rows: ["llamacpp"],
  about: { provider: "llamacpp", model: "qwen3", host: "127.0.0.1:8080" },
  cases: [
    server("bad key", 401, "authentication_error", "Invalid API Key"),
    server("unknown model", 404, "not_found_error", "File Not Found"),
    server("overload", 503, "unavailable_error", "Loading model"),
    server("fault", 500, "server_error", "tools param requires --jinja flag"),
    server("bad request", 501, "not_supported_error", "This server does not support embeddings."),
    server("bad request", 400, "invalid_request_error", "failed to parse grammar"),
    server("forbidden", 403, "permission_error", "This feature is disabled"),
    server(
      "overflow",
      400,
      "exceed_context_size_error",
      "request (24071 tokens) exceeds the available context size (8192 tokens), try increasing it",
      { fields: { n_prompt_tokens: 24_071, n_ctx: 8192 }, ...tooLong(24_071, 8192) }
    ),
    server(
      "overflow",
      400,
      "exceed_context_size_error",
      "the request exceeds the available context size, try increasing it",
      { fields: { n_prompt_tokens: 9000, n_ctx: 8192 }, ...tooLong(9000, 8192) }
    ),
    server(
      "overflow",
      500,
      "server_error",
      "the request exceeds the available context size. try increasing the context size or enable context shift",
      tooLongSomehow
    )
  ]
}
