/** A conversation as Chat messages (wire specification §4.2.2, N5, N15). */
import type { AssistantMessage, Conversation, UserMessage } from "../conversation.ts"
import type { Encoder } from "../encoding.ts"
import { serverToolText } from "../pieces.ts"
import { between, continuation, placed } from "../placement.ts"
import type { Policy } from "../policy.ts"
import { text, toolResult, userPart } from "./content.ts"
import { readReplay } from "./reasoning.ts"
import type { ChatMessage, ChatPart } from "./wire.ts"

/** Upstream messages under construction: user content stays a list of parts so that neighbours can be merged. */
type Draft =
  | Exclude<ChatMessage, { readonly role: "user" }>
  | { readonly role: "user"; readonly parts: Array<ChatPart> }

const assistant = (message: AssistantMessage, encoder: Encoder): ReadonlyArray<Draft> => {
  const { policy } = encoder
  let content = ""
  let reasoning = ""
  let gap = false
  const details: Array<unknown> = []
  const say = (piece: string) => {
    content += gap && content !== "" ? `\n\n${piece}` : piece
    gap = false
  }
  const calls = message.parts.flatMap((part) => {
    if (part.type === "text") {
      say(part.text)
      return []
    }
    gap = true
    if (part.type === "call") {
      const fn = { name: encoder.names.up(part.name), arguments: JSON.stringify(part.input) }
      return [{ id: encoder.id(part.id), type: "function" as const, function: fn }]
    }
    if (part.type === "server-tool") {
      say(serverToolText(part, encoder))
      gap = true
    } else {
      reasoning += part.text
      // opaque details are only understood by the model that wrote them
      const own = part.replay.provider === policy.kind && part.replay.model === encoder.model
      if (own) details.push(...(readReplay(part.replay.payload).details ?? []))
    }
    return []
  })
  const replay = replayed(policy, reasoning, details, calls.length > 0)
  if (content === "" && calls.length === 0 && Object.keys(replay).length === 0) return []
  const empty = calls.length > 0 && policy.emptyContent === "null" ? null : ""
  return [
    {
      role: "assistant",
      content: content === "" ? empty : content,
      ...replay,
      ...(calls.length === 0 ? {} : { tool_calls: calls })
    }
  ]
}

const replayed = (
  policy: Policy,
  reasoning: string,
  details: ReadonlyArray<unknown>,
  hasCalls: boolean
): { readonly [field: string]: string | ReadonlyArray<unknown> } => {
  const field = policy.reasoningReplay
  if (field !== "reasoning_details" && field !== "reasoning_content" && field !== "reasoning") return {}
  if (field === "reasoning_details") return details.length === 0 ? {} : { [field]: details }
  const known = reasoning !== "" ? reasoning : hasCalls ? policy.reasoningFallback : undefined
  return known === undefined ? {} : { [field]: known }
}

const user = (message: UserMessage, callNames: ReadonlyMap<string, string>, encoder: Encoder): ReadonlyArray<Draft> => {
  const media: Array<ChatPart> = []
  const tools = message.results.map((result): Draft => {
    const id = encoder.id(result.callId)
    const call = `the call ${id} of ${callNames.get(result.callId) ?? "a tool"}`
    const encoded = toolResult(result, call, encoder)
    media.push(...encoded.media)
    return { role: "tool", tool_call_id: id, content: encoded.content }
  })
  const parts = [...media, ...message.parts.flatMap((part) => userPart(part, encoder))]
  return parts.length === 0 ? tools : [...tools, { role: "user", parts }]
}

const finished = (draft: Draft): ChatMessage => {
  if (draft.role !== "user") return draft
  const texts = draft.parts.flatMap((part) => (part.type === "text" ? [part.text] : []))
  return { role: "user", content: texts.length === draft.parts.length ? texts.join("\n") : draft.parts }
}

/** All messages of a request; `instruction` is appended to the system text. */
export const messages = (
  conversation: Conversation,
  encoder: Encoder,
  instruction: string | undefined
): ReadonlyArray<ChatMessage> => {
  const { policy } = encoder
  const { head, list } = placed(conversation, encoder)
  const drafts: Array<Draft> = []
  const push = (draft: Draft) => {
    const last = drafts.at(-1)
    if (draft.role !== "user" || last?.role !== "user") drafts.push(draft)
    else for (const part of draft.parts) last.parts.push(part)
  }
  const callNames = new Map<string, string>()
  for (const message of list) {
    if (message.role === "assistant") {
      for (const part of message.parts) if (part.type === "call") callNames.set(part.id, encoder.names.up(part.name))
      assistant(message, encoder).forEach(push)
    } else if (message.role === "user") user(message, callNames, encoder).forEach(push)
    else {
      const { role, text: content } = between(message, encoder)
      push(role === "system" ? { role: policy.systemRole, content } : { role, parts: [text(content)] })
    }
  }
  if (policy.prefill === "note" && drafts.at(-1)?.role === "assistant") {
    push({ role: "user", parts: [text(continuation(encoder))] })
  }
  const leading = instruction === undefined ? head : [...head, instruction]
  const system: ReadonlyArray<ChatMessage> =
    leading.length === 0 ? [] : [{ role: policy.systemRole, content: leading.join("\n\n") }]
  return [...system, ...drafts.map(finished)]
}
