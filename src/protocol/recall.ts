/** Puts reasoning that a client dropped back into its history, as if the client had sent it (wire specification §4.9.2). */
import type { CallPart, Conversation, Message, ReasoningPart } from "./conversation.ts"

/** The reasoning of the answer that held this call; undefined when nobody remembers it. */
export type Recall = (call: CallPart) => ReadonlyArray<ReasoningPart> | undefined

const recalled = (message: Message, recall: Recall): Message => {
  if (message.role !== "assistant" || message.parts.some((part) => part.type === "reasoning")) return message
  for (const part of message.parts) {
    const reasoning = part.type === "call" ? recall(part) : undefined
    if (reasoning !== undefined) return { ...message, parts: [...reasoning, ...message.parts] }
  }
  return message
}

const disowned = (message: Message): Message =>
  message.role === "assistant"
    ? {
        ...message,
        parts: message.parts.map((part) =>
          part.type === "reasoning" ? { ...part, replay: { ...part.replay, provider: "" } } : part
        )
      }
    : message

/** The conversation for a provider that cannot read its own reasoning any more: all of it is another's. */
export const withoutSeals = (conversation: Conversation): Conversation => ({
  ...conversation,
  messages: conversation.messages.map(disowned)
})

/** The conversation with what is remembered of the turns that called tools and came back without reasoning. */
export const withRecalled = (conversation: Conversation, recall: Recall): Conversation => ({
  ...conversation,
  messages: conversation.messages.map((message) => recalled(message, recall))
})
