/**
 * What a conversation's parts become for one provider, before a protocol writes them down (wire specification §4.2.2,
 * §4.5): what the policy rules out is text already, so that both protocols decide the same.
 */
import type { CacheMark, DocumentPart, ImagePart, ServerToolPart, ToolResult, UserPart } from "./conversation.ts"
import type { Encoder } from "./encoding.ts"
import { asArray, asString, isObject, nonEmpty } from "./json.ts"

interface Marked {
  /** The client wants the prompt cached up to here. */
  readonly cache?: CacheMark
}

/** Text, an image as a data URL or an address, a file as a data URL, or (Responses only) the address of one. */
export type Piece =
  | ({ readonly type: "text"; readonly text: string } & Marked)
  | ({ readonly type: "image"; readonly url: string } & Marked)
  | ({ readonly type: "file"; readonly name: string; readonly data: string } & Marked)
  | ({ readonly type: "link"; readonly url: string } & Marked)

export const textPiece = (text: string): Piece => ({ type: "text", text })

/** The pieces of one part with its mark behind the last one; Responses has no place for marks. */
const marked = (
  pieces: ReadonlyArray<Piece>,
  { cache }: Marked,
  { policy, protocol }: Encoder
): ReadonlyArray<Piece> => {
  const last = pieces.at(-1)
  return cache === undefined || policy.cacheMarks === "none" || protocol === "responses" || last === undefined
    ? pieces
    : [...pieces.slice(0, -1), { ...last, cache }]
}

const placeOf = (part: { readonly at?: string }): string => part.at ?? "messages"

const mediaType = /^[\w.+-]+\/[\w.+-]+$/

const isBase64 = (data: string): boolean => {
  // A search, for it takes no stack however long the data is.
  const end = data.search(/[^A-Za-z0-9+/_-]/)
  return data !== "" && (end === -1 || (end > 0 && /^={1,2}$/.test(data.slice(end))))
}

/** Undefined for what no provider could read: it would refuse this request, and each later one of the conversation. */
const dataUrl = (source: { readonly mediaType: string; readonly data: string }): string | undefined => {
  // Some writers of base64 break its lines.
  const data = isBase64(source.data) ? source.data : source.data.replaceAll(/\s/g, "")
  return mediaType.test(source.mediaType) && isBase64(data) ? `data:${source.mediaType};base64,${data}` : undefined
}

const image = (part: ImagePart, { lose, policy }: Encoder): Piece => {
  if (!policy.vision) {
    lose("replaced", placeOf(part), "the image became a note", "this model cannot read images")
    return textPiece("[image omitted: this model cannot read images]")
  }
  const { source } = part
  if (source.type === "base64") {
    const url = dataUrl(source)
    if (url !== undefined) return { type: "image", url }
    lose("replaced", placeOf(part), "the image became a note", "its data is no base64 of a media type")
    return textPiece("[image omitted: its data cannot be read]")
  }
  if (policy.imageUrls === "any") return { type: "image", url: source.url }
  lose("replaced", placeOf(part), "the image became its address", "the provider takes images as data only")
  return textPiece(`[image at ${source.url}]`)
}

const heading = (part: DocumentPart): string =>
  [part.title, part.context].filter((line) => line !== undefined && line !== "").join("\n")

