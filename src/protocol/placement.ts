/** Where system text from the middle of a conversation goes (N5), and how a begun answer is continued (N15). */
import { merge } from "./arrange.ts"
import type { Conversation, Message, SystemMessage } from "./conversation.ts"
import type { Encoder } from "./encoding.ts"

/** The leading system text, and the messages behind it. */
export interface Placed {
  readonly head: ReadonlyArray<string>
  readonly list: ReadonlyArray<Message>
}

const systemText = (message: SystemMessage): string => message.parts.map((part) => part.text).join("\n\n")

/** Hoisted system text leaves messages of one role side by side. */
export const placed = (conversation: Conversation, { lose, policy }: Encoder): Placed => {
  const head = conversation.system.map((part) => part.text)
  const list = conversation.messages
  if (policy.systemPlacement !== "hoist") return { head, list }
  const between = list.flatMap((message) => {
    if (message.role !== "system") return []
    lose("moved", message.at ?? "messages", "system text went to the front", "the provider takes it nowhere else")
    return [systemText(message)]
  })
  return { head: [...head, ...between], list: merge(list.filter((message) => message.role !== "system")) }
}

/** System text that stays in its place: as it is, or marked in a user turn. */
export interface Between {
  readonly role: "system" | "user"
  readonly text: string
}

export const between = (message: SystemMessage, { lose, policy }: Encoder): Between => {
  const text = systemText(message)
  if (policy.systemPlacement === "inline") return { role: "system", text }
  lose("moved", message.at ?? "messages", "system text stands in a user turn", "the provider takes it in front only")
  return { role: "user", text: `<system-reminder>\n${text}\n</system-reminder>` }
}

/** Asks for the rest of an answer that the client has begun. */
export const continuation = ({ lose }: Encoder): string => {
  lose("replaced", "messages", "the begun answer is followed by a request to continue it", "the provider takes none")
  return "Continue your last message exactly where it stopped; do not repeat it."
}
