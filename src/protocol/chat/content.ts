/** Pieces as Chat parts (wire specification §4.2.2). */
import type { CacheMark, TextPart, ToolResult, UserPart } from "../conversation.ts"
import type { Encoder } from "../encoding.ts"
import { resultPieces, userPieces, type Piece } from "../pieces.ts"
import type { ChatPart } from "./wire.ts"

const markOf = (cache: CacheMark | undefined) =>
  cache === undefined ? {} : { cache_control: { type: "ephemeral" as const, ...cache } }

export const text = (value: string, cache?: CacheMark): ChatPart => ({ type: "text", text: value, ...markOf(cache) })

const chatPart = (piece: Piece): ChatPart => {
  switch (piece.type) {
    case "text":
      return text(piece.text, piece.cache)
    case "image":
      return { type: "image_url", image_url: { url: piece.url }, ...markOf(piece.cache) }
    case "file":
      return { type: "file", file: { filename: piece.name, file_data: piece.data }, ...markOf(piece.cache) }
    case "link":
      return text(`[document at ${piece.url}]`, piece.cache) // this wire has no place for a file's address
  }
}

/** Texts as one string with something between them; as parts when a mark has to stand in its place. */
export const joined = (
  texts: ReadonlyArray<TextPart>,
  between: string,
  { policy }: Encoder
): string | ReadonlyArray<ChatPart> =>
  policy.cacheMarks === "parts" && texts.some((part) => part.cache !== undefined)
    ? texts.map((part) => text(part.text, part.cache))
    : texts.map((part) => part.text).join(between)

/** One part as the provider takes it, with what has to be said about it. */
export const userPart = (part: UserPart, encoder: Encoder): ReadonlyArray<ChatPart> =>
  userPieces(part, encoder).map(chatPart)

/** A tool result for the `tool` message, and the media that has to follow in a user message. */
export interface EncodedResult {
  readonly content: string | ReadonlyArray<ChatPart>
  readonly media: ReadonlyArray<ChatPart>
}

export const toolResult = (result: ToolResult, call: string, encoder: Encoder): EncodedResult => {
  const { content, media } = resultPieces(result, call, encoder)
  return { content: typeof content === "string" ? content : content.map(chatPart), media: media.map(chatPart) }
}
