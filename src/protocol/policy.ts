/**
 * What differs between servers that speak an OpenAI protocol, as data. A provider row (provider/table/) is part of
 * one; encoders and decoders branch on nothing else. Fields that only one of the two protocols knows say so.
 */
import type { QuirkValues } from "../domain/Quirks.ts"
import type { JsonObject } from "./json.ts"

/** The OpenAI protocols that a provider may speak. */
export type Protocol = "chat" | "responses"

/** How a provider is spoken to, for one model: every difference from the generic server has a value. */
export interface Policy extends QuirkValues {
  /** Provider kind, e.g. "openai": tags reasoning envelopes and error messages. */
  readonly kind: string
  /** Request fields that are always sent, under whatever else the request says. */
  readonly extraBody: JsonObject
  /** What the `thinking` object holds besides its `type`. */
  readonly thinkingExtra: JsonObject
  /** Call ids the provider accepts. */
  readonly idPattern: RegExp
  /** Tool names the provider accepts. */
  readonly namePattern: RegExp
}

/** An unknown host: the least that every server understands. */
export const genericPolicy: Policy = {
  kind: "generic",
  systemRole: "system",
  systemPlacement: "reminder",
  maxTokensField: "max_tokens",
  minTokens: 1,
  streamUsage: true,
  forceStream: false,
  maxStop: 4,
  sampling: ["temperature", "top_p"],
  tools: true,
  toolChoice: "full",
  parallelFlag: true,
  strictTools: false,
  schemaLevel: "base",
  emptyContent: "null",
  emptyResult: "",
  resultMedia: "follow-up",
  assistantAfterTools: false,
  imageUrls: "any",
  vision: true,
  pdf: "text",
  cacheMarks: "none",
  structuredOutput: "json_schema",
  effort: "none",
  efforts: [],
  thinkingSwitch: "none",
  thinkingExtra: {},
  reasoningReplay: "none",
  encryptedReasoning: true,
  messagePhases: false,
  thinkTags: true,
  reasoningExtra: false,
  prefill: "pass",
  webSearch: "none",
  citations: "none",
  pruneEmptyArguments: false,
  cacheKey: false,
  requestHeaders: "none",
  priorityTier: false,
  alwaysFields: [],
  extraBody: {},
  // what all take, and what Kimi's models write wherever they are served: changed, it confuses them
  idPattern: /^([a-zA-Z0-9_-]{1,40}|functions\.[a-zA-Z0-9_-]{1,64}:\d{1,4})$/,
  namePattern: /^[a-zA-Z0-9_-]{1,64}$/
}
