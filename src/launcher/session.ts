/**
 * What a session of Claude Code for a profile comes to before anything is started: for `run`, which starts it, and for
 * `env`, which shows it.
 */
import { Path } from "@effect/platform"
import { Effect, Option } from "effect"
import { Config, type Anchor } from "../config/Config.ts"
import type { ConfigFile } from "../config/ConfigFile.ts"
import { Environment } from "../config/Environment.ts"
import { Paths } from "../config/Paths.ts"
import { type MissingKey, resolveApiKey } from "../credentials/ApiKey.ts"
import { ClientToken } from "../credentials/ClientToken.ts"
import { SecretStore } from "../credentials/SecretStore.ts"
import { resolveProfile } from "../credentials/resolveProfile.ts"
import { ensureGateway } from "../daemon/ensureGateway.ts"
import { gatewayOrder } from "../daemon/order.ts"
import type { GatewayOrder } from "../daemon/spawnGateway.ts"
import { untilKnown } from "../daemon/untilKnown.ts"
import { longestPrompt } from "../domain/ModelInfo.ts"
import { usesClaudeLogin } from "../domain/Profile.ts"
import { modelInfoAt } from "../provider/modelInfo.ts"
import { meantBy } from "../provider/models.ts"
import { type ChildPlan, planArguments } from "./childArguments.ts"
import { type GatewayAccess, type LaunchFacts } from "./childEnvironment.ts"
import { lend, lentName, lentVariables } from "./lend.ts"
import { findProfile, NeedsGateway } from "./profiles.ts"
import { settingsMode } from "./settingsMode.ts"

export interface SessionRequest {
  /** "" for the default one. */
  readonly profile: string
  /** A model or an alias, from `-m`. */
  readonly model: Option.Option<string>
  /** Claude Code's own arguments. */
  readonly child: ReadonlyArray<string>
  readonly anchor: Anchor
  /** Claude Code is to ask its provider by itself. */
  readonly direct: boolean
  /** The command that asks, for what to type when there is no such profile. */
  readonly command: string
}

export interface JoinedGateway extends Required<GatewayAccess> {
  /** Of the process that was joined. */
  readonly instance: string
}

export interface Session {
  readonly settings: ConfigFile
  /** The main model, by the provider's name for it; undefined where Claude Code is told none and takes its own. */
  readonly model: string | undefined
  readonly plan: ChildPlan
  /** Whether Claude Code will ask the gateway anything. */
  readonly needsGateway: boolean
  /** All that its environment follows from, save where the gateway is. */
  readonly facts: Omit<LaunchFacts, "gateway">
}

/** Reads the configuration and decides; starts and writes nothing. */
export const planSession = (request: SessionRequest) =>
  Effect.gen(function* () {
    const { anchor } = request
    const environment = yield* Environment
    const { home } = yield* Paths
    const path = yield* Path.Path
    const loaded = yield* (yield* Config).load(anchor)
    const { settings } = loaded
    const profile = yield* resolveProfile(yield* findProfile(loaded, request.profile, request.command), environment)
    const ownLogin = usesClaudeLogin(profile)
    if (request.direct && !ownLogin) return yield* new NeedsGateway({ profile })
    const plan = planArguments(request.child, {
      translated: !ownLogin,
      settingsMode: yield* settingsMode(environment, home, anchor.cwd)
    })
    const asked = Option.getOrUndefined(request.model)
    const model = meantBy(asked ?? profile.defaultModel, settings.modelAliases)
    const session: Session = {
      settings,
      model: ownLogin && asked === undefined ? undefined : model,
      plan,
      needsGateway: plan.needsGateway && !ownLogin,
      facts: {
        profile,
        model: asked,
        aliases: settings.modelAliases,
        inherited: environment,
        workspace: anchor.cwd,
        configFile: Option.getOrUndefined(Option.map(anchor.explicit, (file) => path.resolve(anchor.cwd, file))),
        contextWindow: longestPrompt(modelInfoAt(profile, model, settings.modelInfo)),
        interactive: plan.interactive,
        direct: request.direct
      }
    }
    return session
  })

/** Fails when the profile's key is not where the profile says; the gateway would only find that out later. */
export const requireKey = ({ facts, needsGateway }: Session): Effect.Effect<void, MissingKey, SecretStore> =>
  needsGateway && facts.profile.authType === "api-key"
    ? Effect.flatMap(SecretStore, ({ get }) => resolveApiKey(facts.profile, facts.inherited, get))
    : Effect.void

/** Where the gateway of a session answers. */
type Address = Pick<GatewayOrder, "host" | "port">

/**
 * The gateway for a session that needs one: running, and lent the variables of the profiles. Starts it where none runs. With
 * an address, for one that is to be there again: there and nowhere else, and one of another version will do.
 */
export const joinGateway = (session: Session, at?: Address) =>
  Effect.gen(function* () {
    const order = yield* gatewayOrder(session.settings, {})
    // before the token, which is made where there is none
    yield* untilKnown(at ?? order)
    return yield* Effect.provide(joined(session, order, at), ClientToken.layer)
  })

const joined = ({ settings, facts }: Session, order: GatewayOrder, at: Address | undefined) =>
  Effect.gen(function* () {
    const token = yield* ClientToken
    const variables = lentVariables(settings.profiles, facts.inherited)
    const { state, url } = yield* at === undefined
      ? ensureGateway(order, variables)
      : // sessions of two versions must not replace each other's again and again
        ensureGateway({ ...order, ...at, any_port: false }, variables, { replace: false })
    const gateway: JoinedGateway = { url, token, lent: lentName(variables, token), instance: state.instance }
    yield* lend(gateway, variables)
    return gateway
  }).pipe(
    // it may just have made way for another one
    Effect.retry({ times: 2, while: (error) => error._tag === "CannotLend" })
  )
