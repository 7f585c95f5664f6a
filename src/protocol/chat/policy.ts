/**
 * What differs between Chat Completions servers, as data. A provider row (provider/quirks.ts) is one of these; the
 * encoder and decoder branch on nothing else.
 */
import type { SchemaLevel } from "../jsonSchema.ts"

export interface ChatPolicy {
  /** Provider kind, e.g. "openai": tags reasoning envelopes and error messages. */
  readonly kind: string
  readonly systemRole: "system" | "developer"
  /** Where system text from the middle of a conversation goes. */
  readonly systemPlacement: "inline" | "reminder" | "hoist"
  readonly maxTokensField: "max_tokens" | "max_completion_tokens"
  /** Ask for usage in streams with `stream_options`. */
  readonly streamUsage: boolean
  /** How many stop sequences the provider takes; the rest is enforced on the answer's text. */
  readonly maxStop: number
  /** Sampling parameters the provider takes. */
  readonly sampling: ReadonlyArray<"temperature" | "top_p" | "top_k">
  readonly toolChoice: "full" | "auto-only" | "none"
  readonly parallelFlag: boolean
  readonly strictTools: boolean
  readonly schemaLevel: SchemaLevel
  /** `content` of an assistant message that only calls tools. */
  readonly emptyContent: "null" | "string"
  /** Text for a tool result without content. */
  readonly emptyResult: string
  /** Where images of a tool result go. */
  readonly resultMedia: "follow-up" | "inline-parts"
  readonly imageUrls: "any" | "data-only"
  readonly vision: boolean
  /** PDFs as file parts, or as a note in the text. */
  readonly pdf: "file" | "note"
  readonly structuredOutput: "json_schema" | "json_object" | "prompt"
  /** The field that asks for reasoning. */
  readonly effort: "reasoning_effort" | "none"
  /** Effort words the provider takes, lowest first; others are clamped to the nearest lower one. */
  readonly efforts: ReadonlyArray<string>
  /** How reasoning goes back to the provider with the history. */
  readonly reasoningReplay: "none" | "reasoning_content" | "reasoning" | "reasoning_details"
  /** `reasoning_content` of an assistant message with calls whose reasoning is not known any more; absent: omit it. */
  readonly reasoningFallback?: string
  readonly thinkTags: boolean
  /** `completion_tokens` comes without reasoning tokens. */
  readonly reasoningExtra: boolean
  readonly prefill: "pass" | "note"
  /** Send the session as `prompt_cache_key`. */
  readonly cacheKey: boolean
  /** `speed: "fast"` as `service_tier: "priority"`. */
  readonly priorityTier: boolean
  /** Call ids the provider accepts. */
  readonly idPattern: RegExp
  /** Tool names the provider accepts. */
  readonly namePattern: RegExp
}

/** An unknown host: the least that every server understands. */
export const genericPolicy: ChatPolicy = {
  kind: "generic",
  systemRole: "system",
  systemPlacement: "reminder",
  maxTokensField: "max_tokens",
  streamUsage: true,
  maxStop: 4,
  sampling: ["temperature", "top_p"],
  toolChoice: "full",
  parallelFlag: true,
  strictTools: false,
  schemaLevel: "base",
  emptyContent: "null",
  emptyResult: "",
  resultMedia: "follow-up",
  imageUrls: "any",
  vision: true,
  pdf: "note",
  structuredOutput: "json_schema",
  effort: "none",
  efforts: [],
  reasoningReplay: "none",
  thinkTags: true,
  reasoningExtra: false,
  prefill: "pass",
  cacheKey: false,
  priorityTier: false,
  idPattern: /^[a-zA-Z0-9_-]{1,40}$/,
  namePattern: /^[a-zA-Z0-9_-]{1,64}$/
}
