/**
 * Carries one answer from an upstream's body to the client, through a translation or as it is: late commit, pings,
 * deadlines, backpressure, and the end of both sides whatever happens (wire specification §4.4, points 2, 3, 10, 11, 13).
 *
 * A synchronous state machine driven by callbacks, because it runs for every network chunk; it knows no clock but the
 * one it is given, does no I/O of its own and forks nothing. `tick` is called by whoever keeps time.
 *
 * Invariants: nothing is written before the decision; after a success was decided every failure is an `error` event, or
 * an end that no client takes for one; one side's end always releases the other; a defect of the translation ends this
 * answer and nothing else.
 */
import { renderEvent } from "../protocol/anthropic/render.ts"
import type { Usage } from "../domain/Usage.ts"
import { gatewayError, type GatewayError } from "../protocol/errors.ts"
import type { Overdue } from "../upstream/attempt.ts"
import type { TransportError } from "../upstream/TransportError.ts"
import type { UpstreamBody } from "../upstream/UpstreamHttp.ts"
import { joined, type Piece } from "./Piece.ts"

/** Milliseconds. */
export interface RelayLimits {
  /** From the start until the first byte of the answer's body. */
  readonly firstByte: number
  /** Silence inside the answer. */
  readonly idle: number
  /** Bytes, and nothing of the answer in them; 0 for no such limit. */
  readonly progress: number
  /** Bytes a second, over half a minute, below which an answer counts as stalled; 0 for no such limit. */
  readonly minimumPace: number
}

/** Silence towards the client before a ping. */
export const pingAfter = 10_000
/** Over how long the pace of an answer is taken. */
const paceWindow = 30_000
/** Silence after the provider named its finish reason, in which it may still report usage. */
const settleFor = 2_000
/** What is kept for a client that does not read yet, before the upstream is paused. */
const highWater = 64 * 1024
/** The longest pause between two looks at the clock: what makes a deadline nearer must be noticed. */
const longestNap = 1_000

const defect: GatewayError = gatewayError("api_error", "claudex: an internal error while translating the answer", {
  fault: "own"
})

const noBytes = new Uint8Array(0)

/** An answer on its way; `TurnStream` is one, and says what the methods mean. */
export interface Carried {
  readonly phase: () => "waiting" | "open" | "settled" | "done"
  readonly failure: () => GatewayError | undefined
  readonly usage: () => Usage | undefined
  readonly push: (bytes: Uint8Array) => Piece
  readonly end: () => Piece
  readonly abort: (error: GatewayError) => Piece
  readonly ping: () => Piece
  /**
   * Asked in silence and when the answer breaks off, where the phase does not tell: whether the answer has said that it is
   * over, or is complete as it stands.
   */
  readonly isConcluded?: () => boolean
  /** How much of the answer has come, where that is known: as long as it does not grow, what comes are keep-alives. */
  readonly said?: () => number
  /**
   * Given when a failure may strike in the middle of a record: the connection is cut then, and where that cannot be done
   * this text makes the end a failure nevertheless.
   */
  readonly lastWords?: (error: GatewayError) => string
}

/** Where the answer goes. */
export interface RelaySink {
  /** False when the sink is full: it calls `drained` when there is room again. */
  readonly write: (piece: Piece) => boolean
  readonly end: () => void
  /** The answer broke off and must not look as if it had ended; a sink that cannot cut its connection writes the text. */
  readonly cut: (lastWords: string) => void
}

export interface RelayHooks {
  /** Milliseconds since any fixed moment. */
  readonly now: () => number
  /** Called once: the client gets a success (undefined) or this error. */
  readonly decided: (failure: GatewayError | undefined) => void
  /** The translation threw: a fault of ours, to be logged. */
  readonly crashed: (cause: unknown) => void
  /** Words for a deadline that passed or a connection that broke. */
  readonly broken: (kind: Overdue | TransportError) => GatewayError
}

/** What the wire sends to the client. */
export interface Outflow {
  /** The client listens from now on; what was kept is written at once. */
  readonly open: (sink: RelaySink) => void
  /** The sink has room again. */
  readonly drained: () => void
  /** The client is gone. */
  readonly cancel: () => void
}

