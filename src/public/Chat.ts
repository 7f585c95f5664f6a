/** The protocol that most providers speak: OpenAI Chat Completions. */
import type { TurnContext } from "../protocol/context.ts"
import { turnStream, type TurnStream, wholeAnswer, type WholeAnswer } from "../protocol/translate.ts"

/** A conversation as a request for one provider, with the context that its answer needs. */
export { encodeRequest, type ChatExchange } from "../protocol/chat/request.ts"
export type { Encoded, Target } from "../protocol/target.ts"
/** What differs between servers, as data. */
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

/** The answer while it arrives, as Anthropic SSE text: bytes in, whole events out. */
export const stream: (context: TurnContext) => TurnStream = turnStream
/** The answer in one piece, as an Anthropic Message; `body` is what the provider sent. */
export const whole: (context: TurnContext, body: string) => WholeAnswer = wholeAnswer
export type { TurnStream, WholeAnswer }
/** The same as a transformation of a byte stream. */
export { toAnthropic } from "../protocol/lift.ts"
/** What the answer needs from the request. */
export type { TurnContext }
/** Its tool names in both directions, and the arguments that are left out of calls. */
export type { NameMap } from "../protocol/names.ts"
export type { OptionalTexts } from "../protocol/prune.ts"
/** The request on the wire. */
export type {
  ChatCall,
  ChatFunctionTool,
  ChatMessage,
  ChatPart,
  ChatRequest,
  ChatSearchTool,
  ChatThinkingPart,
  ChatTool,
  ChatToolChoice
} from "../protocol/chat/wire.ts"
