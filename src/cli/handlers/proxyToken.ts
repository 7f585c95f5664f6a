import { Effect, Redacted } from "effect"
import { ClientToken } from "../../credentials/ClientToken.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { print } from "../output.ts"
import { untilKnownHere } from "../untilKnownHere.ts"

/** `claudex proxy token`: the one place where the client token is shown, because it was asked for. */
export const handle = Effect.flatMap(ClientToken, (token) => print(Redacted.value(token))).pipe(
  Effect.provide(ClientToken.layer),
  (shown) => Effect.zipRight(untilKnownHere, shown),
  Effect.provide(loopbackHttp),
  Effect.mapError(failureOf)
)
