/**
 * What claudex put into a conversation on behalf of other providers, taken out of it on its way to an Anthropic upstream,
 * which would refuse it (wire specification §4.9.2, §8): sealed reasoning, and web searches whose sources are not sealed
 * by Anthropic. Only then are messages changed, and only by cutting bytes.
 *
 * Reasoning goes without a trace, as the client itself drops it when the model changes. Searches become text: later words
 * refer to them. A message that has nothing left keeps its place with the words the client uses for that, because not
 * every upstream takes two turns of the user in a row; as the last one, where it would be the beginning of the answer,
 * it goes.
 */
import { serverTool } from "../pieces.ts"
import { cutOut, type Edit, replaced } from "../jsonEdits.ts"
import { asString, isObject, parseJson, type JsonObject } from "../json.ts"
import { elementsAt, membersAt, type OnString, skipSpace, type Span, stringAt } from "../jsonSpans.ts"
import type { LossSink } from "../loss.ts"
import { envelopePrefix } from "../reasoning.ts"

export interface StripOptions {
  /** Reasoning without any signature goes too: claudex writes it for providers that have nothing to seal. */
  readonly unsigned: boolean
}

/** A string that may lead to something of ours; `empty`: only as a key with an empty string as its value. */
interface Mark {
  readonly text: ReadonlyArray<number>
  readonly empty: boolean
}

const codes = (text: string): ReadonlyArray<number> => Array.from(text, (letter) => letter.charCodeAt(0))

const marks: ReadonlyArray<Mark> = [
  { text: codes(envelopePrefix), empty: false },
  { text: codes('server_tool_use"'), empty: false },
  { text: codes('signature"'), empty: true },
  { text: codes('encrypted_content"'), empty: true },
  { text: codes('encrypted_index"'), empty: true },
  // written with escapes: no telling what it is
  { text: codes("\\u"), empty: false }
]

/** By first byte, which settles it nearly always: this is asked for every string of a body. */
const marksBy: ReadonlyArray<ReadonlyArray<Mark> | undefined> = Array.from({ length: 256 }, (_, byte) => {
  const possible = marks.filter(({ text }) => text[0] === byte)
  return possible.length === 0 ? undefined : possible
})

const startsWith = (bytes: Uint8Array, at: number, text: ReadonlyArray<number>): boolean => {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text[index]) return false
  return true
}

const isEmptyString = (bytes: Uint8Array, at: number): boolean => {
  const value = skipSpace(bytes, skipSpace(bytes, at) + 1)
  return bytes[value] === 0x22 && bytes[value + 1] === 0x22
}

/** Notices, while a body is looked through, whether `stripOwn` could find anything in it. */
export const ownMarks = (bytes: Uint8Array): { readonly onString: OnString; readonly found: () => boolean } => {
  let found = false
  const onString: OnString = (at) => {
    if (found) return
    const possible = marksBy[bytes[at] ?? 0]
    if (possible === undefined) return
    for (const { empty, text } of possible) {
      if (startsWith(bytes, at, text) && (!empty || isEmptyString(bytes, at + text.length))) found = true
    }
  }
  return { onString, found: () => found }
}

/** One content block: its place, and where its members are. */
interface Block {
  readonly span: Span
  readonly type: string
  readonly at: (key: string) => Span | undefined
  readonly text: (key: string) => string | undefined
}

