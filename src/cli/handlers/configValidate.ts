import { Effect } from "effect"
import { Config } from "../../config/Config.ts"
import { failureOf } from "../failures.ts"
import { print } from "../output.ts"
import { tellPassedOver } from "../passedOver.ts"
import { Where } from "../services.ts"

/** `claudex config validate`: all faults at once, exit code 2; else what was found. */
export const handle = Effect.gen(function* () {
  const { files, passedOver, settings } = yield* (yield* Config).load(yield* Where)
  const names = settings.profiles.map((profile) => (profile.enabled ? profile.name : `${profile.name} (disabled)`))
  yield* print(
    [
      "The configuration is valid.",
      `  files: ${files.length === 0 ? "none, only the built-in settings" : files.map((file) => file.path).join(", ")}`,
      `  profiles: ${names.join(", ")}`
    ].join("\n")
  )
  yield* tellPassedOver(passedOver)
}).pipe(Effect.mapError(failureOf), Effect.provide(Config.layer))
