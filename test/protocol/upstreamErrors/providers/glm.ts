import { json } from "../case.ts"
import { answer, inside, type More, type Kind, type Known, type Provider, tooLongSomehow } from "../known.ts"

const glmSays = (kind: Kind, status: number, code: string, message: string, more: More = {}): Known =>
  answer(kind, json(status, { error: { code, message } }), message, more)

/** Sources: the tables of business codes of docs.z.ai and docs.bigmodel.cn, bodies quoted in issue threads. */
export const glm: Provider = {
  name: "GLM / Z.ai",
  rows: ["glm"],
  about: { provider: "glm", model: "glm-5", host: "api.z.ai" },
  cases: [
    glmSays("bad key", 401, "1000", "身份验证失败。"),
    glmSays("bad key", 401, "401", "token expired or incorrect"),
    glmSays("no credit", 429, "1113", "Insufficient balance or no resource package. Please recharge."),
    glmSays("no credit", 429, "1113", "余额不足或无可用资源包,请充值。"),
    glmSays("no credit", 429, "1309", "Your GLM Coding Plan package has expired and is temporarily unavailable."),
    glmSays("forbidden", 429, "1112", "Your account has been locked. Please contact customer service to unlock."),
    glmSays("forbidden", 429, "1311", "Your current subscription plan does not yet include access to GLM-5"),
    glmSays("forbidden", 434, "1220", "You do not have permission to access this API"),
    glmSays("unknown model", 400, "1211", "模型不存在，请检查模型代码。"),
    glmSays("unknown model", 400, "1211", "Unknown Model, please check the model code."),
    glmSays("rate limit", 429, "1302", "Rate limit reached for requests"),
    glmSays("rate limit", 429, "1303", "您当前使用该API的频率过高，请降低频率，或联系客服增加限额。"),
    glmSays("used up", 429, "1308", "Usage limit reached for 5 hour. Your limit will reset at 2025-10-07 20:10:49"),
    glmSays("used up", 429, "1310", "Weekly/Monthly limit exhausted. Your limit will reset at 2025-10-07 20:10:49"),
    glmSays("overload", 429, "1305", "The service may be temporarily overloaded, please try again later"),
    glmSays("overload", 429, "1312", "该模型当前访问量过大，请您稍后再试"),
    glmSays("bad request", 400, "1210", "API 调用参数有误，请检查文档。"),
    glmSays("bad request", 400, "1301", "系统检测到输入或生成内容可能包含不安全或敏感内容"),
    glmSays("fault", 500, "1234", "网络错误，错误id：2025010100000012ab，请稍后重试"),
    glmSays("overflow", 400, "1261", "Prompt exceeds max length", tooLongSomehow),
    glmSays("overflow", 400, "1261", "Prompt 超长", tooLongSomehow),
    inside("unknown model", { code: 500, msg: "404 NOT_FOUND", success: false }, "404 NOT_FOUND"),
    inside(
      "overload",
      { error: { code: "1305", message: "The service may be temporarily overloaded" } },
      "The service may be temporarily overloaded"
    )
  ]
}
