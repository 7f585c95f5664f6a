/**
 * Reads off the first bytes of an Anthropic stream whether an answer begins or a failure: providers report those under a
 * success status as well, and what has not begun can still be asked for elsewhere.
 */
import { isObject, parseJson } from "../json.ts"
import { sseParser } from "../sse.ts"

/** How a stream begins; the words of a failure are the data of its record. */
export type Opening = { readonly _tag: "answer" } | { readonly _tag: "failure"; readonly data: string }

export interface OpeningReader {
  /** Bytes of the stream, cut anywhere. Undefined while it could still be both. */
  readonly push: (bytes: Uint8Array) => Opening | undefined
  /** Nothing more comes: what the bytes that came are. */
  readonly end: () => Opening | undefined
}

/** What is longer has begun, whatever it is. */
const longest = 64 * 1024

const openingOf = (event: string, data: string): Opening | undefined => {
  const record = parseJson(data)
  const type = isObject(record) ? record["type"] : undefined
  if (event === "ping" || type === "ping") return undefined
  // without a type, an error is what another protocol's servers answer here
  const isFailure =
    event === "error" || type === "error" || (type === undefined && isObject(record) && isObject(record["error"]))
  return isFailure ? { _tag: "failure", data } : { _tag: "answer" }
}

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
      return opening
    }
  }
}
