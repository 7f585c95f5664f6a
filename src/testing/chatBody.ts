/**
 * A strict judge of Chat Completions request bodies (wire specification §2.1 and §4.2), independent of the code that
 * writes them. It knows the narrowest published schema and the rules that servers enforce beyond it: pairing of calls
 * and results, name and id patterns, no unknown keys, no two user or assistant messages in a row.
 */
import type { Policy } from "../protocol/policy.ts"
import { isSearchTool, ownKeys, ownViolations, prefillKey } from "./chatFields.ts"
import { isJsonObject } from "./json.ts"
import {
  at,
  filled,
  isDataUrl,
  isPdfUrl,
  keys,
  list,
  none,
  parsesToObject,
  plainJson,
  say,
  string,
  type Fields,
  type Wrong
} from "./judge.ts"

const isFields = (value: unknown): value is Fields => isJsonObject(value)

const partViolations = (part: unknown, role: "user" | "tool", policy: Policy): Wrong => {
  if (!isFields(part)) return ["part is no object"]
  switch (part["type"]) {
    case "text":
      return [...keys(part, ["type", "text"], ["cache_control"]), ...say(filled(part["text"]), "empty text part")]
    case "image_url": {
      const image = part["image_url"]
      if (!isFields(image)) return ["image_url is no object"]
      const { url } = image
      const data = isDataUrl(url)
      return [
        ...keys(part, ["type", "image_url"], ["cache_control"]),
        ...keys(image, ["url"], ["detail"]),
        ...say(policy.vision, "an image for a model that cannot see"),
        ...say(
          data || (policy.imageUrls === "any" && filled(url) && !url.startsWith("data:")),
          `image url ${String(url)}`
        ),
        ...say(role === "user" || policy.resultMedia === "inline-parts", "an image in a tool message")
      ]
    }
    case "file": {
      const file = part["file"]
      if (!isFields(file)) return ["file is no object"]
      const data = file["file_data"]
      return [
        ...keys(part, ["type", "file"], ["cache_control"]),
        ...keys(file, ["filename", "file_data"]),
        ...say(filled(file["filename"]), "file without a name"),
        ...say(isPdfUrl(data), "file_data"),
        ...say(policy.pdf === "file", "a file for a server that takes none"),
        ...say(role === "user" || policy.resultMedia === "inline-parts", "a file in a tool message")
      ]
    }
    default:
      return [`part type ${String(part["type"])}`]
  }
}

const isMarked = (part: Fields, policy: Policy): boolean =>
  policy.cacheMarks === "parts" && Object.hasOwn(part, "cache_control")

/** Text in parts, which only a mark excuses. */
const isMarkedText = (content: unknown, policy: Policy): boolean => {
  const parts = list(content).filter(isFields)
  return parts.every((part) => part["type"] === "text") && parts.some((part) => isMarked(part, policy))
}

const contentViolations = (content: unknown, role: "user" | "tool", policy: Policy): Wrong => {
  if (string(content)) return say(role === "tool" || content !== "", "empty content")
  if (!Array.isArray(content)) return [`content is ${content === null ? "null" : typeof content}`]
  return [
    ...say(content.length > 0, "no parts"),
    ...say(
      content.some((part) => isFields(part) && (part["type"] !== "text" || isMarked(part, policy))),
      "parts although all is text"
    ),
    ...content.flatMap((part, index) => at(`part ${index}`, partViolations(part, role, policy)))
  ]
}

const idViolations = (id: unknown, policy: Policy): Wrong =>
  say(filled(id) && policy.idPattern.test(id), `id ${JSON.stringify(id)}`)

const callViolations = (call: unknown, policy: Policy): Wrong => {
  if (!isFields(call) || !isFields(call["function"])) return ["call is no object with a function"]
  const { name, arguments: args } = call["function"]
  return [
    ...keys(call, ["id", "type", "function"], ["extra_content"]),
    ...say(call["type"] === "function", "call type"),
    ...idViolations(call["id"], policy),
    ...keys(call["function"], ["name", "arguments"]),
    ...say(string(name) && policy.namePattern.test(name), `call name ${JSON.stringify(name)}`),
    ...say(string(args) && parsesToObject(args), `arguments ${JSON.stringify(args)}`)
  ]
}

const reasoningKeys: ReadonlyArray<string> = [
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "reasoning_text",
  "reasoning_opaque"
]

/** Content in parts: thinking first, then at most one text (Mistral). */
const isThoughtful = (content: unknown, policy: Policy): boolean => {
  const [thinking, ...rest] = list(content)
  return (
    policy.reasoningReplay === "parts" &&
    isFields(thinking) &&
    thinking["type"] === "thinking" &&
    list(thinking["thinking"]).length > 0 &&
    rest.length < 2 &&
    rest.every((part) => isFields(part) && part["type"] === "text" && filled(part["text"]))
  )
}

