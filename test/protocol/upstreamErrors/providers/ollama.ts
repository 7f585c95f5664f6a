import { json } from "../case.ts"
import { answer, type Kind, type Known, type More, type Provider, shared, tooLong, tooLongSomehow } from "../known.ts"

const natively = (kind: Kind, status: number, error: string, more: More = {}): Known =>
  answer(kind, json(status, { error }), error, more)

/** Sources: `openai/openai.go` and `server/sched.go` of the server, its cloud's answers in issue threads. */
export const ollama: Provider = {
  name: "Ollama",
  rows: ["ollama"],
  about: { provider: "ollama", model: "llama9", host: "127.0.0.1:11434" },
  cases: [
    natively("bad key", 401, "unauthorized"),
    shared("unknown model", 404, 'model "llama9" not found, try pulling it first', ["not_found_error"]),
    natively("unknown model", 404, "model 'llama9' not found"),
    natively("forbidden", 403, "this model requires a subscription, upgrade for access: https://ollama.com/upgrade"),
    natively("used up", 429, "you've reached your hourly usage limit, please upgrade to continue"),
    natively("used up", 429, "you (someone) have reached your session usage limit, upgrade for higher limits"),
    natively("overload", 503, "server busy, please try again.  maximum pending requests exceeded", {
      says: "server busy, please try again. maximum pending requests exceeded"
    }),
    shared("fault", 500, "llama runner process has terminated: exit status 2", ["api_error"]),
    natively("fault", 500, "model requires more system memory (12.0 GiB) than is available (7.7 GiB)"),
    shared("bad request", 400, "registry.ollama.ai/library/gemma:2b does not support tools", ["invalid_request_error"]),
    shared("overflow", 400, "prompt too long; exceeded max context length by 904 tokens", ["invalid_request_error"], {
      ...tooLongSomehow
    }),
    shared(
      "overflow",
      400,
      "the request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it",
      ["exceed_context_size_error"],
      {
        ...tooLong(9000, 4096)
      }
    )
  ]
}
