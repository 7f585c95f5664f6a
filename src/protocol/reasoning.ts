/**
 * Carries a provider's opaque reasoning through the client: sealed into `thinking.signature` or
 * `redacted_thinking.data`, which clients replay byte for byte.
 */

/** What a provider wants back. `payload` is JSON; its shape belongs to the protocol that made it. */
export interface Replay {
  /** Provider kind that produced it, e.g. "openrouter". */
  readonly provider: string
  /** Model family that produced it. */
  readonly model: string
  readonly protocol: "chat" | "responses"
  readonly payload: unknown
}
