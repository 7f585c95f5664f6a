/** Recognises a prompt that is too long, in every provider's wording (wire specification §6.2). */
import type { ErrorReport } from "./errorReport.ts"

/**
 * One wording. In a pattern `{N}` is the prompt in tokens, `{M}` the limit, `{I}` and `{T}` parts of the prompt, `{O}`
 * the room asked for the answer, `{D}` how much is too much; blanks match any white space, case does not matter.
 */
interface Wording {
  readonly source: string
  readonly pattern: string
  /** Whether it may as well be the room asked for the answer that is too much. */
  readonly orAnswer?: true
}

/** The source of wordings whose numbers stand anywhere. */
const anybody = "any"

const wordings: ReadonlyArray<Wording> = [
  {
    source: "OpenAI (older), DeepSeek, vLLM",
    pattern: String.raw`maximum context length is {M} tokens.{0,80}?you requested (?:about )?{N} tokens \({I} in the messages,? (?:{T} in the functions,? )?(?:and )?{O} in the completion\)`
  },
  {
    source: "OpenRouter",
    pattern: String.raw`maximum context length is {M} tokens.{0,80}?you requested about {N} tokens \({I} of text input(?:, {T} of tool input)?(?:, {O} in the output)?`
  },
  {
    source: "vLLM",
    pattern: String.raw`maximum context length is {M} tokens.{0,80}?you requested {O} output tokens and your (?:prompt|request) contains (?:at least )?{I} input tokens`
  },
  {
    source: "vLLM (max_tokens too large)",
    pattern: String.raw`is too large: {O}\. this model's maximum context length is {M} tokens and your request has {I} input tokens`
  },
  {
    source: "vLLM (decoder)",
    pattern: String.raw`prompt \(length {N}\) is longer than the maximum model length of {M}`
  },
  {
    source: "SGLang",
    pattern: String.raw`maximum context length of {M} tokens.{0,40}?you requested a total of {N} tokens: {I} tokens from the input messages and {O} tokens for the completion`
  },
  {
    source: "OpenAI, Azure",
    pattern: String.raw`maximum context length is {M} tokens.{0,80}?(?:your messages resulted in|you requested(?: about)?) {N} tokens`
  },
  {
    source: "OpenAI (GPT-5)",
    pattern: String.raw`input tokens exceed the configured limit of {M} tokens\. your messages resulted in {N} tokens`
  },
  {
    source: "llama.cpp",
    pattern: String.raw`request \({N} tokens\) exceeds the available context size \({M} tokens\)`
  },
  { source: "LM Studio", pattern: String.raw`trying to keep the first {N} tokens.{0,200}?context length of only {M}` },
  { source: "LM Studio", pattern: "context the overflows" },
  { source: "LM Studio", pattern: "tokens to keep from the initial prompt is greater than the context length" },
  { source: "Copilot", pattern: "prompt token count (?:of {N} )?exceeds the limit of {M}" },
  { source: "Responses", pattern: "input exceeds the context window" },
  {
    source: "Gemini",
    pattern: String.raw`input token count (?:\(?{N}\)? )?exceeds the maximum number of tokens allowed \(?{M}\)?`
  },
  { source: "xAI", pattern: "maximum prompt length is {M} but the request contains {N} tokens" },
  { source: "Kimi", pattern: String.raw`exceeded model token limit: {M}(?: \(requested: {N}\))?` },
  { source: "GLM", pattern: "prompt exceeds max length" },
  { source: "MiniMax", pattern: "context window exceeds limit" },
  {
    source: "NIM, SGLang",
    pattern: String.raw`input \({N} tokens\) is longer than the model's context length \({M} tokens\)`
  },
  {
    source: "TGI",
    pattern: String.raw`.?inputs.? tokens \+ .?max_new_tokens.? must be <= {M}\. given: {I}\D{1,40}{O}`
  },
  { source: "TGI", pattern: String.raw`must have less than {M} tokens\. given: {N}` },
  { source: "Ollama", pattern: "prompt too long; exceeded max context length by {D} tokens" },
  {
    source: "Mistral",
    pattern: "prompt contains {N} tokens.{0,80}?too large for model with {M} maximum context length"
  },
  {
    source: "vLLM (newest)",
    pattern: String.raw`maximum context length is {M} tokens.{0,80}?your (?:prompt|request) (?:contains|has) (?:at least )?{N} input tokens`
  },
  {
    source: "DeepInfra",
    pattern: String.raw`input length {N} exceeds (?:the )?maximum (?:allowed )?input length (?:of )?{M}`
  },
  {
    source: "SGLang, LiteLLM",
    pattern: String.raw`input length \(?{N}(?: tokens)?\)? exceeds (?:the )?model's maximum context length \(?{M}`
  },
  { source: "Volcengine", pattern: "exceeds the model's maximum context length of {M} tokens" },
  { source: "DS4", pattern: "prompt has {N} tokens?, but the configured context size is {M} tokens?" },
  {
    source: "Together",
    pattern: String.raw`input token count \+ max_tokens parameter must be less than the context length`,
    orAnswer: true
  },
  { source: "GLM, Huawei", pattern: "prompt 超长|超出.{0,10}(?:上下文|token限制)|上下文.{0,4}(?:超|过长)" },
  { source: "DashScope", pattern: String.raw`range of input length should be \[\d+, {M}\]` },
  { source: "Cerebras", pattern: "current length is {N} while limit is {M}" },
  { source: "Fireworks", pattern: "prompt is too long: {N}, model maximum context length: {M}" },
  { source: "Anthropic", pattern: "prompt is too long: {N} tokens > {M}" },
  {
    source: "Anthropic",
    pattern: String.raw`input length and .?max_tokens.? exceed context limit: {I} \+ {O} > {M}`
  },
  { source: anybody, pattern: "context (?:length|window|size|limit).{0,200}?(?:exceed|too (?:long|large)|maximum)" },
  { source: anybody, pattern: "(?:exceed|too (?:long|large)|maximum).{0,200}?context (?:length|window|size|limit)" },
  {
    source: anybody,
    pattern: "too many tokens|(?:input|prompt) is too long|input token length too long|prompt tokens too long"
  },
  {
    source: anybody,
    pattern:
      "tokens exceed the configured limit|maximum context limit|exceeds the maximum number of tokens|input tokens exceeds? maximum length"
  },
  { source: "Groq", pattern: "reduce the length of the messages or completion", orAnswer: true },
  { source: "Groq, Cerebras", pattern: "reduce the length of the messages" },
  { source: anybody, pattern: "tokens in request more than max tokens allowed|but model only supports up to" }
]

