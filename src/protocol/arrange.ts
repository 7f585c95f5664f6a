/**
 * The order every protocol can live with (wire specification N6, N7, N10, N11): runs of one role merged, blank text
 * gone, each call answered exactly once and at once, nothing between calls and their results.
 */
import type {
  AssistantPart,
  CallPart,
  Located,
  Message,
  ReasoningPart,
  ServerToolPart,
  ToolResult,
  UserPart
} from "./conversation.ts"
import { type LossSink, silently } from "./loss.ts"

/** The result of a call as it stands among the blocks, before it is paired with its call. */
export interface ResultBlock extends Located {
  readonly type: "result"
  readonly callId: string
  readonly parts: ReadonlyArray<UserPart>
  readonly isError: boolean
}

/** The result of a server tool, before it is attached to its use. */
export interface ServerResultBlock extends Located {
  readonly type: "server-result"
  readonly id: string
  readonly name: string
  readonly content: unknown
}

export type Block = UserPart | CallPart | ReasoningPart | ServerToolPart | ServerResultBlock | ResultBlock

export type Role = "user" | "assistant" | "system"

export interface RawMessage extends Located {
  readonly role: Role
  readonly blocks: ReadonlyArray<Block>
}

export const interrupted = "[no result: the tool call was interrupted]"

const located = ({ at }: Located): Located => (at === undefined ? {} : { at })
const placeOf = (part: Located): string => part.at ?? "messages"

const blank = (block: Block): boolean => block.type === "text" && block.text.trim() === ""

/** Server-tool uses take up their results; call ids that repeat within the message are told apart. */
const assistantParts = (blocks: ReadonlyArray<Block>, lose: LossSink): ReadonlyArray<AssistantPart> => {
  const parts: Array<AssistantPart> = []
  const ids = new Set<string>()
  const copies = new Map<string, number>()
  for (const block of blocks) {
    switch (block.type) {
      case "server-result": {
        const at = parts.findLastIndex(
          (part) => part.type === "server-tool" && part.id === block.id && part.result === undefined
        )
        const use = parts[at]
        if (use?.type === "server-tool") parts[at] = { ...use, result: block.content }
        else {
          const { content: result, id, name } = block
          parts.push({ type: "server-tool", id, name, input: {}, result, ...located(block) })
        }
        break
      }
      case "call": {
        let id = block.id
        let n = copies.get(block.id) ?? 2
        for (; ids.has(id); n++) id = `${block.id}-${n}`
        copies.set(block.id, n)
        ids.add(id)
        if (id !== block.id) lose("renamed", placeOf(block), "the call got an id of its own", "two calls have one id")
        parts.push(id === block.id ? block : { ...block, id })
        break
      }
      case "text":
      case "reasoning":
      case "server-tool":
        parts.push(block)
        break
      default:
        break // media and results were turned into text where the blocks were read
    }
  }
  return parts
}

/** A result nobody asked for, as text where it stood; an empty one disappears. */
const orphan = (block: ResultBlock, lose: LossSink): ReadonlyArray<UserPart> => {
  const parts = block.parts.filter((part) => !blank(part))
  const empty = parts.length === 0 && !block.isError
  const what = empty ? "an empty result is not sent" : "the result became text"
  lose(empty ? "dropped" : "replaced", placeOf(block), what, "there is no call that it answers")
  const kind = block.isError ? "failed result" : "result"
  return empty ? [] : [{ type: "text", text: `[${kind} of unknown tool call ${block.callId}]` }, ...parts]
}

const userParts = (blocks: ReadonlyArray<Block>, lose: LossSink): ReadonlyArray<UserPart> =>
  blocks.flatMap((block) => {
    if (block.type === "result") return orphan(block, lose)
    return block.type === "text" || block.type === "image" || block.type === "document" ? [block] : []
  })

/** Everything up to the next assistant message that follows a message with calls. */
interface Answers {
  readonly results: ReadonlyArray<ToolResult>
  /** The same messages without the results that were taken. */
  readonly rest: ReadonlyArray<RawMessage>
}

const takeResults = (calls: ReadonlyArray<CallPart>, group: ReadonlyArray<RawMessage>, lose: LossSink): Answers => {
  const ids = calls.map((call) => call.id)
  const open = new Set(ids)
  const renamed = copiesOf(ids)
  const results: Array<ToolResult> = []
  /** What stands before a result that has to come first. */
  let overtaken = false
  const rest = group.map((message) => ({
    role: message.role,
    blocks: message.blocks.filter((block) => {
      if (message.role !== "user" || block.type !== "result") {
        overtaken ||= !blank(block)
        return true
      }
      // a second result for an id that was renamed because it occurred twice belongs to the next one of that name
      const id = open.has(block.callId) ? block.callId : renamed.get(block.callId)?.find((copy) => open.has(copy))
      if (id === undefined) return true
      open.delete(id)
      if (overtaken) lose("moved", placeOf(block), "the result stands before all else", "a result follows its call")
      results.push({ callId: id, parts: block.parts, isError: block.isError, ...located(block) })
      return false
    })
  }))
  for (const call of calls) {
    if (!open.has(call.id)) continue
    lose("added", placeOf(call), "a note stands for the missing result", "providers refuse a call without a result")
    results.push({ callId: call.id, parts: [{ type: "text", text: interrupted }], isError: false })
  }
  return { results, rest }
}

