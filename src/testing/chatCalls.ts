/**
 * The ways in which servers spread tool calls over stream deltas (wire specification §2.3.3). Every mode is lossless:
 * the rules of §4.4.7 give the calls of the script back. A mode that cannot carry given calls is replaced by the plain one.
 */
import { FastCheck as fc } from "effect"
import type { CallStep } from "./chatScript.ts"
import { type Dice, isJsonObject, type Json, type JsonObject } from "./json.ts"

/** One way to spread calls over deltas. */
export interface CallMode {
  readonly key:
    /** `index` on every delta, counting from `start` in steps of `gap`. */
    | "index"
    /** No index; the id opens a call and later deltas belong to the latest one (Gemini's compatibility layer). */
    | "latest"
    /** No index; the id on every delta. */
    | "id"
    /** Index 0 for every call, ids tell them apart (some relays). */
    | "zero-id"
    /** Index 0 for every call, no ids, names tell them apart. */
    | "zero-name"
    /** `function_call`, for a single call. */
    | "legacy"
  readonly start: number
  readonly gap: number
  /** Where the id stands besides where `key` needs it. */
  readonly id: "first" | "every" | "late" | "then-null" | "then-empty"
  readonly name: "first" | "every" | "late" | "then-null" | "then-empty" | "in-two"
  /** Arguments cut anywhere, in one piece, or as a JSON object instead of text. */
  readonly args: "cut" | "whole" | "object"
  /** What the first delta has for arguments when they come later; `none` puts everything into one delta. */
  readonly head: "empty" | "absent" | "null" | "none"
  readonly withType: boolean
  /** Deltas of different calls may take turns, where the key allows it. */
  readonly interleaved: boolean
}

/** Any mode; `fitting` makes it lossless for given calls. */
export const callMode: fc.Arbitrary<CallMode> = fc.record({
  key: fc.constantFrom("index", "index", "index", "latest", "id", "zero-id", "zero-name", "legacy"),
  start: fc.constantFrom(0, 0, 1, 3),
  gap: fc.constantFrom(1, 1, 2),
  id: fc.constantFrom("first", "every", "late", "then-null", "then-empty"),
  name: fc.constantFrom("first", "every", "late", "then-null", "then-empty", "in-two"),
  args: fc.constantFrom("cut", "whole", "object"),
  head: fc.constantFrom("empty", "absent", "null", "none"),
  withType: fc.boolean(),
  interleaved: fc.boolean()
})

/** The plainest way: what OpenAI itself does. */
export const plainCalls: CallMode = {
  key: "index",
  start: 0,
  gap: 1,
  id: "first",
  name: "first",
  args: "cut",
  head: "empty",
  withType: true,
  interleaved: false
}

const distinct = (values: ReadonlyArray<string>): boolean => new Set(values).size === values.length

const neighboursDiffer = (values: ReadonlyArray<string>): boolean =>
  values.every((value, index) => index === 0 || value !== values[index - 1])

/** Whether the key tells these calls apart. */
const carries = (key: CallMode["key"], calls: ReadonlyArray<CallStep>): boolean => {
  const ids = calls.map((call) => call.id)
  switch (key) {
    case "index":
      return true
    case "latest":
    case "id":
    case "zero-id":
      return ids.every((id) => id !== "") && distinct(ids)
    case "zero-name":
      return (
        ids.every((id) => id === "") &&
        neighboursDiffer(calls.map(({ name }) => name)) &&
        calls.every(({ args }) => args !== "")
      )
    case "legacy":
      return calls.length === 1 && ids.every((id) => id === "")
  }
}

/** A mode that is lossless for these calls and as near as possible to the wanted one. */
export const fitting = (wanted: CallMode, calls: ReadonlyArray<CallStep>): CallMode => {
  const key = carries(wanted.key, calls) ? wanted.key : "index"
  // Without an index a name opens a new call, unless a known id stands beside it.
  const nameOnce = key === "latest" || key === "zero-name"
  const early = key === "latest" || key === "zero-name" || key === "zero-id"
  return {
    ...wanted,
    key,
    id: key === "id" ? "every" : early && wanted.id === "late" ? "first" : wanted.id,
    name:
      nameOnce || (early && wanted.name === "late") || (wanted.name === "in-two" && key !== "index")
        ? "first"
        : wanted.name,
    interleaved: wanted.interleaved && (key === "index" || key === "id")
  }
}

