import { json } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, tooLong } from "../known.ts"

const flat = (kind: Kind, code: number, type: string, message: string, more: More = {}): Known =>
  answer(kind, json(code, { object: "error", message, type, param: null, code }), message, more)

/** Sources: `sglang/srt/entrypoints/openai` and the checks of its tokenizer manager. */
export const sglang: Provider = {
  name: "SGLang",
  rows: ["sglang"],
  about: { provider: "sglang", model: "qwen3", host: "127.0.0.1:30000" },
  cases: [
    answer("bad key", json(401, { error: "Unauthorized" }), "Unauthorized"),
    flat("unknown model", 404, "NotFoundError", "The model 'qwen9' was not found"),
    flat("overload", 503, "SERVICE_UNAVAILABLE", "The request queue is full."),
    flat("bad request", 400, "BadRequestError", "Tools cannot be empty if tool choice is set to required."),
    flat("fault", 500, "InternalServerError", "Internal server error: scheduler died"),
    flat(
      "overflow",
      400,
      "BadRequestError",
      "Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total of 160000 tokens: 150000 tokens from the input messages and 10000 tokens for the completion.",
      tooLong(160_000, 131_072)
    ),
    flat(
      "overflow",
      400,
      "BadRequestError",
      "The input (345516 tokens) is longer than the model's context length (262144 tokens).",
      tooLong(345_516, 262_144)
    ),
    flat(
      "overflow",
      400,
      "BadRequestError",
      "Input length (265330 tokens) exceeds the model's maximum context length (262144 tokens). Use a shorter input.",
      tooLong(265_330, 262_144)
    )
  ]
}
