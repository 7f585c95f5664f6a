/** What is written to a client: text that was made here, or bytes as a provider sent them. */
import { joinBytes } from "../upstream/collect.ts"

export type Piece = string | Uint8Array

const utf8 = new TextEncoder()

export const isText = (piece: Piece): piece is string => typeof piece === "string"

/** The piece as bytes. */
export const bytesOf = (piece: Piece): Uint8Array => (isText(piece) ? utf8.encode(piece) : piece)

/** All pieces in one; text as long as all of them are. */
export const joined = (pieces: ReadonlyArray<Piece>): Piece =>
  pieces.every(isText) ? pieces.join("") : joinBytes(pieces.map(bytesOf))
