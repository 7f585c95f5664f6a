import { Effect, Layer, Option } from "effect"
import { Config } from "../../config/Config.ts"
import type { Environment } from "../../config/Environment.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import { launch, type LaunchNotice, type LaunchOutcome, type LaunchWords } from "../../launcher/launch.ts"
import { shellWord } from "../../launcher/shell.ts"
import { canAnswer } from "../ask.ts"
import { failureOf } from "../failures.ts"
import { loopbackHttp } from "../loopback.ts"
import { complain, Ended, Failure, remark } from "../output.ts"
import { tellPassedOver } from "../passedOver.ts"
import { patiently } from "../progress.ts"
import { ChildArguments, Where } from "../services.ts"

interface Options {
  readonly profile: Option.Option<string>
  readonly model: Option.Option<string>
  readonly noGateway: boolean
}

/** One line before Claude Code takes the terminal: what was chosen for the user. */
const announce = ({ profile, model, added }: LaunchNotice) =>
  remark(
    [
      `profile ${profile}, ${model === undefined ? "Claude Code's own model" : `model ${model}`}`,
      ...added.map(({ argument, reason }) => `added ${argument}, as ${reason}`)
    ].join("; ")
  )

const said: LaunchWords<Environment> = {
  notify: announce,
  starting: (start) => patiently(start, "Starting the gateway")
}

/** The command that goes on with what was said; without an id Claude Code asks which conversation is meant. */
const resumption = ({ conversations, profile }: LaunchOutcome, config: Option.Option<string>, options: Options) => {
  const [id] = conversations.length === 1 ? conversations : []
  const words = [
    "claudex run",
    ...Option.match(config, { onNone: () => [], onSome: (file) => ["--config", shellWord(file)] }),
    shellWord(profile),
    ...Option.match(options.model, { onNone: () => [], onSome: (model) => ["-m", shellWord(model)] }),
    ...(options.noGateway ? ["--no-gateway"] : []),
    "--resume",
    ...(id === undefined ? [] : [id])
  ]
  return words.join(" ")
}

/** Claude Code names a command for it that does not know of the profile. */
const hint = (outcome: LaunchOutcome, options: Options) =>
  Effect.gen(function* () {
    if (outcome.conversations.length === 0 || !process.stderr.isTTY) return
    const { explicit } = yield* Where
    const next = resumption(outcome, explicit, options)
    yield* complain({ message: `To resume this session with the profile ${outcome.profile}:`, next })
  })

const pick = Effect.flatMap(
  Effect.promise(() => import("../wizard/profilePicker.ts")),
  ({ pickProfile }) => pickProfile
)

/** `claudex run`: ends with the exit code of Claude Code. */
export const handle = (options: Options) =>
  Effect.gen(function* () {
    const anchor = yield* Where
    const child = yield* ChildArguments
    // with faults nothing is started, and they are told instead
    const loaded = yield* Effect.option((yield* Config).load(anchor))
    yield* tellPassedOver(Option.getOrUndefined(loaded)?.passedOver)
    const start = (profile: string) =>
      launch({ profile, model: options.model, command: "run", child, anchor, direct: options.noGateway }, said)
    const outcome = yield* start(Option.getOrElse(options.profile, () => "")).pipe(
      Effect.catchTag("NoProfile", (error) => (canAnswer() ? Effect.flatMap(pick, start) : error))
    )
    yield* hint(outcome, options)
    if (outcome.code !== 0) return yield* new Ended({ code: outcome.code })
  }).pipe(
    Effect.mapError((error) => (error instanceof Failure ? error : failureOf(error))),
    Effect.provide(Layer.mergeAll(Config.layer, SecretStore.layer, loopbackHttp))
  )
