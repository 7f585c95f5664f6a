/**
 * Stands for an answer that is still to be found. Whoever waits long for a stream gets its headers and pings, which promise
 * nothing about who answers and what: others can still be asked.
 */
import { pingRecord, renderEvent } from "../protocol/anthropic/render.ts"
import type { GatewayError } from "../protocol/errors.ts"
import type { Piece } from "./Piece.ts"
import { type Outflow, pingAfter, type Relay, type RelaySink } from "./Relay.ts"

export class Waiting implements Outflow {
  readonly #now: () => number
  #sink: RelaySink | undefined
  #relay: Relay | undefined
  #last: Piece | undefined
  #over = false
  #lastWrite: number

  constructor(now: () => number) {
    this.#now = now
    this.#lastWrite = now()
  }

  open(sink: RelaySink): void {
    this.#sink = sink
    if (this.#last !== undefined) return this.#finish(this.#last)
    this.#ping()
    this.#relay?.open(sink)
  }

  /** This one answers. */
  found(relay: Relay): void {
    if (this.#over) return relay.cancel()
    this.#relay = relay
    if (this.#sink !== undefined) relay.open(this.#sink)
  }

  /** This is all of the answer. */
  whole(body: Piece): void {
    this.#finish(body)
  }

  /** Nobody answers. */
  failed({ message, type }: GatewayError): void {
    this.#finish(renderEvent({ type: "error", error: { type, message } }))
  }

  drained(): void {
    this.#relay?.drained()
  }

  cancel(): void {
    this.#over = true
    this.#relay?.cancel()
  }

  /** Looks at the clock; answers after how many milliseconds to look again, or undefined when the answer was found. */
  tick(): number | undefined {
    if (this.#over || this.#relay !== undefined) return undefined
    if (this.#now() - this.#lastWrite >= pingAfter) this.#ping()
    return Math.max(1, this.#lastWrite + pingAfter - this.#now())
  }

  #finish(last: Piece): void {
    if (this.#over) return
    this.#last = last
    if (this.#sink === undefined) return
    this.#over = true
    this.#sink.write(last)
    this.#sink.end()
  }

  #ping(): void {
    if (this.#relay !== undefined) return
    this.#lastWrite = this.#now()
    this.#sink?.write(pingRecord)
  }
}
