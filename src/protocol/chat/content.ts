/** Pieces as Chat parts (wire specification §4.2.2). */
import type { ToolResult, UserPart } from "../conversation.ts"
import type { Encoder } from "../encoding.ts"
import { resultPieces, userPieces, type Piece } from "../pieces.ts"
import type { ChatPart } from "./wire.ts"

export const text = (value: string): ChatPart => ({ type: "text", text: value })

const chatPart = (piece: Piece): ChatPart => {
  switch (piece.type) {
    case "text":
      return text(piece.text)
    case "image":
      return { type: "image_url", image_url: { url: piece.url } }
    case "file":
      return { type: "file", file: { filename: piece.name, file_data: piece.data } }
    case "link":
      return text(`[document at ${piece.url}]`) // this wire has no place for a file's address
  }
}

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
