/** A profile asked for one small answer, by way of the gateway's own code. Costs a few tokens. */
import { Duration, Effect, Either, Option } from "effect"
import type { ConfigFile } from "../../config/ConfigFile.ts"
import { Environment } from "../../config/Environment.ts"
import { SecretStore } from "../../credentials/SecretStore.ts"
import type { Profile } from "../../domain/Profile.ts"
import { modelInfoAt } from "../../provider/modelInfo.ts"
import { resolveModel } from "../../provider/models.ts"
import { deepTestOf, testOf } from "../profileTest.ts"
import { type HowToLook, prepare, reach } from "../reachability/look.ts"
import { verdictOf } from "../reachability/verdict.ts"
import type { Capability } from "./check.ts"
import { exchange } from "./exchange.ts"
import { findings } from "./findings.ts"
import { question } from "./question.ts"

/** The models that a provider has are asked for when it does not know one; that costs nothing. Seconds. */
const how: HowToLook = { patience: 10, list: true }

/** The same, with the names that may be meant where the model is not known. */
const withNames = (profile: Profile, resolved: Profile, found: ReadonlyArray<Capability>) =>
  Effect.gen(function* () {
    if (!found.some((one) => one.status === "fail" && one.reason === "model")) return found
    const { look } = yield* reach(profile, yield* Environment, (yield* SecretStore).get, how)
    const verdict = verdictOf(resolved, look)
    if (verdict.status === "ok" || verdict.reason !== "model") return found
    return found.map((one) => (one.check === "model" ? { ...one, remedy: verdict.remedy } : one))
  })

/** How the profile does; `settings` are those of its configuration. Asks nobody where something is missing. */
export const deepTest = (profile: Profile, settings: ConfigFile) =>
  Effect.gen(function* () {
    const keys = yield* SecretStore
    const { asks, key, resolved } = yield* prepare(profile, yield* Environment, keys.get)
    if (!asks || Either.isLeft(resolved)) return testOf(profile, { resolved, key, look: undefined }, 0)
    const filled = resolved.right
    const model = resolveModel(filled.defaultModel, filled, settings.modelAliases)
    const info = modelInfoAt(filled, model, settings.modelInfo)
    const asked = question({ model, info, isHandedOn: filled.providerType === "DirectAnthropic" })
    const [took, exchanged] = yield* Effect.timed(exchange(profile, settings, keys, asked))
    const hasKey = Option.isSome(Option.flatten(Either.getRight(key)))
    const found = findings(exchanged, { profile: filled, model, info, hasKey })
    return deepTestOf(profile, model, yield* withNames(profile, filled, found), Duration.toMillis(took))
  })
