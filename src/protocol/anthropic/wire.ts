/** The Anthropic Messages wire as we emit it. Requests are read leniently and have no closed type. */
import type { JsonObject } from "../json.ts"
import type { StopReason } from "../turn.ts"

/** Token counts; the three of the prompt are disjoint. */
export interface WireUsage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_creation_input_tokens: number
  readonly cache_read_input_tokens: number
  readonly output_tokens_details?: { readonly thinking_tokens: number }
  readonly server_tool_use?: { readonly web_search_requests: number; readonly web_fetch_requests: number }
}

/** What a provider said when it refused. */
export interface WireStopDetails {
  readonly type: "refusal"
  readonly category: null
  /** null: the provider gave no words. */
  readonly explanation: string | null
}

/** A block of a message's content. */
export type WireBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: JsonObject }
  | { readonly type: "server_tool_use"; readonly id: string; readonly name: string; readonly input: JsonObject }
  | {
      readonly type: "web_search_tool_result" | "web_fetch_tool_result"
      readonly tool_use_id: string
      readonly content: unknown
    }

/** A Message, as `POST /v1/messages` answers without `stream`. */
export interface WireMessage {
  readonly id: string
  readonly type: "message"
  readonly role: "assistant"
  readonly model: string
  readonly content: ReadonlyArray<WireBlock>
  readonly stop_reason: StopReason | null
  readonly stop_sequence: string | null
  readonly stop_details?: WireStopDetails
  readonly usage: WireUsage
}

/** What a block grows by. */
export type WireDelta =
  | { readonly type: "text_delta"; readonly text: string }
  | { readonly type: "input_json_delta"; readonly partial_json: string }
  | { readonly type: "thinking_delta"; readonly thinking: string }
  | { readonly type: "signature_delta"; readonly signature: string }

/** One event of a streamed answer. */
export type WireEvent =
  | { readonly type: "message_start"; readonly message: WireMessage }
  | { readonly type: "content_block_start"; readonly index: number; readonly content_block: WireBlock }
  | { readonly type: "content_block_delta"; readonly index: number; readonly delta: WireDelta }
  | { readonly type: "content_block_stop"; readonly index: number }
  | {
      readonly type: "message_delta"
      readonly delta: {
        readonly stop_reason: StopReason
        readonly stop_sequence: string | null
        readonly stop_details?: WireStopDetails
      }
      readonly usage: WireUsage
    }
  | { readonly type: "message_stop" }
  | { readonly type: "ping" }
  | { readonly type: "error"; readonly error: { readonly type: string; readonly message: string } }

/** Receives the events of one answer, in order. */
export type WireSink = (event: WireEvent) => void
