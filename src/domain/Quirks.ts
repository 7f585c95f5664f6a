/**
 * How a provider's dialect differs from the generic one, as far as a user may say so in `[profiles.quirks]`. The values
 * that a provider has without being told are in provider/table/; what each means to the wire is read off there.
 */
import { Schema } from "effect"
import { optional } from "./keys.ts"

const flag = Schema.Boolean
const words = <A extends ReadonlyArray<string>>(...values: A) => Schema.Literal(...values)
const count = Schema.Int.pipe(Schema.nonNegative()).annotations({ description: "a whole number, 0 or more" })
const headerName = Schema.String.pipe(Schema.pattern(/^(x-[a-z0-9-]{1,62}|session[_-]id)$/)).annotations({
  description: 'a header in lower case: "session_id", or a name that begins with "x-"'
})

export const Quirks = Schema.Struct({
  /** The role of system text. */
  systemRole: optional(words("system", "developer"), "system_role"),
  /** Where system text from the middle of a conversation goes: its place, a marked user text there, or the front. */
  systemPlacement: optional(words("inline", "reminder", "hoist"), "system_placement"),
  /** Chat: the field that limits the answer. */
  maxTokensField: optional(words("max_tokens", "max_completion_tokens"), "max_tokens_field"),
  /** The smallest limit the provider takes. */
  minTokens: optional(count, "min_tokens"),
  /** Chat: ask for usage in streams with `stream_options`. */
  streamUsage: optional(flag, "stream_usage"),
  /** The provider only streams; an answer asked for as a whole is collected here. */
  forceStream: optional(flag, "force_stream"),
  /** How many stop sequences the provider takes; the rest is enforced on the answer's text. */
  maxStop: optional(count, "max_stop"),
  /** Sampling parameters the provider takes. */
  sampling: optional(Schema.Array(words("temperature", "top_p", "top_k")), "sampling"),
  /** The model calls tools at all. */
  tools: optional(flag, "tools"),
  /** What `tool_choice` may say: everything, its words but no named tool, or nothing. */
  toolChoice: optional(words("full", "words", "none"), "tool_choice"),
  /** The provider takes `parallel_tool_calls`. */
  parallelFlag: optional(flag, "parallel_flag"),
  strictTools: optional(flag, "strict_tools"),
  /** How much of JSON Schema the provider takes (wire specification §4.13). */
  schemaLevel: optional(words("base", "moonshot", "gemini", "grammar"), "schema_level"),
  /** Chat: `content` of an assistant message that only calls tools. */
  emptyContent: optional(words("null", "string"), "empty_content"),
  /** Text for a tool result without content. */
  emptyResult: optional(Schema.String, "empty_result"),
  /** Where images and files of a tool result go. */
  resultMedia: optional(words("follow-up", "inline-parts"), "result_media"),
  /** Chat: between tool results and a user message the provider wants a message of the model. */
  assistantAfterTools: optional(flag, "assistant_after_tools"),
  imageUrls: optional(words("any", "data-only"), "image_urls"),
  /** The model reads images. */
  vision: optional(flag, "vision"),
  /** PDFs as file parts, as the text in them, or as a note that they were left out. */
  pdf: optional(words("file", "text", "note"), "pdf"),
  /** Chat: the client's cache marks stay on text parts. */
  cacheMarks: optional(words("none", "parts"), "cache_marks"),
  structuredOutput: optional(words("json_schema", "json_object", "prompt"), "structured_output"),
  /** Chat: the field that says how hard to think. */
  effort: optional(words("none", "reasoning_effort", "reasoning"), "effort"),
  /** Effort words the provider takes, lowest first; others are clamped to the nearest lower one. */
  efforts: optional(Schema.Array(words("none", "minimal", "low", "medium", "high", "xhigh", "max")), "efforts"),
  /** Chat: the field that switches thinking on and off. */
  thinkingSwitch: optional(
    words("none", "thinking", "thinking-adaptive", "enable_thinking", "chat_template_kwargs"),
    "thinking_switch"
  ),
  /** Chat: how reasoning goes back to the provider with the history. */
  reasoningReplay: optional(
    words("none", "reasoning_content", "reasoning", "reasoning_details", "thought_signature", "think-tags", "parts"),
    "reasoning_replay"
  ),
  /** `reasoning_content` of a message with calls whose reasoning is not known any more; without it the field is absent. */
  reasoningFallback: optional(Schema.String, "reasoning_fallback"),
  /** Responses: ask for encrypted reasoning and send it back. */
  encryptedReasoning: optional(flag, "encrypted_reasoning"),
  /** The answer's text may open with reasoning between `<think>` tags. */
  thinkTags: optional(flag, "think_tags"),
  /** `completion_tokens` comes without reasoning tokens. */
  reasoningExtra: optional(flag, "reasoning_extra"),
  /** An answer that the client has begun: as it is, with the provider's flag for it, or asked for in words. */
  prefill: optional(words("pass", "partial", "prefix", "continue_final_message", "note"), "prefill"),
  /** How the provider is asked to search the web itself. */
  webSearch: optional(words("none", "hosted", "plugins", "web_search_tool", "web_search_options"), "web_search"),
  /** What becomes of the sources of an answer's text. */
  citations: optional(words("none", "text"), "citations"),
  /** Optional arguments that come as empty strings are left out of calls. */
  pruneEmptyArguments: optional(flag, "prune_empty_arguments"),
  /** Send the session as `prompt_cache_key`. */
  cacheKey: optional(flag, "cache_key"),
  /** Header that carries the client's session. */
  sessionHeader: optional(headerName, "session_header"),
  /** Headers that follow from the conversation: GitHub Copilot asks who speaks and whether there are images. */
  requestHeaders: optional(words("none", "copilot"), "request_headers"),
  /** `speed: "fast"` as `service_tier: "priority"`. */
  priorityTier: optional(flag, "priority_tier"),
  /** Responses: fields that must be there even when they say nothing. */
  alwaysFields: optional(
    Schema.Array(words("instructions", "tools", "tool_choice", "parallel_tool_calls")),
    "always_fields"
  )
})
/** What a profile overrides. */
export type Quirks = typeof Quirks.Type

/** Keys that mean something by being absent. */
type Optional = "reasoningFallback" | "sessionHeader"

/** What holds for a model on a provider: nearly everything has a value. */
export type QuirkValues = Required<Omit<Quirks, Optional>> & Pick<Quirks, Optional>
