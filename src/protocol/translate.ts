/**
 * One exchange, protocol against protocol: whole answers and streams. Pure and synchronous; the gateway lifts it over
 * the network (one `push` per network chunk).
 */
import type { Either } from "effect"
import type { Usage } from "../domain/Usage.ts"
import type { GatewayError } from "./errors.ts"

/**
 * A streamed answer in progress. Every method returns Anthropic SSE text that is ready to be sent, always whole events,
 * possibly "".
 *
 * - `waiting`: nothing was decided, nothing may be sent; the client can still get a real HTTP status.
 * - `open`: `message_start` was produced.
 * - `settled`: the provider has named its finish reason; only usage may follow. If it stays silent now, `end()`.
 * - `done`: the last event was produced (`message_stop` or `error`), or `failure` is set. Stop reading.
 */
export interface TurnStream {
  readonly phase: () => "waiting" | "open" | "settled" | "done"
  /** Set once the turn failed. If no text was ever produced the client must get it as an HTTP error. */
  readonly failure: () => GatewayError | undefined
  /** The latest usage, or undefined while the provider has reported none. */
  readonly usage: () => Usage | undefined
  /** Upstream bytes as they came from the network, cut anywhere. */
  readonly push: (bytes: Uint8Array) => string
  /** Upstream's body ended cleanly. */
  readonly end: () => string
  /** Upstream's body broke, or a deadline passed: `error` says how. */
  readonly abort: (error: GatewayError) => string
  /** Commit to success although nothing was decided yet (`message_start` and a ping): the client must not wait longer. */
  readonly commit: () => string
  /** A ping, if the stream is open; "" otherwise. */
  readonly ping: () => string
}

/** A whole answer for the client: an Anthropic Message as JSON, or the error. */
export type WholeAnswer = Either.Either<
  { readonly message: { readonly [key: string]: unknown }; readonly usage: Usage | undefined },
  GatewayError
>
