/**
 * The public surface of claudex for library users: pure protocol functions, services and layers, by namespace. What is
 * exported here and from `claudex/node` and `claudex/testing`, and only that, follows semantic versioning.
 */

export { version } from "./domain/version.ts"

/** Anthropic Messages: requests in, answers out. */
export * as Anthropic from "./public/Anthropic.ts"
/** Chat Completions: requests out, answers in. */
export * as Chat from "./public/Chat.ts"
/** OpenAI Responses: requests out, answers in. */
export * as Responses from "./public/Responses.ts"
/** One provider-neutral request: what every request decoder yields and every request encoder takes. */
export * as Conversation from "./public/Conversation.ts"
/** The events of one answer, and the rules every decoder keeps. */
export * as Turn from "./public/Turn.ts"
/** Token counts of one turn. */
export { zeroUsage, type Usage } from "./domain/Usage.ts"
/** What they cost. */
export { costOf, type Price } from "./domain/Cost.ts"
/** What there is to know about a model, and what the user knows better. */
export type { Effort, ModelInfo, ModelOverride, ModelOverrides, Reasoning } from "./domain/ModelInfo.ts"
/** A provider account and how to talk to it. */
export { Profile, type ProfileEncoded, ProviderType, slotModel, type ModelSlot } from "./domain/Profile.ts"
/** The user's configuration, from files or from the program. */
export * as Config from "./public/Config.ts"
/** The gateway as a layer. */
export * as Gateway from "./public/Gateway.ts"
/** The way to providers, as a port. */
export * as Upstream from "./public/Upstream.ts"
/** Providers as data: policies, endpoints, context windows. */
export * as Provider from "./public/Provider.ts"
