/**
 * The hub's answer side: one step of a turn. A protocol's turn decoder produces these from wire events, a protocol's
 * turn encoder consumes them. Whole bodies take the same way, folded.
 *
 * Grammar a decoder keeps: nothing but usage before `start`; calls may interleave by `key`; exactly one of `stop` or
 * `fail` ends the turn and nothing follows it. A `fail` may come before `start`: nothing was committed then.
 */
import type { Usage } from "../domain/Usage.ts"
import type { GatewayError } from "./errors.ts"
import type { JsonObject } from "./json.ts"
import type { Replay } from "./reasoning.ts"

/** Why the turn ended, in the client's words. */
export type StopReason = "end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "refusal"

/** One step of an answer. */
export type TurnEvent =
  /** The upstream decided for success; the client may be told so. */
  | { readonly type: "start" }
  | { readonly type: "text"; readonly text: string }
  /** What was said so far is a text of its own; another one may follow. */
  | { readonly type: "text-end" }
  /** The list of what a text refers to, at its end: our words and not the model's, so no stop sequence is looked for. */
  | { readonly type: "sources"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  /** What the provider wants back with the reasoning just seen; belongs to the open or next reasoning block. */
  | { readonly type: "reasoning-seal"; readonly replay: Replay }
  /** A call's name is known. `key` is unique in the turn; `id` is the provider's own, if it gave one. */
  | { readonly type: "call-start"; readonly key: number; readonly name: string; readonly id?: string }
  /** A fragment of the call's arguments as JSON text. */
  | { readonly type: "call-args"; readonly key: number; readonly json: string }
  /** No more arguments for this call will come. */
  | { readonly type: "call-end"; readonly key: number }
  /** The provider refused; the text is shown to the user and ends up in `stop_details`. */
  | { readonly type: "refusal"; readonly text: string }
  /**
   * A tool that the provider ran itself, with its result: `result` is the content of an Anthropic `*_tool_result` block.
   * `id` is the provider's own, if it gave one.
   */
  | {
      readonly type: "server-tool"
      readonly name: "web_search" | "web_fetch"
      readonly id?: string
      readonly input: JsonObject
      readonly result: unknown
    }
  /** Cumulative, replaces what was known before. */
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "stop"; readonly finish: Finish }
  | { readonly type: "fail"; readonly error: GatewayError }

/**
 * Why the provider says the turn ended. The client's `stop_reason` is derived by the encoder, which alone knows
 * whether a call was emitted (`stopReason` in anthropic/turnEncoder.ts, precedence of the wire specification §4.3).
 */
export interface Finish {
  readonly reason: "stop" | "length" | "filter" | "calls"
  /** The stop sequence that matched, when the provider named it. */
  readonly sequence?: string
}

/** Receives the events of one turn, in order. */
export type TurnSink = (event: TurnEvent) => void

/** Reads one answer of a provider, record by record or whole, and tells the sink. */
export interface TurnDecoder {
  /** One stream record. */
  readonly record: (event: string, data: string) => void
  /** A whole body. */
  readonly whole: (body: unknown) => void
  /** The body ended. `failure` says how it broke; without it, it ended cleanly. */
  readonly end: (failure?: GatewayError) => void
  /** The provider named its finish reason: only usage can follow. */
  readonly settled: () => boolean
}
