import { Effect } from "effect"
import { ClientToken } from "../../credentials/ClientToken.ts"
import { stopGateway } from "../../daemon/stopGateway.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { print } from "../output.ts"
import { patiently } from "../progress.ts"
import { untilKnownHere } from "../untilKnownHere.ts"

const how = {
  asked: "",
  terminated: " It did not answer, so its process was ended.",
  killed: " It hung, so its process was killed."
}

/** `claudex proxy stop`: afterwards no gateway runs, whether one did before or not. */
export const handle = Effect.gen(function* () {
  const stop = Effect.provide(stopGateway(), ClientToken.layer)
  const result = yield* patiently(Effect.zipRight(untilKnownHere, stop), "Waiting until the gateway has stopped")
  yield* print(
    result._tag === "Stopped"
      ? `The gateway (process ${result.pid}) has stopped.${how[result.how]}`
      : "The gateway does not run."
  )
}).pipe(Effect.provide(loopbackHttp), Effect.mapError(failureOf))
