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
  systemRole: optional(words("system", "developer"), "system_role", "The role of system text."),
  systemPlacement: optional(
    words("inline", "reminder", "hoist"),
    "system_placement",
    "Where system text from the middle of a conversation goes: its place, a marked user text there, or the front."
  ),
  maxTokensField: optional(
    words("max_tokens", "max_completion_tokens"),
    "max_tokens_field",
    "Chat: the field that limits an answer."
  ),
  minTokens: optional(count, "min_tokens", "The smallest limit that the provider takes."),
  streamUsage: optional(flag, "stream_usage", "Chat: ask for usage in streams with stream_options."),
  forceStream: optional(
    flag,
    "force_stream",
    "The provider only streams; an answer that is asked for as a whole is collected here."
  ),
  maxStop: optional(
    count,
    "max_stop",
    "How many stop sequences the provider takes; the rest is enforced on the answer's text."
  ),
  sampling: optional(
    Schema.Array(words("temperature", "top_p", "top_k")),
    "sampling",
    "Sampling parameters that the provider takes."
  ),
  tools: optional(flag, "tools", "The model calls tools at all."),
  toolChoice: optional(
    words("full", "words", "none"),
    "tool_choice",
    "What tool_choice may say: everything, its words but no named tool, or nothing."
  ),
  parallelFlag: optional(flag, "parallel_flag", "The provider takes parallel_tool_calls."),
  strictTools: optional(flag, "strict_tools", "The provider takes strict in the definition of a tool."),
  // wire specification §4.13
  schemaLevel: optional(
    words("base", "moonshot", "gemini", "grammar"),
    "schema_level",
    "How much of JSON Schema the provider takes."
  ),
  emptyContent: optional(
    words("null", "string"),
    "empty_content",
    "Chat: the content of a message of the model that only calls tools."
  ),
  emptyResult: optional(Schema.String, "empty_result", "Text for a tool result without content."),
  resultMedia: optional(
    words("follow-up", "inline-parts"),
    "result_media",
    "Where images and files of a tool result go: into a message of the user behind it, or inside it."
  ),
  assistantAfterTools: optional(
    flag,
    "assistant_after_tools",
    "Chat: between tool results and a message of the user the provider wants one of the model."
  ),
  imageUrls: optional(
    words("any", "data-only"),
    "image_urls",
    "Images by address: taken, or not, so that only those inside the request are."
  ),
  vision: optional(flag, "vision", "The model reads images."),
  pdf: optional(
    words("file", "text", "note"),
    "pdf",
    "PDFs as files, as the text in them, or as a note that they were left out."
  ),
  cacheMarks: optional(words("none", "parts"), "cache_marks", "Chat: whether the client's cache marks stay on text."),
  structuredOutput: optional(
    words("json_schema", "json_object", "prompt"),
    "structured_output",
    "How answers that follow a schema are asked for: by it, as JSON, or in words."
  ),
  effort: optional(
    words("none", "reasoning_effort", "reasoning"),
    "effort",
    "Chat: the field that says how hard to think."
  ),
  efforts: optional(
    Schema.Array(words("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    "efforts",
    "The words for effort that the provider takes, lowest first; others become the nearest lower one."
  ),
  thinkingSwitch: optional(
    words("none", "thinking", "thinking-adaptive", "enable_thinking", "chat_template_kwargs"),
    "thinking_switch",
    "Chat: the field that switches thinking on and off."
  ),
  reasoningReplay: optional(
    words(
      "none",
      "reasoning_content",
      "reasoning",
      "reasoning_details",
      "reasoning_opaque",
      "thought_signature",
      "think-tags",
      "parts"
    ),
    "reasoning_replay",
    "Chat: how reasoning goes back to the provider with the history."
  ),
  reasoningFallback: optional(
    Schema.String,
    "reasoning_fallback",
    "What stands for the reasoning of a message when it is not known any more; without it the field is absent."
  ),
  encryptedReasoning: optional(flag, "encrypted_reasoning", "Responses: ask for encrypted reasoning and send it back."),
  messagePhases: optional(
    flag,
    "message_phases",
    "Responses: tell earlier commentary of the model, which calls follow, from its final answers."
  ),
  thinkTags: optional(flag, "think_tags", "An answer's text may open with reasoning between <think> tags."),
  reasoningExtra: optional(flag, "reasoning_extra", "Tokens of reasoning are not part of completion_tokens."),
  prefill: optional(
    words("pass", "partial", "prefix", "continue_final_message", "note"),
    "prefill",
    "An answer that the client has begun: as it is, with the provider's flag for it, or asked for in words."
  ),
  webSearch: optional(
    words("none", "hosted", "plugins", "web_search_tool", "web_search_options"),
    "web_search",
    "How the provider is asked to search the web itself."
  ),
  citations: optional(words("none", "text"), "citations", "What becomes of the sources of an answer's text."),
  pruneEmptyArguments: optional(
    flag,
    "prune_empty_arguments",
    "Leave optional arguments that are empty strings out of calls."
  ),
  cacheKey: optional(flag, "cache_key", "Send the session as prompt_cache_key."),
  sessionHeader: optional(headerName, "session_header", "The header that carries the client's session."),
  requestHeaders: optional(
    words("none", "copilot"),
    "request_headers",
    "Headers that follow from the conversation: GitHub Copilot asks who speaks and whether there are images."
  ),
  priorityTier: optional(flag, "priority_tier", 'Fast mode as service_tier "priority".'),
  alwaysFields: optional(
    Schema.Array(words("instructions", "tools", "tool_choice", "parallel_tool_calls")),
    "always_fields",
    "Responses: fields that must be there even when they say nothing."
  )
})
/** What a profile overrides. */
export type Quirks = typeof Quirks.Type

/** Keys that mean something by being absent. */
type Optional = "reasoningFallback" | "sessionHeader"

/** What holds for a model on a provider: nearly everything has a value. */
export type QuirkValues = Required<Omit<Quirks, Optional>> & Pick<Quirks, Optional>
