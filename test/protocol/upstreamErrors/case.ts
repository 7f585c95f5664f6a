/** An upstream failure as a provider really sends it, and what the client must get. */
import type { About, ErrorType, Fault, UpstreamFailure } from "../../../src/protocol/errors.ts"

export const about: About = { provider: "grok", model: "grok-4", host: "api.x.ai", now: Date.UTC(2025, 0, 1) }

export interface Case {
  readonly name: string
  readonly response: UpstreamFailure
  readonly about?: Partial<About>
  readonly status: number
  readonly type: ErrorType
  /** The whole message. */
  readonly message: string
  readonly retryAfter?: number
  readonly shouldRetry?: boolean
  readonly fault?: Fault
}

export const json = (status: number, body: unknown, headers: UpstreamFailure["headers"] = {}): UpstreamFailure => ({
  status,
  headers,
  body: JSON.stringify(body)
})
export const text = (status: number, body: string): UpstreamFailure => ({ status, headers: {}, body })
export const openai = (status: number, message: string, code: string | null = null, type = "invalid_request_error") =>
  json(status, { error: { message, type, param: null, code } })

export const tooMuch = { status: 400, type: "invalid_request_error", fault: "overflow" } as const
export const invalid = { status: 400, type: "invalid_request_error" } as const
export const badGateway = { status: 502, type: "api_error" } as const
