/** Errors as the client sees them: the closed set of types, their statuses, body and headers. */
import { maskSecrets } from "./secrets.ts"

/** The closed set of `error.type` values on the Anthropic wire. */
export type ErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "billing_error"
  | "permission_error"
  | "not_found_error"
  | "conflict_error"
  | "request_too_large"
  | "rate_limit_error"
  | "api_error"
  | "timeout_error"
  | "overloaded_error"

/**
 * What status and type do not tell, and what decides whom to ask next: the prompt is too long for the model; the provider
 * cannot read reasoning that it got back; the request never left this machine; a deadline of ours passed; claudex itself
 * is at fault.
 */
export type Fault = "overflow" | "reasoning" | "unsent" | "deadline" | "own"

/**
 * One failure, ready for the client: HTTP status, Anthropic type, text without secrets, and what to do next. `gatewayError`
 * makes one; the tag is for programs that catch it among other errors.
 */
export interface GatewayError {
  readonly _tag: "GatewayError"
  readonly status: number
  readonly type: ErrorType
  readonly message: string
  /** Whole seconds, at least 1. */
  readonly retryAfter?: number
  /** Sent as `x-should-retry`; absent leaves the decision to the client. */
  readonly shouldRetry?: boolean
  readonly fault?: Fault
}

/** The HTTP status that goes with a type when nothing more special is known. */
export const statusOf: { readonly [type in ErrorType]: number } = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529
}

/** Builds an error; the status follows from the type unless given. Secrets in the message are masked here, for all. */
export const gatewayError = (
  type: ErrorType,
  message: string,
  extra: Partial<Pick<GatewayError, "status" | "retryAfter" | "shouldRetry" | "fault">> = {}
): GatewayError => ({ _tag: "GatewayError", status: statusOf[type], type, message: maskSecrets(message), ...extra })

/** The answer stopped before the provider said that it was complete. */
export const endedEarly = (provider: string): GatewayError =>
  gatewayError("api_error", `${provider}: the upstream stream ended early`, { status: 502 })

/** The error as a response body, or as the data of an `error` event. */
export const errorBody = (error: GatewayError, requestId?: string): object => ({
  type: "error",
  error: { type: error.type, message: error.message },
  ...(requestId === undefined ? {} : { request_id: requestId })
})

/** Headers that tell the client whether and when to try again. */
export const errorHeaders = (error: GatewayError): Record<string, string> => ({
  ...(error.retryAfter === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(error.retryAfter))) }),
  ...(error.shouldRetry === undefined ? {} : { "x-should-retry": String(error.shouldRetry) })
})
