import { Path } from "@effect/platform"
import { Effect, Layer, Option } from "effect"
import { Config } from "../../config/Config.ts"
import { Environment } from "../../config/Environment.ts"
import { ClientToken } from "../../credentials/ClientToken.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { ensureGateway } from "../../daemon/ensureGateway.ts"
import { GatewayAlreadyRuns } from "../../daemon/errors.ts"
import { followLevel, followSettings } from "../../daemon/follow.ts"
import { levelDial, logging } from "../../daemon/logging.ts"
import { gatewayOrder } from "../../daemon/order.ts"
import { serve } from "../../daemon/serve.ts"
import type { GatewayOrder } from "../../daemon/spawnGateway.ts"
import type { Variables } from "../../daemon/takeover.ts"
import { untilKnown } from "../../daemon/untilKnown.ts"
import { lentVariables } from "../../launcher/lend.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { Ended, print, remark } from "../output.ts"
import { patiently } from "../progress.ts"
import { Where } from "../services.ts"

const inBackground = (order: GatewayOrder, variables: Variables) =>
  Effect.gen(function* () {
    const { url, state } = yield* patiently(ensureGateway(order, variables), "Starting the gateway")
    // one that ran before may listen elsewhere than was asked for now
    const elsewhere = !order.any_port && order.port !== 0 && order.port !== state.port
    if (elsewhere) return yield* new GatewayAlreadyRuns({ pid: state.pid, url })
    yield* print(`The gateway runs on ${url} (process ${state.pid}).`)
  })

const inForeground = (order: GatewayOrder, variables: Variables) =>
  Effect.gen(function* () {
    const { openGateway } = yield* Effect.promise(() => import("../../daemon/openGateway.ts"))
    const anchor = yield* Where
    const dial = levelDial(order.log_level)
    const announce = (url: string) =>
      Effect.zipRight(
        remark(`The gateway listens on ${url}; Ctrl-C stops it`),
        followSettings(anchor, followLevel(dial))
      )
    const end = yield* serve(openGateway(anchor), { ...order, any_port: false }, announce, { variables }).pipe(
      Effect.scoped,
      Effect.provide(logging(dial))
    )
    if (end === "SIGINT") return yield* new Ended({ code: 130 })
  })

/** `claudex proxy start`: serves until it is stopped, or with `-d` returns when a background gateway answers. */
export const handle = (options: { readonly port: Option.Option<number>; readonly daemon: boolean }) =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const anchor = yield* Where
    const { settings } = yield* (yield* Config).load(anchor)
    const order = yield* gatewayOrder(settings, {
      port: Option.getOrUndefined(options.port),
      config: Option.getOrUndefined(Option.map(anchor.explicit, (file) => path.resolve(anchor.cwd, file)))
    })
    const variables = lentVariables(settings.profiles, yield* Environment)
    yield* patiently(untilKnown(order), "Looking for a gateway")
    // only now: the layer makes a token where there is none
    if (options.daemon) return yield* Effect.provide(inBackground(order, variables), ClientToken.layer)
    yield* Effect.provide(inForeground(order, variables), ClientToken.layer)
  }).pipe(Effect.provide(Layer.mergeAll(Config.layer, SecretStore.layer, loopbackHttp)), Effect.mapError(failureOf))
