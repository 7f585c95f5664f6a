/** Content blocks of a request, read leniently: what cannot be carried as it is becomes text, never nothing. */
import type { Block, ResultBlock, Role } from "../arrange.ts"
import type {
  CacheMark,
  CallPart,
  DocumentPart,
  ImagePart,
  ReasoningPart,
  TextPart,
  UserPart
} from "../conversation.ts"
import { asArray, asString, isDeeperThan, isObject, maxNesting, nonEmpty, parseJson, type JsonObject } from "../json.ts"
import { unseal } from "../reasoning.ts"

/** Reports what makes the request unusable; the first report becomes the client's 400. */
export type Fault = (path: string, message: string) => void

const cacheMark = (block: JsonObject): { readonly cache?: CacheMark } => {
  const mark = block["cache_control"]
  if (!isObject(mark)) return {}
  const ttl = mark["ttl"]
  return { cache: ttl === "5m" || ttl === "1h" ? { ttl } : {} }
}

export const textPart = (text: string): TextPart => ({ type: "text", text })

/** A block of a kind that no other protocol has, as text the model can read. */
const described = (block: JsonObject): ReadonlyArray<TextPart> => {
  const { type, cache_control: _mark, signature: _signature, ...rest } = block
  return [textPart(`[${asString(type) ?? "unknown"}] ${JSON.stringify(rest)}`)]
}

const textBlock = (block: JsonObject, path: string, fault: Fault): ReadonlyArray<TextPart> => {
  const text = block["text"]
  if (typeof text === "string") return [{ type: "text", text, ...cacheMark(block) }]
  fault(`${path}.text`, "must be a string")
  return []
}

const missingFile = (source: JsonObject): ReadonlyArray<TextPart> => [
  textPart(`[attached file ${asString(source["file_id"]) ?? "?"} is not available to this provider]`)
]

const image = (block: JsonObject, path: string, fault: Fault): ReadonlyArray<ImagePart | TextPart> => {
  const source = block["source"]
  if (isObject(source)) {
    const { type, data, url, media_type: mediaType } = source
    if (type === "file") return missingFile(source)
    if (type === "base64" && typeof data === "string") {
      const kind = nonEmpty(mediaType) ?? "image/png"
      return [{ type: "image", source: { type: "base64", mediaType: kind, data }, ...cacheMark(block) }]
    }
    if (type === "url" && typeof url === "string") {
      return [{ type: "image", source: { type: "url", url }, ...cacheMark(block) }]
    }
  }
  fault(`${path}.source`, "must be a base64, url or file source")
  return []
}

const header = (block: JsonObject, ...keys: ReadonlyArray<string>): string =>
  keys.flatMap((key) => nonEmpty(block[key]) ?? []).join("\n")

const document = (block: JsonObject, path: string, fault: Fault): ReadonlyArray<UserPart> => {
  const source = block["source"]
  const about = {
    ...(typeof block["title"] === "string" ? { title: block["title"] } : {}),
    ...(typeof block["context"] === "string" ? { context: block["context"] } : {}),
    ...cacheMark(block)
  }
  const part = (from: DocumentPart["source"]): ReadonlyArray<UserPart> => [{ type: "document", source: from, ...about }]
  if (isObject(source)) {
    const { type, data, url, content, media_type: mediaType } = source
    if (type === "file") return missingFile(source)
    if (type === "text" && typeof data === "string") {
      const empty = data.trim() === "" && header(block, "title", "context") === ""
      return empty ? [] : part({ type: "text", text: data })
    }
    if (type === "url" && typeof url === "string") return part({ type: "url", url })
    if (type === "base64" && typeof data === "string") {
      return part({ type: "base64", mediaType: nonEmpty(mediaType) ?? "application/pdf", data })
    }
    if (type === "content") {
      const title = header(block, "title", "context")
      return [...(title === "" ? [] : [textPart(title)]), ...contentParts(content, `${path}.source.content`, fault)]
    }
  }
  fault(`${path}.source`, "must be a base64, text, content, url or file source")
  return []
}

const searchResult = (block: JsonObject, path: string, fault: Fault): ReadonlyArray<UserPart> => {
  const title = header(block, "title", "source")
  return [...(title === "" ? [] : [textPart(title)]), ...contentParts(block["content"], `${path}.content`, fault)]
}

