/** The Chat Completions wire as we emit it. What comes from outside is read leniently and has no closed type. */
import type { JsonObject } from "../json.ts"

/** Anthropic's cache mark, for relays that pass it on. */
interface Marked {
  readonly cache_control?: { readonly type: "ephemeral"; readonly ttl?: "5m" | "1h" }
}

/** A part of a message's content. */
export type ChatPart =
  | ({ readonly type: "text"; readonly text: string } & Marked)
  | ({ readonly type: "image_url"; readonly image_url: { readonly url: string } } & Marked)
  | ({ readonly type: "file"; readonly file: { readonly filename: string; readonly file_data: string } } & Marked)

/** Reasoning as Mistral writes it and takes it back. */
export interface ChatThinkingPart {
  readonly type: "thinking"
  readonly thinking: ReadonlyArray<{ readonly type: "text"; readonly text: string }>
}

/** A call of a tool; `arguments` is JSON text. */
export interface ChatCall {
  readonly id: string
  readonly type: "function"
  readonly function: { readonly name: string; readonly arguments: string }
  /** What the provider wants back with the call (Gemini's thought signature). */
  readonly extra_content?: JsonObject
}

/** A message, by its role. */
export type ChatMessage =
  | { readonly role: "system" | "developer"; readonly content: string | ReadonlyArray<ChatPart> }
  | { readonly role: "user"; readonly content: string | ReadonlyArray<ChatPart> }
  | {
      readonly role: "assistant"
      readonly content: string | null | ReadonlyArray<ChatPart | ChatThinkingPart>
      readonly tool_calls?: ReadonlyArray<ChatCall>
      readonly reasoning_content?: string
      readonly reasoning?: string
      readonly reasoning_details?: ReadonlyArray<unknown>
      readonly reasoning_text?: string
      readonly reasoning_opaque?: string
      /** The answer was begun by the client and goes on from here: Kimi, Mistral and DeepSeek. */
      readonly partial?: true
      readonly prefix?: true
    }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string | ReadonlyArray<ChatPart> }

/** GLM's own search, a tool among the others. */
export interface ChatSearchTool {
  readonly type: "web_search"
  readonly web_search: JsonObject
}

/** A tool of the client; `parameters` is a JSON Schema. */
export interface ChatFunctionTool {
  readonly type: "function"
  readonly function: {
    readonly name: string
    readonly description?: string
    readonly parameters: JsonObject
    readonly strict?: true
  }
}

/** A tool that the model may call. */
export type ChatTool = ChatFunctionTool | ChatSearchTool

/** Whether the model has to call tools, and which. */
export type ChatToolChoice =
  | "auto"
  | "none"
  | "required"
  | { readonly type: "function"; readonly function: { readonly name: string } }

/** The body of `POST /chat/completions`. */
export interface ChatRequest {
  readonly model: string
  readonly messages: ReadonlyArray<ChatMessage>
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
  readonly stream?: true
  readonly stream_options?: { readonly include_usage: true }
  readonly stop?: ReadonlyArray<string>
  readonly temperature?: number
  readonly top_p?: number
  readonly top_k?: number
  readonly tools?: ReadonlyArray<ChatTool>
  readonly tool_choice?: ChatToolChoice
  readonly parallel_tool_calls?: false
  readonly reasoning_effort?: string
  readonly reasoning?: { readonly effort: string } | { readonly max_tokens: number } | { readonly enabled: false }
  readonly thinking?: JsonObject
  readonly enable_thinking?: boolean
  readonly chat_template_kwargs?: JsonObject
  readonly response_format?: JsonObject
  readonly plugins?: ReadonlyArray<JsonObject>
  readonly web_search_options?: JsonObject
  readonly service_tier?: "priority"
  readonly prompt_cache_key?: string
  /** vLLM and SGLang: the last message is an answer to go on with. */
  readonly continue_final_message?: true
  readonly add_generation_prompt?: false
}
