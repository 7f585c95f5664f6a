/**
 * A session of Claude Code for a profile: everything that can be wrong is found before anything is started, then the
 * gateway is made sure of, then Claude Code takes over the terminal.
 */
import { Path } from "@effect/platform"
import { Effect, Option } from "effect"
import { Config, type Anchor } from "../config/Config.ts"
import { Environment } from "../config/Environment.ts"
import { Paths } from "../config/Paths.ts"
import { resolveApiKey } from "../credentials/ApiKey.ts"
import { ClientToken } from "../credentials/ClientToken.ts"
import { resolveProfile } from "../credentials/resolveProfile.ts"
import { usesClaudeLogin } from "../domain/Profile.ts"
import { ensureGateway } from "../daemon/ensureGateway.ts"
import { gatewayOrder } from "../daemon/order.ts"
import { longestPrompt } from "../domain/ModelInfo.ts"
import { modelInfoAt } from "../provider/modelInfo.ts"
import { planArguments } from "./childArguments.ts"
import { applyChanges, childEnvironment, resolveModel } from "./childEnvironment.ts"
import { findExecutable } from "./executable.ts"
import { foreground } from "./foreground.ts"
import { lend, lentVariables } from "./lend.ts"
import { findProfile } from "./profiles.ts"
import { settingsMode } from "./settingsMode.ts"

export interface LaunchRequest {
  readonly profile: string
  /** A model or an alias, from `-m`. */
  readonly model: Option.Option<string>
  /** Claude Code's own arguments. */
  readonly child: ReadonlyArray<string>
  readonly anchor: Anchor
}

/** What was chosen for the user and is worth a line before Claude Code takes the terminal. */
export interface LaunchNotice {
  readonly profile: string
  readonly model: string
  readonly added: ReadonlyArray<{ readonly argument: string; readonly reason: string }>
}

/** Runs a session to its end; answers Claude Code's exit code. `notify` is called just before an interactive one. */
export const launch = <R>(request: LaunchRequest, notify: (notice: LaunchNotice) => Effect.Effect<void, never, R>) =>
  Effect.gen(function* () {
    const { anchor } = request
    const environment = yield* Environment
    const { home } = yield* Paths
    const path = yield* Path.Path
    const loaded = yield* (yield* Config).load(anchor)
    const { settings } = loaded
    const profile = yield* resolveProfile(yield* findProfile(loaded, request.profile), environment)
    const program = yield* findExecutable(settings.claudeBinary, { environment, home, cwd: anchor.cwd })
    const ownLogin = usesClaudeLogin(profile)
    const plan = planArguments(request.child, {
      translated: !ownLogin,
      settingsMode: yield* settingsMode(environment, home, anchor.cwd)
    })
    const needsGateway = plan.needsGateway && !ownLogin
    if (needsGateway && profile.authType === "api-key") yield* resolveApiKey(profile, environment)

    const gateway = needsGateway
      ? yield* Effect.gen(function* () {
          const token = yield* ClientToken
          const variables = lentVariables(settings.profiles, environment)
          const { url } = yield* ensureGateway(yield* gatewayOrder(settings, {}), variables)
          yield* lend({ url, token }, variables)
          return { url, token }
        }).pipe(
          // it may just have made way for another one
          Effect.retry({ times: 2, while: (error) => error._tag === "CannotLend" }),
          Effect.provide(ClientToken.layer)
        )
      : undefined

    const model = Option.getOrUndefined(request.model)
    const main = resolveModel(settings.modelAliases, model ?? profile.defaultModel)
    const changes = childEnvironment({
      profile,
      model,
      aliases: settings.modelAliases,
      gateway,
      inherited: environment,
      workspace: anchor.cwd,
      configFile: Option.getOrUndefined(Option.map(anchor.explicit, (file) => path.resolve(anchor.cwd, file))),
      contextWindow: longestPrompt(modelInfoAt(profile, main, settings.modelInfo)),
      interactive: plan.interactive
    })
    if (plan.interactive) yield* notify({ profile: profile.name, model: main, added: plan.added })
    return yield* foreground({
      program,
      arguments: plan.arguments,
      environment: applyChanges(environment, changes)
    })
  })