/** Cuts a text at any UTF-16 positions; the pieces joined are the text. Seed 0 leaves it whole. */
export const pieces = (value: string, { roll }: Dice): ReadonlyArray<string> => {
  if (value === "") return []
  const cuts = Array.from({ length: roll(4) }, () => roll(value.length + 1)).sort((a, b) => a - b)
  return [0, ...cuts]
    .map((from, index) => value.slice(from, cuts[index] ?? value.length))
    .filter((piece) => piece !== "")
}

const parsed = (args: string): unknown => {
  try {
    return JSON.parse(args)
  } catch {
    return undefined
  }
}

/** The `arguments` value of a whole call. */
export const wholeArguments = (args: string, mode: CallMode): Json => {
  const value = parsed(args)
  return mode.args === "object" && isJsonObject(value) ? value : args
}

interface Fragment {
  readonly id?: Json
  readonly name?: Json
  readonly args?: Json
}

const headArguments: { readonly [head in CallMode["head"]]: Fragment } = {
  empty: { args: "" },
  null: { args: null },
  absent: {},
  none: {}
}

const repeated = (value: string, when: string, first: boolean, last: boolean): Json | undefined => {
  if (value === "") return when === "then-null" ? null : when === "then-empty" ? "" : undefined
  if (when === "late") return last ? value : undefined
  if (first || when === "every") return value
  return when === "then-null" ? null : when === "then-empty" ? "" : undefined
}

/** A name in two parts; long enough a first one that none of `scriptTools` begins another. */
const halves = (name: string): readonly [string, string] | undefined => {
  const at = Math.ceil(name.length / 2) + 1
  const [first, second] = [name.slice(0, at), name.slice(at)]
  return second === "" || first === second ? undefined : [first, second]
}

const fragments = (call: CallStep, mode: CallMode, random: Dice): ReadonlyArray<Fragment> => {
  const value = wholeArguments(call.args, mode)
  const parts: ReadonlyArray<Json> =
    typeof value !== "string" || mode.args !== "cut" ? (value === "" ? [] : [value]) : pieces(value, random)
  const head = mode.head === "none" && parts.length > 0 ? [] : [headArguments[mode.head]]
  const bodies: ReadonlyArray<Fragment> = [...head, ...parts.map((args) => ({ args }))]
  const split = mode.name === "in-two" ? halves(call.name) : undefined
  const named = bodies.map((body, index): Fragment => {
    const [first, last] = [index === 0, index === bodies.length - 1]
    const id = repeated(call.id, mode.id, first, last)
    const name = split === undefined ? repeated(call.name, mode.name, first, last) : first ? split[1] : undefined
    return { ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }), ...body }
  })
  const [opening] = named
  return split === undefined || opening === undefined
    ? named
    : [{ ...(opening.id === undefined ? {} : { id: opening.id }), name: split[0] }, ...named]
}

const wire = ({ id, name, args }: Fragment, position: JsonObject, type: JsonObject): JsonObject => ({
  ...position,
  ...(id === undefined ? {} : { id }),
  ...type,
  function: { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) }
})

/** The deltas of one call: entries for `delta.tool_calls`, or whole `function_call` values in legacy mode. */
export const callDeltas = (
  call: CallStep,
  ordinal: number,
  mode: CallMode,
  random: Dice
): ReadonlyArray<JsonObject> => {
  const position: JsonObject =
    mode.key === "index"
      ? { index: mode.start + ordinal * mode.gap }
      : mode.key === "zero-id" || mode.key === "zero-name"
        ? { index: 0 }
        : {}
  return fragments(call, mode, random).map((fragment, at) => {
    const delta = wire(fragment, position, mode.withType && at === 0 ? { type: "function" } : {})
    const inner = delta["function"]
    return mode.key === "legacy" && isJsonObject(inner) ? inner : delta
  })
}

/** A whole call, as a body's `tool_calls` entry. */
export const wholeCall = (call: CallStep, mode: CallMode): JsonObject => ({
  ...(call.id === "" ? {} : { id: call.id }),
  ...(mode.withType ? { type: "function" } : {}),
  function: { name: call.name, arguments: wholeArguments(call.args, mode) }
})
