/**
 * The one way to a provider: send a request, get status, headers and a body that arrives.
 *
 * A body is driven by callbacks and not by a `Stream`: thousands of small chunks pass through here each second, and the
 * work per chunk belongs to the translator. Backpressure is kept by `pause` and `resume`.
 *
 * Invariants: redirects are never followed; nothing of the client's request is added; no secret is in an error;
 * closing the scope of `send` closes the exchange, before and after the headers.
 */
import { Context, type Effect, type Scope } from "effect"
import type { TransportError } from "./TransportError.ts"

/** What is sent to a provider. */
export interface UpstreamRequest {
  /** POST unless said otherwise. */
  readonly method?: "GET" | "POST"
  /** Absolute, with its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Absent for a GET. */
  readonly body?: Uint8Array
  /** Limit for TCP and TLS, in milliseconds. */
  readonly connectTimeout: number
}

/** Who takes a body's bytes. Exactly one of `end` and `fail` is called, last, unless the body was let go before. */
export interface BodyReader {
  readonly bytes: (chunk: Uint8Array) => void
  readonly end: () => void
  readonly fail: (error: TransportError) => void
}

/** A body that arrives. It is read by one reader, once. */
export interface UpstreamBody {
  /** Starts the flow, once. What is already here is delivered at once. */
  readonly read: (reader: BodyReader) => void
  /** Asks the provider's side to stop sending; what is under way may still arrive. */
  readonly pause: () => void
  readonly resume: () => void
  /**
   * No more is wanted: the reader is not called again. `now` closes the connection; `complete` says that the answer was
   * complete in itself, so the connection gets a moment to end cleanly and serve the next request.
   */
  readonly release: (how: "now" | "complete") => void
}

/** A body whose bytes are already here. */
export const bodyOf = (bytes: Uint8Array): UpstreamBody => {
  let released = false
  return {
    read: (reader) =>
      queueMicrotask(() => {
        if (!released) reader.bytes(bytes)
        if (!released) reader.end()
      }),
    pause: () => {},
    resume: () => {},
    release: () => {
      released = true
    }
  }
}

/** A provider's answer as soon as its headers are there, whatever its status. */
export interface UpstreamResponse {
  readonly status: number
  /** Names in lower case; repeated headers joined by a comma. They describe the body as it is handed over. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: UpstreamBody
}

/** The way to providers, as a port: a program may replace or wrap it. Fails with `TransportError` when no answer came. */
export class UpstreamHttp extends Context.Tag("claudex/UpstreamHttp")<
  UpstreamHttp,
  {
    /** Sends a request and waits for the headers of the answer, whatever its status. */
    readonly send: (request: UpstreamRequest) => Effect.Effect<UpstreamResponse, TransportError, Scope.Scope>
  }
>() {}
