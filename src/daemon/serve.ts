/**
 * The life of a gateway process: make sure it is the only one, listen, tell the user's other processes where, and go
 * when asked to, leaving nothing behind.
 */
import { Duration, Effect, Exit, Option, Scope } from "effect"
import { ClientToken } from "../credentials/ClientToken.ts"
import { version } from "../domain/version.ts"
import { type AddressTaken, type CannotListen, GatewayAlreadyRuns, GatewayNotStarted, GatewaySilent } from "./errors.ts"
import { lock } from "../machine/Lock.ts"
import { presence } from "./presence.ts"
import { self } from "../machine/processes.node.ts"
import type { GatewayOrder } from "./spawnGateway.ts"
import { gatewayFiles, type GatewayState, noteEnd, removeState, writeState } from "./State.ts"
import { stayKnown } from "./stayKnown.ts"
import { stopSignal } from "./stopSignal.ts"
import { makeWay, type Variables } from "./takeover.ts"
import { fingerprintOf } from "./token.ts"
import { urlOf } from "./address.ts"

export interface Listening {
  /** The address it is bound to. */
  readonly host: string
  readonly port: number
  /** Completes when a client asks the gateway to go. */
  readonly shutdown: Effect.Effect<void>
  /** Goes unless somebody is being answered: false then. */
  readonly leave: Effect.Effect<boolean>
}

/** Listens for the scope under the given identity; closing the scope lets running answers end within the grace period. */
export type OpenGateway<R> = (at: {
  readonly host: string
  readonly port: number
  readonly allowRemote: boolean
  readonly instance: string
}) => Effect.Effect<Listening, AddressTaken | CannotListen, R | Scope.Scope>

const notStarted = (reason: string) =>
  Effect.flatMap(gatewayFiles, ({ log }) => Effect.fail(new GatewayNotStarted({ reason, logFile: log, log: [] })))

/** For the scope; waits for a gateway that is just starting to come up or to fail. */
const exclusively = Effect.gen(function* () {
  const { lock: file } = yield* gatewayFiles
  yield* Effect.catchAll(lock(file, { patience: Duration.seconds(20) }), (error) =>
    notStarted(
      error._tag === "LockHeld" ? `another one has been starting for too long; it holds ${file}.` : error.message
    )
  )
})

/** Of a system that goes down, or of somebody who tidies up processes: they want no gateway less than before. */
const isUnwilled = (end: unknown): end is "SIGTERM" | "SIGHUP" => end === "SIGTERM" || end === "SIGHUP"

/** What becomes of the state of one that ends. One in the foreground belongs to who started it, and is theirs to end. */
const takeLeave = (instance: string, end: Exit.Exit<unknown, unknown>, background: boolean) =>
  background && Exit.isSuccess(end) && isUnwilled(end.value) ? noteEnd(instance, end.value) : removeState(instance)

/** Listens and makes it known. Everything it acquires lives as long as the scope. */
const announce = <R>(open: OpenGateway<R>, order: GatewayOrder, background: boolean) =>
  Effect.gen(function* () {
    const token = yield* ClientToken
    const instance = globalThis.crypto.randomUUID()
    const at = { host: order.host, allowRemote: order.allow_remote, instance }
    const listening = yield* order.any_port
      ? open({ ...at, port: order.port }).pipe(Effect.catchTag("AddressTaken", () => open({ ...at, port: 0 })))
      : open({ ...at, port: order.port })
    const { pid, start } = yield* self
    const started = new Date().toISOString()
    const state: GatewayState = {
      instance,
      pid,
      process_start: start,
      host: listening.host,
      port: listening.port,
      version,
      token_fingerprint: fingerprintOf(token),
      started
    }
    // released before the server, which was acquired before: nobody is sent to a gateway that is leaving
    yield* Effect.acquireRelease(
      Effect.catchAll(writeState(state), (error) => notStarted(error.message)),
      (_, end) => takeLeave(instance, end, background)
    )
    yield* Effect.forkScoped(stayKnown(state, token, listening.leave))
    return { ...listening, url: urlOf(listening.host, listening.port) }
  })

/** Sessions look for a gateway where the one before answered. */
const inPlaceOf = (former: GatewayState, order: GatewayOrder): GatewayOrder =>
  order.port === 0 && order.any_port ? { ...order, port: former.port } : order

/** One that was told to go removes its state. */
const tellDeath = ({ ended, pid }: GatewayState) =>
  Effect.logWarning(
    ended === undefined
      ? `The gateway before this one (process ${pid}) ended without being told to: it was killed or it crashed`
      : `The gateway before this one (process ${pid}) ended because it was sent ${ended}`
  )

/** Where to listen when no other gateway runs, or one of another version has made way. */
const cleared = (order: GatewayOrder, variables: Variables) =>
  Effect.gen(function* () {
    const now = yield* presence
    if (now._tag === "Silent") return yield* new GatewaySilent({ pid: now.state.pid, suspended: now.suspended })
    if (now._tag === "Absent") {
      if (Option.isNone(now.leftover)) return order
      yield* tellDeath(now.leftover.value)
      return inPlaceOf(now.leftover.value, order)
    }
    if (yield* makeWay(now, variables)) return order.port === 0 ? { ...order, port: now.state.port } : order
    return yield* new GatewayAlreadyRuns({ pid: now.state.pid, url: now.url })
  })

/**
 * Serves until a client or a signal ends it; answers what did. Fails when a gateway runs already, save one of another
 * version that nobody needs, or when the address is taken. `ready` runs once clients can connect; `variables` are those that
 * profiles refer to. In the `background` a signal is not taken for its user's will: sessions may start another one.
 */
export const serve = <R, R2>(
  open: OpenGateway<R>,
  order: GatewayOrder,
  ready: (url: string) => Effect.Effect<void, never, R2>,
  { background = false, variables = {} }: { readonly background?: boolean; readonly variables?: Variables } = {}
) =>
  Effect.gen(function* () {
    const life = yield* Effect.scope
    const { received } = yield* stopSignal
    const start = Effect.gen(function* () {
      yield* exclusively
      return yield* Scope.extend(announce(open, yield* cleared(order, variables), background), life)
    })
    // the lock is only for the start
    const listening = yield* Effect.scoped(start)
    yield* ready(listening.url)
    return yield* Effect.race(Effect.as(listening.shutdown, "asked" as const), received)
  }).pipe(Effect.scoped)
