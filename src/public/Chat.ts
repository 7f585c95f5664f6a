/** The protocol that most providers speak: OpenAI Chat Completions. */

/** A conversation as a request for one provider, with the context that its answer needs. */
export { encodeRequest, type ChatExchange } from "../protocol/chat/request.ts"
export type { Encoded, Target } from "../protocol/target.ts"
export { type Protocol, genericPolicy, type Policy } from "../protocol/policy.ts"
/** What the provider does not get as the client sent it. */
export type { Loss, LossKind } from "../protocol/loss.ts"
/** The other way round: a Chat client's request as a conversation. */
export { decodeRequest } from "../protocol/chat/requestDecoder.ts"
/** Turn events as Chat chunks, or folded into a completion, for a Chat client. */
export {
  chatErrorBody,
  chatFold,
  chatTurnEncoder,
  type ChatAnswer,
  type ChatFold
} from "../protocol/chat/turnEncoder.ts"
/** What differs between servers, as data. */
/** The answer while it arrives, as Anthropic SSE text: bytes in, whole events out. */
export { turnStream as stream, type TurnStream } from "../protocol/translate.ts"
/** The same as a transformation of a byte stream. */
export { toAnthropic } from "../protocol/lift.ts"
/** The answer in one piece, as an Anthropic Message. */
export { wholeAnswer as whole, type WholeAnswer } from "../protocol/translate.ts"
/** What the answer needs from the request. */
export type { TurnContext } from "../protocol/context.ts"
/** The request on the wire. */
export type { ChatCall, ChatMessage, ChatPart, ChatRequest, ChatTool, ChatToolChoice } from "../protocol/chat/wire.ts"
