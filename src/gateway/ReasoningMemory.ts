/**
 * What models thought before they called tools, for clients that drop it: some providers refuse a history without it
 * (wire specification §4.9.2). In memory, of one gateway, bounded by entries and by size; the entry that was used least
 * recently goes first. A second source only: what the client sends back counts.
 */
import type { ReasoningPart } from "../protocol/conversation.ts"
import type { Thoughts } from "../protocol/anthropic/thoughts.ts"
import type { Recall } from "../protocol/recall.ts"
import { unseal } from "../protocol/reasoning.ts"

export interface MemoryLimits {
  readonly entries: number
  /** Characters of reasoning, envelopes and inputs together. */
  readonly size: number
}

/** About 8 MB: most text is held with one byte per character. */
const defaultLimits: MemoryLimits = { entries: 512, size: 8 * 1024 * 1024 }

/** `session` is the client's, stable over a conversation; undefined when it names none. */
export interface ReasoningMemory {
  readonly remember: (session: string | undefined, thoughts: Thoughts) => void
  readonly recall: (session: string | undefined) => Recall
}

interface Entry {
  readonly name: string
  /** How the input of the call looks: enough to tell two calls of one id apart. */
  readonly input: string
  readonly blocks: Thoughts["blocks"]
  readonly size: number
}

const shape = (input: object): string => {
  const json = JSON.stringify(input)
  return `${json.length}:${json.slice(0, 512)}`
}

const sizeOf = (key: string, input: string, blocks: Thoughts["blocks"]): number =>
  blocks.reduce((sum, { envelope, text }) => sum + envelope.length + text.length, key.length + input.length)

/**
 * Ids that some providers count up (`functions.Read:0`, `call_1`) occur in every conversation, and in every subagent of
 * one session: for those the call itself has to be the same.
 */
const isUnique = (session: string | undefined, id: string): boolean =>
  session !== undefined && id.length >= 20 && !id.startsWith("cdx_")

const parts = (blocks: Thoughts["blocks"]): ReadonlyArray<ReasoningPart> =>
  blocks.flatMap(({ envelope, text }) => {
    const replay = unseal(envelope)
    return replay === undefined ? [] : [{ type: "reasoning" as const, text, replay }]
  })

export const makeReasoningMemory = (limits: MemoryLimits = defaultLimits): ReasoningMemory => {
  /** In order of use, the oldest first. */
  const entries = new Map<string, Entry>()
  let size = 0

  const forget = (key: string) => {
    size -= entries.get(key)?.size ?? 0
    entries.delete(key)
  }

  const put = (key: string, entry: Entry) => {
    forget(key)
    entries.set(key, entry)
    size += entry.size
    for (const oldest of entries.keys()) {
      if (entries.size <= limits.entries && size <= limits.size) return
      forget(oldest)
    }
  }

  const keyOf = (session: string | undefined, id: string) => `${session ?? ""}\0${id}`

  return {
    remember: (session, { blocks, call }) => {
      const key = keyOf(session, call.id)
      const input = shape(call.input)
      const entry = { name: call.name, input, blocks, size: sizeOf(key, input, blocks) }
      // one that large would push everything else out
      if (entry.size <= limits.size / 4) put(key, entry)
    },
    recall: (session) => (call) => {
      const key = keyOf(session, call.id)
      const entry = entries.get(key)
      if (entry === undefined || entry.name !== call.name) return undefined
      if (!isUnique(session, call.id) && entry.input !== shape(call.input)) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return parts(entry.blocks)
    }
  }
}
