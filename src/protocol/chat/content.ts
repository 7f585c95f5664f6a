/** Parts of a conversation as Chat text and Chat parts (wire specification §4.2.2). */
import type { DocumentPart, ImagePart, ServerToolPart, ToolResult, UserPart } from "../conversation.ts"
import { asArray, asString, isObject } from "../json.ts"
import type { ChatPolicy } from "./policy.ts"
import type { ChatPart } from "./wire.ts"

export const text = (value: string): ChatPart => ({ type: "text", text: value })

const image = (part: ImagePart, policy: ChatPolicy): ChatPart => {
  if (!policy.vision) return text("[image omitted: this model cannot read images]")
  const { source } = part
  if (source.type === "base64") {
    return { type: "image_url", image_url: { url: `data:${source.mediaType};base64,${source.data}` } }
  }
  return policy.imageUrls === "any"
    ? { type: "image_url", image_url: { url: source.url } }
    : text(`[image at ${source.url}]`)
}

const heading = (part: DocumentPart): string =>
  [part.title, part.context].filter((line) => line !== undefined && line !== "").join("\n")

const document = (part: DocumentPart, policy: ChatPolicy): ChatPart => {
  const { source } = part
  const title = heading(part)
  const lead = title === "" ? "" : `${title}\n`
  if (source.type === "text") return text(lead + source.text)
  if (source.type === "url") return text(`${lead}[document at ${source.url}]`)
  if (policy.pdf === "file" && source.mediaType === "application/pdf") {
    return {
      type: "file",
      file: {
        filename: part.title ?? "document.pdf",
        file_data: `data:${source.mediaType};base64,${source.data}`
      }
    }
  }
  return text(`${lead}[document omitted: this provider cannot read ${source.mediaType}]`)
}

export const userPart = (part: UserPart, policy: ChatPolicy): ChatPart =>
  part.type === "text" ? text(part.text) : part.type === "image" ? image(part, policy) : document(part, policy)

const failed = (content: string): string => {
  if (content === "") return "Error: the tool failed without output"
  return /^\s*(error|<tool_use_error>)/i.test(content) ? content : `Error: ${content}`
}

/** A tool result for the `tool` message, and the media that has to follow in a user message. */
export interface EncodedResult {
  readonly content: string | ReadonlyArray<ChatPart>
  readonly media: ReadonlyArray<ChatPart>
}

export const toolResult = (result: ToolResult, call: string, policy: ChatPolicy): EncodedResult => {
  const parts = result.parts.map((part) => userPart(part, policy))
  const texts: Array<string> = []
  const media: Array<ChatPart> = []
  const inline: Array<ChatPart> = []
  for (const part of parts) {
    if (part.type === "text") texts.push(part.text)
    else if (policy.resultMedia === "inline-parts" && part.type === "image_url") inline.push(part)
    else {
      const kind = part.type === "file" ? "document" : "image"
      const name = `${kind} ${media.length / 2 + 1}`
      texts.push(`[${name} of this result is in the next user message]`)
      media.push(text(`[${name} of the result of ${call}]`), part)
    }
  }
  const joined = texts.join("\n")
  const shown = result.isError ? failed(joined) : joined === "" && inline.length === 0 ? policy.emptyResult : joined
  return { content: inline.length === 0 ? shown : [...(shown === "" ? [] : [text(shown)]), ...inline], media }
}

/** A server tool of an earlier answer as text: it must not look like a call, since nothing would answer it (N12). */
export const serverTool = (part: ServerToolPart): string => {
  const query = isObject(part.input) ? asString(part.input["query"]) : undefined
  const head =
    part.name === "web_search" && query !== undefined
      ? `[web search: ${query}]`
      : `[${part.name}] ${JSON.stringify(part.input ?? {})}`
  if (part.result === undefined) return head
  const hits = asArray(part.result).flatMap((hit) =>
    isObject(hit) && typeof hit["url"] === "string" ? [`${asString(hit["title"]) ?? hit["url"]} — ${hit["url"]}`] : []
  )
  return [head, ...(hits.length > 0 ? hits : [JSON.stringify(part.result)])].join("\n")
}
