/** Tool names within a provider's limits, reversibly (wire specification §4.8). */

export interface NameMap {
  /** Client name → provider name. Total: a name not known when the map was made is shortened by the same rule. */
  readonly up: (name: string) => string
  /** Provider name → client name: the exact inverse, else a unique case-insensitive match, else the name trimmed. */
  readonly down: (name: string) => string
  /** Whether a provider name is one of the request's tools (after mapping). */
  readonly knows: (name: string) => boolean
}
