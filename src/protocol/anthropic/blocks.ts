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
import type { LossSink } from "../loss.ts"
import { unseal } from "../reasoning.ts"

/** What is found while a request is read. */
export interface Report {
  /** What makes the request unusable; the first report becomes the client's 400. */
  readonly fault: (path: string, message: string) => void
  /** What the neutral form cannot hold as it was. */
  readonly lose: LossSink
}

/** Tells which keys of an object nobody reads. */
export const lostKeys = (holder: JsonObject, known: ReadonlyArray<string>, path: string, { lose }: Report): void => {
  for (const key in holder) {
    if (known.includes(key) || holder[key] === undefined || holder[key] === null) continue
    lose("dropped", path === "" ? key : `${path}.${key}`, "not sent", "no other protocol has it")
  }
}

const cacheMark = (block: JsonObject): { readonly cache?: CacheMark } => {
  const mark = block["cache_control"]
  if (!isObject(mark)) return {}
  const ttl = mark["ttl"]
  return { cache: ttl === "5m" || ttl === "1h" ? { ttl } : {} }
}

export const textPart = (text: string): TextPart => ({ type: "text", text })

/** A block of a kind that no other protocol has, as text the model can read. */
const described = (block: JsonObject, path: string, { lose }: Report): ReadonlyArray<TextPart> => {
  const { type, cache_control: _mark, signature: _signature, ...rest } = block
  lose("replaced", path, `the ${asString(type) ?? "unknown"} block became text`, "no other protocol has such blocks")
  return [textPart(`[${asString(type) ?? "unknown"}] ${JSON.stringify(rest)}`)]
}

const textKeys = ["type", "text", "cache_control"]
const imageKeys = ["type", "source", "cache_control"]
const documentKeys = ["type", "source", "title", "context", "cache_control"]
const callKeys = ["type", "id", "name", "input"]
const emptyResultKeys = ["type", "tool_use_id", "content", "is_error"]
const resultKeys = [...emptyResultKeys, "cache_control"]

const textBlock = (block: JsonObject, path: string, report: Report): ReadonlyArray<TextPart> => {
  const text = block["text"]
  lostKeys(block, textKeys, path, report)
  if (typeof text === "string") return [{ type: "text", text, ...cacheMark(block) }]
  report.fault(`${path}.text`, "must be a string")
  return []
}

const missingFile = (source: JsonObject, path: string, { lose }: Report): ReadonlyArray<TextPart> => {
  lose("replaced", path, "the file became a note", "another provider cannot open a file by its id")
  return [textPart(`[attached file ${asString(source["file_id"]) ?? "?"} is not available to this provider]`)]
}

const image = (block: JsonObject, path: string, report: Report): ReadonlyArray<ImagePart | TextPart> => {
  lostKeys(block, imageKeys, path, report)
  const source = block["source"]
  if (isObject(source)) {
    const { type, data, url, media_type: mediaType } = source
    if (type === "file") return missingFile(source, path, report)
    if (type === "base64" && typeof data === "string") {
      const kind = nonEmpty(mediaType) ?? "image/png"
      return [{ type: "image", source: { type: "base64", mediaType: kind, data }, ...cacheMark(block), at: path }]
    }
    if (type === "url" && typeof url === "string" && url !== "") {
      return [{ type: "image", source: { type: "url", url }, ...cacheMark(block), at: path }]
    }
  }
  report.fault(`${path}.source`, "must be a base64, url or file source")
  return []
}

const header = (block: JsonObject, ...keys: ReadonlyArray<string>): string =>
  keys.flatMap((key) => nonEmpty(block[key]) ?? []).join("\n")

