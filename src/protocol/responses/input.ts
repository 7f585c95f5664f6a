/** A conversation as Responses items, in the order of its blocks (wire specification §4.5). */
import type { AssistantMessage, CallPart, Conversation, ToolResult, UserMessage } from "../conversation.ts"
import type { Encoder } from "../encoding.ts"
import { resultPieces, serverToolText, userPieces, type Piece } from "../pieces.ts"
import { between, continuation, placed } from "../placement.ts"
import { replay } from "./replay.ts"
import type { InputItem, InputPart, OutputText } from "./wire.ts"

/** Items under construction: content stays open so that neighbours can join it. */
type Draft =
  | Exclude<InputItem, { readonly type: "message" }>
  | { readonly type: "message"; readonly role: "user"; readonly content: Array<InputPart> }
  | { readonly type: "message"; readonly role: "developer"; readonly content: Array<InputPart> }
  | {
      readonly type: "message"
      readonly role: "assistant"
      readonly content: Array<OutputText>
      readonly phase?: "commentary" | "final_answer"
    }

const inputText = (text: string): InputPart => ({ type: "input_text", text })

const inputPart = (piece: Piece): InputPart => {
  switch (piece.type) {
    case "text":
      return inputText(piece.text)
    case "image":
      return { type: "input_image", image_url: piece.url, detail: "auto" }
    case "file":
      return { type: "input_file", filename: piece.name, file_data: piece.data }
    case "link":
      return { type: "input_file", file_url: piece.url }
  }
}

/** What the items written so far hold ready for those that follow. */
interface Transcript {
  readonly encoder: Encoder
  readonly drafts: Array<Draft>
  /** The provider ids in use: an output belongs to one call of the whole request. */
  readonly used: Set<string>
  /** The calls that wait for their results, by the client's id. */
  readonly open: Map<string, { readonly id: string; readonly name: string }>
}

/** The provider's id of a call; one that an earlier call has already is told apart by a number. */
const callId = (part: CallPart, { encoder, used }: Transcript): string => {
  let id = encoder.id(part.id)
  for (let n = 2; used.has(id); n++) id = encoder.id(`${part.id}#${n}`)
  if (id !== encoder.id(part.id))
    encoder.lose("renamed", part.at ?? "messages", "the call got an id of its own", "an earlier call has the same one")
  used.add(id)
  return id
}

const say = (text: string, drafts: Array<Draft>) => {
  const last = drafts.at(-1)
  const part: OutputText = { type: "output_text", text }
  if (last?.type === "message" && last.role === "assistant") last.content.push(part)
  else drafts.push({ type: "message", role: "assistant", content: [part] })
}

/**
 * One answer's items with the phases that the service gave its messages: what it said before it called tools was
 * commentary. Without them a model takes that for its final answer, and stops early.
 * [openrouter.ai: GPT-5.4 migration; UKGovernmentBEIS/inspect_ai#3790]
 */
const phased = (items: ReadonlyArray<Draft>): ReadonlyArray<Draft> => {
  const lastCall = items.findLastIndex(({ type }) => type === "function_call")
  return items.map((item, at) =>
    item.type === "message" && item.role === "assistant"
      ? { ...item, phase: at < lastCall ? "commentary" : "final_answer" }
      : item
  )
}

const assistant = (message: AssistantMessage, transcript: Transcript) => {
  const { encoder, open } = transcript
  const mine: Array<Draft> = []
  const searches = new Set<unknown>()
  for (const part of message.parts) {
    switch (part.type) {
      case "text":
        say(part.text, mine)
        break
      case "call": {
        const id = callId(part, transcript)
        const name = encoder.names.up(part.name)
        open.set(part.id, { id, name })
        mine.push({ type: "function_call", call_id: id, name, arguments: JSON.stringify(part.input) })
        break
      }
      case "reasoning": {
        const item = replay(part, encoder)
        if (item === undefined) break
        if (item.type === "web_search_call") searches.add(item["id"])
        mine.push(item)
        break
      }
      case "server-tool":
        if (!searches.has(part.id)) say(serverToolText(part, encoder), mine)
    }
  }
  // the service refuses reasoning that nothing follows
  while (mine.at(-1)?.type === "reasoning") {
    encoder.lose("dropped", "messages", "reasoning is not sent back", "nothing followed it")
    mine.pop()
  }
  for (const draft of encoder.policy.messagePhases ? phased(mine) : mine) transcript.drafts.push(draft)
}

const speak = (parts: ReadonlyArray<InputPart>, drafts: Array<Draft>) => {
  const last = drafts.at(-1)
  if (parts.length === 0) return
  if (last?.type === "message" && last.role === "user") for (const part of parts) last.content.push(part)
  else drafts.push({ type: "message", role: "user", content: [...parts] })
}

const output = (result: ToolResult, { drafts, encoder, open }: Transcript): ReadonlyArray<Piece> => {
  const call = open.get(result.callId) ?? { id: encoder.id(result.callId), name: "a tool" }
  const { content, media } = resultPieces(result, `the call ${call.id} of ${call.name}`, encoder)
  const sent = typeof content === "string" ? content : content.map(inputPart)
  drafts.push({ type: "function_call_output", call_id: call.id, output: sent })
  return media
}

const user = (message: UserMessage, transcript: Transcript) => {
  const { drafts, encoder, open } = transcript
  const media = message.results.flatMap((result) => output(result, transcript))
  if (message.results.length > 0) open.clear()
  const pieces = [...media, ...message.parts.flatMap((part) => userPieces(part, encoder))]
  speak(pieces.map(inputPart), drafts)
}

/** Whether the model has something to answer: this wire has no answers that the client begins. */
const asks = (last: Draft | undefined): boolean =>
  last?.type === "function_call_output" || (last?.type === "message" && last.role !== "assistant")

export interface Input {
  /** The system text, whole. */
  readonly instructions: string
  readonly input: ReadonlyArray<InputItem>
}

/** All items of a request; `instruction` is appended to the system text. */
export const inputOf = (conversation: Conversation, encoder: Encoder, instruction: string | undefined): Input => {
  const { head, list } = placed(conversation, encoder)
  const transcript: Transcript = { encoder, drafts: [], used: new Set(), open: new Map() }
  const { drafts } = transcript
  for (const message of list) {
    if (message.role === "assistant") assistant(message, transcript)
    else if (message.role === "user") user(message, transcript)
    else {
      const { role, text } = between(message, encoder)
      if (role === "user") speak([inputText(text)], drafts)
      else drafts.push({ type: "message", role: "developer", content: [inputText(text)] })
    }
  }
  if (!asks(drafts.at(-1))) speak([inputText(continuation(encoder))], drafts)
  const leading = [...head.map((part) => part.text), ...(instruction === undefined ? [] : [instruction])]
  return { instructions: leading.join("\n\n"), input: drafts }
}
