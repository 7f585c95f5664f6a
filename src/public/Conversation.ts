/** One provider-neutral request: what every request decoder yields and every request encoder takes. */

export type * from "../protocol/conversation.ts"
/** What a client or a provider wrote that claudex does not look into. */
export type { JsonObject } from "../protocol/json.ts"
/** Reasoning as the provider that gave it wants it back. */
export type { Replay } from "../protocol/reasoning.ts"
