/**
 * The hub's request side: one provider-neutral request, produced by a protocol's request decoder and consumed by a
 * protocol's request encoder. Steps N1-N4, N6-N8, N10-N14 of the wire specification hold for every value built by
 * `normalise`; what depends on the provider (placement of mid-conversation system text, reasoning replay, prefill)
 * is decided by the encoder.
 *
 * Everything here is plain data: no methods, no I/O, safe to share between concurrent turns.
 */
import type { Loss } from "./loss.ts"
import type { Replay } from "./reasoning.ts"

/** Where a part stood in the client's request, as a JSON path; absent for parts that were not read from one. */
export interface Located {
  readonly at?: string
}

/** A client's cache breakpoint (`cache_control`), kept as a hint for providers that take one. */
export interface CacheMark {
  readonly ttl?: "5m" | "1h"
}

/** Plain text. */
export interface TextPart {
  readonly type: "text"
  readonly text: string
  readonly cache?: CacheMark
}

/** An image as bytes (base64, no data-URL prefix) or as a public URL. */
export type ImageSource =
  | { readonly type: "base64"; readonly mediaType: string; readonly data: string }
  | { readonly type: "url"; readonly url: string }

/** An image. */
export interface ImagePart extends Located {
  readonly type: "image"
  readonly source: ImageSource
  readonly cache?: CacheMark
}

/**
 * A document: a file as base64, plain text, or a URL. Documents made of blocks are inlined by the decoder. `text` is what
 * was read from the file for providers that take no files; who encodes a request does not read it.
 */
export type DocumentSource =
  | { readonly type: "base64"; readonly mediaType: string; readonly data: string; readonly text?: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "url"; readonly url: string }

/** A document. */
export interface DocumentPart extends Located {
  readonly type: "document"
  readonly source: DocumentSource
  readonly title?: string
  readonly context?: string
  readonly cache?: CacheMark
}

/** What may stand in a user turn or inside a tool result. */
export type UserPart = TextPart | ImagePart | DocumentPart

/** A tool call of the model; `input` keeps the client's key order. */
export interface CallPart extends Located {
  readonly type: "call"
  readonly id: string
  readonly name: string
  readonly input: { readonly [key: string]: unknown }
}

/** Reasoning that we sealed into an earlier answer and that came back with the history. */
export interface ReasoningPart extends Located {
  readonly type: "reasoning"
  /** The visible text; empty when only the opaque payload was carried. */
  readonly text: string
  readonly replay: Replay
}

/** A server-side tool use and its result, as left in the history (web search and the like). */
export interface ServerToolPart extends Located {
  readonly type: "server-tool"
  readonly id: string
  readonly name: string
  readonly input: unknown
  /** The `content` of the matching `*_tool_result` block, untouched; absent when the history holds none. */
  readonly result?: unknown
}

/** What may stand in an assistant turn. */
export type AssistantPart = TextPart | CallPart | ReasoningPart | ServerToolPart

/** The answer to one call. `parts` is never empty text only: an empty result has no parts. */
export interface ToolResult extends Located {
  readonly callId: string
  readonly parts: ReadonlyArray<UserPart>
  readonly isError: boolean
}

/** A user turn: first the results of the preceding assistant turn's calls, each call exactly once, then the rest. */
export interface UserMessage {
  readonly role: "user"
  readonly results: ReadonlyArray<ToolResult>
  readonly parts: ReadonlyArray<UserPart>
}

/** A turn of the model. */
export interface AssistantMessage {
  readonly role: "assistant"
  readonly parts: ReadonlyArray<AssistantPart>
}

/** System text in the middle of the conversation; never stands between calls and their results. */
export interface SystemMessage extends Located {
  readonly role: "system"
  readonly parts: ReadonlyArray<TextPart>
}

/** One turn, or system text between turns. */
export type Message = UserMessage | AssistantMessage | SystemMessage

/** A tool that the client runs. `schema` is the JSON Schema as sent (adaptation is the encoder's work). */
export interface FunctionTool extends Located {
  readonly type: "function"
  readonly name: string
  readonly description?: string
  readonly schema: unknown
  readonly strict: boolean
}

/** A tool that the provider would have to run itself; `kind` is the wire type without its date. */
export interface ServerTool extends Located {
  readonly type: "server"
  readonly kind: string
  readonly name: string
  readonly options: { readonly [key: string]: unknown }
}

/** A tool the model may use. */
export type Tool = FunctionTool | ServerTool

/** Whether, and which, tool must be used. */
export type ToolChoice = { readonly type: "auto" | "any" | "none" } | { readonly type: "tool"; readonly name: string }

/** How hard the model is to think, in the client's words. */
export type Effort = "low" | "medium" | "high" | "xhigh" | "max"

/** How much the client wants the model to reason. `default` sends nothing. */
export interface ReasoningRequest {
  readonly mode: "default" | "off" | "on" | "adaptive"
  readonly effort?: Effort
  readonly budgetTokens?: number
  /** The client asked not to see the reasoning text. */
  readonly display?: string
}

/** A whole request. */
export interface Conversation {
  /** The model string as the client sent it, `[1m]` suffix included. */
  readonly model: string
  readonly system: ReadonlyArray<TextPart>
  readonly messages: ReadonlyArray<Message>
  readonly tools: ReadonlyArray<Tool>
  readonly toolChoice?: ToolChoice
  readonly parallelCalls: boolean
  readonly maxTokens?: number
  readonly stream: boolean
  readonly stopSequences: ReadonlyArray<string>
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly reasoning: ReasoningRequest
  /** A JSON Schema that the answer's text must match. */
  readonly outputSchema?: unknown
  /** The client's session, stable over a conversation: feeds provider cache keys, never identifies the account. */
  readonly sessionId?: string
  readonly fast: boolean
  /** What this neutral form could not hold; empty unless something was. */
  readonly losses: ReadonlyArray<Loss>
}
