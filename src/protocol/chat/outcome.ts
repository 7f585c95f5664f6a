/** How a Chat answer ended: the finish words of all servers, and failures under HTTP 200 (wire specification §4.3). */
import { gatewayError, type GatewayError } from "../errors.ts"
import { isObject, type JsonObject } from "../json.ts"
import type { Finish } from "../turn.ts"

/** Finish words as they were seen, in lower case; any other word is a plain stop. */
const finishes: { readonly [word: string]: Finish["reason"] | "failed" } = {
  stop: "stop",
  eos: "stop",
  end_turn: "stop",
  complete: "stop",
  length: "length",
  max_tokens: "length",
  // the window is full: Mistral, GLM, and MiniMax's old interface
  model_length: "length",
  model_context_window_exceeded: "length",
  max_output: "length",
  tool_calls: "calls",
  tool_use: "calls",
  function_call: "calls",
  content_filter: "filter",
  sensitive: "filter",
  // Gemini's own words, as relays hand them on
  safety: "filter",
  recitation: "filter",
  blocklist: "filter",
  prohibited_content: "filter",
  spii: "filter",
  error: "failed",
  network_error: "failed",
  abort: "failed",
  insufficient_system_resource: "failed",
  // Gemini: the model wrote a call that its own server could not read, and which is lost
  function_call_filter: "failed",
  malformed_function_call: "failed",
  unexpected_tool_call: "failed"
}

/** Gemini says more behind a colon: `content_filter: PROHIBITED_CONTENT`. */
export const meaningOf = (word: string): Finish["reason"] | "failed" => {
  const [kind = ""] = word.toLowerCase().split(":", 1)
  return finishes[kind.trim()] ?? "stop"
}

/** MiniMax: every body carries a status, of which only 0 is a success. */
const hasFailedStatus = (status: unknown): boolean =>
  isObject(status) && typeof status["status_code"] === "number" && status["status_code"] !== 0

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || value === false || value === 0

/** Some relays send an `error` with every answer, in which nothing stands. */
export const hasError = ({ error }: JsonObject): boolean =>
  isObject(error) ? !Object.values(error).every(isNothing) : !isNothing(error)

/** A body that reports a failure under HTTP 200. */
export const isFailure = (body: JsonObject): boolean =>
  hasError(body) ||
  hasFailedStatus(body["base_resp"]) ||
  (body["choices"] === undefined &&
    (body["object"] === "error" ||
      body["success"] === false ||
      body["detail"] !== undefined ||
      typeof body["message"] === "string"))

/** The failure that a finish word tells, for want of better words. */
export const brokenFinish = (word: string, provider: string): GatewayError =>
  word === "insufficient_system_resource"
    ? gatewayError("overloaded_error", `${provider}: the provider ran out of resources (${word})`)
    : gatewayError("api_error", `${provider}: the provider ended the answer with "${word}"`, { status: 502 })
