/** The background gateway: what `spawnGateway` starts. Both outputs are the log file. */
import { FetchHttpClient } from "@effect/platform"
import { NodeFileSystem, NodePath, NodeRuntime } from "@effect/platform-node"
import { Cause, Effect, Exit, Layer, Option, Schema } from "effect"
import { Config } from "../config/Config.ts"
import { Environment } from "../config/Environment.ts"
import { Paths } from "../config/Paths.ts"
import { ClientToken } from "../credentials/ClientToken.ts"
import { logging } from "./logging.ts"
import { openGateway } from "./openGateway.ts"
import { serve } from "./serve.ts"
import { GatewayOrder } from "./spawnGateway.ts"

const services = Layer.mergeAll(Config.layer, ClientToken.layer, FetchHttpClient.layer).pipe(
  Layer.provideMerge(Paths.layer),
  Layer.provideMerge(Layer.mergeAll(Environment.layer, NodeFileSystem.layer, NodePath.layer))
)

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const run = (order: GatewayOrder) =>
  Effect.gen(function* () {
    const { home } = yield* Paths
    const anchor = { cwd: home, explicit: Option.fromNullable(order.config) }
    const end = yield* serve(openGateway(anchor), order, (url) => Effect.logInfo(`The gateway listens on ${url}`))
    yield* Effect.logInfo("The gateway has stopped.").pipe(Effect.annotateLogs({ because: end }))
  }).pipe(
    // another starter was faster: what was wanted exists
    Effect.catchTag("GatewayAlreadyRuns", (error) => Effect.logInfo(error.message)),
    Effect.provide(services),
    Effect.tapErrorCause((cause) => Effect.logError(reasonOf(Cause.squash(cause)))),
    Effect.provide(logging(order.log_level))
  )

/** Runs the gateway that `order`, the JSON of a `GatewayOrder`, describes. */
export const main = (order: string): void => {
  NodeRuntime.runMain(Effect.flatMap(Schema.decodeUnknown(Schema.parseJson(GatewayOrder))(order), run), {
    disableErrorReporting: true,
    disablePrettyLogger: true,
    teardown: (exit, end) => end(Exit.isSuccess(exit) ? 0 : 1)
  })
}
