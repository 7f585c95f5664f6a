/**
 * What the demo model reads out of a Chat Completions request: the prompt it has to answer, the tools it may call, what
 * it already called for this prompt, and the limits. Reading is lenient; only a request without messages is refused.
 */
import { Either } from "effect"
import { asArray, asString, isObject, nonEmpty, parseJson, type JsonObject } from "../../protocol/json.ts"

export interface DemoTool {
  readonly name: string
  readonly description: string
  /** The JSON Schema of the arguments. */
  readonly schema: JsonObject
  readonly properties: ReadonlyArray<string>
  readonly required: ReadonlyArray<string>
}

/** A picture as the model sees it: its type, and its size in bytes when it came with the request. */
export interface DemoImage {
  readonly mediaType: string
  readonly bytes?: number
}

export interface DemoResult {
  readonly text: string
  readonly images: ReadonlyArray<DemoImage>
}

export interface DemoCall {
  readonly id: string
  readonly name: string
  readonly result?: DemoResult
}

export type AnswerFormat =
  | { readonly type: "text" }
  | { readonly type: "json" }
  | { readonly type: "schema"; readonly schema: unknown }

export type DemoToolChoice = "auto" | "none" | "required" | { readonly name: string }

export interface DemoRequest {
  readonly model: string
  readonly stream: boolean
  readonly streamUsage: boolean
  readonly maxTokens: number | undefined
  readonly stop: ReadonlyArray<string>
  readonly tools: ReadonlyArray<DemoTool>
  readonly toolChoice: DemoToolChoice
  readonly parallel: boolean
  readonly format: AnswerFormat
  readonly effort: string | undefined
  /** The newest thing the user said; "" when the conversation holds none. */
  readonly prompt: string
  /** Everything the user said, oldest first, the newest included. */
  readonly prompts: ReadonlyArray<string>
  /** Calls made since the newest prompt, in order, with their results. */
  readonly calls: ReadonlyArray<DemoCall>
  /** Pictures that came with the newest prompt itself. */
  readonly images: ReadonlyArray<DemoImage>
  /** System text, wherever it stood. */
  readonly background: string
  readonly promptTokens: number
  /** The part of `promptTokens` that an earlier turn of this conversation already sent. */
  readonly cachedTokens: number
}

/** Text that clients add for the model's eyes; it is no wish of the user. */
const reminder = /<system-reminder>([\s\S]*?)<\/system-reminder>/g

/** What clients put beside tool results without the user having said anything. */
const clientNotes: ReadonlyArray<RegExp> = [/^tool loaded\.?$/i, /^\[image[^\]]*\]$/i]

const readTool = (value: unknown): ReadonlyArray<DemoTool> => {
  const definition = isObject(value) ? value["function"] : undefined
  const name = isObject(definition) ? nonEmpty(definition["name"]) : undefined
  if (!isObject(definition) || name === undefined) return []
  const schema = isObject(definition["parameters"]) ? definition["parameters"] : {}
  const properties = isObject(schema["properties"]) ? Object.keys(schema["properties"]) : []
  const required = asArray(schema["required"]).flatMap((one) => asString(one) ?? [])
  return [{ name, description: asString(definition["description"]) ?? "", schema, properties, required }]
}

const readToolChoice = (value: unknown): DemoToolChoice => {
  if (value === "none" || value === "required") return value
  const definition = isObject(value) ? value["function"] : undefined
  const name = isObject(definition) ? nonEmpty(definition["name"]) : undefined
  return name === undefined ? "auto" : { name }
}

const readFormat = (value: unknown): AnswerFormat => {
  if (!isObject(value)) return { type: "text" }
  if (value["type"] === "json_object") return { type: "json" }
  const format = value["json_schema"]
  return value["type"] === "json_schema" && isObject(format)
    ? { type: "schema", schema: format["schema"] }
    : { type: "text" }
}

const imageOf = (part: unknown): DemoImage | undefined => {
  if (!isObject(part) || part["type"] !== "image_url") return undefined
  const source = part["image_url"]
  const url = isObject(source) ? (asString(source["url"]) ?? "") : ""
  const data = /^data:([^;,]+);base64,(.*)$/s.exec(url)
  if (data === null) return { mediaType: "image" }
  const [, mediaType = "image", base64 = ""] = data
  return { mediaType, bytes: Math.floor((base64.replace(/=+$/, "").length * 3) / 4) }
}

interface Content {
  /** Texts, without those that only label the picture right after them. */
  readonly text: string
  readonly images: ReadonlyArray<DemoImage>
}

