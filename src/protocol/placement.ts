/** Where system text from the middle of a conversation goes (N5), and how a begun answer is continued (N15). */
import { merge } from "./arrange.ts"
import type { CacheMark, Conversation, Message, SystemMessage, TextPart } from "./conversation.ts"
import type { Encoder } from "./encoding.ts"

/** The leading system text, and the messages behind it. */
export interface Placed {
  readonly head: ReadonlyArray<TextPart>
  readonly list: ReadonlyArray<Message>
}

const systemText = (message: SystemMessage): string => message.parts.map((part) => part.text).join("\n\n")

/** Hoisted system text leaves messages of one role side by side. */
export const placed = (conversation: Conversation, { lose, policy }: Encoder): Placed => {
  const { messages: list, system: head } = conversation
  if (policy.systemPlacement !== "hoist") return { head, list }
  const hoisted = list.flatMap((message): ReadonlyArray<TextPart> => {
    if (message.role !== "system") return []
    lose("moved", message.at ?? "messages", "system text went to the front", "the provider takes it nowhere else")
    return [{ type: "text", text: systemText(message) }]
  })
  return { head: [...head, ...hoisted], list: merge(list.filter((message) => message.role !== "system")) }
}

/** System text that stays in its place: as it is, or marked in a user turn. */
export interface Between {
  readonly role: "system" | "user"
  readonly text: string
  readonly cache?: CacheMark
}

export const between = (message: SystemMessage, { lose, policy }: Encoder): Between => {
  const text = systemText(message)
  const cache = message.parts.findLast((part) => part.cache !== undefined)?.cache
  const mark = cache === undefined ? {} : { cache }
  if (policy.systemPlacement === "inline") return { role: "system", text, ...mark }
  lose("moved", message.at ?? "messages", "system text stands in a user turn", "the provider takes it in front only")
  return { role: "user", text: `<system-reminder>\n${text}\n</system-reminder>`, ...mark }
}

/** Asks for the rest of an answer that the client has begun. */
export const continuation = ({ lose }: Encoder): string => {
  lose("replaced", "messages", "the begun answer is followed by a request to continue it", "the provider takes none")
  return "Continue your last message exactly where it stopped; do not repeat it."
}