const blockAt = (bytes: Uint8Array, span: Span): Block => {
  const { members } = membersAt(bytes, span.from)
  const at = (key: string) => members.findLast((member) => member.key === key)?.value
  const text = (key: string) => {
    const value = at(key)
    return value === undefined ? undefined : stringAt(bytes, value)
  }
  return { span, type: text("type") ?? "", at, text }
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** The block's value. */
const read = (bytes: Uint8Array, { span }: Block): JsonObject => {
  const value = parseJson(utf8.decode(bytes.subarray(span.from, span.to)))
  return isObject(value) ? value : {}
}

const reasoningTypes: ReadonlySet<string> = new Set(["thinking", "redacted_thinking"])

const isOwnReasoning = ({ text, type }: Block, { unsigned }: StripOptions): boolean => {
  if (type === "redacted_thinking") return text("data")?.startsWith(envelopePrefix) === true
  if (type !== "thinking") return false
  const signature = text("signature")
  // what we write has one, if only an empty one; without it there is no mark that leads here either
  if (signature === undefined) return false
  return signature === "" ? unsigned : signature.startsWith(envelopePrefix)
}

const resultSuffix = "_tool_result"
/** The ids that the API makes, and takes back. */
const serverId = /^srvtoolu_[a-zA-Z0-9_]+$/

/** The server tool that a block belongs to; undefined for blocks of other kinds. */
const serverIdOf = ({ text, type }: Block): string | undefined =>
  type === "server_tool_use" ? text("id") : type.endsWith(resultSuffix) ? text("tool_use_id") : undefined

const isUse = ({ type }: Block): boolean => type === "server_tool_use"

const byId = (blocks: ReadonlyArray<Block>): ReadonlyMap<string | undefined, Block> =>
  new Map(blocks.map((block) => [serverIdOf(block), block]))

const hasOpenSource = (bytes: Uint8Array, block: Block): boolean => {
  const content = block.at("content")
  return (
    content !== undefined &&
    elementsAt(bytes, content.from).some((source) => blockAt(bytes, source).text("encrypted_content") === "")
  )
}

/** The ids of server tools that no Anthropic server ran. */
const ownServerTools = (bytes: Uint8Array, blocks: ReadonlyArray<Block>): ReadonlySet<string | undefined> =>
  new Set(
    blocks
      .filter((block) => (isUse(block) ? !serverId.test(block.text("id") ?? "") : hasOpenSource(bytes, block)))
      .map(serverIdOf)
      .filter((id) => id !== undefined)
  )

/** A server tool's use and result as one text, in the result's place; a mark for the cache stays on it. */
const asText = (use: JsonObject, result: JsonObject | undefined): object => {
  const cacheControl = (result ?? use)["cache_control"]
  const name = asString(use["name"]) ?? (asString(result?.["type"]) ?? "").slice(0, -resultSuffix.length)
  const text = serverTool({
    type: "server-tool",
    id: "",
    name,
    input: use["input"],
    ...(result === undefined ? {} : { result: result["content"] })
  })
  return { type: "text", text, ...(cacheControl === undefined ? {} : { cache_control: cacheControl }) }
}

const unsealed = "their sources are not sealed by Anthropic, which refuses them then"
const unsigned = "Anthropic did not sign it and refuses it"

/** Citations that refer to a source of ours cannot be checked by the upstream. */
const citationEdits = (bytes: Uint8Array, block: Block, path: string, lose: LossSink): ReadonlyArray<Edit> => {
  const citations = block.at("citations")
  if (citations === undefined || block.type !== "text") return []
  const all = elementsAt(bytes, citations.from)
  const isOurs = (index: number) => {
    const span = all[index]
    return span !== undefined && blockAt(bytes, span).text("encrypted_index") === ""
  }
  const gone = all.filter((_, index) => isOurs(index)).length
  if (gone > 0) lose("dropped", `${path}.citations`, "citations were left out", unsealed)
  return gone > 0 && gone === all.length ? [replaced(citations, null)] : cutOut(all, isOurs)
}

interface Stripped {
  readonly edits: ReadonlyArray<Edit>
  /** Nothing of the content is left. */
  readonly emptied: boolean
  /** It began with reasoning and does not any more. */
  readonly beheaded: boolean
}

const untouched: Stripped = { edits: [], emptied: false, beheaded: false }

const stripContent = (
  bytes: Uint8Array,
  content: Span,
  path: string,
  options: StripOptions,
  lose: LossSink
): Stripped => {
  const elements = elementsAt(bytes, content.from)
  const blocks = elements.map((element) => blockAt(bytes, element))
  const own = ownServerTools(bytes, blocks)
  const isOwnTool = (block: Block) => own.has(serverIdOf(block))
  const uses = byId(blocks.filter(isUse))
  const results = byId(blocks.filter((block) => !isUse(block)))
  const isGone = (block: Block) =>
    isOwnReasoning(block, options) || (isOwnTool(block) && isUse(block) && results.has(serverIdOf(block)))

  blocks.forEach((block, index) => {
    const place = `${path}[${index}]`
    if (isOwnReasoning(block, options)) lose("dropped", place, "reasoning of another provider was left out", unsigned)
    else if (isOwnTool(block)) lose("replaced", place, `the ${block.type} block became text`, unsealed)
  })
  const isReasoning = (block: Block | undefined) => block !== undefined && reasoningTypes.has(block.type)
  const beheaded = isReasoning(blocks[0]) && !isReasoning(blocks.find((block) => !isGone(block)))
  if (blocks.length > 0 && blocks.every(isGone)) return { edits: [], emptied: true, beheaded }
  const changed = blocks.flatMap((block, index): ReadonlyArray<Edit> => {
    if (isGone(block)) return []
    if (!isOwnTool(block)) return citationEdits(bytes, block, `${path}[${index}]`, lose)
    if (isUse(block)) return [replaced(block.span, asText(read(bytes, block), undefined))]
    const use = uses.get(serverIdOf(block))
    return [replaced(block.span, asText(use === undefined ? {} : read(bytes, use), read(bytes, block)))]
  })
  const gone = blocks.map(isGone)
  return { edits: [...cutOut(elements, (index) => gone[index] === true), ...changed], emptied: false, beheaded }
}

const noContent = [{ type: "text", text: "(no content)" }]

const blocksAt = (bytes: Uint8Array, span: Span | undefined): ReadonlyArray<Block> =>
  span === undefined ? [] : elementsAt(bytes, span.from).map((element) => blockAt(bytes, element))

/** Whether calls were answered in the last message, and the turn that goes on there began with reasoning that is gone. */
const isBare = (bytes: Uint8Array, messages: ReadonlyArray<Block>, stripped: ReadonlyArray<Stripped>): boolean => {
  const answers = ({ at, text }: Block) =>
    text("role") === "user" && blocksAt(bytes, at("content")).some(({ type }) => type === "tool_result")
  const end = messages.at(-1)
  if (end === undefined || !stripped.some(({ beheaded }) => beheaded) || !answers(end)) return false
  const asked = messages.findLastIndex((message) => message.text("role") === "user" && !answers(message))
  const turn = messages.flatMap((message, index) =>
    index > asked && message.text("role") === "assistant" ? [{ message, index }] : []
  )
  const [first] = turn
  const [begins] = blocksAt(bytes, turn.at(-1)?.message.at("content"))
  const isLost = (index: number | undefined) => index !== undefined && stripped[index]?.beheaded === true
  return isLost(first?.index) && (isLost(turn.at(-1)?.index) || !reasoningTypes.has(begins?.type ?? ""))
}

export interface StrippedMessages {
  readonly edits: ReadonlyArray<Edit>
  /** The turn that the answer continues does not begin with reasoning any more. */
  readonly bare: boolean
}

/** The changes that take out of `messages` (the span of the array) what claudex put there. */
export const stripOwn = (
  bytes: Uint8Array,
  messages: Span,
  options: StripOptions,
  lose: LossSink
): StrippedMessages => {
  const elements = elementsAt(bytes, messages.from)
  const blocks = elements.map((element) => blockAt(bytes, element))
  const contents = blocks.map((block) => block.at("content"))
  const stripped = contents.map((content, index) =>
    content === undefined ? untouched : stripContent(bytes, content, `messages[${index}].content`, options, lose)
  )
  const last = elements.length - 1
  const goes = stripped[last]?.emptied === true
  const edits = [
    ...cutOut(elements, (index) => goes && index === last),
    ...stripped.flatMap(({ edits: own, emptied }, index) => {
      const content = contents[index]
      if (!emptied || content === undefined) return own
      return goes && index === last ? [] : [replaced(content, noContent)]
    })
  ]
  return { edits, bare: isBare(bytes, blocks, stripped) }
}
