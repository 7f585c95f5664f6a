/** What a client heard, and whether it may be so. */
import type { IncomingHttpHeaders } from "node:http"
import { prefixViolations, streamViolations } from "../../src/testing/anthropicGrammar.ts"
import { accumulateSse } from "../../src/testing/anthropicMessage.ts"
import { isSaid } from "../../src/testing/faults.ts"
import { isJsonObject } from "../../src/testing/json.ts"
import { readWithBetaSdk } from "../protocol/laws/support/sdk.ts"

export interface Heard {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly complete: boolean
}

export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a client takes for a finished answer must be what a provider said to its end. */
const unsaid = (message: unknown, complete: boolean): ReadonlyArray<string> =>
  !complete || (isJsonObject(message) && isSaid(message["content"]))
    ? []
    : [`a finished message that nobody said: ${JSON.stringify(message).slice(0, 300)}`]

/** The vendor's client; what is too long for it to be quick says the same as others. */
const confuses = async (text: string): Promise<ReadonlyArray<string>> => {
  const verdict = text.length > 1_000_000 ? undefined : await readWithBetaSdk(text)
  return verdict?.type === "confused" ? [`the vendor's client is confused: ${verdict.why}`] : []
}

/** What kind of answer it is, and what is wrong with it. */
export const judge = async ({ complete, headers, status, text }: Heard, stream: boolean, passed: boolean) => {
  const isStream = (headers["content-type"] ?? "").startsWith("text/event-stream")
  // a provider of the client's own protocol may stream whatever was asked: that is handed on
  if (isStream && !stream && !passed) return { kind: "?", wrong: ["a stream for a client that wants a whole answer"] }
  if (isStream) {
    const heard = accumulateSse(text)
    const said = unsaid(heard.message, complete && heard.complete && heard.error === undefined)
    // handed on as it came: what the provider wrote is the provider's; it must not look finished when it is not
    if (passed) return { kind: complete ? "handed on" : "cut", wrong: said }
    const wrong = complete ? streamViolations(text) : prefixViolations(text)
    return {
      kind: heard.error === undefined ? "message" : "error event",
      wrong: complete ? [...wrong, ...said, ...(await confuses(text))] : ["a translated stream was cut", ...wrong]
    }
  }
  const body = parsed(text)
  if (status >= 400) {
    const error = isJsonObject(body) ? body["error"] : undefined
    const fine = isJsonObject(error) && typeof error["type"] === "string" && typeof error["message"] === "string"
    return {
      kind: String(status),
      wrong: fine || passed ? [] : [`${status} without an error in Anthropic's shape: ${text.slice(0, 200)}`]
    }
  }
  const fine = isJsonObject(body) && body["type"] === "message"
  if (fine) return { kind: "whole message", wrong: unsaid(body, complete) }
  return { kind: "whole message", wrong: passed ? [] : [`a success that is no message: ${text.slice(0, 200)}`] }
}