const readContent = (content: unknown, labelsCount: boolean): Content => {
  if (typeof content === "string") return { text: content, images: [] }
  const parts = asArray(content)
  const texts = parts.flatMap((part, index) => {
    const isLabel = !labelsCount && imageOf(parts[index + 1]) !== undefined
    return isObject(part) && part["type"] === "text" && !isLabel ? (asString(part["text"]) ?? []) : []
  })
  return { text: texts.join("\n"), images: parts.flatMap((part) => imageOf(part) ?? []) }
}

/** One reading position in the conversation: what is known after a message. */
interface Reading {
  readonly prompts: Array<string>
  readonly background: Array<string>
  calls: Array<{ id: string; name: string; result?: DemoResult }>
  images: ReadonlyArray<DemoImage>
}

const readUser = (reading: Reading, message: JsonObject, afterResults: boolean): void => {
  const { images, text } = readContent(message["content"], !afterResults)
  for (const match of text.matchAll(reminder)) reading.background.push(match[1] ?? "")
  const said = text.replace(reminder, "").trim()
  const last = reading.calls.at(-1)
  if (afterResults && images.length > 0 && last?.result !== undefined) {
    // pictures of a tool result travel in a user message behind it
    last.result = { ...last.result, images: [...last.result.images, ...images] }
  }
  if (afterResults && (said === "" || clientNotes.some((note) => note.test(said)))) return
  if (said === "" && images.length === 0) return
  reading.prompts.push(said)
  reading.calls = []
  reading.images = afterResults ? [] : images
}

const readMessage = (reading: Reading, message: JsonObject, previous: unknown): void => {
  switch (message["role"]) {
    case "system":
    case "developer":
      reading.background.push(readContent(message["content"], true).text)
      return
    case "user":
      return readUser(reading, message, isObject(previous) && previous["role"] === "tool")
    case "assistant":
      for (const call of asArray(message["tool_calls"])) {
        const definition = isObject(call) ? call["function"] : undefined
        if (!isObject(call) || !isObject(definition)) continue
        reading.calls.push({ id: asString(call["id"]) ?? "", name: asString(definition["name"]) ?? "" })
      }
      return
    case "tool": {
      const call = reading.calls.find((one) => one.id === message["tool_call_id"] && one.result === undefined)
      if (call !== undefined) call.result = readContent(message["content"], true)
      return
    }
  }
}

const count = (value: unknown): number => Math.ceil(JSON.stringify(value ?? "").length / 4)

/** Providers count cached tokens in blocks of this size. */
const cacheBlock = 128

/** Everything up to the newest group of messages was sent before, as soon as the model has spoken once. */
const cachedTokens = (messages: ReadonlyArray<JsonObject>, tools: unknown): number => {
  const spoken = messages.findLastIndex((message) => message["role"] === "assistant")
  if (spoken < 0) return 0
  return Math.floor((count(messages.slice(0, spoken)) + count(tools)) / cacheBlock) * cacheBlock
}

/** Reads a request body; Left holds what is wrong with it, for the error answer. */
export const readRequest = (body: unknown): Either.Either<DemoRequest, string> => {
  if (!isObject(body)) return Either.left("the request body must be a JSON object")
  const messages = asArray(body["messages"]).filter(isObject)
  if (messages.length === 0) return Either.left("`messages` must hold at least one message")
  const reading: Reading = { prompts: [], background: [], calls: [], images: [] }
  messages.forEach((message, index) => readMessage(reading, message, messages[index - 1]))
  const limit = body["max_completion_tokens"] ?? body["max_tokens"]
  const options = body["stream_options"]
  const stop = body["stop"]
  return Either.right({
    model: nonEmpty(body["model"]) ?? "demo",
    stream: body["stream"] === true,
    streamUsage: isObject(options) && options["include_usage"] === true,
    maxTokens: typeof limit === "number" && limit >= 0 ? limit : undefined,
    stop: (typeof stop === "string" ? [stop] : asArray(stop)).flatMap((one) => nonEmpty(one) ?? []),
    tools: asArray(body["tools"]).flatMap(readTool),
    toolChoice: readToolChoice(body["tool_choice"]),
    parallel: body["parallel_tool_calls"] !== false,
    format: readFormat(body["response_format"]),
    effort: asString(body["reasoning_effort"]),
    prompt: reading.prompts.at(-1) ?? "",
    prompts: reading.prompts,
    calls: reading.calls,
    images: reading.images,
    background: reading.background.join("\n"),
    promptTokens: count(messages) + count(body["tools"]),
    cachedTokens: cachedTokens(messages, body["tools"])
  })
}

/** Parses a body's text; undefined (refused by `readRequest`) when it is no JSON. */
export const readBody = (text: string): unknown => parseJson(text)
