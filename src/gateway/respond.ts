/** Responses in the client's terms. */
import { HttpServerResponse } from "@effect/platform"
import { errorBody, errorHeaders, type GatewayError } from "../protocol/errors.ts"
import type { Exchange } from "./Exchange.ts"

type Headers = Readonly<Record<string, string>>

const utf8 = new TextEncoder()
const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`

/** Clients refuse answers with more than 16 kB of headers, and a request may name its model at any length. */
const longest = 256

/** Anything outside printable ASCII, percent-encoded: names come from the user's configuration. */
const headerValue = (text: string): string =>
  text.slice(0, longest).replace(/[^\x20-\x7e]+/g, (part) => Array.from(utf8.encode(part), percent).join(""))

/** What every answer carries: who answered, and by what id to ask for the log line. */
export const exchangeHeaders = (exchange: Exchange): Headers => ({
  "request-id": exchange.id,
  ...(exchange.profile === undefined ? {} : { "x-claudex-profile": headerValue(exchange.profile) }),
  ...(exchange.tries === undefined ? {} : { "x-claudex-attempts": String(exchange.tries) }),
  ...(exchange.losses === undefined ? {} : { "x-claudex-losses": String(exchange.losses.length) }),
  ...(exchange.served === undefined ? {} : { "x-claudex-model": headerValue(exchange.served) })
})

/** JSON that is already text. */
export const jsonText = (exchange: Exchange, text: string, headers: Headers = {}, status = 200) => {
  exchange.status = status
  return HttpServerResponse.text(text, {
    status,
    contentType: "application/json",
    headers: { ...exchangeHeaders(exchange), ...headers }
  })
}

export const json = (exchange: Exchange, value: unknown, headers: Headers = {}, status = 200) =>
  jsonText(exchange, JSON.stringify(value), headers, status)

/** A success without a body. */
export const empty = (exchange: Exchange) => {
  exchange.status = 200
  return HttpServerResponse.empty({ status: 200, headers: exchangeHeaders(exchange) })
}

export const failure = (exchange: Exchange, error: GatewayError, headers: Headers = {}) => {
  exchange.failure = `${error.type}: ${error.message}`
  return json(exchange, errorBody(error, exchange.id), { ...headers, ...errorHeaders(error) }, error.status)
}
