/** What requests in both OpenAI protocols say alike: media, arguments, choices, efforts. Read leniently. */
import type { DocumentPart, Effort, ImagePart, TextPart, ToolChoice } from "./conversation.ts"
import { asString, isDeeperThan, isObject, maxNesting, nonEmpty, parseJson, type JsonObject } from "./json.ts"

/** Reports what makes the request unusable; the first report becomes the client's 400. */
export type Fault = (path: string, message: string) => void

export const textPart = (text: string): TextPart => ({ type: "text", text })

const dataUrl = /^data:([^;,]+);base64,(.*)$/s

/** An image by its address, which may hold the image itself. */
export const imageAt = (url: string): ImagePart => {
  const [, mediaType, data] = dataUrl.exec(url) ?? []
  return mediaType !== undefined && data !== undefined
    ? { type: "image", source: { type: "base64", mediaType, data } }
    : { type: "image", source: { type: "url", url } }
}

/** A file as `{filename?, file_data}` or `{file_url}`; undefined when it holds neither. */
export const documentOf = (file: JsonObject): DocumentPart | undefined => {
  const [, mediaType, data] = dataUrl.exec(asString(file["file_data"]) ?? "") ?? []
  const title = nonEmpty(file["filename"])
  const named = title === undefined ? {} : { title }
  if (mediaType !== undefined && data !== undefined)
    return { type: "document", source: { type: "base64", mediaType, data }, ...named }
  const url = nonEmpty(file["file_url"])
  return url === undefined ? undefined : { type: "document", source: { type: "url", url }, ...named }
}

/** The arguments of a call: JSON text, or what it says; nothing counts as no arguments, nesting too deep as no JSON. */
export const inputOf = (args: unknown): unknown => {
  const input = typeof args === "string" ? parseJson(args === "" ? "{}" : args) : (args ?? {})
  return isDeeperThan(maxNesting, input) ? undefined : input
}

const choices: { readonly [word: string]: ToolChoice } = {
  auto: { type: "auto" },
  none: { type: "none" },
  required: { type: "any" }
}

/** A tool choice in words. */
export const choiceWord = (word: string): ToolChoice | undefined =>
  Object.hasOwn(choices, word) ? choices[word] : undefined

const efforts: { readonly [word: string]: Effort } = {
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "xhigh",
  max: "max"
}

export const effortOf = (word: string | undefined): Effort | undefined =>
  word !== undefined && Object.hasOwn(efforts, word) ? efforts[word] : undefined

export const optional = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V } // TS widens computed keys

export const number = (value: unknown): number | undefined =>
  typeof value === "number" && value >= 0 ? value : undefined

/** A JSON Schema inside of `{schema}`. */
export const schemaIn = (format: unknown): unknown => (isObject(format) ? format["schema"] : undefined)