export class Relay implements Outflow {
  readonly #turn: Carried
  readonly #limits: RelayLimits
  readonly #hooks: RelayHooks
  readonly #started: number
  #firstByte: number | undefined
  #lastByte: number
  /** How much of the answer had come when it was last looked at, and since when it is no more. */
  #said = 0
  #saidSince: number
  /** The byte since which the answer was last asked whether it is over: it was not. */
  #askedSince: number | undefined
  #lastWrite: number
  #decided = false
  #over = false
  #abandoned = false
  /** Since when the bytes are counted that are held against the minimum pace. */
  #paceSince = 0
  #paceBytes = 0
  #pending: Array<Piece> = []
  #pendingSize = 0
  /** Why an answer that had begun did not come to its end. */
  #failure: GatewayError | undefined
  #paused = false
  #body: UpstreamBody | undefined
  #sink: RelaySink | undefined

  constructor(turn: Carried, limits: RelayLimits, hooks: RelayHooks) {
    this.#turn = turn
    this.#limits = limits
    this.#hooks = hooks
    this.#started = hooks.now()
    this.#lastByte = this.#started
    this.#saidSince = this.#started
    this.#lastWrite = this.#started
  }

  /** When the first byte of the body came, by the given clock; undefined before. */
  firstByte(): number | undefined {
    return this.#firstByte
  }