const assistantViolations = (message: Fields, policy: Policy): Wrong => {
  const { content } = message
  const calls = message["tool_calls"]
  const ids = list(calls).map((call) => (isFields(call) ? call["id"] : undefined))
  const empty = policy.emptyContent === "null" ? null : ""
  const reasons = reasoningKeys.filter((key) => Object.hasOwn(message, key))
  return [
    ...keys(message, ["role", "content"], ["tool_calls", ...reasoningKeys, ...prefillKey(policy)]),
    ...say(calls === undefined || (Array.isArray(calls) && calls.length > 0), "tool_calls is no filled list"),
    ...list(calls).flatMap((call, index) => at(`call ${index}`, callViolations(call, policy))),
    ...say(new Set(ids).size === ids.length, "two calls with one id"),
    ...say(string(content) || content === null || isThoughtful(content, policy), "content is neither text nor null"),
    ...say(
      filled(content) ||
        isThoughtful(content, policy) ||
        (calls !== undefined && content === empty) ||
        (reasons.length > 0 && content === ""),
      "empty content"
    ),
    ...say(
      reasons.every((key) => (key === "reasoning_text" ? "reasoning_opaque" : key) === policy.reasoningReplay),
      `${reasons.join()} for a server that takes ${policy.reasoningReplay}`
    )
  ]
}

const messageViolations = (message: unknown, policy: Policy): Wrong => {
  if (!isFields(message)) return ["no object"]
  switch (message["role"]) {
    case policy.systemRole:
      return [
        ...keys(message, ["role", "content"]),
        ...say(
          filled(message["content"]) || isMarkedText(message["content"], policy),
          "system content is no filled string"
        )
      ]
    case "user":
      return [...keys(message, ["role", "content"]), ...contentViolations(message["content"], "user", policy)]
    case "assistant":
      return assistantViolations(message, policy)
    case "tool":
      return [
        ...keys(message, ["role", "tool_call_id", "content"]),
        ...idViolations(message["tool_call_id"], policy),
        ...contentViolations(message["content"], "tool", policy)
      ]
    default:
      return [`role ${String(message["role"])}`]
  }
}

/**
 * Law L2: each assistant message with calls is followed at once by exactly one tool message per call, in any order, and
 * there are no other tool messages.
 */
export const pairingViolations = (messages: ReadonlyArray<unknown>): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  let open: Array<unknown> = []
  messages.forEach((message, index) => {
    if (!isFields(message)) return
    if (message["role"] === "tool") {
      const found = open.indexOf(message["tool_call_id"])
      if (found < 0) wrong.push(`message ${index}: a tool message for no open call ${String(message["tool_call_id"])}`)
      else open.splice(found, 1)
      return
    }
    if (open.length > 0) wrong.push(`message ${index}: calls ${open.join()} are not answered before it`)
    open =
      message["role"] === "assistant"
        ? list(message["tool_calls"]).map((call) => (isFields(call) ? call["id"] : undefined))
        : []
  })
  if (open.length > 0) wrong.push(`calls ${open.join()} are never answered`)
  return wrong
}

const orderViolations = (messages: ReadonlyArray<unknown>, policy: Policy): Wrong =>
  messages.flatMap((message, index) => {
    const role = isFields(message) ? message["role"] : undefined
    const before = messages[index - 1]
    const previous = isFields(before) ? before["role"] : undefined
    return [
      ...say(
        role === "tool" || role === policy.systemRole || role !== previous,
        `message ${index}: ${String(role)} twice in a row`
      ),
      ...say(
        role !== policy.systemRole || index === 0 || policy.systemPlacement === "inline",
        `message ${index}: system text in the middle`
      )
    ]
  })

const toolViolations = (tool: unknown, policy: Policy): Wrong => {
  if (isFields(tool) && isSearchTool(tool, policy)) return keys(tool, ["type", "web_search"])
  if (!policy.tools) return ["a function for a model that calls none"]
  if (!isFields(tool) || !isFields(tool["function"])) return ["tool is no object with a function"]
  const { name, description, parameters, strict } = tool["function"]
  return [
    ...keys(tool, ["type", "function"], ["cache_control"]),
    ...say(tool["type"] === "function", "tool type"),
    ...keys(tool["function"], ["name", "parameters"], ["description", "strict"]),
    ...say(string(name) && policy.namePattern.test(name), `tool name ${JSON.stringify(name)}`),
    ...say(description === undefined || string(description), "description"),
    ...say(strict === undefined || (policy.strictTools && typeof strict === "boolean"), "strict"),
    ...say(
      isFields(parameters) && parameters["type"] === "object" && isFields(parameters["properties"]),
      "parameters are no object schema"
    ),
    ...say(
      isFields(parameters) &&
        !["oneOf", "anyOf", "allOf", "not", "enum", "$schema", "$id", "$comment"].some((key) =>
          Object.hasOwn(parameters, key)
        ),
      "parameters have a key that servers refuse at the root"
    )
  ]
}

const names = (tools: unknown): ReadonlyArray<unknown> =>
  list(tools).map((tool) => (isFields(tool) && isFields(tool["function"]) ? tool["function"]["name"] : undefined))

