/**
 * What a row of the provider table says: who the provider is, how it is recognised, how it wants the key, and how its
 * dialect differs from the generic one.
 */
import type { Policy } from "../../protocol/policy.ts"

/** Differences of one protocol, or of both. */
export interface Differences {
  /** For both protocols. */
  readonly policy?: Partial<Policy>
  /** What else holds for Responses, above `policy`. */
  readonly responses?: Partial<Policy>
}

/** Differences for some of a provider's models; all matching rows apply, later ones win. */
export interface ModelRow extends Differences {
  /** Against the model's name in lower case, without a vendor prefix such as `openai/`. */
  readonly match: RegExp
  /** A name that matches. */
  readonly example: string
}

export interface ProviderRow extends Differences {
  /** Tags reasoning envelopes, names the provider in messages, and is what `dialect` in a profile may say. */
  readonly kind: string
  /** The name that people know it by. */
  readonly label: string
  /** Other names that people have for it. */
  readonly alsoCalled?: ReadonlyArray<string>
  /** A base URL as users write it: the provider's own, or that of a local server as it is installed. */
  readonly example: string
  /** There is no one address: each user has another, for which `example` only stands. */
  readonly ownAddress?: true
  /** Against the host name in lower case. A row with neither host nor port is only found by `dialect`. */
  readonly host?: RegExp
  /** The port a local server of this kind listens on; looked at only when the host is on this machine or its network. */
  readonly port?: number
  /** How the key is sent. */
  readonly auth: "bearer" | "api-key"
  /** Extra request headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Top-level request fields that the provider refuses and that are never sent to it. */
  readonly strip?: ReadonlyArray<string>
  /** Base URL at which the provider also speaks Anthropic Messages: `provider_type = "DirectAnthropic"`. */
  readonly anthropic?: string
  /** It is reached in Anthropic Messages first, where nothing is translated. */
  readonly native?: true
  /** It speaks Responses and no Chat Completions. */
  readonly responsesOnly?: true
  /** Usage tells how much of the prompt came from a cache. */
  readonly reportsCache: boolean
  /** Where the facts come from: sections of the wire specification, documentation pages by name, issue threads. */
  readonly source: ReadonlyArray<string>
  readonly models?: ReadonlyArray<ModelRow>
}
