/**
 * The public surface of claudex for library users: namespaces of pure protocol functions, services and layers.
 * What is exported here, and only that, follows semantic versioning.
 */

export { version } from "./domain/version.ts"

/** One provider-neutral request: what every request decoder yields and every request encoder takes. */
export * as Conversation from "./protocol/conversation.ts"
/** The events of one answer, and the rules every decoder keeps. */
export * as Turn from "./protocol/turn.ts"