/** Blocks that may stand in a user turn, a tool result, or a document; anything else is described. */
const contentBlock = (block: unknown, path: string, fault: Fault): ReadonlyArray<UserPart> => {
  if (typeof block === "string") return [textPart(block)]
  if (!isObject(block)) {
    fault(path, "must be a content block")
    return []
  }
  switch (block["type"]) {
    case "text":
      return textBlock(block, path, fault)
    case "image":
      return image(block, path, fault)
    case "document":
      return document(block, path, fault)
    case "search_result":
      return searchResult(block, path, fault)
    case "container_upload":
      return missingFile(block)
    case "tool_reference":
      return [textPart(`Tool now available: ${asString(block["tool_name"]) ?? "?"}`)]
    case "compaction":
      return [textPart(asString(block["content"]) ?? "")]
    case "thinking":
    case "redacted_thinking":
      return [] // reasoning never becomes visible text
    default:
      return described(block)
  }
}

/** A string, a list of blocks, or (from careless tools) any JSON value, as parts without blank text. */
export const contentParts = (content: unknown, path: string, fault: Fault): ReadonlyArray<UserPart> => {
  if (content === undefined || content === null || content === "") return []
  if (typeof content === "string") return [textPart(content)]
  if (!Array.isArray(content)) return [textPart(JSON.stringify(content))]
  return content
    .flatMap((block, i) => contentBlock(block, `${path}[${i}]`, fault))
    .filter((part) => part.type !== "text" || part.text !== "")
}

const toolUse = (block: JsonObject, path: string, fault: Fault): ReadonlyArray<CallPart> => {
  const { id, name, input } = block
  if (typeof id !== "string") fault(`${path}.id`, "must be a string")
  if (nonEmpty(name) === undefined) fault(`${path}.name`, "must be a string")
  const parsed = typeof input === "string" ? parseJson(input) : (input ?? {})
  if (!isObject(parsed)) fault(`${path}.input`, "must be an object")
  // arguments that came as text were not looked at with the body
  else if (isDeeperThan(maxNesting, parsed)) fault(`${path}.input`, `is nested deeper than ${maxNesting} levels`)
  return typeof id === "string" && typeof name === "string" && isObject(parsed)
    ? [{ type: "call", id, name, input: parsed }]
    : []
}

const toolResult = (block: JsonObject, path: string, fault: Fault): ReadonlyArray<ResultBlock> => {
  const callId = block["tool_use_id"]
  if (typeof callId !== "string") {
    fault(`${path}.tool_use_id`, "must be a string")
    return []
  }
  const parts = contentParts(block["content"], `${path}.content`, fault)
  return [{ type: "result", callId, parts, isError: block["is_error"] === true }]
}

const reasoning = (text: unknown, envelope: unknown): ReadonlyArray<ReasoningPart> => {
  const replay = typeof envelope === "string" ? unseal(envelope) : undefined
  return replay === undefined ? [] : [{ type: "reasoning", text: asString(text) ?? "", replay }]
}

const resultSuffix = "_tool_result"

const assistantBlock = (block: unknown, path: string, fault: Fault): ReadonlyArray<Block> => {
  if (!isObject(block)) return contentBlock(block, path, fault)
  const type = asString(block["type"]) ?? ""
  switch (type) {
    case "tool_use":
      return toolUse(block, path, fault)
    case "thinking":
      return reasoning(block["thinking"], block["signature"])
    case "redacted_thinking":
      return reasoning("", block["data"])
    case "server_tool_use":
    case "mcp_tool_use": {
      const { id, name, input } = block
      return [
        { type: "server-tool", id: asString(id) ?? "", name: asString(name) ?? "server_tool", input: input ?? {} }
      ]
    }
    case "image":
    case "document":
      return [textPart(`[${type} of an earlier answer]`)] // no protocol takes media from an assistant
    default:
      if (!type.endsWith(resultSuffix)) return contentBlock(block, path, fault)
      return [
        {
          type: "server-result",
          id: asString(block["tool_use_id"]) ?? "",
          name: type.slice(0, -resultSuffix.length),
          content: block["content"]
        }
      ]
  }
}

const userBlock = (block: unknown, path: string, fault: Fault): ReadonlyArray<Block> => {
  if (isObject(block) && block["type"] === "tool_result") return toolResult(block, path, fault)
  if (isObject(block) && block["type"] === "tool_use") toolUse(block, path, fault) // its faults count here too
  return contentBlock(block, path, fault)
}

/** All blocks of one message's `content`. */
export const messageBlocks = (role: Role, content: unknown, path: string, fault: Fault): ReadonlyArray<Block> => {
  if (typeof content === "string") return [textPart(content)]
  if (!Array.isArray(content)) {
    fault(path, "must be a string or an array of content blocks")
    return []
  }
  const read = role === "assistant" ? assistantBlock : userBlock
  return asArray(content).flatMap((block, i) => read(block, `${path}[${i}]`, fault))
}
