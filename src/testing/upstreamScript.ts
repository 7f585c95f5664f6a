/**
 * What a scripted upstream answers to one request: status, headers, and the body as explicit steps, so that a test
 * decides where a body is cut, when it goes on and how it ends. Plain data; `ScriptedUpstream` plays it.
 */
import type { Duration, Effect } from "effect"

/** One step of an answer's body. Headers are sent together with the first step. */
export type Step =
  /** Write these bytes and wait until the operating system took them. */
  | { readonly type: "write"; readonly bytes: Uint8Array }
  /** Go on when this effect ends, e.g. `Deferred.await(signal)`. The headers are sent before. */
  | { readonly type: "wait"; readonly until: Effect.Effect<unknown> }
  /** Let this much time pass by the Effect clock. */
  | { readonly type: "pause"; readonly duration: Duration.DurationInput }
  /** End the body cleanly. Implied when the steps run out. */
  | { readonly type: "end" }
  /** Cut the connection: the client sees a reset, with or without headers before it. */
  | { readonly type: "destroy" }
  /** Reset the connection: what was written and not yet read may be lost. */
  | { readonly type: "abort" }
  /** Write these bytes again and again, until the client goes away. */
  | { readonly type: "forever"; readonly bytes: Uint8Array; readonly every: Duration.DurationInput }
  /** Say nothing more, until the client goes away or the upstream is closed. */
  | { readonly type: "stall" }

/** One answer. */
export interface Script {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly steps: ReadonlyArray<Step>
  /** Keep the headers back until the first `write` or `end`: a `wait`, `pause` or `stall` before it is a silent server. */
  readonly lateHeaders?: boolean
}

const encoder = new TextEncoder()

/** A `write` step; text is encoded as UTF-8. */
export const write = (body: string | Uint8Array): Step => ({
  type: "write",
  bytes: typeof body === "string" ? encoder.encode(body) : body
})

/** A `wait` step: the body goes on when `until` ends. */
export const wait = (until: Effect.Effect<unknown>): Step => ({ type: "wait", until })

/** A `pause` step, by the Effect clock (a TestClock moves it). */
export const pause = (duration: Duration.DurationInput): Step => ({ type: "pause", duration })

/** An `end` step: the body ends cleanly here. */
export const end: Step = { type: "end" }

/** A `destroy` step: the connection is cut here. */
export const destroy: Step = { type: "destroy" }

/** An `abort` step: the connection is reset here. */
export const abort: Step = { type: "abort" }

/** A `forever` step: the same again after each pause (by the Effect clock). */
export const forever = (body: string | Uint8Array, every: Duration.DurationInput): Step => ({
  type: "forever",
  bytes: typeof body === "string" ? encoder.encode(body) : body,
  every
})

/** A `stall` step: silence from here on. */
export const stall: Step = { type: "stall" }

/** The same body in writes of `size` bytes (the last one may be shorter): cuts inside characters and line ends. */
export const inPieces = (body: string | Uint8Array, size: number): ReadonlyArray<Step> => {
  const bytes = typeof body === "string" ? encoder.encode(body) : body
  const step = Math.max(1, Math.floor(size))
  const out: Array<Step> = []
  for (let at = 0; at < bytes.length; at += step) out.push(write(bytes.subarray(at, at + step)))
  return out
}

/** A whole body with a status; JSON values are serialised, strings and bytes are sent as they are. */
export const respond = (status: number, body: unknown, headers: { readonly [name: string]: string } = {}): Script => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  steps: [write(typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body))]
})

/** A streamed body (`text/event-stream`, status 200). Strings become one `write` each; other steps stand as they are. */
export const stream = (
  body: ReadonlyArray<string | Uint8Array | Step>,
  headers: { readonly [name: string]: string } = {}
): Script => ({
  status: 200,
  headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", ...headers },
  steps: body.map((item) => (typeof item === "string" || item instanceof Uint8Array ? write(item) : item))
})

/** Accepts the request and never answers, not even with headers. */
export const silence: Script = { status: 200, headers: {}, steps: [stall], lateHeaders: true }

/** Cuts the connection instead of answering. */
export const reset: Script = { status: 200, headers: {}, steps: [destroy], lateHeaders: true }
