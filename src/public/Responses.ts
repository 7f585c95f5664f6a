/** OpenAI Responses: the protocol that carries reasoning from turn to turn. */

/** A conversation as a request for one provider, with the context that its answer needs. */
export { encodeRequest, type ResponsesExchange } from "../protocol/responses/request.ts"
/** The other way round: a Responses client's request as a conversation. */
export { decodeRequest } from "../protocol/responses/requestDecoder.ts"
/** Who wrote the opaque items of a client's request. */
export type { Author } from "../protocol/responses/itemsDecoder.ts"
/** The answer while it arrives or in one piece: a context says by itself in which protocol it comes. */
export { stream, whole } from "./Chat.ts"
/** The request on the wire. */
export type {
  InputItem,
  InputPart,
  OpaqueItem,
  OutputText,
  ResponsesFunction,
  ResponsesRequest,
  ResponsesSearch,
  ResponsesTool,
  ResponsesToolChoice
} from "../protocol/responses/wire.ts"