const choiceViolations = (choice: unknown, tools: unknown, policy: Policy): Wrong => {
  if (choice === undefined) return none
  const named =
    isFields(choice) && choice["type"] === "function" && isFields(choice["function"]) ? choice["function"] : undefined
  return [
    ...say(tools !== undefined, "tool_choice without tools"),
    ...say(policy.toolChoice !== "none", "tool_choice for a server that takes none"),
    ...say(policy.toolChoice === "full" || typeof choice === "string", "a tool_choice that names a tool"),
    ...(string(choice)
      ? say(["none", "auto", "required"].includes(choice), `tool_choice ${choice}`)
      : say(named !== undefined && names(tools).includes(named["name"]), `tool_choice ${JSON.stringify(choice)}`))
  ]
}

const formatViolations = (format: unknown, policy: Policy): Wrong => {
  if (format === undefined) return none
  if (!isFields(format)) return ["response_format is no object"]
  if (format["type"] === "json_object")
    return [...keys(format, ["type"]), ...say(policy.structuredOutput === "json_object", "json_object")]
  const inner = format["json_schema"]
  if (format["type"] !== "json_schema" || !isFields(inner)) return ["response_format"]
  const { name, schema, strict } = inner
  return [
    ...keys(format, ["type", "json_schema"]),
    ...keys(inner, ["name", "schema"], ["strict", "description"]),
    ...say(policy.structuredOutput === "json_schema", "json_schema for a server that knows none"),
    ...say(string(name) && /^[a-zA-Z0-9_-]{1,64}$/.test(name), "schema name"),
    ...say(isFields(schema), "schema is no object"),
    ...say(strict === undefined || typeof strict === "boolean", "strict")
  ]
}

const number = (value: unknown, from: number, to: number): boolean =>
  value === undefined || (typeof value === "number" && value >= from && value <= to)

const sampling: ReadonlyArray<"temperature" | "top_p" | "top_k"> = ["temperature", "top_p", "top_k"]

const topViolations = (body: Fields, policy: Policy): Wrong => {
  const { stop, stream, tools } = body
  const streamOptions = body["stream_options"]
  const parallel = body["parallel_tool_calls"]
  const limit = body[policy.maxTokensField]
  return [
    ...keys(
      body,
      ["model", "messages"],
      [
        policy.maxTokensField,
        ...policy.sampling,
        ...ownKeys(policy),
        ...(policy.cacheKey ? ["prompt_cache_key"] : []),
        "stop",
        "stream",
        "stream_options",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "service_tier"
      ]
    ),
    ...say(filled(body["model"]) && !body["model"].endsWith("[1m]"), "model"),
    ...say(limit === undefined || (Number.isInteger(limit) && number(limit, 1, Number.MAX_SAFE_INTEGER)), "max tokens"),
    ...say(
      number(body["temperature"], 0, 2) && number(body["top_p"], 0, 1) && number(body["top_k"], 0, Infinity),
      "sampling"
    ),
    ...sampling
      .filter((key) => Object.hasOwn(body, key) && !policy.sampling.includes(key))
      .map((key) => `${key} is not taken`),
    ...say(
      stop === undefined || (list(stop).length > 0 && list(stop).length <= policy.maxStop && list(stop).every(filled)),
      "stop"
    ),
    ...say(stream === undefined || typeof stream === "boolean", "stream"),
    ...say(
      streamOptions === undefined ||
        (stream === true && policy.streamUsage && JSON.stringify(streamOptions) === '{"include_usage":true}'),
      "stream_options"
    ),
    ...say(stream !== true || !policy.streamUsage || streamOptions !== undefined, "a stream without usage"),
    ...say(tools === undefined || list(tools).length > 0, "tools is no filled list"),
    ...list(tools).flatMap((tool, index) => at(`tool ${index}`, toolViolations(tool, policy))),
    ...say(new Set(names(tools)).size === names(tools).length, "two tools with one name"),
    ...choiceViolations(body["tool_choice"], tools, policy),
    ...say(
      parallel === undefined || (typeof parallel === "boolean" && tools !== undefined && policy.parallelFlag),
      "parallel_tool_calls"
    ),
    ...ownViolations(body, policy),
    ...say(body["prompt_cache_key"] === undefined || filled(body["prompt_cache_key"]), "prompt_cache_key"),
    ...formatViolations(body["response_format"], policy)
  ]
}

/** Everything that is wrong with a request body for a server of this policy; empty when a strict server would take it. */
export const chatBodyViolations = (body: unknown, policy: Policy): ReadonlyArray<string> => {
  if (!isFields(body)) return ["the body is no object"]
  const { messages } = body
  if (!Array.isArray(messages) || messages.length === 0) return ["messages is no filled list"]
  return [
    ...plainJson(body, "body"),
    ...topViolations(body, policy),
    ...messages.flatMap((message, index) => at(`message ${index}`, messageViolations(message, policy))),
    ...pairingViolations(messages),
    ...orderViolations(messages, policy)
  ]
}
