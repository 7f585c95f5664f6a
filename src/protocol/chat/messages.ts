/** A conversation as Chat messages (wire specification §4.2.2, N5, N15). */
import type { AssistantMessage, CallPart, Conversation, ReasoningPart, TextPart, UserMessage } from "../conversation.ts"
import type { Encoder } from "../encoding.ts"
import { serverToolText } from "../pieces.ts"
import { between, continuation, placed } from "../placement.ts"
import type { Policy } from "../policy.ts"
import { joined, text, toolResult, userPart } from "./content.ts"
import { replayed, type Replayed } from "./replay.ts"
import type { ChatCall, ChatMessage, ChatPart, ChatThinkingPart } from "./wire.ts"

/** Upstream messages under construction: user content stays a list of parts so that neighbours can be merged. */
type Draft =
  | Exclude<ChatMessage, { readonly role: "user" }>
  | { readonly role: "user"; readonly parts: Array<ChatPart> }

const assistantContent = (said: string, replay: Replayed, policy: Policy, hasCalls: boolean) => {
  const words = (replay.tagged ?? "") + said
  if (replay.part !== undefined) {
    const thinking: ChatThinkingPart = { type: "thinking", thinking: [{ type: "text", text: replay.part }] }
    return words === "" ? [thinking] : [thinking, text(words)]
  }
  return words === "" && hasCalls && policy.emptyContent === "null" ? null : words
}

const assistant = (message: AssistantMessage, encoder: Encoder): ReadonlyArray<Draft> => {
  const { policy } = encoder
  let said = ""
  let gap = false
  const reasoning: Array<ReasoningPart> = []
  const calls: Array<CallPart> = []
  const say = (piece: string) => {
    said += gap && said !== "" ? `\n\n${piece}` : piece
    gap = false
  }
  for (const part of message.parts) {
    if (part.type === "text") {
      say(part.text)
      continue
    }
    gap = true
    if (part.type === "call") calls.push(part)
    else if (part.type === "reasoning") reasoning.push(part)
    else {
      say(serverToolText(part, encoder))
      gap = true
    }
  }
  const replay = replayed(reasoning, calls, said !== "" || calls.length > 0, encoder)
  const content = assistantContent(said, replay, policy, calls.length > 0)
  if (content === "" && calls.length === 0 && Object.keys(replay.fields).length === 0) return []
  const chatCall = ({ id, input, name }: CallPart): ChatCall => {
    const extra = replay.extras.get(id)
    return {
      id: encoder.id(id),
      type: "function",
      function: { name: encoder.names.up(name), arguments: JSON.stringify(input) },
      ...(extra === undefined ? {} : { extra_content: extra })
    }
  }
  return [
    {
      role: "assistant",
      content,
      ...replay.fields,
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(chatCall) })
    }
  ]
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

/** Mistral answers 400 to a user message behind tool results: "Unexpected role 'user' after role 'tool'". */
const bridge = ({ lose }: Encoder): Draft => {
  lose("added", "messages", "a word of the model behind the results", "the provider takes no user message there")
  return { role: "assistant", content: "OK." }
}

const finished = (draft: Draft): ChatMessage => {
  if (draft.role !== "user") return draft
  const texts = draft.parts.flatMap((part) => (part.type === "text" && !("cache_control" in part) ? [part.text] : []))
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
    if (policy.assistantAfterTools && draft.role === "user" && last?.role === "tool") drafts.push(bridge(encoder))
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
      const { cache, role, text: said } = between(message, encoder)
      const part: TextPart = { type: "text", text: said, ...(cache === undefined ? {} : { cache }) }
      push(
        role === "system"
          ? { role: policy.systemRole, content: joined([part], "", encoder) }
          : { role, parts: [...userPart(part, encoder)] }
      )
    }
  }
  const begun = drafts.at(-1)
  if (begun?.role === "assistant") {
    const { prefill } = policy
    if (prefill === "note") push({ role: "user", parts: [text(continuation(encoder))] })
    else if (prefill === "partial" || prefill === "prefix") drafts[drafts.length - 1] = { ...begun, [prefill]: true }
  }
  const leading: ReadonlyArray<TextPart> =
    instruction === undefined ? head : [...head, { type: "text", text: instruction }]
  const system: ReadonlyArray<ChatMessage> =
    leading.length === 0 ? [] : [{ role: policy.systemRole, content: joined(leading, "\n\n", encoder) }]
  return [...system, ...drafts.map(finished)]
}
