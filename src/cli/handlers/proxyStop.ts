import { Effect, Layer } from "effect"
import { ClientToken } from "../../credentials/ClientToken.ts"
import { stopGateway } from "../../daemon/stopGateway.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { print } from "../output.ts"
import { patiently } from "../progress.ts"

const how = {
  asked: "",
  terminated: " It did not answer, so its process was ended.",
  killed: " It hung, so its process was killed."
}

/** `claudex proxy stop`: afterwards no gateway runs, whether one did before or not. */
export const handle = Effect.gen(function* () {
  const result = yield* patiently(stopGateway(), "Waiting until the gateway has stopped")
  yield* print(
    result._tag === "Stopped"
      ? `The gateway (process ${result.pid}) has stopped.${how[result.how]}`
      : "The gateway does not run."
  )
}).pipe(Effect.provide(Layer.merge(ClientToken.layer, loopbackHttp)), Effect.mapError(failureOf))