const document = (part: DocumentPart, { lose, policy, protocol }: Encoder): ReadonlyArray<Piece> => {
  const { source } = part
  const title = heading(part)
  const lead = title === "" ? "" : `${title}\n`
  if (source.type === "text") return [textPiece(lead + source.text)]
  const before = (line: string | undefined) => (line === undefined || line === "" ? [] : [textPiece(line)])
  if (source.type === "url") {
    if (policy.pdf === "file" && protocol === "responses") return [...before(title), { type: "link", url: source.url }]
    lose("replaced", placeOf(part), "the document became its address", "the provider does not fetch documents")
    return [textPiece(`${lead}[document at ${source.url}]`)]
  }
  if (policy.pdf === "text" && source.text !== undefined) {
    lose("replaced", placeOf(part), "the document became its text", "the provider does not read such documents")
    return [textPiece(`${lead}${source.text}`)]
  }
  if (policy.pdf === "file" && source.mediaType === "application/pdf") {
    const data = dataUrl(source)
    if (data !== undefined)
      return [...before(part.context), { type: "file", name: nonEmpty(part.title) ?? "document.pdf", data }]
    lose("replaced", placeOf(part), "the document became a note", "its data is no base64")
    return [textPiece(`${lead}[document omitted: its data cannot be read]`)]
  }
  lose("replaced", placeOf(part), "the document became a note", "the provider cannot read such files")
  return [textPiece(`${lead}[document omitted: this provider cannot read ${source.mediaType}]`)]
}

/** One part as the provider takes it, with what has to be said about it. */
export const userPieces = (part: UserPart, encoder: Encoder): ReadonlyArray<Piece> => {
  if (part.type === "text") return marked([textPiece(part.text)], part, encoder)
  return marked(part.type === "image" ? [image(part, encoder)] : document(part, encoder), part, encoder)
}

/** A tool result: text, or pieces when media may stand in it; `media` has to follow in a user message. */
export interface ResultPieces {
  readonly content: string | ReadonlyArray<Piece>
  readonly media: ReadonlyArray<Piece>
}

const failed = (content: string): string => {
  if (content === "") return "Error: the tool failed without output"
  return /^\s*(error|<tool_use_error>)/i.test(content) ? content : `Error: ${content}`
}

/** The mark of an error goes to the first words. */
const failedPieces = (pieces: ReadonlyArray<Piece>): ReadonlyArray<Piece> => {
  const first = pieces.find((piece) => piece.type === "text")
  if (first === undefined) return [textPiece(failed("")), ...pieces]
  return pieces.map((piece) => (piece === first ? { ...first, text: failed(first.text) } : piece))
}

/** Chat servers that take media in results take images only. */
const standsInResult = (piece: Piece, { policy, protocol }: Encoder): boolean =>
  piece.type === "text" ||
  (policy.resultMedia === "inline-parts" && (piece.type === "image" || protocol === "responses"))

/** `call` names the call for what stands elsewhere. */
export const resultPieces = (result: ToolResult, call: string, encoder: Encoder): ResultPieces => {
  const { lose, policy } = encoder
  const shown: Array<Piece> = []
  const media: Array<Piece> = []
  if (result.isError)
    lose("replaced", placeOf(result), "the failure is told in words", "the protocol has no mark for it")
  for (const piece of result.parts.flatMap((part) => userPieces(part, encoder))) {
    if (standsInResult(piece, encoder)) shown.push(piece)
    else {
      const kind = piece.type === "image" ? "image" : "document"
      const name = `${kind} ${media.length / 2 + 1}`
      lose("moved", placeOf(result), `the ${kind} follows in a user message`, "a result holds text only there")
      shown.push(textPiece(`[${name} of this result is in the next user message]`))
      media.push(textPiece(`[${name} of the result of ${call}]`), piece)
    }
  }
  const texts = shown.flatMap((piece) => (piece.type === "text" && piece.cache === undefined ? [piece.text] : []))
  if (texts.length < shown.length) return { content: result.isError ? failedPieces(shown) : shown, media }
  const joined = texts.join("\n")
  if (result.isError) return { content: failed(joined), media }
  if (joined !== "" || policy.emptyResult === "") return { content: joined, media }
  lose("added", placeOf(result), "words for an empty result", "the provider refuses empty results")
  return { content: policy.emptyResult, media }
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

/** The same within a request, on the record. */
export const serverToolText = (part: ServerToolPart, { lose }: Encoder): string => {
  lose("replaced", placeOf(part), `a use of ${part.name} became text`, "only who ran the tool knows it as a call")
  return serverTool(part)
}
