/** For commands that are about the gateway that runs, whatever the configuration says. */
import { Effect } from "effect"
import { Config } from "../config/Config.ts"
import { gatewayOrder } from "../daemon/order.ts"
import { untilKnown } from "../daemon/untilKnown.ts"
import { Where } from "./services.ts"

/** `untilKnown` at the configured place; a configuration with faults names none. */
export const untilKnownHere = Effect.gen(function* () {
  const { settings } = yield* (yield* Config).load(yield* Where)
  yield* untilKnown(yield* gatewayOrder(settings, {}))
}).pipe(Effect.ignore, Effect.provide(Config.layer))
