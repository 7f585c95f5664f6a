/** Errors as the client sees them, and how upstream failures become them. */

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

/** One failure, ready for the client: HTTP status, Anthropic type, text without secrets, and what to do next. */
export interface GatewayError {
  readonly status: number
  readonly type: ErrorType
  readonly message: string
  /** Whole seconds, at least 1. */
  readonly retryAfter?: number
  /** Sent as `x-should-retry`; absent leaves the decision to the client. */
  readonly shouldRetry?: boolean
}
