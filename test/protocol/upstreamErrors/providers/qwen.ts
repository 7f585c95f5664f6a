import { json } from "../case.ts"
import { answer, inside, type Provider, shared, tooLongSomehow } from "../known.ts"

const docs = "For details, see: https://help.aliyun.com/zh/model-studio/error-code"

/** Sources: the service's page of error codes, bodies quoted in issue threads. */
export const qwen: Provider = {
  name: "Qwen / DashScope",
  rows: ["qwen"],
  about: { provider: "qwen", model: "qwen-plus", host: "dashscope-intl.aliyuncs.com" },
  cases: [
    shared("bad key", 401, `Incorrect API key provided. ${docs}#apikey-error`, [
      "invalid_request_error",
      "invalid_api_key"
    ]),
    answer(
      "bad key",
      json(401, { code: "InvalidApiKey", message: "Invalid API-key provided.", request_id: "681d" }),
      "Invalid API-key provided."
    ),
    shared(
      "no credit",
      400,
      `Access denied, please make sure your account is in good standing. ${docs}#overdue-payment`,
      ["Arrearage", "Arrearage"]
    ),
    shared(
      "no credit",
      403,
      'The free tier of the model has been exhausted. If you wish to continue access the model on a paid basis, please disable the "use free tier only" mode in the management console.',
      ["AllocationQuota.FreeTierOnly", "AllocationQuota.FreeTierOnly"]
    ),
    shared("forbidden", 403, "Access denied.", ["access_denied", "access_denied"]),
    shared("unknown model", 404, "The model `qwen9` does not exist or you do not have access to it.", [
      "invalid_request_error",
      "model_not_found"
    ]),
    shared("rate limit", 429, "Requests rate limit exceeded, please try again later.", [
      "limit_requests",
      "limit_requests"
    ]),
    shared("rate limit", 429, `Allocated quota exceeded, please increase your quota limit. ${docs}#token-limit`, [
      "insufficient_quota",
      "insufficient_quota"
    ]),
    shared(
      "rate limit",
      429,
      `You exceeded your current quota, please check your plan and billing details. ${docs}#token-limit`,
      ["insufficient_quota", "insufficient_quota"]
    ),
    shared(
      "overload",
      503,
      "Too many requests. Your requests are being throttled due to system capacity limits. Please try again later.",
      ["ServiceUnavailable", "ServiceUnavailable"]
    ),
    shared("bad request", 400, "Input data may contain inappropriate content.", [
      "data_inspection_failed",
      "data_inspection_failed"
    ]),
    shared("bad request", 400, "parameter.enable_thinking must be set to false for non-streaming calls", [
      "invalid_request_error",
      "invalid_parameter_error"
    ]),
    shared(
      "overflow",
      400,
      "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
      ["invalid_request_error", "invalid_parameter_error"],
      tooLongSomehow
    ),
    inside(
      "bad request",
      { error: { code: "data_inspection_failed", message: "Output data may contain inappropriate content." } },
      "Output data may contain inappropriate content."
    ),
    inside(
      "rate limit",
      { code: "Throttling.AllocationQuota", message: "Allocated quota exceeded, please increase your quota limit." },
      "Allocated quota exceeded, please increase your quota limit."
    )
  ]
}
