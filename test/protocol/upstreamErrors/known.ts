/** The corpus by provider: failures as each provider sends them, and what the client must get. */
import type { About, GatewayError, UpstreamFailure } from "../../../src/protocol/errors.ts"
import { json } from "./case.ts"

/** What the client gets for each kind of failure; `fault` and the rest follow the status of the answer. */
export const outcomes = {
  "bad key": { status: 401, type: "authentication_error", shouldRetry: false },
  "no credit": { status: 402, type: "billing_error", shouldRetry: false },
  forbidden: { status: 403, type: "permission_error", shouldRetry: false },
  "unknown model": { status: 404, type: "not_found_error", shouldRetry: false },
  "rate limit": { status: 429, type: "rate_limit_error" },
  /** A limit that no wait of minutes lifts. */
  "used up": { status: 429, type: "rate_limit_error", shouldRetry: false },
  overload: { status: 529, type: "overloaded_error" },
  "bad request": { status: 400, type: "invalid_request_error" },
  overflow: { status: 400, type: "invalid_request_error", fault: "overflow" },
  "too large": { status: 413, type: "request_too_large" },
  timeout: { status: 504, type: "timeout_error" },
  fault: { status: 500, type: "api_error" },
  "bad gateway": { status: 502, type: "api_error" }
} as const satisfies { readonly [kind: string]: Pick<GatewayError, "status" | "type" | "shouldRetry" | "fault"> }

export type Kind = keyof typeof outcomes

/** One failure of a provider. */
export interface Known {
  readonly kind: Kind
  /** An HTTP answer, or the error object inside of an answer or a stream. */
  readonly given: { readonly response: UpstreamFailure } | { readonly inside: unknown }
  /** The provider's own words, as the client shall read them. */
  readonly says: string
  /** Seconds. */
  readonly wait?: number
  /** What makes the client compact or ask for less; for overflows only. */
  readonly sentence?: string
}

export interface Provider {
  /** As in the table of providers (wire specification §4.14). */
  readonly name: string
  /** The rows of our own table of providers that answer so. */
  readonly rows: ReadonlyArray<string>
  readonly about: Pick<About, "provider" | "model" | "host">
  readonly cases: ReadonlyArray<Known>
  /** What the provider never answers, with the reason in a comment. */
  readonly lacks?: ReadonlyArray<"bad key" | "rate limit" | "overflow">
}

export type More = Partial<Pick<Known, "says" | "wait" | "sentence">> & {
  readonly headers?: UpstreamFailure["headers"]
}

/** Any HTTP answer; `says` is what the client shall read of it. */
export const answer = (kind: Kind, response: UpstreamFailure, says: string, more: More = {}): Known => {
  const { headers, ...rest } = more
  return { kind, given: { response: { ...response, headers: headers ?? response.headers } }, says, ...rest }
}

/** An error object inside of a stream or of an answer with status 200. */
export const inside = (kind: Kind, value: unknown, says: string, more: Omit<More, "headers"> = {}): Known => ({
  kind,
  given: { inside: value },
  says,
  ...more
})

/** OpenAI's shape, which most providers share: `{"error":{"message","type","param","code"}}`. */
export const shared = (
  kind: Kind,
  status: number,
  message: string,
  [type, code = null, param = null]: readonly [
    type: string | null,
    code?: string | number | null,
    param?: string | null
  ],
  more: More = {}
): Known => answer(kind, json(status, { error: { message, type, param, code } }), message, more)

export const tooLong = (tokens: number, limit: number): { readonly sentence: string } => ({
  sentence: `prompt is too long: ${tokens} tokens > ${limit} maximum`
})
/** For overflows without numbers. */
export const tooLongSomehow = { sentence: "prompt is too long" }
export const tooMuchRoom = (input: number, output: number, limit: number): { readonly sentence: string } => ({
  sentence: `input length and \`max_tokens\` exceed context limit: ${input} + ${output} > ${limit}`
})
