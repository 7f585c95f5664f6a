/**
 * A running gateway for whoever needs one: the user's, if it runs, else a new one in the background. However many ask at
 * the same time, one gateway results.
 */
import { FileSystem } from "@effect/platform"
import { Data, type Duration, Effect, Schedule } from "effect"
import { Environment } from "../config/Environment.ts"
import { Paths } from "../config/Paths.ts"
import { ClientToken, clientTokenVariable } from "../credentials/ClientToken.ts"
import { version } from "../domain/version.ts"
import { GatewayForeignToken, GatewayIncompatible, GatewayNotStarted, GatewaySilent } from "./errors.ts"
import { tryLock } from "../machine/Lock.ts"
import { prepareLog, tailOf } from "./logFile.ts"
import { presenceWithin, type RunningGateway } from "./presence.ts"
import { gatewayWord } from "./gatewayWord.ts"
import { Program } from "./Program.ts"
import { type GatewayOrder, spawnGateway } from "./spawnGateway.ts"
import { gatewayFiles } from "./State.ts"
import { makeWay, type Variables } from "./takeover.ts"
import { fingerprintOf } from "./token.ts"

/**
 * How long a new gateway may take until it answers. On a machine where a hundred sessions start at once it gets a
 * hundredth of the processor; that it is alive is known all the while, for the wait ends when its process does.
 */
const patience = "60 seconds"
const joinPatience = "75 seconds"
/** How long one that runs may take to say so: one long question costs a busy machine less than many short ones. */
const answerPatience = "30 seconds"
const shownLines = 12

/** Versions that share the contract: before 1.0 those with the same minor number, then those with the same major. */
export const isCompatible = (one: string, other: string): boolean => {
  const family = (full: string) => {
    const [major = "", minor = ""] = full.split(".")
    return major === "0" ? `0.${minor}` : major
  }
  return family(one) === family(other)
}

/** Growing, for many that look often keep the one they wait for from its work. */
const pauses = Schedule.exponential("25 millis", 1.3).pipe(
  Schedule.union(Schedule.spaced("1 second")),
  Schedule.jittered
)

/** Not up yet, or somebody else is starting it: look again. */
class NotYet extends Data.TaggedError("NotYet")<{ readonly silent: number | undefined }> {}

const isNotYet = (error: unknown): boolean => error instanceof NotYet

/** Looks again and again for about the given time; what the last look said is the answer. */
const untilUp = <A, E, R>(look: Effect.Effect<A, E, R>, limit: Duration.DurationInput) =>
  Effect.retry(look, { schedule: Schedule.upTo(pauses, limit), while: isNotYet })

const environmentFor = (order: GatewayOrder) =>
  Effect.map(Environment, (environment) =>
    // the file that one session chose is not the one of all later sessions; theirs tell their own
    order.config === undefined ? { ...environment, CLAUDEX_CONFIG: undefined } : environment
  )

const failed = (reason: string, offset?: number) =>
  Effect.gen(function* () {
    const { log } = yield* gatewayFiles
    const lines = offset === undefined ? [] : yield* tailOf(log, offset, shownLines)
    return yield* new GatewayNotStarted({ reason, logFile: log, log: lines })
  })

/** Starts the process and waits until it, or one that was faster, answers. Fails as soon as it has ended in vain. */
const launch = (order: GatewayOrder) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const program = yield* Program
    const { home } = yield* Paths
    const { log } = yield* gatewayFiles
    const offset = yield* Effect.catchAll(prepareLog(log), (error) => failed(error.message))
    const child = yield* spawnGateway({
      command: program.command,
      arguments: [...program.arguments, gatewayWord, JSON.stringify(order)],
      environment: yield* environmentFor(order),
      directory: (yield* Effect.orElseSucceed(fs.exists(home), () => false)) ? home : "/",
      log
    }).pipe(Effect.catchAll((error) => failed(error.message)))
    const look = Effect.gen(function* () {
      const ended = child.exited()
      const now = yield* presenceWithin(answerPatience)
      if (now._tag === "Running") return now
      // 0: it found that another one runs
      if (ended === undefined || ended === 0) return yield* new NotYet({ silent: undefined })
      return yield* failed(`its process ended with code ${ended}.`, offset)
    })
    return yield* untilUp(look, patience).pipe(
      Effect.catchTag("NotYet", () => failed(`no answer in ${patience}.`, offset))
    )
  })

/** A gateway to use as it is: ours, or one of another version that has something to do. */
const mayStay = (gateway: RunningGateway): boolean =>
  gateway.health.version === version || gateway.health.in_flight !== 0

/** Sessions that use a gateway know it by its address: the one in its place answers there too, unless told otherwise. */
const inPlaceOf = (gateway: RunningGateway, order: GatewayOrder): GatewayOrder =>
  order.any_port ? { ...order, port: gateway.state.port } : order

const startOrJoin = (order: GatewayOrder, variables: Variables, replace: boolean) =>
  Effect.gen(function* () {
    const now = yield* presenceWithin(answerPatience)
    if (now._tag === "Running" && (!replace || mayStay(now))) return now
    if (now._tag === "Silent") {
      const { pid } = now.state
      // nothing to wait for: somebody has to let it go on
      return yield* now.suspended ? new GatewaySilent({ pid, suspended: true }) : new NotYet({ silent: pid })
    }
    const { startLock } = yield* gatewayFiles
    const mine = yield* Effect.catchAll(tryLock(startLock), (error) => failed(error.message))
    if (!mine) return yield* new NotYet({ silent: undefined })
    // the one that held the lock before us may have been successful
    const again = yield* presenceWithin(answerPatience)
    if (again._tag !== "Running") return yield* launch(order)
    if (!replace) return again
    return (yield* makeWay(again, variables)) ? yield* launch(inPlaceOf(again, order)) : again
  }).pipe(Effect.scoped)

/** Fails unless the gateway is one we can talk to: same contract, same token. */
const befriend = (gateway: RunningGateway) =>
  Effect.gen(function* () {
    if (!isCompatible(gateway.health.version, version)) {
      return yield* new GatewayIncompatible({ running: gateway.health.version, own: version })
    }
    if (gateway.state.token_fingerprint !== fingerprintOf(yield* ClientToken)) {
      return yield* new GatewayForeignToken({ variable: clientTokenVariable })
    }
    return gateway
  })

const gaveUp = ({ silent }: NotYet) =>
  Effect.gen(function* () {
    if (silent !== undefined) return yield* new GatewaySilent({ pid: silent })
    return yield* failed(`no answer in ${joinPatience}.`)
  })

/**
 * The user's gateway, running and proven to be it. `order` says how to start one if there is none, or only one of another
 * version that nobody needs; with `replace` false the latter stays. `variables` are those that profiles refer to, as they are
 * set here.
 */
export const ensureGateway = (order: GatewayOrder, variables: Variables, { replace = true } = {}) =>
  // whoever joins the start of another waits as long as that one, and then tries once itself
  untilUp(startOrJoin(order, variables, replace), joinPatience).pipe(
    Effect.catchTag("NotYet", gaveUp),
    Effect.flatMap(befriend)
  )
