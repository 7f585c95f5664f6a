/** Parts of a conversation as Chat text and Chat parts (wire specification §4.2.2). */
import type { DocumentPart, ImagePart, ServerToolPart, ToolResult, UserPart } from "../conversation.ts"
import { asArray, asString, isObject, nonEmpty } from "../json.ts"
import type { Policy } from "../policy.ts"
import type { ChatPart } from "./wire.ts"

export const text = (value: string): ChatPart => ({ type: "text", text: value })

const image = (part: ImagePart, policy: Policy): ChatPart => {
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

const document = (part: DocumentPart, policy: Policy): ReadonlyArray<ChatPart> => {
  const { source } = part
  const title = heading(part)
  const lead = title === "" ? "" : `${title}\n`
  if (source.type === "text") return [text(lead + source.text)]
  if (source.type === "url") return [text(`${lead}[document at ${source.url}]`)]
  if (policy.pdf === "file" && source.mediaType === "application/pdf") {
    const file = {
      filename: nonEmpty(part.title) ?? "document.pdf",
      file_data: `data:${source.mediaType};base64,${source.data}`
    }
    const context = nonEmpty(part.context)
    return [...(context === undefined ? [] : [text(context)]), { type: "file", file }]
  }
  return [text(`${lead}[document omitted: this provider cannot read ${source.mediaType}]`)]
}

/** One part as the provider takes it, with what has to be said about it. */
export const userPart = (part: UserPart, policy: Policy): ReadonlyArray<ChatPart> =>
  part.type === "text" ? [text(part.text)] : part.type === "image" ? [image(part, policy)] : document(part, policy)

const failed = (content: string): string => {
  if (content === "") return "Error: the tool failed without output"
  return /^\s*(error|<tool_use_error>)/i.test(content) ? content : `Error: ${content}`
}

/** A tool result for the `tool` message, and the media that has to follow in a user message. */
export interface EncodedResult {
  readonly content: string | ReadonlyArray<ChatPart>
  readonly media: ReadonlyArray<ChatPart>
}

export const toolResult = (result: ToolResult, call: string, policy: Policy): EncodedResult => {
  const shown: Array<ChatPart> = []
  const media: Array<ChatPart> = []
  for (const part of result.parts.flatMap((given) => userPart(given, policy))) {
    if (part.type === "text" || (policy.resultMedia === "inline-parts" && part.type === "image_url")) shown.push(part)
    else {
      const name = `${part.type === "file" ? "document" : "image"} ${media.length / 2 + 1}`
      shown.push(text(`[${name} of this result is in the next user message]`))
      media.push(text(`[${name} of the result of ${call}]`), part)
    }
  }
  const texts = shown.flatMap((part) => (part.type === "text" ? [part.text] : []))
  if (texts.length < shown.length) return { content: result.isError ? failedParts(shown) : shown, media }
  const joined = texts.join("\n")
  return { content: result.isError ? failed(joined) : joined === "" ? policy.emptyResult : joined, media }
}

/** The mark of an error goes to the first words. */
const failedParts = (parts: ReadonlyArray<ChatPart>): ReadonlyArray<ChatPart> => {
  const first = parts.find((part) => part.type === "text")
  if (first === undefined) return [text(failed("")), ...parts]
  return parts.map((part) => (part === first ? text(failed(first.text)) : part))
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
