/** Conversation → request of a provider, by protocol. */
import { Either } from "effect"
import { encodeRequest as encodeChat } from "./chat/request.ts"
import type { Conversation } from "./conversation.ts"
import type { GatewayError } from "./errors.ts"
import { encodeRequest as encodeResponses } from "./responses/request.ts"
import { stripped } from "./stripFields.ts"
import type { Encoded, Target } from "./target.ts"
import type { Protocol } from "./policy.ts"

type Encode = (conversation: Conversation, target: Target) => Either.Either<Encoded, GatewayError>

const encoders: { readonly [protocol in Protocol]: Encode } = { chat: encodeChat, responses: encodeResponses }

/** The request in the protocol's words, without what the target rules out. The Left is the client's 400. */
export const encodeFor = (
  protocol: Protocol,
  conversation: Conversation,
  target: Target
): Either.Either<Encoded, GatewayError> =>
  Either.map(encoders[protocol](conversation, target), (encoded) => stripped(encoded, target.strip ?? []))
