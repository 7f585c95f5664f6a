/** The vendor's own client as a judge: what its accumulators make of a stream. */
import Anthropic, { APIConnectionError, APIError } from "@anthropic-ai/sdk"
import { isJsonObject, type JsonObject } from "../../../../src/testing/json.ts"

export type SdkVerdict =
  /** A complete message. */
  | { readonly type: "message"; readonly message: JsonObject }
  /** The error event was understood as such. */
  | { readonly type: "api-error"; readonly body: unknown }
  /** Anything else: the client could not make sense of the stream. */
  | { readonly type: "confused"; readonly why: string }

/** A client whose only server answers with this text. */
const clientOf = (sse: string): Anthropic =>
  new Anthropic({
    apiKey: "test",
    maxRetries: 0,
    logLevel: "off",
    fetch: () => Promise.resolve(new Response(sse, { headers: { "content-type": "text/event-stream" } }))
  })

const params = { model: "m", max_tokens: 1, messages: [{ role: "user" as const, content: "hi" }] }

const verdictOf = async (message: Promise<unknown>): Promise<SdkVerdict> => {
  try {
    const value: unknown = JSON.parse(JSON.stringify(await message))
    return isJsonObject(value) ? { type: "message", message: value } : { type: "confused", why: String(value) }
  } catch (error) {
    return error instanceof APIError && !(error instanceof APIConnectionError)
      ? { type: "api-error", body: error.error }
      : { type: "confused", why: String(error) }
  }
}

/** What `client.messages.stream()` makes of it. */
export const readWithSdk = (sse: string): Promise<SdkVerdict> =>
  verdictOf(clientOf(sse).messages.stream(params).finalMessage())

/** What `client.beta.messages.stream()` makes of it; Claude Code uses this one. */
export const readWithBetaSdk = (sse: string): Promise<SdkVerdict> =>
  verdictOf(clientOf(sse).beta.messages.stream(params).finalMessage())
