import { Path } from "@effect/platform"
import { Clock, Effect, Option, Schema } from "effect"
import { ClientToken } from "../../credentials/ClientToken.ts"
import { GatewaySilent } from "../../daemon/errors.ts"
import { presence, type RunningGateway } from "../../daemon/presence.ts"
import { gatewayFiles } from "../../daemon/State.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { Ended, outWidth, print, remark, tableWidth } from "../output.ts"
import { Where } from "../services.ts"
import type { StatusDocument } from "../statusDocument.ts"
import { statusReport } from "../statusReport.ts"
import { clip, duration } from "../text.ts"

/** What the gateway tells of itself and its profiles, as they are for someone who works here. */
const ask = ({ url }: RunningGateway) =>
  Effect.gen(function* () {
    // a heavy module, and only for a gateway that runs
    const { adminClient, placeHeaders } = yield* Effect.promise(() => import("../../daemon/adminClient.ts"))
    const path = yield* Path.Path
    const { cwd, explicit } = yield* Where
    const client = yield* adminClient(url, yield* ClientToken)
    const headers = placeHeaders({ cwd, explicit: Option.map(explicit, (file) => path.resolve(cwd, file)) })
    const status = yield* client.gateway.status({ headers })
    const profiles = yield* Effect.option(client.profiles.profiles({ headers }))
    return { status, profiles: Option.getOrUndefined(profiles)?.profiles }
  }).pipe(Effect.provide(ClientToken.layer))

/** In the gateway's own words, or in those of whatever kept it from speaking. */
const told = (error: { readonly message: string } | { readonly error: { readonly message: string } }): string =>
  clip("error" in error ? error.error.message : error.message, 200)

/** The gateway of another version, or with another token, tells no more than `/health`. */
const brief = ({ health, url }: RunningGateway, log: string): ReadonlyArray<string> => [
  `The gateway runs on ${url}`,
  `  process ${health.pid}, claudex ${health.version}, up ${duration(health.uptime_seconds)}`,
  `  log: ${log}`
]

const document = (value: StatusDocument) =>
  Effect.gen(function* () {
    const { StatusDocument: schema } = yield* Effect.promise(() => import("../statusDocument.ts"))
    yield* print(Schema.encodeSync(Schema.parseJson(schema, { space: 2 }))(value))
  })

/** `claudex proxy status`: exit code 1 when no gateway runs. It starts none. */
export const handle = ({ json }: { readonly json: boolean }) =>
  Effect.gen(function* () {
    const now = yield* presence
    if (now._tag === "Silent") return yield* new GatewaySilent({ pid: now.state.pid, suspended: now.suspended })
    if (now._tag === "Absent") {
      yield* json
        ? document({ running: false })
        : print("The gateway does not run. `claudex run` starts it when it is needed.")
      return yield* new Ended({ code: 1 })
    }
    const { log } = yield* gatewayFiles
    const { url } = now
    const answer = yield* Effect.either(ask(now))
    if (answer._tag === "Left") yield* remark(`the gateway tells no more of itself: ${told(answer.left)}`)
    if (json) {
      const more = answer._tag === "Right" ? answer.right : {}
      return yield* document({ running: true, url, log, health: now.health, ...more })
    }
    if (answer._tag === "Left") return yield* print(brief(now, log).join("\n"))
    const time = yield* Clock.currentTimeMillis
    const widths = yield* Effect.all({ width: outWidth, tableWidth })
    yield* print(statusReport({ url, log, now: time, ...widths, ...answer.right }).join("\n"))
  }).pipe(Effect.provide(loopbackHttp), Effect.mapError(failureOf))
