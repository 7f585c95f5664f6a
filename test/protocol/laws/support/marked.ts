/**
 * Requests whose texts can be recognised: every text gets a mark of its own at both ends, and an inventory says where it
 * stood. What becomes of a text upstream can then be checked without knowing how it is joined or wrapped.
 */
import { isJsonObject, type Json, type JsonObject } from "../../../../src/testing/json.ts"

export interface MarkedText {
  readonly mark: string
  /** The whole marked text, as it must occur upstream. */
  readonly text: string
  readonly place: "system" | "reminder" | "user" | "result" | "assistant" | "thinking"
  /** For a result: the id of its call. */
  readonly callId?: string
}

export interface MarkedRequest {
  readonly request: JsonObject
  readonly texts: ReadonlyArray<MarkedText>
}

const billing = /^\s*x-anthropic-billing-header:[^\n]*(?:\n|$)/

const list = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

/** Marks the texts of a valid request. */
export const marked = (request: JsonObject): MarkedRequest => {
  const texts: Array<MarkedText> = []

  const put = (text: string, place: MarkedText["place"], callId?: string): string => {
    if (text.trim() === "") return text
    const mark = `⟦${texts.length}⟧`
    const whole = `${mark}${text}${mark.replace("⟦", "⟦/")}`
    texts.push({ mark, text: whole, place, ...(callId === undefined ? {} : { callId }) })
    return whole
  }

  /** Replaces the value of a text field. */
  const field = (owner: JsonObject, key: string, place: MarkedText["place"], callId?: string): JsonObject => {
    const value = owner[key]
    return typeof value === "string" ? { ...owner, [key]: put(value, place, callId) } : owner
  }

  /** A field that may go upstream as part of JSON text: marked only when JSON writes it as it is. */
  const plainField = (owner: JsonObject, key: string, place: MarkedText["place"]): JsonObject => {
    const value = owner[key]
    return JSON.stringify(value) === `"${String(value)}"` ? field(owner, key, place) : owner
  }

  const content = (value: Json | undefined, place: MarkedText["place"], callId?: string): Json =>
    typeof value === "string" ? put(value, place, callId) : list(value).map((item) => block(item, place, callId))

  const document = (item: JsonObject, place: MarkedText["place"], callId?: string): JsonObject => {
    const source = item["source"]
    if (!isJsonObject(source) || (source["type"] !== "text" && source["type"] !== "content")) return item
    const titled = field(field(item, "title", place, callId), "context", place, callId)
    return source["type"] === "text"
      ? { ...titled, source: field(source, "data", place, callId) }
      : { ...titled, source: { ...source, content: content(source["content"], place, callId) } }
  }

  const serverResult = (value: Json | undefined): Json => {
    if (Array.isArray(value)) return list(value).map((item) => field(item, "title", "assistant"))
    return isJsonObject(value) ? plainField(value, "stdout", "assistant") : (value ?? null)
  }

  const block = (item: JsonObject, place: MarkedText["place"], callId?: string): JsonObject => {
    switch (item["type"]) {
      case "text":
        return field(item, "text", place, callId)
      case "thinking":
        return field(item, "thinking", "thinking")
      case "document":
        return document(item, place, callId)
      case "search_result": {
        const titled = field(item, "title", place, callId)
        return { ...titled, content: content(item["content"], place, callId) }
      }
      case "tool_result": {
        const id = item["tool_use_id"]
        const inner = item["content"]
        const known = typeof id === "string" ? id : ""
        return typeof inner === "string" || Array.isArray(inner)
          ? { ...item, content: content(inner, "result", known) }
          : item
      }
      case "server_tool_use": {
        const input = item["input"]
        return isJsonObject(input)
          ? { ...item, input: plainField(field(input, "query", "assistant"), "code", "assistant") }
          : item
      }
      case "web_search_tool_result":
      case "code_execution_tool_result":
        return { ...item, content: serverResult(item["content"]) }
      default:
        return item
    }
  }

  /** The leading attribution line goes away, so it gets no mark. */
  const leading = (text: string): string => {
    const line = billing.exec(text)?.[0] ?? ""
    return line + put(text.slice(line.length), "system")
  }

  const system = (value: Json): Json => {
    if (typeof value === "string") return leading(value)
    const first = list(value).findIndex((item) => typeof item["text"] === "string" && item["text"].trim() !== "")
    return list(value).map((item, at) => {
      const { text } = item
      return at === first && typeof text === "string" ? { ...item, text: leading(text) } : block(item, "system")
    })
  }

  const prompt = request["system"] === undefined ? {} : { system: system(request["system"]) }
  const messages = list(request["messages"]).map((message) => {
    const role = message["role"]
    const place = role === "system" ? "reminder" : role === "assistant" ? "assistant" : "user"
    return { ...message, content: content(message["content"], place) }
  })
  return { request: { ...request, ...prompt, messages }, texts }
}
