/** The background gateway: what `spawnGateway` starts. Both outputs are the log file. */
import { FetchHttpClient } from "@effect/platform"
import { NodeFileSystem, NodePath, NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Option, Schedule, Schema } from "effect"
import { Config } from "../config/Config.ts"
import { LogSettings } from "../config/ConfigFile.ts"
import { Environment } from "../config/Environment.ts"
import { Paths } from "../config/Paths.ts"
import { ClientToken } from "../credentials/ClientToken.ts"
import { SecretStore } from "../credentials/SecretStore.ts"
import { followLevel, followSettings } from "./follow.ts"
import { gathering } from "./gathering.ts"
import { levelDial, logging, toStderr } from "./logging.ts"
import { openGateway } from "./openGateway.ts"
import { boundsOf, rotatingLog } from "./RotatingLog.ts"
import { serve } from "./serve.ts"
import { GatewayOrder } from "./spawnGateway.ts"
import { gatewayFiles } from "./State.ts"

const places = Paths.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(Environment.layer, NodeFileSystem.layer, NodePath.layer))
)
const services = Layer.mergeAll(Config.layer, ClientToken.layer, SecretStore.layer, FetchHttpClient.layer)

/** While the configuration has faults from the start. */
const defaultLog = Schema.decodeSync(LogSettings)({})

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Looks at the log also while nothing is written. */
const tidies = Schedule.spaced("2 seconds")

const tellMoved =
  (file: string) =>
  (moved: boolean): Effect.Effect<void> =>
    moved ? Effect.logWarning(`The log was removed or replaced; it goes on in ${file}`) : Effect.void

const run = (order: GatewayOrder) =>
  Effect.gen(function* () {
    const dial = levelDial(order.log_level)
    const { log: file } = yield* gatewayFiles
    const log = rotatingLog({ file, handle: 2, put: toStderr, now: Date.now })
    const { home } = yield* Paths
    const anchor = { cwd: home, explicit: Option.fromNullable(order.config) }
    const setLevel = followLevel(dial)
    const ready = (url: string) =>
      Effect.gen(function* () {
        yield* Effect.logInfo(`The gateway listens on ${url}`)
        log.bound(boundsOf(defaultLog))
        yield* followSettings(anchor, (settings) => {
          setLevel(settings)
          log.bound(boundsOf(settings.log))
        })
        yield* Effect.forkScoped(Effect.repeat(Effect.flatMap(Effect.sync(log.tidy), tellMoved(file)), tidies))
      })
    yield* serve(openGateway(anchor), order, ready, { background: true }).pipe(
      Effect.flatMap((end) => Effect.logInfo("The gateway has stopped.").pipe(Effect.annotateLogs({ because: end }))),
      // another starter was faster: what was wanted exists
      Effect.catchTag("GatewayAlreadyRuns", (error) => Effect.logInfo(error.message)),
      Effect.scoped,
      Effect.provide(services),
      Effect.tapErrorCause((cause) => Effect.logError(reasonOf(Cause.squash(cause)))),
      Effect.provide(Layer.unwrapScoped(Effect.map(gathering(log.write), (write) => logging(dial, write))))
    )
  }).pipe(Effect.provide(places))

/** Runs the gateway that `order`, the JSON of a `GatewayOrder`, describes. */
export const main = (order: string): void => {
  NodeRuntime.runMain(Effect.flatMap(Schema.decodeUnknown(Schema.parseJson(GatewayOrder))(order), run), {
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, end) => end(Exit.isSuccess(exit) ? 0 : 1)
  })
}