  /** The upstream accepted the request; its body is read from now on. */
  attach(body: UpstreamBody): void {
    if (this.#over) return body.release("now")
    this.#body = body
    body.read({
      bytes: (chunk) => {
        if (this.#over) return
        this.#lastByte = this.#hooks.now()
        if (this.#firstByte === undefined) this.#firstByte = this.#paceSince = this.#saidSince = this.#lastByte
        this.#paceBytes += chunk.length
        this.#advance(this.#turn.push, chunk)
      },
      end: () => {
        this.#advance(this.#turn.end)
      },
      fail: (error) => this.abort(this.#hooks.broken(error))
    })
  }

  /** The answer cannot go on: an HTTP error while nothing was decided, an `error` event afterwards; its end if it was over. */
  abort(error: GatewayError): void {
    this.#advance(() => (this.#turn.isConcluded?.() === true ? this.#turn.end() : this.#turn.abort(error)))
  }

  /** A fault of ours: the translation cannot even be asked for its last words. */
  crash(cause: unknown): void {
    if (this.#over) return
    this.#hooks.crashed(cause)
    if (!this.#decided) this.#decide(defect)
    else if (this.#turn.lastWords === undefined)
      this.#write(renderEvent({ type: "error", error: { type: defect.type, message: defect.message } }))
    this.#failure = defect
    this.#finish("now")
  }

  /** The client listens from now on; what was kept is written at once. */
  open(sink: RelaySink): void {
    this.#sink = sink
    const kept = this.take()
    const room = kept.length === 0 || this.#write(kept)
    if (this.#over) this.#close(sink)
    else if (room) this.drained()
  }

  /** What was produced and not yet written; for an answer that is sent as a whole. */
  take(): Piece {
    const kept = joined(this.#pending)
    this.#pending = []
    this.#pendingSize = 0
    return kept
  }

  /** The sink has room again. */
  drained(): void {
    if (!this.#paused || this.#over) return
    this.#paused = false
    this.#lastByte = this.#hooks.now() // while paused the silence was ours
    this.#paceSince = this.#saidSince = this.#lastByte
    this.#paceBytes = 0
    this.#body?.resume()
  }

  /** The client is gone, or nobody wants the rest: the upstream's connection is closed. */
  cancel(): void {
    if (this.#over) return
    this.#abandoned = true
    this.#over = true
    this.#body?.release("now")
  }

  /** The answer was cancelled before its end. */
  wasAbandoned(): boolean {
    return this.#abandoned
  }

  /** Looks at the clock; answers after how many milliseconds to look again, or undefined when it is over. */
  tick(): number | undefined {
    if (this.#over) return undefined
    const now = this.#hooks.now()
    this.#keepDeadlines(now)
    this.#keepClient(now)
    return this.#over ? undefined : this.#nap(now)
  }

  #keepDeadlines(now: number): void {
    if (this.#paused) return
    const silence = now - this.#lastByte
    if (this.#firstByte === undefined) {
      if (now - this.#started >= this.#limits.firstByte) this.abort(this.#hooks.broken("first-byte-timeout"))
    } else if (silence >= settleFor && this.#hasSaidAll()) this.#advance(this.#turn.end)
    else if (silence >= this.#limits.idle || this.#isTooSlow(now)) this.abort(this.#hooks.broken("idle-timeout"))
    else if (this.#saysNothing(now)) this.abort(this.#hooks.broken("no-progress"))
  }

  /** Some providers leave the connection open behind an answer that is complete. Asks once in every silence. */
  #hasSaidAll(): boolean {
    if (this.#turn.phase() === "settled") return true
    if (this.#askedSince === this.#lastByte) return false
    this.#askedSince = this.#lastByte
    return this.#turn.isConcluded?.() === true
  }

  /** Looks once in every window, and begins the next one. */
  #isTooSlow(now: number): boolean {
    if (this.#limits.minimumPace === 0 || now - this.#paceSince < paceWindow) return false
    const tooSlow = this.#paceBytes * 1000 < this.#limits.minimumPace * (now - this.#paceSince)
    this.#paceSince = now
    this.#paceBytes = 0
    return tooSlow
  }

  /** Our pings hide such an answer from the client, which would give it up else. */
  #saysNothing(now: number): boolean {
    const said = this.#turn.said?.()
    if (said === undefined || this.#limits.progress === 0) return false
    if (said > this.#said) {
      this.#said = said
      this.#saidSince = now
    }
    return now - this.#saidSince >= this.#limits.progress
  }

  #keepClient(now: number): void {
    if (this.#over || !this.#decided || this.#paused) return
    if (now - this.#lastWrite >= pingAfter) this.#advance(this.#turn.ping)
  }

  #nap(now: number): number {
    const ofUpstream = this.#paused
      ? Number.POSITIVE_INFINITY
      : this.#firstByte === undefined
        ? this.#started + this.#limits.firstByte
        : this.#lastByte + (this.#turn.phase() === "settled" ? settleFor : this.#limits.idle)
    return Math.max(1, Math.min(ofUpstream - now, longestNap))
  }

  /** Takes a step of the translation, with bytes where it takes any, and sees where that leaves the answer. */
  #advance(step: (bytes: Uint8Array) => Piece, bytes: Uint8Array = noBytes): void {
    if (this.#over) return
    try {
      const piece = step(bytes)
      if (piece.length > 0) this.#write(piece)
      if (this.#turn.phase() === "waiting") return
      // With a failure and no text nothing was promised to the client: it gets a real status.
      this.#decide(this.#pendingSize === 0 ? this.#turn.failure() : undefined)
      if (this.#turn.phase() !== "done") return
      this.#failure = this.#turn.failure()
      this.#finish(this.#failure === undefined ? "complete" : "now")
    } catch (cause) {
      // Called from the network's callbacks, where nobody would catch it and the process would end.
      this.crash(cause)
    }
  }

  #decide(failure: GatewayError | undefined): void {
    if (this.#decided) return
    this.#decided = true
    this.#hooks.decided(failure)
  }

  #finish(how: "now" | "complete"): void {
    this.#over = true
    this.#body?.release(how)
    if (this.#sink !== undefined) this.#close(this.#sink)
  }

  #close(sink: RelaySink): void {
    const lastWords = this.#failure === undefined ? undefined : this.#turn.lastWords?.(this.#failure)
    if (lastWords === undefined) sink.end()
    else sink.cut(lastWords)
  }

  /** False when the piece had to be kept or the sink is full; the upstream is paused then. */
  #write(piece: Piece): boolean {
    this.#lastWrite = this.#hooks.now()
    let room: boolean
    if (this.#sink === undefined) {
      this.#pending.push(piece)
      this.#pendingSize += piece.length
      room = this.#pendingSize < highWater
    } else room = this.#sink.write(piece)
    if (!room && !this.#paused) {
      this.#paused = true
      this.#body?.pause()
    }
    return room
  }
}
