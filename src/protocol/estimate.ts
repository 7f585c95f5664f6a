/**
 * Local token estimates (wire specification §4.12): cheap enough for 26 at once, good enough for a context meter. The
 * provider's own count replaces them as soon as there is one.
 */
import { asArray, isDeeperThan, isObject, maxNesting } from "./json.ts"

const perMessage = 4
const perImage = 1_600
const perPdfPage = 3_000
/** What a PDF page weighs when only the size of the file is known, in base64 characters. */
const pdfPageSize = 64 * 1024

/** Tokens of a text: a quarter of its UTF-8 bytes, or nine tenths of its characters where those are mostly CJK. */
export const textTokens = (text: string): number => {
  let bytes = 0
  let wide = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) bytes += 1
    else if (code < 0x800) bytes += 2
    else if (code >= 0xd800 && code < 0xdc00) {
      bytes += 4
      i += 1
    } else {
      bytes += 3
      if (code >= 0x2e80) wide += 1
    }
  }
  return Math.ceil(wide * 2 > text.length ? text.length * 0.9 : bytes / 4)
}

const media = (source: unknown): number | undefined => {
  if (!isObject(source) || typeof source["data"] !== "string") return undefined
  const type = source["media_type"] ?? source["mediaType"]
  if (typeof type !== "string" || !type.includes("pdf")) return undefined
  return Math.max(1, Math.ceil(source["data"].length / pdfPageSize)) * perPdfPage
}

const valueTokens = (value: unknown): number => {
  if (typeof value === "string") return textTokens(value)
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + valueTokens(item), 0)
  if (!isObject(value)) return value === undefined || value === null ? 0 : 1
  if (value["type"] === "image") return perImage
  const pdf = value["type"] === "document" ? media(value["source"]) : undefined
  if (pdf !== undefined) return pdf
  let sum = 0
  for (const key in value) if (key !== "cache_control" && key !== "signature") sum += valueTokens(value[key])
  return sum
}

/**
 * Prompt tokens of anything with `system`, `messages` and `tools`: a raw Anthropic body or a Conversation. 0 for what
 * no request can be.
 */
export const estimateTokens = (request: unknown): number => {
  if (!isObject(request) || isDeeperThan(maxNesting, request)) return 0
  const messages = asArray(request["messages"])
  const tools = asArray(request["tools"]).reduce<number>((sum, tool) => sum + JSON.stringify(tool).length, 0)
  return valueTokens(request["system"]) + valueTokens(messages) + messages.length * perMessage + Math.ceil(tools / 4)
}
