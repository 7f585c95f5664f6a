/**
 * A gateway whose state was cleared away puts it back within seconds (stayKnown.ts), unless somebody is faster and makes
 * another client token, or starts another gateway. Whoever is about to looks first whether it answers.
 */
import { Effect, Option, Schedule } from "effect"
import { standing } from "../machine/processes.node.ts"
import { urlOf } from "./address.ts"
import { askHealth } from "./presence.ts"
import type { GatewayOrder } from "./spawnGateway.ts"
import { readState } from "./State.ts"

/** More than two looks of the gateway after its state: a busy machine keeps it waiting. */
const patience = "5 seconds"
const looks = Schedule.upTo(Schedule.spaced("50 millis"), patience)

/** Whether what answers is a gateway, and a process of this user, as far as can be told. No token is shown to it. */
const isOurs = ({ host, port }: Pick<GatewayOrder, "host" | "port">) =>
  Effect.gen(function* () {
    const health = yield* Effect.option(askHealth(urlOf(host, port), "2 seconds"))
    return Option.isSome(health) && (yield* standing({ pid: health.value.pid, start: "" })) !== "gone"
  })

/**
 * Waits, where there is no state, for that of a gateway that answers where the configuration wants one. It may be another
 * state folder's: then it does not come.
 */
export const untilKnown = (place: Pick<GatewayOrder, "host" | "port">) =>
  Effect.gen(function* () {
    if (place.port === 0 || Option.isSome(yield* readState) || !(yield* isOurs(place))) return
    yield* Effect.ignore(Effect.retry(Effect.flatten(readState), looks))
  })
