import { Effect } from "effect"
import { GatewaySilent } from "../../daemon/errors.ts"
import { presence } from "../../daemon/presence.ts"
import { gatewayFiles } from "../../daemon/State.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { Ended, print } from "../output.ts"

/** "3 hours 5 minutes": the two largest units that are not zero. */
export const duration = (seconds: number): string => {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1]
  ] as const
  let rest = Math.max(0, Math.floor(seconds))
  const parts = units.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? [] : [`${count} ${unit}${count === 1 ? "" : "s"}`]
  })
  return parts.length === 0 ? "0 seconds" : parts.slice(0, 2).join(" ")
}

/** `claudex proxy status`: exit code 1 when no gateway runs. */
export const handle = Effect.gen(function* () {
  const now = yield* presence
  if (now._tag === "Silent") return yield* new GatewaySilent({ pid: now.state.pid })
  if (now._tag === "Absent") {
    yield* print("The gateway does not run. `claudex run` starts it when it is needed.")
    return yield* new Ended({ code: 1 })
  }
  const { log } = yield* gatewayFiles
  const { health, url } = now
  yield* print(
    [
      `The gateway runs on ${url}`,
      `  process ${health.pid}, claudex ${health.version}, up ${duration(health.uptime_seconds)}`,
      `  log: ${log}`
    ].join("\n")
  )
}).pipe(Effect.mapError(failureOf), Effect.provide(loopbackHttp))