const document = (block: JsonObject, path: string, report: Report): ReadonlyArray<UserPart> => {
  lostKeys(block, documentKeys, path, report)
  const source = block["source"]
  const about = {
    ...(typeof block["title"] === "string" ? { title: block["title"] } : {}),
    ...(typeof block["context"] === "string" ? { context: block["context"] } : {}),
    ...cacheMark(block),
    at: path
  }
  const part = (from: DocumentPart["source"]): ReadonlyArray<UserPart> => [{ type: "document", source: from, ...about }]
  if (isObject(source)) {
    const { type, data, url, content, media_type: mediaType } = source
    if (type === "file") return missingFile(source, path, report)
    if (type === "text" && typeof data === "string") {
      const empty = data.trim() === "" && header(block, "title", "context") === ""
      return empty ? [] : part({ type: "text", text: data })
    }
    if (type === "url" && typeof url === "string" && url !== "") return part({ type: "url", url })
    if (type === "base64" && typeof data === "string") {
      return part({ type: "base64", mediaType: nonEmpty(mediaType) ?? "application/pdf", data })
    }
    if (type === "content") {
      report.lose("replaced", path, "the document's blocks stand in its place", "no other protocol has such documents")
      const title = header(block, "title", "context")
      return [...(title === "" ? [] : [textPart(title)]), ...contentParts(content, `${path}.source.content`, report)]
    }
  }
  report.fault(`${path}.source`, "must be a base64, text, content, url or file source")
  return []
}

const searchResult = (block: JsonObject, path: string, report: Report): ReadonlyArray<UserPart> => {
  report.lose("replaced", path, "the search result became text", "no other protocol has such blocks")
  const title = header(block, "title", "source")
  return [...(title === "" ? [] : [textPart(title)]), ...contentParts(block["content"], `${path}.content`, report)]
}

/** What is said of a tool that came or went: of itself, or of what a `tool` in it refers to. */
const toolNote = (block: JsonObject, path: string, report: Report): ReadonlyArray<TextPart> => {
  const { tool, type } = block
  const named = isObject(tool) ? tool : block
  const name = nonEmpty(named["tool_name"]) ?? nonEmpty(named["name"]) ?? "?"
  const kind = asString(type)?.replace("_", " ") ?? "tool"
  report.lose("replaced", path, `the ${kind} became text`, "the provider is sent every tool in full")
  return [textPart(`Tool ${type === "tool_removal" ? "no longer" : "now"} available: ${name}`)]
}

/** Blocks that may stand in a user turn, a tool result, or a document; anything else is described. */
const contentBlock = (block: unknown, path: string, report: Report): ReadonlyArray<UserPart> => {
  if (typeof block === "string") return [textPart(block)]
  if (!isObject(block)) {
    report.fault(path, "must be a content block")
    return []
  }
  switch (block["type"]) {
    case "text":
      return textBlock(block, path, report)
    case "image":
      return image(block, path, report)
    case "document":
      return document(block, path, report)
    case "search_result":
      return searchResult(block, path, report)
    case "container_upload":
      return missingFile(block, path, report)
    case "tool_reference":
    case "tool_addition":
    case "tool_removal":
      return toolNote(block, path, report)
    case "compaction":
      report.lose("replaced", path, "the compaction became text", "no other protocol has such blocks")
      return [textPart(asString(block["content"]) ?? "")]
    case "thinking":
    case "redacted_thinking":
      report.lose("dropped", path, "reasoning outside of an answer is not sent", "it never becomes visible text")
      return []
    default:
      return described(block, path, report)
  }
}

/** A string, a list of blocks, or (from careless tools) any JSON value, as parts without blank text. */
export const contentParts = (content: unknown, path: string, report: Report): ReadonlyArray<UserPart> => {
  if (content === undefined || content === null || content === "") return []
  if (typeof content === "string") return [textPart(content)]
  if (!Array.isArray(content)) return [textPart(JSON.stringify(content))]
  return content
    .flatMap((block, i) => contentBlock(block, `${path}[${i}]`, report))
    .filter((part) => part.type !== "text" || part.text !== "")
}

const toolUse = (block: JsonObject, path: string, report: Report): ReadonlyArray<CallPart> => {
  lostKeys(block, callKeys, path, report)
  const { id, name, input } = block
  if (typeof id !== "string") report.fault(`${path}.id`, "must be a string")
  if (nonEmpty(name) === undefined) report.fault(`${path}.name`, "must be a string")
  const parsed = typeof input === "string" ? parseJson(input) : (input ?? {})
  if (!isObject(parsed)) report.fault(`${path}.input`, "must be an object")
  // arguments that came as text were not looked at with the body
  else if (isDeeperThan(maxNesting, parsed)) report.fault(`${path}.input`, `is nested deeper than ${maxNesting} levels`)
  return typeof id === "string" && typeof name === "string" && isObject(parsed)
    ? [{ type: "call", id, name, input: parsed, at: path }]
    : []
}