const table = wordings.map(({ orAnswer, pattern, source }) => {
  const numbered = pattern.replaceAll(" ", String.raw`\s+`).replace(/\{([NMITOD])\}/g, String.raw`(?<$1>\d[\d,_]*)`)
  return {
    pattern: new RegExp(numbered, "is"),
    mayGuess: source === anybody,
    more: orAnswer === undefined ? {} : { orAnswer }
  }
})

/** Codes that say it without words: OpenAI and followers, llama.cpp, Copilot, GLM. */
const codes = new Set([
  "context_length_exceeded",
  "exceed_context_size_error",
  "model_max_prompt_tokens_exceeded",
  "model_context_window_exceeded",
  "1261"
])

/** Limits on speed, not on size: waiting helps, a shorter prompt need not. */
const throttling = /rate.?limit|too many requests|throttl|(?:tokens|requests) per (?:min|day)|\b[TR]P[MD]\b/i

/** Whether the text is about too much in too little time. */
export const isThrottling = (message: string): boolean => throttling.test(message)

/** Bedrock calls it a ThrottlingException and says "Too many tokens, please wait". */
const throttlingCode = /throttl|rate_?limit|too_?many_?requests/

/** What is known about the size of a prompt that did not fit; all in tokens. */
export interface Overflow {
  /** The prompt, or prompt and room for the answer together. */
  readonly tokens?: number
  readonly limit?: number
  /** The prompt alone and the room asked for the answer. */
  readonly parts?: { readonly input: number; readonly output: number }
  /** How many tokens are too many. */
  readonly excess?: number
  /** The provider left open whether the prompt or the room for the answer is too much. */
  readonly orAnswer?: true
}

const integer = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text.replace(/[,_]/g, ""))

const known = (overflow: { readonly [key in keyof Overflow]: Overflow[key] | undefined }): Overflow =>
  Object.fromEntries(Object.entries(overflow).filter(([, value]) => value !== undefined))

const fromGroups = (groups: { readonly [name: string]: string | undefined }): Overflow => {
  const [N, M, I, T, O, D] = ["N", "M", "I", "T", "O", "D"].map((name) => integer(groups[name]))
  const input = I === undefined ? undefined : I + (T ?? 0)
  return known({
    tokens: N ?? (input === undefined ? undefined : input + (O ?? 0)),
    limit: M,
    parts: input === undefined || O === undefined ? undefined : { input, output: O },
    excess: D
  })
}

/** Two numbers in a text nobody knows: the larger one must be the prompt. */
const guess = (message: string): Overflow => {
  const [a, b] = [...message.matchAll(/\d[\d,_]*/g)].map(([text]) => integer(text) ?? 0).filter((value) => value >= 256)
  return a === undefined || b === undefined || a === b ? {} : { tokens: Math.max(a, b), limit: Math.min(a, b) }
}

const field = ({ levels }: ErrorReport, name: string): number | undefined =>
  levels
    .map((level) => level[name])
    .filter((value) => typeof value === "number")
    .find((value) => Number.isSafeInteger(value) && value > 0)

/** The overflow that a report speaks of; undefined when it speaks of something else. */
export const findOverflow = (report: ErrorReport): Overflow | undefined => {
  if (isThrottling(report.message) || report.codes.some((code) => throttlingCode.test(code))) return undefined
  const fields = known({ tokens: field(report, "n_prompt_tokens"), limit: field(report, "n_ctx") })
  for (const { mayGuess, more, pattern } of table) {
    const groups = pattern.exec(report.message)
    if (groups === null) continue
    return { ...(mayGuess ? guess(report.message) : fromGroups(groups.groups ?? {})), ...fields, ...more }
  }
  return report.codes.some((code) => codes.has(code)) ? { ...guess(report.message), ...fields } : undefined
}
