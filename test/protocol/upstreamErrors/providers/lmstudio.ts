import { json } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, shared, tooLong, tooLongSomehow } from "../known.ts"

const plainly = (kind: Kind, status: number, error: string, more: More = {}): Known =>
  answer(kind, json(status, { error }), error, more)

/** Sources: issue threads of the application. */
export const lmstudio: Provider = {
  name: "LM Studio",
  rows: ["lmstudio"],
  about: { provider: "lmstudio", model: "qwen3", host: "127.0.0.1:1234" },
  // one user, requests wait in line
  lacks: ["rate limit"],
  cases: [
    shared(
      "bad key",
      401,
      "An LM Studio API token is required to make requests to this server, but none was provided using the 'Authorization' header.",
      ["invalid_request_error", "invalid_api_key"]
    ),
    shared(
      "unknown model",
      404,
      "No models loaded. Please load a model in the developer page or use the `lms load` command.",
      ["invalid_request_error", "model_not_found", "model"]
    ),
    shared("unknown model", 400, 'Invalid model identifier "qwen9". Please specify a valid downloaded model.', [
      "invalid_request_error",
      "model_not_found",
      "model"
    ]),
    plainly("bad request", 400, "Model is unloaded."),
    plainly("bad request", 400, "Error rendering prompt with jinja template: No user query found in messages."),
    plainly("bad gateway", 200, "Unexpected endpoint or method. (POST /chat/completions)"),
    plainly(
      "overflow",
      400,
      "Trying to keep the first 13000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input",
      tooLong(13_000, 4096)
    ),
    plainly(
      "overflow",
      400,
      "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input",
      tooLongSomehow
    )
  ]
}
