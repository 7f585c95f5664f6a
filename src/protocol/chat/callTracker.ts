/**
 * Which call a `tool_calls[]` delta belongs to, and when its name is known: every grammar that Chat servers were seen
 * to use (wire specification §2.3.3, §4.4.7).
 */
import type { NameMap } from "../names.ts"
import { downId, freshId } from "../ids.ts"
import { asString, isObject, nonEmpty, type JsonObject } from "../json.ts"
import type { TurnSink } from "../turn.ts"
import type { ChatReplay } from "./reasoning.ts"
import { beginsObject, isWhole, newOf } from "./restated.ts"

interface TrackedCall {
  readonly key: number
  id: string | undefined
  name: string
  /** All name fragments so far, for a server that sends the name in pieces. */
  joined: string
  /** Arguments that came before the name. */
  held: string
  /** What the provider wants back with the call. */
  extra: JsonObject | undefined
  started: boolean
  /** Everything received. */
  args: string
}

export interface CallTracker {
  /** One element of `delta.tool_calls`, or of a whole message's list with its position as `index`. */
  readonly delta: (choice: number, value: unknown) => void
  /** The legacy single `function_call`. */
  readonly legacy: (value: unknown) => void
  /** Something else is told: the calls so far are over. */
  readonly interrupt: () => void
  /** Starts what still waits for a longer name; calls that never got one are another's arguments, or dropped. */
  readonly finish: () => void
}

const argumentText = (value: unknown): string => {
  if (typeof value === "string") return value
  return value === undefined || value === null ? "" : JSON.stringify(value)
}

/** `seal` carries what is to come back with a call through the client. */
export const callTracker = (names: NameMap, sink: TurnSink, seal: (payload: ChatReplay) => void): CallTracker => {
  const calls: Array<TrackedCall> = []
  /** How many calls were told (or passed over): in the order of their first deltas, whichever is named first. */
  let told = 0
  /** So many calls are over: whatever still comes for them is a fault. */
  let closed = 0
  const byIndex = new Map<string, TrackedCall>()

  const create = (slot?: string): TrackedCall => {
    const call: TrackedCall = {
      key: calls.length,
      id: undefined,
      name: "",
      joined: "",
      held: "",
      extra: undefined,
      started: false,
      args: ""
    }
    calls.push(call)
    if (slot !== undefined) byIndex.set(slot, call)
    return call
  }

  /** Servers that give every delta an id of its own: no call begins where none is named and another one is not complete. */
  const goesOn = (known: TrackedCall, name: string | undefined, args: string): boolean => {
    // without arguments yet: `placeNameless` sees in the end whose they are
    if (known.name === "" || known.args === "" || isWhole(known.args)) return false
    return name === undefined || (name === known.name && args !== "" && !beginsObject(args))
  }

  const withIndex = (slot: string, id: string | undefined, name: string | undefined, args: string): TrackedCall => {
    const known = byIndex.get(slot)
    if (known === undefined) return create(slot)
    if (id !== undefined && known.id !== undefined && id !== known.id) {
      // a relay that numbers every call 0: the id tells them apart
      return calls.find((call) => call.id === id) ?? (goesOn(known, name, args) ? known : create(slot))
    }
    const renamed = name !== undefined && known.name !== "" && name !== known.name
    return renamed && (known.args !== "" || (names.knows(known.name) && names.knows(name))) ? create(slot) : known
  }

  const withoutIndex = (id: string | undefined, name: string | undefined): TrackedCall => {
    const latest = calls.at(-1)
    if (id !== undefined) {
      const known = calls.find((call) => call.id === id)
      if (known !== undefined) return known
      return name === undefined && latest !== undefined && latest.id === undefined ? latest : create()
    }
    return name !== undefined || latest === undefined ? create() : latest
  }

  const sealExtra = ({ extra, id }: TrackedCall) => {
    if (extra !== undefined && id !== undefined) seal({ extras: { [downId(id) ?? id]: extra } })
  }

  const start = (call: TrackedCall) => {
    call.started = true
    // the envelope names the call, so that it needs a name
    if (call.extra !== undefined) call.id ??= freshId("toolu_")
    sealExtra(call)
    sink({
      type: "call-start",
      key: call.key,
      name: names.down(call.name),
      ...(call.id === undefined ? {} : { id: call.id })
    })
    if (call.held !== "") sink({ type: "call-args", key: call.key, json: call.held })
    call.held = ""
  }

  const isNamed = (call: TrackedCall): boolean => call.name !== "" && (call.args !== "" || names.knows(call.name))

  /** Starts every call that waits for nothing any more; one that never gets a name is passed over in the end. */
  const advance = (last: boolean) => {
    for (const call of calls.slice(told)) {
      if (!last && !isNamed(call)) return
      told += 1
      if (call.name !== "") start(call)
    }
  }

  const feed = (call: TrackedCall, id: string | undefined, name: string | undefined, args: string) => {
    if (call.id === undefined && id !== undefined) call.id = id
    if (name !== undefined) {
      if (call.name === "") call.name = call.joined = name
      else if (!call.started && call.args === "" && !names.knows(call.name) && name !== call.name) {
        call.joined += name
        if (names.knows(call.joined)) call.name = call.joined
      }
    }
    call.args += args
    if (!call.started) {
      call.held += args
      advance(false)
    } else if (args !== "") sink({ type: "call-args", key: call.key, json: args })
  }

  /** Arguments that came under numbers without a name belong to the call before them, if that makes it complete. */
  const placeNameless = () => {
    let rest = ""
    for (const call of calls.toReversed()) {
      if (call.name === "") rest = call.args + rest
      else {
        if (rest !== "" && !isWhole(call.args) && isWhole(call.args + rest)) feed(call, undefined, undefined, rest)
        rest = ""
      }
    }
  }

  const functionOf = (value: JsonObject): JsonObject => {
    const inner = value["function"]
    return isObject(inner) ? inner : {}
  }

  return {
    delta: (choice, value) => {
      if (!isObject(value)) return
      const fn = functionOf(value)
      const id = nonEmpty(asString(value["id"])?.trim())
      const name = nonEmpty(asString(fn["name"])?.trim())
      const index = value["index"]
      const slot = typeof index === "number" ? `${choice}:${index}` : undefined
      const args = argumentText(fn["arguments"])
      const found = slot === undefined ? withoutIndex(id, name) : withIndex(slot, id, name, args)
      const fresh = found.key < closed ? args : newOf(found.args, args)
      const call = fresh === "another" ? create(slot) : found
      const extra = value["extra_content"]
      if (isObject(extra) && call.extra === undefined) {
        call.extra = extra
        if (call.started) sealExtra(call)
      }
      if (fresh === "another") feed(call, id === found.id ? undefined : id, name ?? found.name, args)
      else feed(call, id, name, fresh)
    },
    legacy: (value) => {
      if (!isObject(value)) return
      const call = byIndex.get("legacy") ?? create("legacy")
      feed(call, undefined, nonEmpty(asString(value["name"])?.trim()), argumentText(value["arguments"]))
    },
    interrupt: () => {
      closed = calls.length
    },
    finish: () => {
      placeNameless()
      advance(true)
    }
  }
}
