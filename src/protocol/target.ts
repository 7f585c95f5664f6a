/** For whom a conversation is encoded, and what comes out, whatever the protocol. */
import type { TurnContext } from "./context.ts"
import type { Loss } from "./loss.ts"
import type { Policy } from "./policy.ts"
import type { TurnEvent } from "./turn.ts"

/** A provider and its model, as an encoder sees them. */
export interface Target {
  /** The provider's own model name. */
  readonly model: string
  readonly policy: Policy
  /** How error messages name the provider; the policy's kind unless given. */
  readonly provider?: string
  /** Credentials sent with the request, to be hidden in whatever the provider says. */
  readonly secrets?: ReadonlyArray<string>
  /** Upper limit for the answer's tokens, whatever the client asks for. */
  readonly maxTokens?: number
  /** Top-level request fields that are not sent, whatever the policy says. */
  readonly strip?: ReadonlyArray<string>
}

/** A request for a provider, and what its answer needs. */
export interface Encoded<Body extends object = object> {
  readonly body: Body
  /** Headers that follow from the conversation, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The limit on the answer's tokens, if the body sets one. */
  readonly maxTokens?: number
  readonly context: TurnContext
  /** What the provider does not get as the client sent it. */
  readonly losses: ReadonlyArray<Loss>
  /** The answer when no provider is needed: the body must not be sent then. */
  readonly local?: ReadonlyArray<TurnEvent>
}
