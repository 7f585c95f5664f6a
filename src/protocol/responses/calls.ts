/**
 * `function_call` and `custom_tool_call` items. Servers send arguments in pieces, at the end, or both; some never
 * announce the item, so that its name comes last. Calls are told in the order of their first records.
 */
import { asString, type JsonObject } from "../json.ts"
import type { NameMap } from "../names.ts"
import type { TurnSink } from "../turn.ts"
import { itemReader, type ItemReader } from "./itemReader.ts"
import { itemTable, refOf, type Entry } from "./items.ts"

interface Call {
  /** Its input is free text, which the client gets as `{"input": …}`. */
  custom: boolean
  name: string
  /** Everything received: arguments as JSON text, or the free text. */
  received: string
  /** What of them was not told yet. */
  pending: string
  /** The pieces can become an object; undefined while that is open. Others wait for the whole. */
  readable: boolean | undefined
  started: boolean
  /** Finished by the provider, and not broken off. */
  complete: boolean
  ended: boolean
  /** Arguments that stood in the announcement already; they mostly come again. */
  announced: string
}

export interface CallReader extends ItemReader {
  readonly delta: (custom: boolean, record: JsonObject) => void
  /** `function_call_arguments.done`, `custom_tool_call_input.done`. */
  readonly argumentsDone: (custom: boolean, record: JsonObject) => void
  /** The turn ends; `cut` says that the provider ran out of tokens. Calls that never got a name are passed over. */
  readonly finish: (cut: boolean) => void
}

const argumentText = (value: unknown): string => {
  if (typeof value === "string") return value
  return value === undefined || value === null ? "" : JSON.stringify(value)
}

/** `{"input": …}`, or the beginning of it. */
const wrapped = (input: string, cut: boolean): string => {
  const whole = JSON.stringify({ input })
  return cut ? whole.slice(0, -2) : whole
}

/** Nothing yet, or the `{}` with which some relays open every call. */
const isBlank = (args: string): boolean => /^\s*(\{\s*\}\s*)?$/.test(args)

/** Whether arguments that begin like this can become an object; undefined while too little is known. */
const readability = (args: string): boolean | undefined => {
  const [, first, second] = /^\s*(\S)?\s*(\S)?/.exec(args) ?? []
  if (first === undefined) return undefined
  if (first !== "{") return false
  return second === undefined ? undefined : second === '"' || second === "}"
}

export const callReader = (names: NameMap, sink: TurnSink): CallReader => {
  const table = itemTable<Call>(() => ({
    custom: false,
    name: "",
    received: "",
    pending: "",
    readable: undefined,
    started: false,
    complete: false,
    ended: false,
    announced: ""
  }))
  let next = 0

  /** Tells what is known of a started call and was not told. */
  const tell = ({ key, state }: Entry<Call>) => {
    if (!state.started || state.ended) return
    if (!state.custom && state.pending !== "" && (state.readable === true || state.complete)) {
      sink({ type: "call-args", key, json: state.pending })
      state.pending = ""
    }
    if (!state.complete) return
    if (state.custom) sink({ type: "call-args", key, json: wrapped(state.received, false) })
    state.ended = true
    sink({ type: "call-end", key })
  }

  const start = (entry: Entry<Call>) => {
    const { callId, key, state } = entry
    state.started = true
    const name = names.down(state.name)
    sink({ type: "call-start", key, name, ...(callId === undefined ? {} : { id: callId }) })
    tell(entry)
  }

  /** Starts every call whose turn it is; at the end of the turn none waits for a name any more. */
  const advance = (last: boolean) => {
    for (const entry of table.entries.slice(next)) {
      if (entry.state.name === "" && !last) return
      next += 1
      if (entry.state.name !== "") start(entry)
    }
  }

  const receive = (entry: Entry<Call>, text: string) => {
    entry.state.received += text
    entry.state.pending += text
    entry.state.readable ??= readability(entry.state.received)
    if (entry.state.started) tell(entry)
    else advance(false)
  }

  /**
   * The whole arguments: what is missing of them, unless they contradict what was told. Copilot enciphers the pieces, and
   * only the whole can be read.
   */
  const hydrate = (entry: Entry<Call>, whole: string) => {
    const { state } = entry
    const { pending, received } = state
    if (whole.startsWith(received)) return receive(entry, whole.slice(received.length))
    if (state.custom ? whole === "" : isBlank(whole)) return
    if (!state.custom && isBlank(received)) return receive(entry, whole)
    if (pending.length < received.length) return
    state.received = state.pending = ""
    state.readable = undefined
    receive(entry, whole)
  }

  const identify = ({ state }: Entry<Call>, record: JsonObject, custom: boolean) => {
    state.custom ||= custom
    if (state.name === "") state.name = (asString(record["name"]) ?? "").trim()
  }

  const isCustom = (item: JsonObject): boolean => item["type"] === "custom_tool_call"

  const wholeOf = (record: JsonObject, custom: boolean): string =>
    argumentText(custom ? (record["input"] ?? record["arguments"]) : (record["arguments"] ?? record["input"]))

  return {
    ...itemReader(table, {
      opened: (entry, item) => {
        identify(entry, item, isCustom(item))
        entry.state.announced = wholeOf(item, entry.state.custom)
        advance(false)
      },
      done: (entry, item) => {
        identify(entry, item, isCustom(item))
        hydrate(entry, wholeOf(item, entry.state.custom))
        entry.state.complete = !entry.broken
        if (entry.state.started) tell(entry)
        else advance(false)
      }
    }),
    delta: (custom, record) => {
      const entry = table.at(refOf(record))
      entry.state.custom ||= custom
      receive(entry, argumentText(record["delta"]))
    },
    argumentsDone: (custom, record) => {
      const entry = table.at(refOf(record))
      identify(entry, record, custom)
      hydrate(entry, wholeOf(record, custom))
      advance(false)
    },
    finish: (cut) => {
      for (const entry of table.entries)
        if (!entry.done && isBlank(entry.state.received)) hydrate(entry, entry.state.announced)
      advance(true)
      for (const { key, state } of table.entries) {
        if (!state.started || state.ended) continue
        const rest = !state.custom ? state.pending : state.received === "" ? "" : wrapped(state.received, cut)
        if (rest !== "") sink({ type: "call-args", key, json: rest })
      }
    }
  }
}
