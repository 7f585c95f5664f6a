/**
 * One request as undici sees it, and its answer's body as we see it: undici's own callbacks, without a stream or an
 * abort signal between (both were measured to cost more than the rest of the exchange together).
 */
import type * as Undici from "@effect/platform-node/Undici"
import { joinBytes } from "./collect.ts"
import { bodyError } from "./TransportError.ts"
import type { BodyReader, UpstreamBody } from "./UpstreamHttp.ts"

type Controller = Undici.Dispatcher.DispatchController
type Headers = Readonly<Record<string, string | Array<string> | undefined>>

/** How long, and for how many bytes, a complete answer may take to end its connection's body. */
const farewell = { milliseconds: 500, bytes: 64 * 1024 }
/** What may come before somebody reads. */
const room = 64 * 1024

export interface IncomingHooks {
  readonly headers: (status: number, headers: Headers) => void
  /** No answer came. */
  readonly failed: (cause: unknown) => void
  /** The connection is free again. */
  readonly ended: () => void
}

export class Incoming implements UpstreamBody, Undici.Dispatcher.DispatchHandler {
  readonly #host: string
  #hooks: IncomingHooks | undefined
  #controller: Controller | undefined
  #reader: BodyReader | undefined
  #kept: Array<Uint8Array> = []
  #keptBytes = 0
  #answered = false
  /** How the body came to its end, if it did. */
  #outcome: "ended" | { readonly cause: unknown } | undefined
  #released = false
  #patience = farewell.bytes
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: string, hooks: IncomingHooks) {
    this.#host = host
    this.#hooks = hooks
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#released) this.#abort()
  }

  onResponseStart(_: Controller, status: number, headers: Headers): void {
    if (status < 200) return // informational; the answer follows
    this.#answered = true
    this.#hooks?.headers(status, headers)
  }

  onResponseData(controller: Controller, chunk: Uint8Array): void {
    if (this.#released) {
      this.#patience -= chunk.length
      if (this.#patience < 0) this.#abort()
    } else if (this.#reader === undefined) {
      this.#kept.push(chunk)
      this.#keptBytes += chunk.length
      if (this.#keptBytes > room) controller.pause()
    } else this.#reader.bytes(chunk)
  }

  onResponseEnd(): void {
    const hooks = this.#finish("ended")
    hooks?.ended()
  }

  onResponseError(_: Controller, cause: unknown): void {
    const hooks = this.#finish({ cause })
    if (!this.#answered && !this.#released) hooks?.failed(cause)
  }

  read(reader: BodyReader): void {
    if (this.#released) return
    this.#reader = reader
    const kept = this.#kept
    this.#kept = []
    if (this.#keptBytes > room) this.#controller?.resume()
    // In one piece, so that a reader can pause after it.
    if (kept.length > 0) reader.bytes(joinBytes(kept))
    this.#tell()
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  release(how: "now" | "complete"): void {
    if (this.#released) return
    this.#released = true
    this.#reader = undefined
    this.#kept = []
    if (this.#outcome !== undefined) return
    if (how === "now") return this.#abort()
    this.#timer = setTimeout(() => this.#abort(), farewell.milliseconds).unref()
    this.#controller?.resume()
  }

  /** undici remembers its requests for a while: what this one served must not be kept alive with it. */
  #finish(outcome: "ended" | { readonly cause: unknown }): IncomingHooks | undefined {
    const hooks = this.#hooks
    this.#hooks = undefined
    this.#controller = undefined
    this.#outcome = outcome
    clearTimeout(this.#timer)
    this.#tell()
    return hooks
  }

  #tell(): void {
    const reader = this.#reader
    if (this.#released || reader === undefined || this.#outcome === undefined) return
    this.#reader = undefined
    if (this.#outcome === "ended") reader.end()
    else reader.fail(bodyError(this.#host, this.#outcome.cause))
  }

  #abort(): void {
    this.#controller?.abort(new Error("no longer wanted"))
  }
}
