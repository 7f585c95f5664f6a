import { json } from "../case.ts"
import { answer, inside, type Provider, shared, tooLong, tooMuchRoom } from "../known.ts"

/** Sources: `vllm/entrypoints/openai` (serving, protocol and API server), the validation errors of its renderer. */
export const vllm: Provider = {
  name: "vLLM",
  rows: ["vllm"],
  about: { provider: "vllm", model: "qwen3", host: "127.0.0.1:8000" },
  cases: [
    answer("bad key", json(401, { error: "Unauthorized" }), "Unauthorized"),
    shared("unknown model", 404, "The model `qwen9` does not exist.", ["NotFoundError", 404, "model"]),
    answer(
      "unknown model",
      json(404, {
        object: "error",
        message: "The model `qwen9` does not exist.",
        type: "NotFoundError",
        param: null,
        code: 404
      }),
      "The model `qwen9` does not exist."
    ),
    shared("overload", 503, "The request queue is full.", ["ServiceUnavailableError", 503]),
    shared("fault", 500, "EngineCore encountered an issue. See stack trace (above) for the root cause.", [
      "InternalServerError",
      500
    ]),
    shared(
      "bad request",
      400,
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      ["BadRequestError", 400]
    ),
    shared(
      "bad request",
      400,
      "[{'type': 'extra_forbidden', 'loc': ('body', 'thinking'), 'msg': 'Extra inputs are not permitted'}]",
      ["Bad Request", 400]
    ),
    shared(
      "overflow",
      400,
      "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens. Please reduce the length of the input prompt or the number of requested output tokens.",
      ["BadRequestError", 400, "input_tokens"],
      tooMuchRoom(769, 32_000, 32_768)
    ),
    shared(
      "overflow",
      400,
      "This model's maximum context length is 262144 tokens. However, your request has 1000010 input tokens. Please reduce the length of the input messages.",
      ["BadRequestError", 400],
      tooLong(1_000_010, 262_144)
    ),
    shared(
      "overflow",
      400,
      "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 20000 input tokens (32000 > 32768 - 20000).",
      ["BadRequestError", 400],
      tooMuchRoom(20_000, 32_000, 32_768)
    ),
    answer(
      "overflow",
      json(400, {
        object: "error",
        message:
          "The decoder prompt (length 88049) is longer than the maximum model length of 32768. Make sure that `max_model_len` is no smaller than the number of text tokens.",
        type: "BadRequestError",
        param: null,
        code: 400
      }),
      "The decoder prompt (length 88049) is longer than the maximum model length of 32768. Make sure that `max_model_len` is no smaller than the number of text tokens.",
      tooLong(88_049, 32_768)
    ),
    inside(
      "overload",
      { error: { message: "The request queue is full.", type: "ServiceUnavailableError", param: null, code: 503 } },
      "The request queue is full."
    ),
    inside(
      "bad request",
      { object: "error", message: "The grammar cannot be compiled.", type: "BadRequestError", param: null, code: 400 },
      "The grammar cannot be compiled."
    )
  ]
}
