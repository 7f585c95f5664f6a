import { json } from "../case.ts"
import { answer, type Provider, shared, tooLong } from "../known.ts"

const named = (code: string, message: string) => ({ error: { code, message } })

/** Sources: the quotas and limits page of the service, bodies quoted in issue threads. */
export const azure: Provider = {
  name: "Azure OpenAI",
  rows: ["azure"],
  about: { provider: "azure", model: "gpt-5", host: "mine.openai.azure.com" },
  cases: [
    answer(
      "bad key",
      json(
        401,
        named(
          "401",
          "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."
        )
      ),
      "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."
    ),
    answer(
      "unknown model",
      json(
        404,
        named(
          "DeploymentNotFound",
          "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."
        )
      ),
      "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."
    ),
    answer("unknown model", json(404, named("404", "Resource not found")), "Resource not found"),
    answer(
      "forbidden",
      json(403, named("403", "Access denied due to Virtual Network/Firewall rules.")),
      "Access denied due to Virtual Network/Firewall rules."
    ),
    answer(
      "rate limit",
      json(
        429,
        named(
          "429",
          "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds."
        )
      ),
      "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds.",
      { wait: 26 }
    ),
    answer(
      "rate limit",
      json(429, named("RateLimitReached", "Your requests to gpt-5 have exceeded the call rate limit.")),
      "Your requests to gpt-5 have exceeded the call rate limit.",
      { headers: { "retry-after-ms": "13245", "retry-after": "14" }, wait: 14 }
    ),
    answer(
      "bad request",
      json(400, {
        error: {
          code: "content_filter",
          message:
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
          param: "prompt",
          type: null,
          status: 400,
          innererror: {
            code: "ResponsibleAIPolicyViolation",
            content_filter_result: { violence: { filtered: true, severity: "high" } }
          }
        }
      }),
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry."
    ),
    answer(
      "bad request",
      json(
        400,
        named(
          "OperationNotSupported",
          "The chatCompletion operation does not work with the specified model, gpt-5-codex."
        )
      ),
      "The chatCompletion operation does not work with the specified model, gpt-5-codex."
    ),
    answer(
      "overload",
      json(503, named("503", "The service is temporarily unable to process your request.")),
      "The service is temporarily unable to process your request."
    ),
    answer("timeout", json(408, named("Timeout", "The operation was timeout.")), "The operation was timeout."),
    shared(
      "overflow",
      400,
      "This model's maximum context length is 16385 tokens. However, your messages resulted in 17132 tokens (16000 in the messages, 1132 in the functions). Please reduce the length of the messages or functions.",
      ["invalid_request_error", "context_length_exceeded", "messages"],
      tooLong(17_132, 16_385)
    )
  ]
}
