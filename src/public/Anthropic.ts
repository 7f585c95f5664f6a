/** The protocol that Claude Code speaks: Anthropic Messages. */

export { decodeRequest, encodeRequest } from "../protocol/anthropic/request.ts"
/** A Message as clients get it, and its parts. */
export type { WireBlock, WireMessage, WireStopDetails, WireUsage } from "../protocol/anthropic/wire.ts"
/** One event of a streamed answer, and what takes events in order. */
export type { WireDelta, WireEvent, WireSink } from "../protocol/anthropic/wire.ts"
/** Turn events to Anthropic events, grammar and indices included. */
export { turnEncoder, type TurnEncoder } from "../protocol/anthropic/turnEncoder.ts"
/** An Anthropic answer as turn events. */
export { anthropicTurnDecoder as turnDecoder, type AnthropicTurnDecoder } from "../protocol/anthropic/turnDecoder.ts"
/** What its error messages may name. */
export type { About } from "../protocol/upstreamError.ts"
/** Anthropic events as SSE text, or folded into the whole Message. */
export { messageFold, renderEvent, type MessageFold } from "../protocol/anthropic/render.ts"
/** Failures in this protocol's shape. */
export {
  errorBody,
  errorHeaders,
  gatewayError,
  type ErrorType,
  type Fault,
  type GatewayError
} from "../protocol/gatewayError.ts"
