/**
 * Local token estimates (wire specification §4.12): cheap enough for 26 at once, good enough for a context meter. The
 * provider's own count replaces them as soon as there is one.
 */
import { asArray, isObject, maxNesting } from "./json.ts"

const perMessage = 4
const perImage = 1_600
const perPdfPage = 3_000
/** What a PDF page weighs when only the size of the file is known, in base64 characters. */
const pdfPageSize = 64 * 1024

/** Longer texts are judged by evenly spaced samples of this many characters, `samples` of them. */
const sampleSize = 64
const samples = 16

/** Tokens of `text` between two positions, not rounded. */
const count = (text: string, from: number, to: number): number => {
  let bytes = 0
  let wide = 0
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) bytes += 1
    else if (code < 0x800) bytes += 2
    else if (code >= 0xd800 && code < 0xe000) bytes += 2 // half of a pair
    else {
      bytes += 3
      if (code >= 0x2e80) wide += 1
    }
  }
  return wide * 2 > to - from ? (to - from) * 0.9 : bytes / 4
}

/** Tokens of a text: a quarter of its UTF-8 bytes, or nine tenths of its characters where those are mostly CJK. */
export const textTokens = (text: string): number => {
  const { length } = text
  if (length <= 2 * samples * sampleSize) return Math.ceil(count(text, 0, length))
  let sum = 0
  for (let n = 0; n < samples; n++) {
    const from = Math.floor((n * (length - sampleSize)) / (samples - 1))
    sum += count(text, from, from + sampleSize)
  }
  return Math.ceil((sum * length) / (samples * sampleSize))
}

/** Twentieths of a token per character: a quarter of its UTF-8 bytes, or nine tenths where it is CJK. */
const weightOf = (code: number): number => {
  if (code < 0x80) return 5
  if (code < 0x800) return 10
  if (code >= 0xd800 && code < 0xe000) return 10 // half of a pair
  return code < 0x2e80 ? 15 : 18
}

/** A text's weight in twentieths of a token: that of its pieces together, wherever it is cut. */
export const textWeight = (text: string): number => {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum += weightOf(text.charCodeAt(i))
  return sum
}

/** Tokens by weight. */
export const weightTokens = (weight: number): number => Math.ceil(weight / 20)

const media = (source: unknown): number | undefined => {
  if (!isObject(source) || typeof source["data"] !== "string") return undefined
  const type = source["media_type"] ?? source["mediaType"]
  if (typeof type !== "string" || !type.includes("pdf")) return undefined
  return Math.max(1, Math.ceil(source["data"].length / pdfPageSize)) * perPdfPage
}

/** What is nested deeper than `left` levels counts as no number, and so does whatever holds it. */
const valueTokens = (value: unknown, left: number): number => {
  if (typeof value === "string") return textTokens(value)
  if (typeof value !== "object" || value === null) return value === undefined || value === null ? 0 : 1
  if (left === 0) return Number.NaN
  let sum = 0
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) sum += valueTokens(value[at], left - 1)
    return sum
  }
  if (!isObject(value)) return 0
  if (value["type"] === "image") return perImage
  const pdf = value["type"] === "document" ? media(value["source"]) : undefined
  if (pdf !== undefined) return pdf
  for (const key in value) if (key !== "cache_control" && key !== "signature") sum += valueTokens(value[key], left - 1)
  return sum
}

/** The length of the value as JSON, but for escapes; no number where it is nested too deep. */
const jsonLength = (value: unknown, left: number): number => {
  if (typeof value === "string") return value.length + 2
  if (typeof value !== "object" || value === null) return String(value).length
  if (left === 0) return Number.NaN
  let sum = 1
  if (Array.isArray(value)) for (let at = 0; at < value.length; at++) sum += jsonLength(value[at], left - 1) + 1
  else if (isObject(value))
    for (const key in value) if (value[key] !== undefined) sum += key.length + 4 + jsonLength(value[key], left - 1)
  return Math.max(2, sum)
}

/**
 * Prompt tokens of anything with `system`, `messages` and `tools`: a raw Anthropic body or a Conversation. 0 for what
 * no request can be.
 */
export const estimateTokens = (request: unknown): number => {
  if (!isObject(request)) return 0
  const messages = asArray(request["messages"])
  let tools = 0
  for (const tool of asArray(request["tools"])) tools += jsonLength(tool, maxNesting)
  const total = valueTokens(request["system"], maxNesting) + valueTokens(messages, maxNesting)
  return total + messages.length * perMessage + Math.ceil(tools / 4) || 0
}
