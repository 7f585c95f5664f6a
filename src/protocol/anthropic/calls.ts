/**
 * Tool calls of one answer as Anthropic blocks want them: one at a time, arguments forwarded live only while they can
 * become a JSON object, never completed by us (wire specification §4.4.7-8).
 */
import { jsonPrefix, type JsonPrefix } from "../jsonPrefix.ts"
import { isObject, parseJson } from "../json.ts"

export interface PendingCall {
  readonly id: string
  readonly name: string
  /** Received, not shown yet. Only this part is kept: arguments may be megabytes in small pieces. */
  held: string
  /** The client has the beginning of the arguments already. */
  shown: boolean
  /** No more arguments will come. */
  ended: boolean
  closed: boolean
  readonly prefix: JsonPrefix
}

export const pendingCall = (id: string, name: string): PendingCall => ({
  id,
  name,
  held: "",
  shown: false,
  ended: false,
  closed: false,
  prefix: jsonPrefix()
})

/** Adds a fragment; false when it can only be garbage behind a call that the client believes finished. */
export const receive = (call: PendingCall, json: string): boolean => {
  if (call.closed) return json.trim() === ""
  call.held += json
  call.prefix.push(json)
  return true
}

/** The arguments are a whole object, so that the block may close as soon as something else wants to be shown. */
export const isComplete = (call: PendingCall): boolean => call.prefix.state() === "complete"

/**
 * What can be forwarded now: nothing while the text cannot become an object, and nothing before it holds a first key
 * (some relays open every call with `{}` and send the real arguments behind).
 */
export const forwardable = (call: PendingCall): string => {
  if (call.prefix.state() === "broken") return ""
  if (!call.shown && /^\s*(\{\s*(\}\s*)?)?$/.test(call.held)) return ""
  const json = call.held
  call.held = ""
  call.shown = true
  return json
}

/** How a call ends: with the rest of its arguments, or as a failure because a broken prefix was already shown. */
export type CallEnd = { readonly type: "rest"; readonly json: string } | { readonly type: "broken" }

const object = (text: string): string | undefined => {
  const value = parseJson(text)
  if (isObject(value)) return text
  if (typeof value !== "string") return undefined
  return isObject(parseJson(value)) ? value : undefined // arguments that were encoded twice
}

/** Some relays open a call with `{}` and send the arguments behind: `{}{"a":1}`. */
const withoutOpening = (text: string): string => text.replace(/^\s*\{\s*\}\s*(?=\{)/, "")

/**
 * Ends a call. `cut` says that the provider ran out of tokens: then a shown prefix stays as it is and the stop reason
 * tells the client. Arguments of which nothing was shown and which are no object become `{}`: the client's own check
 * refuses them and the model is told, whereas half a command would run.
 */
export const endCall = (call: PendingCall, cut: boolean): CallEnd => {
  call.closed = true
  if (call.shown) {
    const whole = isComplete(call) || (cut && call.prefix.state() === "open")
    return whole ? { type: "rest", json: call.held } : { type: "broken" }
  }
  const whole = object(call.held) ?? object(withoutOpening(call.held))
  return { type: "rest", json: whole === undefined || whole.trim() === "{}" ? "" : whole }
}
