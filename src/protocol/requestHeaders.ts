/** Headers of a request that follow from the conversation. */
import type { Conversation } from "./conversation.ts"
import type { Policy } from "./policy.ts"

/** A client may call its session anything, but an HTTP header cannot carry everything. */
const headerText = /^[\x21-\x7e]{1,200}$/

/** The session where the provider reads it from a header. */
const session = ({ sessionId }: Conversation, { sessionHeader }: Policy): Readonly<Record<string, string>> =>
  sessionHeader !== undefined && sessionId !== undefined && headerText.test(sessionId)
    ? { [sessionHeader]: sessionId }
    : {}

/** The model goes on by itself: what comes last are results of its calls. */
const isAgents = ({ messages }: Conversation): boolean => {
  const last = messages.at(-1)
  return last?.role === "user" && last.results.length > 0
}

const hasImages = ({ messages }: Conversation): boolean =>
  messages.some(
    (message) =>
      message.role === "user" &&
      [...message.parts, ...message.results.flatMap((result) => result.parts)].some((part) => part.type === "image")
  )

/** Copilot counts requests of the user only, and shows images only to a model it was told of them (§4.14). */
const copilot = (conversation: Conversation, { vision }: Policy): Readonly<Record<string, string>> => ({
  "x-initiator": isAgents(conversation) ? "agent" : "user",
  ...(vision && hasImages(conversation) ? { "copilot-vision-request": "true" } : {})
})

/** Names in lower case. */
export const requestHeaders = (conversation: Conversation, policy: Policy): Readonly<Record<string, string>> => ({
  ...session(conversation, policy),
  ...(policy.requestHeaders === "copilot" ? copilot(conversation, policy) : {})
})