/** Ids that may have been made from another one, by that one. */
const copiesOf = (ids: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const copies = new Map<string, Array<string>>()
  for (const id of ids) {
    const original = id.replace(/-\d+$/, "")
    if (original === id) continue
    const known = copies.get(original)
    if (known === undefined) copies.set(original, [id])
    else known.push(id)
  }
  return copies
}

const plain = (message: RawMessage, lose: LossSink): ReadonlyArray<Message> => {
  if (message.role === "assistant") {
    const parts = assistantParts(message.blocks, lose)
    return parts.length === 0 ? [] : [{ role: "assistant", parts }]
  }
  const parts = userParts(message.blocks, lose)
  if (parts.length === 0) return []
  if (message.role === "user") return [{ role: "user", results: [], parts }]
  const texts = parts.filter((part) => part.type === "text")
  for (const part of parts)
    if (part.type !== "text") lose("dropped", placeOf(part), `the ${part.type} is not sent`, "system text is text only")
  return texts.length === 0 ? [] : [{ role: "system", parts: texts, ...located(message) }]
}

/** Whether `next` continues `first`: results open a user turn. */
const continues = (first: Message, next: Message): boolean =>
  first.role === next.role && !(next.role === "user" && next.results.length > 0)

const joined = (run: readonly [Message, ...ReadonlyArray<Message>]): Message => {
  const [first] = run
  if (run.length === 1) return first
  switch (first.role) {
    case "user":
      return { ...first, parts: run.flatMap((message) => (message.role === "user" ? message.parts : [])) }
    case "assistant":
      return { ...first, parts: run.flatMap((message) => (message.role === "assistant" ? message.parts : [])) }
    case "system":
      return { ...first, parts: run.flatMap((message) => (message.role === "system" ? message.parts : [])) }
  }
}

/** Runs of one role as one message. */
export const merge = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  const found: Array<[Message, ...Array<Message>]> = []
  for (const message of messages) {
    const last = found.at(-1)
    if (last !== undefined && continues(last[0], message)) last.push(message)
    else found.push([message])
  }
  return found.map(joined)
}

/** Merges runs of assistant messages before their calls are paired. */
const runs = (messages: ReadonlyArray<RawMessage>): ReadonlyArray<RawMessage> => {
  const out: Array<Located & { readonly role: Role; readonly blocks: Array<Block> }> = []
  for (const message of messages) {
    const { blocks, role } = message
    const last = out.at(-1)
    if (last?.role !== role) out.push({ role, blocks: [...blocks], ...located(message) })
    else for (const block of blocks) last.blocks.push(block)
  }
  return out
}

/** A prefill must not end in white space: providers refuse it. */
const trimPrefill = (messages: ReadonlyArray<Message>, lose: LossSink): ReadonlyArray<Message> => {
  const last = messages.at(-1)
  const part = last?.role === "assistant" ? last.parts.at(-1) : undefined
  if (last?.role !== "assistant" || part?.type !== "text") return messages
  const trimmed = part.text.trimEnd()
  if (trimmed === part.text) return messages
  lose("dropped", "messages", "white space at the end of the begun answer", "providers refuse it")
  return [...messages.slice(0, -1), { ...last, parts: [...last.parts.slice(0, -1), { ...part, text: trimmed }] }]
}

/** Idempotent: arranging what was arranged changes nothing. */
export const arrange = (raw: ReadonlyArray<RawMessage>, lose: LossSink = silently): ReadonlyArray<Message> => {
  const messages = runs(
    raw
      .map((message) => ({ ...message, blocks: message.blocks.filter((block) => !blank(block)) }))
      .filter((message) => message.blocks.length > 0)
  )
  const out: Array<Message> = []
  let i = 0
  while (i < messages.length) {
    const message = messages[i]
    i += 1
    if (message === undefined) break
    const [mine] = plain(message, lose)
    if (mine === undefined) continue
    out.push(mine)
    const calls = mine.role === "assistant" ? mine.parts.filter((part) => part.type === "call") : []
    if (calls.length === 0) continue
    const from = i
    while (i < messages.length && messages[i]?.role !== "assistant") i += 1
    const { results, rest } = takeResults(calls, messages.slice(from, i), lose)
    out.push({ role: "user", results, parts: [] })
    for (const later of rest.flatMap((one) => plain(one, lose))) out.push(later)
  }
  return trimPrefill(merge(out), lose)
}