const toolResult = (block: JsonObject, path: string, report: Report): ReadonlyArray<ResultBlock> => {
  const callId = block["tool_use_id"]
  if (typeof callId !== "string") {
    report.fault(`${path}.tool_use_id`, "must be a string")
    return []
  }
  const inner = contentParts(block["content"], `${path}.content`, report)
  const last = inner.at(-1)
  // a mark on the result is one behind its last part
  lostKeys(block, last === undefined ? emptyResultKeys : resultKeys, path, report)
  const parts = last === undefined ? inner : [...inner.slice(0, -1), { ...last, ...cacheMark(block) }]
  return [{ type: "result", callId, parts, isError: block["is_error"] === true, at: path }]
}

const reasoning = (text: unknown, envelope: unknown, path: string, { lose }: Report): ReadonlyArray<ReasoningPart> => {
  const replay = typeof envelope === "string" ? unseal(envelope) : undefined
  if (replay !== undefined) return [{ type: "reasoning", text: asString(text) ?? "", replay, at: path }]
  lose("dropped", path, "the reasoning is not sent", "another provider wrote it")
  return []
}

const resultSuffix = "_tool_result"

const assistantBlock = (block: unknown, path: string, report: Report): ReadonlyArray<Block> => {
  if (!isObject(block)) return contentBlock(block, path, report)
  const type = asString(block["type"]) ?? ""
  switch (type) {
    case "tool_use":
      return toolUse(block, path, report)
    case "thinking":
      return reasoning(block["thinking"], block["signature"], path, report)
    case "redacted_thinking":
      return reasoning("", block["data"], path, report)
    case "server_tool_use":
    case "mcp_tool_use": {
      const { id, name, input } = block
      return [
        {
          type: "server-tool",
          id: asString(id) ?? "",
          name: asString(name) ?? "server_tool",
          input: input ?? {},
          at: path
        }
      ]
    }
    case "image":
    case "document":
      report.lose("replaced", path, `the ${type} became a note`, "no protocol takes media from an assistant")
      return [textPart(`[${type} of an earlier answer]`)]
    default:
      if (!type.endsWith(resultSuffix)) return contentBlock(block, path, report)
      return [
        {
          type: "server-result",
          id: asString(block["tool_use_id"]) ?? "",
          name: type.slice(0, -resultSuffix.length),
          content: block["content"],
          at: path
        }
      ]
  }
}

const userBlock = (block: unknown, path: string, report: Report): ReadonlyArray<Block> => {
  if (isObject(block) && block["type"] === "tool_result") return toolResult(block, path, report)
  if (isObject(block) && block["type"] === "tool_use") toolUse(block, path, report) // its faults count here too
  return contentBlock(block, path, report)
}

/** All blocks of one message's `content`. */
export const messageBlocks = (role: Role, content: unknown, path: string, report: Report): ReadonlyArray<Block> => {
  if (typeof content === "string") return [textPart(content)]
  if (!Array.isArray(content)) {
    report.fault(path, "must be a string or an array of content blocks")
    return []
  }
  if (role !== "assistant") return asArray(content).flatMap((block, i) => userBlock(block, `${path}[${i}]`, report))
  return apart(asArray(content).map((block, i) => assistantBlock(block, `${path}[${i}]`, report)))
}

/** Texts of an answer stay apart when what stood between them is not carried. */
const apart = (groups: ReadonlyArray<ReadonlyArray<Block>>): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  let gap = false
  for (const group of groups) {
    const [first] = group
    if (gap && first?.type === "text" && blocks.at(-1)?.type === "text" && first.text.trim() !== "")
      blocks.push({ ...first, text: `\n\n${first.text}` }, ...group.slice(1))
    else blocks.push(...group)
    gap = group.length === 0
  }
  return blocks
}
