/**
 * Reads off the first bytes of an Anthropic stream whether an answer begins or a failure: providers report those under a
 * success status as well, and what has not begun can still be asked for elsewhere.
 */
import { reportOf } from "../errorReport.ts"
import { isObject, parseJson } from "../json.ts"
import { isKeepAlive } from "../keepAlive.ts"
import { sseParser } from "../sse.ts"

/** How a stream begins; the words of a failure are the data of its record. */
export type Opening = { readonly _tag: "answer" } | { readonly _tag: "failure"; readonly data: string }

export interface OpeningReader {
  /** Bytes of the stream, cut anywhere. Undefined while it could still be both. */
  readonly push: (bytes: Uint8Array) => Opening | undefined
  /** Nothing more comes: what a last record without its blank line is. Undefined where it is only a piece of one. */
  readonly end: () => Opening | undefined
}

/** What is longer has begun, whatever it is. */
const longest = 64 * 1024

/** What other protocols' servers answer here: an error of some kind, without the type that each record of ours has. */
const isForeignFailure = (value: unknown): boolean =>
  typeof value === "object" && !(isObject(value) && "type" in value) && reportOf(value).message !== ""

const openingOf = (event: string, data: string): Opening | undefined => {
  const value = parseJson(data)
  const type = isObject(value) ? value["type"] : undefined
  if (event === "error" || type === "error") return { _tag: "failure", data }
  if (event === "ping" || type === "ping" || (value === undefined && isKeepAlive(data))) return undefined
  return isForeignFailure(value) ? { _tag: "failure", data } : { _tag: "answer" }
}

const isPiece = (data: string): boolean => data.startsWith("{") && parseJson(data) === undefined

export const openingReader = (): OpeningReader => {
  let opening: Opening | undefined
  let size = 0
  const utf8 = new TextDecoder()
  const parser = sseParser(
    (event, data) => {
      opening ??= openingOf(event, data)
    },
    () => {}
  )
  return {
    push: (bytes) => {
      size += bytes.length
      parser.push(utf8.decode(bytes.subarray(0, longest), { stream: true }))
      if (size > longest) opening ??= { _tag: "answer" }
      return opening
    },
    end: () => {
      parser.end()
      return opening?._tag === "failure" && isPiece(opening.data) ? undefined : opening
    }
  }
}
