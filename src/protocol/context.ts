/**
 * What only the request knows and the answer needs. Made by a request encoder, consumed by the turn decoder and the
 * Anthropic turn encoder of the same exchange; never shared between exchanges.
 */
import type { NameMap } from "./names.ts"
import type { OptionalTexts } from "./prune.ts"
import type { Protocol } from "./policy.ts"

/** What an answer needs of its request. */
export interface TurnContext {
  /** The model string the client sent; echoed in the answer. */
  readonly model: string
  readonly names: NameMap
  /** Call ids that already occur in the conversation: a client drops a call whose id it has seen before. */
  readonly seenIds: ReadonlySet<string>
  /** Stop sequences the client asked for, whoever enforces them. */
  readonly stopSequences: ReadonlyArray<string>
  /** Stop sequences the provider was not told about, so that the text has to be scanned here. */
  readonly enforceStop: ReadonlyArray<string>
  /** Local estimate of the prompt in tokens: reported at the start of a stream and when the provider stays silent. */
  readonly estimate: number
  /** The answer's text may open with reasoning between `<think>` tags. */
  readonly thinkTags: boolean
  /** Who answers, as error messages name it. */
  readonly provider: string
  /** Credentials of this exchange: hidden wherever the provider's words are shown. */
  readonly secrets: ReadonlyArray<string>
  /** Provider kind, for reasoning envelopes. */
  readonly kind: string
  readonly upstreamModel: string
  readonly protocol: Protocol
  /** `completion_tokens` does not include reasoning tokens (xAI). */
  readonly reasoningExtra: boolean
  /** Whether the sources that the provider names for a text are listed at its end. */
  readonly citations: "none" | "text"
  /** Arguments that are left out of calls when they are empty strings; absent: calls stay as they come. */
  readonly optionalTexts?: OptionalTexts
  /** The provider was asked to search the web for this: sources it names are what it found. */
  readonly search?: string
}
