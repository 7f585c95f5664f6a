import { badGateway, type Case, invalid, json, openai, text } from "./case.ts"

/** Wire specification §2.4: where the words are. */
export const bodies: ReadonlyArray<Case> = [
  {
    name: "[2.4 OpenAI]",
    response: openai(400, "Unsupported parameter: 'x'", "unsupported_parameter"),
    ...invalid,
    message: "grok: Unsupported parameter: 'x'"
  },
  {
    name: "[2.4 vLLM]",
    response: json(400, { error: { message: "no tools here", type: "BadRequestError", param: null, code: 400 } }),
    ...invalid,
    message: "grok: no tools here"
  },
  {
    name: "[2.4 vLLM] older",
    response: json(400, { object: "error", message: "no tools here", type: "BadRequestError", code: 400 }),
    ...invalid,
    message: "grok: no tools here"
  },
  {
    name: "[2.4 LiteLLM] the code as a string and the real error quoted in the message",
    response: json(400, {
      error: { message: '{"error": {"code": 400, "message": "bad schema"}}', type: "None", param: "None", code: "400" }
    }),
    ...invalid,
    message: "grok: bad schema"
  },
  {
    name: "[2.4 xAI]",
    response: json(400, { code: "Client specified an invalid argument", error: "Argument not supported: stop" }),
    ...invalid,
    message: "grok: Argument not supported: stop"
  },
  {
    name: "[2.4 LM Studio]",
    response: json(400, { error: "Model is not loaded" }),
    ...invalid,
    message: "grok: Model is not loaded"
  },
  {
    name: "[2.4 Ollama] on /v1",
    response: json(500, { error: { message: "llama runner terminated", type: "api_error", param: null, code: null } }),
    status: 500,
    type: "api_error",
    message: "grok: llama runner terminated"
  },
  {
    name: "[2.4 Ollama] natively",
    response: json(400, { error: "invalid options: foo" }),
    ...invalid,
    message: "grok: invalid options: foo"
  },
  {
    name: "[2.4 Gemini compat] in an array",
    response: json(400, [{ error: { code: 400, message: "Unknown name", status: "INVALID_ARGUMENT", details: [] } }]),
    ...invalid,
    message: "grok: Unknown name"
  },
  {
    name: "[2.4 OpenRouter] quoting its provider under HTTP 200",
    response: json(200, {
      error: {
        code: 429,
        message: "Provider returned error",
        metadata: { raw: '{"error":{"message":"Slow down, please"}}', provider_name: "Groq" }
      },
      user_id: "u"
    }),
    status: 429,
    type: "rate_limit_error",
    message: "grok: Slow down, please (Groq)"
  },
  {
    name: "[2.4 OpenRouter] with words of its own",
    response: json(403, { error: { code: 403, message: "Flagged", metadata: { raw: "x", provider_name: "Groq" } } }),
    status: 403,
    type: "permission_error",
    message: "grok: Flagged",
    shouldRetry: false
  },
  {
    name: "[2.4 OpenRouter] quoting nothing",
    response: json(502, { error: { code: 502, message: "Provider returned error", metadata: { provider_name: "A" } } }),
    ...badGateway,
    message: "grok: Provider returned error"
  },
  {
    name: "[2.4 FastAPI]",
    response: json(404, { detail: "Not Found" }),
    status: 404,
    type: "not_found_error",
    message:
      'grok: Not Found. Asked for model "grok-4" at api.x.ai: check the model name and the base URL of profile "grok".',
    shouldRetry: false
  },
  {
    name: "[2.4 FastAPI] validation",
    response: json(422, {
      detail: [
        { loc: ["body", "messages", 0], msg: "field required", type: "value_error.missing" },
        { loc: ["body", "model"], msg: "str type expected", type: "type_error.str" }
      ]
    }),
    ...invalid,
    message: "grok: field required (body.messages.0); str type expected (body.model)"
  },
  {
    name: "MiniMax, under HTTP 200",
    response: json(200, { base_resp: { status_code: 1002, status_msg: "rate limit" } }),
    status: 429,
    type: "rate_limit_error",
    message: "grok: rate limit"
  },
  {
    name: "[2.4 gateways] an HTML page",
    response: text(
      502,
      "<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>p{color:red}</style></head>\r\n" +
        "<body><script>if (1 < 2) run()</script><h1>Bad&nbsp;Gateway</h1><p>Ray &amp; co. &lt;x&gt;</p></body></html>"
    ),
    ...badGateway,
    message: "grok: 502 Bad Gateway Bad Gateway Ray & co. <x>"
  },
  {
    name: "[2.4 gateways] plain text",
    response: text(500, "upstream\tdied\n"),
    status: 500,
    type: "api_error",
    message: "grok: upstream died"
  },
  {
    name: "nothing at all",
    response: text(500, " \r\n"),
    status: 500,
    type: "api_error",
    message: "grok: HTTP 500 Internal Server Error"
  },
  { name: "a status without a name", response: text(599, ""), ...badGateway, message: "grok: HTTP 599" },
  {
    name: "JSON without words that we know",
    response: json(400, { problem: 7 }),
    ...invalid,
    message: 'grok: {"problem":7}'
  }
]
