import { Effect, Layer, Option } from "effect"
import { Config } from "../../config/Config.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { launch, type LaunchNotice } from "../../launcher/launch.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { Ended, remark } from "../output.ts"
import { ChildArguments, Where } from "../services.ts"

/** One line before Claude Code takes the terminal: what was chosen for the user. */
const announce = ({ profile, model, added }: LaunchNotice) =>
  remark(
    [
      `profile ${profile}, model ${model}`,
      ...added.map(({ argument, reason }) => `added ${argument}, as ${reason}`)
    ].join("; ")
  )

/** `claudex run`: ends with the exit code of Claude Code. */
export const handle = ({
  model,
  profile
}: {
  readonly profile: Option.Option<string>
  readonly model: Option.Option<string>
}) =>
  Effect.gen(function* () {
    const code = yield* launch(
      {
        profile: Option.getOrElse(profile, () => ""),
        model,
        command: "run",
        child: yield* ChildArguments,
        anchor: yield* Where
      },
      announce
    )
    if (code !== 0) return yield* new Ended({ code })
  }).pipe(Effect.mapError(failureOf), Effect.provide(Layer.mergeAll(Config.layer, SecretStore.layer, loopbackHttp)))
