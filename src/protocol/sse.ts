/**
 * Server-sent events: bytes of any cut to records, and records to text. Lenient in what it reads: LF, CRLF and CR
 * line ends, one BOM, comments, `data` over several lines, a last record without its blank line. `id` and `retry`
 * are ignored. Linear in the size of the input however it is cut.
 */

import { isObject, parseJson } from "./json.ts"

/** One dispatched record. `event` is "" when the record named none; `data` is never empty. */
export type OnRecord = (event: string, data: string) => void

export interface SseParser {
  /** Decoded text, cut anywhere. */
  readonly push: (text: string) => void
  /** The body ended: a record that still waits for its blank line is dispatched. */
  readonly end: () => void
}

/** A record of more characters than this is refused: nothing that is not a fault or an attack is as large. */
export const maxRecordLength = 32 * 1024 * 1024

/**
 * What never follows a whole object in one record. Some servers leave out the empty lines between records.
 * [rexxars/eventsource-parser#31]
 */
const beginsRecord = /^(\{|\[DONE\])/

export const sseParser = (onRecord: OnRecord, onTooLarge: () => void): SseParser => {
  let event = ""
  /** The name that held when the data began. */
  let named = ""
  let data: Array<string> = []
  let dataLength = 0
  /** The pieces of a line whose end has not been seen, so that a long line is joined once. */
  let partial: Array<string> = []
  let partialLength = 0
  /** The last piece ended in CR: an LF that follows belongs to the same line end. */
  let afterCr = false

  const dispatchAs = (name: string) => {
    if (data.length === 0) return
    const text = data.length === 1 ? (data[0] ?? "") : data.join("\n")
    data = []
    dataLength = 0
    if (text !== "") onRecord(name, text)
  }

  const dispatch = () => {
    const name = event
    event = ""
    dispatchAs(name)
  }

  const addData = (text: string) => {
    const [only = ""] = data
    // a name that came behind that data is the next record's
    if (data.length === 1 && beginsRecord.test(text) && isObject(parseJson(only))) dispatchAs(named)
    if (data.length === 0) named = event
    data.push(text)
    dataLength += text.length
    if (dataLength > maxRecordLength) onTooLarge()
  }

  const line = (text: string) => {
    if (text === "") return dispatch()
    const colon = text.indexOf(":")
    if (colon === 0) return
    const name = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? "" : text.slice(text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    if (name === "data") addData(value)
    else if (name === "event") event = value
    else if (name === "error") {
      // older llama.cpp servers write a failure as an SSE field of this name
      event = "error"
      addData(value)
    } else if (text.startsWith("{")) addData(text) // a bare JSON line between records: some relays report failures so
  }

  const push = (text: string) => {
    let from = 0
    if (afterCr && text !== "") {
      afterCr = false
      if (text.charCodeAt(0) === 10) from = 1
    }
    let lf = text.indexOf("\n", from)
    let cr = text.indexOf("\r", from)
    while (lf !== -1 || cr !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr
      const rest = text.slice(from, end)
      if (partial.length === 0) line(rest)
      else {
        partial.push(rest)
        const whole = partial.join("")
        partial = []
        partialLength = 0
        line(whole)
      }
      from = end + 1
      if (end === cr) {
        if (from === text.length) afterCr = true
        else if (text.charCodeAt(from) === 10) from += 1
        cr = text.indexOf("\r", from)
      }
      if (lf !== -1 && lf < from) lf = text.indexOf("\n", from)
    }
    if (from < text.length) {
      partial.push(from === 0 ? text : text.slice(from))
      partialLength += text.length - from
      if (partialLength > maxRecordLength) onTooLarge()
    }
  }

  const end = () => {
    if (partial.length > 0) {
      const whole = partial.join("")
      partial = []
      partialLength = 0
      line(whole)
    }
    dispatch()
  }

  return { push, end }
}

/** One record as text. `json` must be the output of JSON.stringify, which holds no line ends. */
export const sseRecord = (event: string, json: string): string => `event: ${event}\ndata: ${json}\n\n`

/** A record without an event name, as OpenAI servers send them. */
export const sseData = (json: string): string => `data: ${json}\n\n`
